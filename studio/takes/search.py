"""The field in which takes are searched for."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QLineEdit

from studio.icons import icon
from studio.keys import is_kept
from studio.takes.list import TakesList

WIDTH = 300


class Search(QLineEdit):
    """Down and Escape go on to the list; Escape also shows all again."""

    def __init__(self, takes: TakesList) -> None:
        super().__init__()
        self._list = takes
        self.setPlaceholderText("Search names and styles (Ctrl+F)")
        self.setAccessibleName("Search takes")
        self.setFixedWidth(WIDTH)
        self._sign, self._clear = QAction(self), QAction(self, toolTip="Show all takes (Escape)", visible=False)
        self.addAction(self._sign, QLineEdit.ActionPosition.LeadingPosition)
        self.addAction(self._clear, QLineEdit.ActionPosition.TrailingPosition)
        self._clear.triggered.connect(self.clear)
        self.textChanged.connect(lambda text: self._clear.setVisible(bool(text)))
        self._dress()

    def event(self, event: QEvent) -> bool:
        keys = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Escape)
        return is_kept(event, lambda asked: asked.key() in keys) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
            self._list.setFocus()
        elif event.key() == Qt.Key.Key_Down:
            self._list.setFocus()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()

    def _dress(self) -> None:
        self._sign.setIcon(icon("ph.magnifying-glass", "muted"))
        self._clear.setIcon(icon("ph.x", "muted"))
