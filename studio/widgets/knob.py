"""The rotary control of this instrument."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.keys import is_kept
from studio.widgets.dial import Look, height_with, paint_knob
from studio.widgets.field import Field
from studio.widgets.scale import MINUS, Scale

TRAVEL = 200.0
"""Pixels of a drag from the least to the most."""
FINE = 0.1
NOTCH = 120
"""Of a wheel's angle, as Qt counts."""
PAGE = 5
"""Steps of PageUp and PageDown."""
STEPS: dict[int, int] = {
    Qt.Key.Key_Up: 1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_Left: -1,
    Qt.Key.Key_PageUp: PAGE, Qt.Key.Key_PageDown: -PAGE,
}  # fmt: skip
ENDS = (Qt.Key.Key_Home, Qt.Key.Key_End)
OPENERS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2)
TYPED = f"0123456789.,-{MINUS}"

HOW = "Drag, or turn the wheel (Shift: finely); double-click for the default; or type a number."


class Knob(QWidget):
    """Turned by dragging up and down, the wheel, arrows, PageUp, PageDown, Home and End; with Shift finely. A
    double-click or Ctrl-click resets it. A digit, Return or F2 opens a field for the value."""

    turned = Signal(float)
    """By a person, to that value."""

    def __init__(self, name: str, scale: Scale, default: float, tip: str, dial: int = 48, role: str = "accent") -> None:
        """dial: pixels across; role: the colour (studio/theme.py) of what is turned up."""
        super().__init__()
        self.name, self.scale = name, scale
        self._tip, self._dial, self._role = tip, dial, role
        self._default = self._value = scale.within(default)
        self._grip: tuple[float, float] | None = None
        """While it is dragged: the pointer's height, and the place, unrounded."""
        self._wheel = 0.0
        self._field = Field(self)
        self._field.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._field.hide()
        self._field.returnPressed.connect(self._take)
        self._field.given_up.connect(self._close_field)
        self._field.left.connect(self._leave)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeVerCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._describe()

    @property
    def value(self) -> float:
        return self._value

    def set_value(self, value: float) -> None:
        """Show it."""
        value = self.scale.within(value)
        if value != self._value:
            self._value = value
            self._describe()
            self.update()

    def set_default(self, value: float) -> None:
        """What it is reset to."""
        self._default = self.scale.within(value)
        self._describe()
        self.update()

    def sizeHint(self) -> QSize:
        across = self._dial + 56 if self.scale.labels else max(self._dial, 64)
        return QSize(across, height_with(self._dial))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._dial + (40 if self.scale.labels else 8), self.sizeHint().height())

    # turning

    def _turn(self, value: float) -> None:
        if value != self._value:
            self.set_value(value)
            self.turned.emit(value)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._turn(self._default)
        else:
            self._grip = event.position().y(), self.scale.place(self._value)
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is None:
            return
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        height, place = self._grip
        up = (height - event.position().y()) / TRAVEL * (FINE if fine else 1.0)
        place = min(max(place + up, 0.0), 1.0)
        self._grip = event.position().y(), place
        if up:
            self._turn(self.scale.value(place, fine))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._grip = None
            self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._turn(self._default)

    def wheelEvent(self, event: QWheelEvent) -> None:
        # with Shift some systems turn the wheel sideways
        self._wheel += (event.angleDelta().y() or event.angleDelta().x()) / NOTCH
        steps = int(self._wheel)
        self._wheel -= steps
        if steps:
            fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._turn(self.scale.stepped(self._value, steps, fine))
        event.accept()

    def event(self, event: QEvent) -> bool:
        return is_kept(event, _is_ours) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape:  # the arrows are the window's again
            self.clearFocus()
        elif not _is_ours(event):
            super().keyPressEvent(event)
        elif key in STEPS:
            fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._turn(self.scale.stepped(self._value, STEPS[key], fine))
        elif key in ENDS:
            self._turn(self.scale.least if key == Qt.Key.Key_Home else self.scale.most)
        elif key in OPENERS:
            self._open_field(self.scale.figures(self._value))
            self._field.selectAll()
        else:
            self._open_field(event.text())

    # typing

    def _open_field(self, text: str) -> None:
        self._field.describe(f"{self.name}, new value", "Return sets it, Escape leaves it as it was.")
        self._field.complain("")
        self._field.setText(text)
        self._field.show()
        self._field.setFocus()

    def _take(self) -> None:
        try:
            value = self.scale.read(self._field.text())
        except ValueError as error:
            self._field.complain(str(error))
        else:
            self._close_field()
            self._turn(value)

    def _leave(self) -> None:
        """The focus went elsewhere: what can be read counts."""
        if self._field.isVisible():
            text = self._field.text()
            self._field.hide()
            try:
                self._turn(self.scale.read(text))
            except ValueError:
                self.update()

    def _close_field(self) -> None:
        self._field.blockSignals(True)
        self.setFocus()
        self._field.blockSignals(False)
        self._field.hide()
        self._field.complain("")

    # looks

    def _describe(self) -> None:
        text = self.scale.text(self._value)
        self.setAccessibleName(f"{self.name} {text}")
        self.setAccessibleDescription(self._tip)
        self.setToolTip(f"{self._tip}\n{HOW}\nDefault: {self.scale.text(self._default)}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        size = self._field.sizeHint()
        width = min(self.width(), 72)
        self._field.setGeometry((self.width() - width) // 2, self.height() - size.height(), width, size.height())

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        place, enabled = self.scale.place, self.isEnabled()
        look = Look(
            name=self.name,
            text=self.scale.text(self._value),
            place=place(self._value),
            default=place(self._default),
            role=self._role,
            enabled=enabled,
            lit=enabled and (self.underMouse() or self._grip is not None),
            focused=self.hasFocus(),
            labels=tuple((place(value), f"{value:g}") for value in self.scale.labels),
        )
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_knob(painter, QRectF(self.rect()), self._dial, look)


def _is_ours(event: QKeyEvent) -> bool:
    """Whether a knob does something with a key; Ctrl and Alt are for shortcuts."""
    if event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier):
        return False
    typed = bool(event.text()) and event.text() in TYPED
    return typed or event.key() in STEPS or event.key() in ENDS or event.key() in OPENERS
