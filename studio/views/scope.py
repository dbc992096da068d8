"""The triggered scope."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from studio.desk import Desk
from studio.theme import colour
from studio.views.plot import BOTTOM, LEFT, Plot, polyline, stroke
from studio.views.tap import Piece, Tap
from studio.views.trigger import Trigger
from studio.widgets.panel import Panel, label

WINDOW_MS = 25
SEARCH_SECONDS = 0.05
"""Of the past in which the picture may begin: more than a period of the lowest tones."""
SILENT = 1e-4
"""Peak, full scale 1."""
FINEST = -42
"""dBFS at the plot's edge, at the least; from 0 on in steps of 6."""
HOLDING = 0.98
"""What is left of the peak at each frame of the screen."""
EASING = 0.25
"""Of the way to a finer scale, at each frame of the screen."""
SAME = 0.01
"""Share of the peak by which left and right may differ and still be one line."""
Align = Qt.AlignmentFlag


class Scope(Panel):
    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("Wave", parent)
        self.plot = ScopePlot()
        self.sides = label("left", "left"), label("right", "right")
        for side in self.sides:
            self.head.addWidget(side)
            side.hide()
        self.body.addWidget(self.plot)
        Tap(desk.instrument, self.plot, SEARCH_SECONDS + WINDOW_MS / 1000).heard.connect(self._hear)

    def _hear(self, piece: Piece) -> None:
        self.plot.hear(piece)
        for side in self.sides:
            side.setHidden(self.plot.mono)


class ScopePlot(Plot):
    """The last moments of the wave, from where it rises."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Wave of what is heard", parent)
        self.setToolTip(f"The wave itself, {WINDOW_MS} ms of it. A steady tone stands still.")
        self._rate = 0
        self._past = np.zeros((0, 2), np.float32)
        self.picture = np.zeros((0, 2), np.float32)
        """float32 [frames, 2]; empty while it is silent."""
        self.shift = 0.0
        """Frames of the picture that are left of the plot: the wave rises between two."""
        self.mono = True
        self._held = 0.0
        self.edge = 0
        """dBFS, at the plot's edges."""
        self._scale = 1.0
        """Amplitude at the plot's edges, on its way there."""
        self.say("The wave of what is heard. Press Space to play.")

    def sizeHint(self) -> QSize:
        return QSize(640, 110)

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 60)

    def hear(self, piece: Piece) -> None:
        if piece.fresh or piece.rate != self._rate:
            self._rate = piece.rate
            self._window = round(WINDOW_MS / 1000 * piece.rate)
            self._trigger = Trigger(piece.rate, self._window)
            self._past = self._past[:0]
        kept = self._window + round(SEARCH_SECONDS * piece.rate)
        self._past = np.concatenate([self._past, piece.sound])[-kept:]
        if len(self._past) <= self._window:
            return
        self.say("")
        peak = float(np.abs(self._past).max())
        rescaled = self._rescale(peak)
        was_silent = not len(self.picture)
        self._look(peak)
        if rescaled:
            self.update()
        elif len(self.picture) or not was_silent:
            self.update(self._field.toAlignedRect())

    def _rescale(self, peak: float) -> bool:
        """Follow the wave: at once when it grows, a while later when it is smaller. True if the scale is another."""
        before = self.edge, self._scale
        self._held = max(peak, self._held * HOLDING)
        edge = min(0, max(FINEST, 6 * math.ceil(20 * math.log10(max(self._held, SILENT)) / 6)))
        # not back and forth where the peaks are just at a step
        if edge > self.edge or self._held < 0.8 * _amplitude(self.edge - 6):
            self.edge = edge
        self._scale = max(_amplitude(self.edge), self._scale + (_amplitude(self.edge) - self._scale) * EASING)
        return before != (self.edge, self._scale)

    def _look(self, peak: float) -> None:
        """Choose what is shown."""
        if peak < SILENT:
            self.picture, self.mono = self._past[:0], True
            return
        at = self._trigger.find(self._past.mean(axis=1))
        at = len(self._past) - self._window - 1 if at is None else at
        self.picture = self._past[int(at) : int(at) + self._window + 2]
        self.shift = at - int(at)
        self.mono = bool(np.abs(self.picture[:, 0] - self.picture[:, 1]).max() < SAME * peak)

    @property
    def _field(self) -> QRectF:
        """Where the wave is."""
        return QRectF(self.rect()).adjusted(LEFT, 0, 0, -BOTTOM)

    def draw(self, painter: QPainter, part: QRectF) -> None:
        field = self._field
        self.fill_well(painter, field)
        self._draw_scale(painter, field)
        painter.setClipRect(field)
        middle, half = field.center().y(), field.height() / 2
        if not len(self.picture):
            line = polyline(np.array([field.left(), field.right()]), np.array([middle, middle]))
            stroke(painter, line, colour("accent", 0.7))
            return
        x = field.left() + (np.arange(len(self.picture)) - self.shift) * (field.width() / self._window)
        y = middle - self.picture.astype(np.float64) * (half / self._scale)
        if self.mono:
            stroke(painter, polyline(x, y[:, 0]), colour("accent"))
        else:
            stroke(painter, polyline(x, y[:, 1]), colour("second", 0.75))
            stroke(painter, polyline(x, y[:, 0]), colour("accent", 0.85))

    def _draw_scale(self, painter: QPainter, field: QRectF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        middle, half, room = field.center().y(), field.height() / 2, self.metrics.height()
        bottom = field.bottom() + BOTTOM
        for level in (self.edge, self.edge - 6):
            height = half * _amplitude(level) / self._scale
            painter.setPen(colour("text", 0.08))
            for y in (middle - height, middle + height):
                painter.drawLine(QPointF(field.left(), y), QPointF(field.right(), y))
            if half > 3 * room or level == self.edge:
                painter.setPen(colour("muted"))
                at = QPointF(field.left() - 6, max(room / 2, middle - height))
                self.write(painter, at, f"{level}".replace("-", "−"), Align.AlignRight | Align.AlignVCenter)
        painter.setPen(colour("text", 0.16))
        painter.drawLine(QPointF(field.left(), middle), QPointF(field.right(), middle))
        for time in range(0, WINDOW_MS + 1, 5):
            x = field.left() + time / WINDOW_MS * field.width()
            if 0 < time < WINDOW_MS:
                painter.setPen(colour("text", 0.08))
                painter.drawLine(QPointF(x, field.top()), QPointF(x, field.bottom()))
            side = Align.AlignRight if time == WINDOW_MS else Align.AlignHCenter if time else Align.AlignLeft
            painter.setPen(colour("muted"))
            self.write(painter, QPointF(x, bottom), f"{time} ms", side | Align.AlignBottom)
        self.write(painter, QPointF(field.left() - 6, bottom), "dB", Align.AlignRight | Align.AlignBottom)


def _amplitude(level: float) -> float:
    """level: dBFS"""
    return float(10 ** (level / 20))
