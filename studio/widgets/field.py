"""A line that is typed into, which says what is wrong with what was typed and keeps it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QToolTip, QWidget

from studio.widgets.panel import set_role

SAID_MS = 6000


class Field(QLineEdit):
    """Return is `returnPressed`."""

    given_up = Signal()
    """Escape."""
    left = Signal()
    """The focus went elsewhere in the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tip = ""
        self.textEdited.connect(lambda text: self.complain(""))

    def describe(self, name: str, tip: str) -> None:
        self.setAccessibleName(name)
        self._tip = tip
        self.setToolTip(tip)

    def complain(self, trouble: str) -> None:
        """Say what is wrong, or with nothing that all is well."""
        if trouble == self.trouble:
            return
        set_role(self, "bad" if trouble else "")
        self.setAccessibleDescription(trouble)
        self.setToolTip(trouble or self._tip)
        if trouble:
            QToolTip.showText(self.mapToGlobal(QPoint(0, self.height())), trouble, self, self.rect(), SAID_MS)
        else:
            QToolTip.hideText()

    @property
    def trouble(self) -> str:
        return self.accessibleDescription()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
        else:
            super().keyPressEvent(event)
        event.accept()  # what it is in has keys of its own

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self.left.emit()
