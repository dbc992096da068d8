"""Small pictures of the engine: the sound that is ready, and that something is being done."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.theme import colour

LOW = 0.35
"""Share of the latency below which a dropout is near."""
BEYOND = 1.25
"""The picture's width, in latencies."""
TURN = 24
"""Degrees that the busy sign moves at each frame."""


class Buffer(QWidget):
    """How much sound is ready, against the latency that was asked for (the line)."""

    def __init__(self) -> None:
        super().__init__()
        self._fill = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(60, 10)

    def show_fill(self, share: float) -> None:
        """share: of the latency."""
        fill = round(min(share, BEYOND), 2)
        if fill != self._fill:
            self._fill = fill
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(0, 1, self.width(), self.height() - 2)
        painter.setBrush(colour("line"))
        painter.drawRoundedRect(whole, 3, 3)
        if self._fill > 0:
            painter.setBrush(colour("warning" if self._fill < LOW else "good"))
            painter.drawRoundedRect(QRectF(0, 1, max(6.0, whole.width() * self._fill / BEYOND), whole.height()), 3, 3)
        painter.fillRect(QRectF(whole.width() / BEYOND - 0.75, 0, 1.5, self.height()), colour("muted"))


class Busy(QWidget):
    """Turns while it is shown, at each `turn`."""

    def __init__(self) -> None:
        super().__init__()
        self._angle = 0
        self.setFixedSize(12, 12)

    def turn(self) -> None:
        self._angle = (self._angle + TURN) % 360
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for role, start, span in (("line", 0, 360), ("accent", -self._angle, 100)):
            painter.setPen(QPen(colour(role), 2.0))
            painter.drawArc(QRectF(1.5, 1.5, 9, 9), start * 16, span * 16)


class Dot(QWidget):
    """A light in one of the theme's colours."""

    def __init__(self) -> None:
        super().__init__()
        self._role = "faint"
        self.setFixedSize(10, 10)

    def show_role(self, role: str) -> None:
        if role != self._role:
            self._role = role
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(self._role))
        painter.drawEllipse(QRectF(1, 1, 8, 8))
