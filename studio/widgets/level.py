"""A stereo level meter: dBFS with fast attack and smooth fall, the peak held, and a light for what was too loud."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.theme import colour
from studio.widgets.scale import MINUS

Floats = npt.NDArray[np.float32]

FLOOR = -60.0
FALL = 20.0
"""dB a second."""
HELD_SECONDS = 1.5
TOO_LOUD = -1.1
"""dBFS: the limiter lets nothing above -1 through."""
ZONES = ((FLOOR, -12.0, "good"), (-12.0, -3.0, "warning"), (-3.0, 0.0, "bad"))
MARKS = (0, -12, -24, -36, -48, -60)
LIGHT, TOP, FOOT = 5.0, 12.0, 18.0
"""Pixels: the lights' height, where 0 dBFS is, and what the number takes below."""
BAR, GAP = 11.0, 3.0


class Level(QWidget):
    """`hear` or `show_peaks` is to be called at each frame of the screen."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, parent: QWidget | None = None) -> None:
        """clock: in seconds."""
        super().__init__(parent)
        self._clock = clock
        self._at = clock()
        self.levels = [FLOOR, FLOOR]
        """dBFS, left and right, as shown."""
        self.held = [FLOOR, FLOOR]
        self._held_until = [0.0, 0.0]
        self.lit = [False, False]
        self.highest = -np.inf
        """Since it was cleared."""
        self._painted: object = None
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self._describe()

    def sizeHint(self) -> QSize:
        return QSize(62, 104)

    def hear(self, sound: Floats) -> None:
        """What was heard since the last frame, float32 [frames, 2]."""
        with np.errstate(divide="ignore"):
            peaks = 20 * np.log10(np.abs(sound).max(axis=0, initial=0.0))
        self.show_peaks(*peaks.tolist())

    def clear(self) -> None:
        """Put out the lights and forget the highest level."""
        self.lit, self.highest = [False, False], -np.inf
        self._describe()
        self.update()

    def show_peaks(self, left: float, right: float) -> None:
        """Those since the last frame, dBFS."""
        now = self._clock()
        fall = FALL * (now - self._at)
        self._at = now
        peaks = left, right
        for side, peak in enumerate(peaks):
            self.levels[side] = max(peak, self.levels[side] - fall, FLOOR)
            if peak >= self.held[side]:
                self.held[side], self._held_until[side] = peak, now + HELD_SECONDS
            elif now > self._held_until[side]:
                self.held[side] = max(self.levels[side], self.held[side] - fall)
            self.lit[side] = self.lit[side] or peak >= TOO_LOUD
        if max(peaks) > self.highest:
            self.highest = max(peaks)
            self._describe()
        shown = [round(self._height(level) * 2) for level in (*self.levels, *self.held)], list(self.lit), self._figure()
        if shown != self._painted:
            self._painted = shown
            self.update()

    def _figure(self) -> str:
        if self.highest < FLOOR:
            return f"{MINUS}∞"
        return f"{self.highest:.1f}".replace("-", MINUS)

    def _describe(self) -> None:
        loud = any(self.lit)
        words = "too loud: the limiter holds it; turn the gain down" if loud else "within bounds"
        self.setAccessibleName(f"Highest level {self._figure()} dBFS, {words}")
        self.setToolTip(
            f"The level of what is heard, left and right, in dBFS.\nHighest: {self._figure()} dBFS, {words}.\n"
            "Click or press C to clear the lights and the highest level."
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.clear()

    def _height(self, level: float) -> float:
        """Pixels from the bars' foot to a level."""
        return max(0.0, 1 - level / FLOOR) * (self.height() - TOP - FOOT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        foot = self.height() - FOOT
        for side in range(2):
            self._paint_bar(painter, 1 + side * (BAR + GAP), foot, side)
        font = QFont(self.font())
        font.setPixelSize(9)
        painter.setFont(font)
        painter.setPen(colour("faint"))
        left = 2 * BAR + GAP + 6
        for mark in MARKS:
            box = QRectF(left, foot - self._height(mark) - 6, self.width() - left, 12)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, str(mark).replace("-", MINUS))
        font.setPixelSize(11)
        painter.setFont(font)
        painter.setPen(colour("bad" if any(self.lit) else "muted"))
        box = QRectF(0, foot + 3, self.width(), FOOT - 3)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, f"{self._figure()} dBFS")

    def _paint_bar(self, painter: QPainter, left: float, foot: float, side: int) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("bad") if self.lit[side] else colour("line"))
        painter.drawRoundedRect(QRectF(left, 0, BAR, LIGHT), 2, 2)
        painter.setPen(QPen(colour("line"), 1.0))
        painter.setBrush(colour("well"))
        painter.drawRoundedRect(QRectF(left - 0.5, TOP - 0.5, BAR + 1, foot - TOP + 1), 2, 2)
        level, held = self.levels[side], self.held[side]
        for low, high, role in ZONES:
            if level > low:
                top, bottom = self._height(min(level, high)), self._height(low)
                painter.fillRect(QRectF(left, foot - top, BAR, top - bottom), colour(role))
        if held > FLOOR:
            role = next(role for low, high, role in ZONES if held <= high or high == 0)
            painter.fillRect(QRectF(left, foot - self._height(held), BAR, 1.5), colour(role))
