"""Who a key belongs to: the window's single-key shortcuts, or the widget that has the focus and needs it.

Qt asks first: a QEvent.ShortcutOverride that is accepted is no shortcut but a key press for the widget. Space is never
asked for here, so it plays and stops wherever no text is typed; what Space does to a button, Return does.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QMenuBar,
    QPlainTextEdit,
    QRadioButton,
    QTextEdit,
    QWidget,
)

Key = Qt.Key
RETURN = frozenset({Key.Key_Return, Key.Key_Enter})
MOVES = frozenset(
    {Key.Key_Left, Key.Key_Right, Key.Key_Up, Key.Key_Down}
    | {Key.Key_Home, Key.Key_End, Key.Key_PageUp, Key.Key_PageDown}
)
TYPING = MOVES | RETURN | {Key.Key_Delete, Key.Key_Backspace}
PLAIN = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
"""Modifiers with which a key is still the widget's; with others it is a shortcut."""

KEPT: tuple[tuple[type[QWidget], frozenset[Qt.Key]], ...] = (
    (QAbstractItemView, MOVES | RETURN | {Key.Key_Delete}),
    (QAbstractSlider, MOVES),
    (QComboBox, MOVES),
    (QLineEdit, TYPING),
    (QAbstractSpinBox, TYPING),
    (QPlainTextEdit, TYPING),
    (QTextEdit, TYPING),
    (QRadioButton, MOVES),
    (QAbstractButton, RETURN),
)


class Keys(QObject):
    """One for the application. It listens to the widget that has the focus alone: an event filter of the whole
    application would have Python look at every paint."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        app.focusChanged.connect(self._follow)

    def _follow(self, old: QWidget | None, new: QWidget | None) -> None:
        if old is not None:
            old.removeEventFilter(self)
        if new is not None:
            new.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind not in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress) or not isinstance(event, QKeyEvent):
            return False
        if kind == QEvent.Type.ShortcutOverride and keeps(watched, event):
            event.accept()
            return True
        if kind == QEvent.Type.KeyPress and isinstance(watched, QAbstractButton) and keeps(watched, event):
            watched.click()  # which Qt does in dialogs alone
            return True
        return False


def is_kept(event: QEvent, ours: Callable[[QKeyEvent], bool]) -> bool:
    """For `event` of a widget with keys of its own: whether Qt asks for one of them, which then is no shortcut."""
    kept = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and ours(event)
    if kept:
        event.accept()
    return kept


def keeps(widget: QObject, event: QKeyEvent) -> bool:
    """Whether the key is for the widget, not a shortcut."""
    if event.modifiers() & ~PLAIN:
        return False
    if isinstance(widget, QMenuBar):  # it has the focus only while it is gone through
        return True
    return any(isinstance(widget, kind) and event.key() in keys for kind, keys in KEPT)
