"""What Qt's own test tools have no hands for."""

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

Kind = QEvent.Type
NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


def _mouse(widget: QWidget, kind: QEvent.Type, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
    left, no = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    button, held = (no if kind == Kind.MouseMove else left), (no if kind == Kind.MouseButtonRelease else left)
    event = QMouseEvent(kind, at, QPointF(widget.mapToGlobal(at.toPoint())), button, held, modifiers)
    QApplication.sendEvent(widget, event)


def drag(widget: QWidget, up: float, modifiers: Qt.KeyboardModifier = NONE, moves: int = 20) -> None:
    """From its centre so many pixels up, with the left button."""
    start = QPointF(widget.rect().center())
    _mouse(widget, Kind.MouseButtonPress, start, NONE)
    for k in range(1, moves + 1):
        _mouse(widget, Kind.MouseMove, start - QPointF(0, up * k / moves), modifiers)
    _mouse(widget, Kind.MouseButtonRelease, start - QPointF(0, up), modifiers)


def wheel(widget: QWidget, angle: int, modifiers: Qt.KeyboardModifier = NONE, sideways: bool = False) -> None:
    """angle: in eighths of a degree, 120 a notch."""
    centre = QPointF(widget.rect().center())
    turn = QPoint(angle, 0) if sideways else QPoint(0, angle)
    event = QWheelEvent(
        centre, QPointF(widget.mapToGlobal(centre.toPoint())), QPoint(), turn, Qt.MouseButton.NoButton, modifiers,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def show_active(qtbot: QtBot, window: QWidget) -> None:
    """Show a window, and wait until the keys are its own."""
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
