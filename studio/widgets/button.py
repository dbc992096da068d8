"""Buttons with icons that follow the colour scheme."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton

from studio.icons import icon


class Button(QPushButton):
    """Does what an action does, and is enabled, checked and explained as that is; text and icon are its own."""

    def __init__(self, action: QAction | None = None, text: str = "", role: str = "", pixels: int = 16) -> None:
        """role: of the style sheet; pixels: the icon's size."""
        super().__init__()
        self._icon = "", ""
        self._action = action
        self.setIconSize(QSize(pixels, pixels))
        self.setProperty("role", role)
        # a click leaves the focus, and so the arrow keys, where they are
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.say(text)
        if action is not None:
            self.setCheckable(action.isCheckable())
            action.changed.connect(self._follow)
            self.clicked.connect(self._trigger)
            self._follow()

    def say(self, text: str) -> None:
        self.setText(text)
        if text:
            self.setAccessibleName(text)

    def show_icon(self, name: str, role: str = "text") -> None:
        """name, role: as in studio/icons.py"""
        if (name, role) != self._icon:
            self._icon = name, role
            self._paint_icon()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._paint_icon()

    def _paint_icon(self) -> None:
        name, role = self._icon
        if name:
            self.setIcon(icon(name, role))

    def _trigger(self) -> None:
        assert self._action is not None
        self._action.trigger()
        self._follow()

    def _follow(self) -> None:
        assert self._action is not None
        self.setEnabled(self._action.isEnabled())
        self.setChecked(self._action.isChecked())
        self.setToolTip(self._action.toolTip())
        self.setAccessibleDescription(self._action.statusTip())
        if not self.text():
            self.setAccessibleName(self._action.text().replace("&", ""))
