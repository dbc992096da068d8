"""The waveform of the take that is selected, to be heard from anywhere."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPolygonF

from studio.keys import is_kept
from studio.theme import colour
from studio.widgets.waveform import Waveform
from studio.words import clock

STEP, FINE = 0.02, 0.002
"""Of the take: by one press of an arrow key, and with Shift."""


class TakeWave(Waveform):
    """A click hears it from there; so do the arrow keys, and Return, from the mark that they move."""

    wanted = Signal()
    """To be heard from `start`."""

    def __init__(self) -> None:
        super().__init__()
        self.start = 0.0
        """Seconds at which it will be heard from."""
        self.remark = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Waveform of the take")
        self.setToolTip("Click to hear it from there. Left and Right move the mark, the wheel zooms.")
        self.put(0.0)

    def put(self, start: float) -> None:
        """Move the mark."""
        self.start = min(max(0.0, start), self.seconds)
        self.setAccessibleDescription(f"from {clock(self.start, True)} of {clock(self.seconds, True)}")
        self.update()

    def event(self, event: QEvent) -> bool:
        return is_kept(event, lambda key: self._place(key) is not None) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        place = self._place(event)
        if place is None:
            event.ignore()
        else:
            self.put(place)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.seconds:
            self.put(self.time_at(event.position().x()))
            self.wanted.emit()

    def paint_over(self, painter: QPainter, area: QRectF) -> None:
        if self.start or self.hasFocus():
            x = self.x_of(self.start)
            painter.fillRect(QRectF(x - 0.5, 0, 1, area.height()), colour("muted"))
            painter.setBrush(colour("muted"))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawPolygon(QPolygonF([QPointF(x - 5, 0), QPointF(x + 5, 0), QPointF(x, 6)]))
        if self.remark:
            text = QRectF(0, 0, self.fontMetrics().horizontalAdvance(self.remark) + 24, 26)
            text.moveCenter(area.center())
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("well", 0.85))
            painter.drawRoundedRect(text, 5, 5)
            painter.setPen(colour("bad"))
            painter.drawText(text, Qt.AlignmentFlag.AlignCenter, self.remark)

    def _place(self, event: QKeyEvent) -> float | None:
        """Where a key puts the mark."""
        step = self.seconds * (FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else STEP)
        key = Qt.Key
        places = {
            key.Key_Left: self.start - step, key.Key_Right: self.start + step,
            key.Key_Home: 0.0, key.Key_End: self.seconds,
        }  # fmt: skip
        return places.get(key(event.key()))
