"""Sound as a waveform: the extent of its samples, and brighter within it its strength."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.peaks import NOTHING, Floats, Peaks
from studio.theme import Colours, colour, colours

OUTLINE = 0.45
"""How much of its colour the peaks have beside the strength."""
ZOOM = 1.25
"""By one step of the wheel."""
LEAST_VIEW = 0.5
"""Seconds."""


def wave_image(shown: Peaks, height: int, role: str = "accent") -> QImage:
    """A picture of a waveform, full scale from edge to edge, as wide as it has columns. height: in pixels of the
    device, as the width; role: a colour of studio/theme.py."""
    middle = np.float32(height / 2)
    y = np.arange(height, dtype=np.float32)[:, None]
    # silence is a line of one pixel, not nothing
    outline = _covered(y, middle * (1 - shown.high) - 0.5, middle * (1 - shown.low) + 0.5)
    core = _covered(y, middle * (1 - shown.rms), middle * (1 + shown.rms))
    # from nothing over all of the outline to all of the core: an index of `_shades`
    index = (outline * 127 + np.minimum(core, outline) * 128).astype(np.uint8)
    image = QImage(index.tobytes(), len(shown), height, len(shown), QImage.Format.Format_Indexed8)
    image.setColorTable(_shades(colours(), role))
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def _covered(y: Floats, top: Floats, bottom: Floats) -> npt.NDArray[np.float32]:
    """How much of each pixel, the one below y, is between top and bottom: float32 [rows, columns]."""
    made: Floats = np.clip(np.minimum(y + 1, bottom) - np.maximum(y, top), 0, 1)
    return made


@lru_cache(maxsize=16)
def _shades(scheme: Colours, role: str) -> list[int]:
    made = []
    for i in range(256):
        shade = QColor(getattr(scheme, role))
        shade.setAlphaF(OUTLINE * i / 127 if i <= 127 else OUTLINE + (1 - OUTLINE) * (i - 127) / 128)
        made.append(shade.rgba())
    return made


class WavePicture:
    """A waveform that is painted again and again: its image is made anew only when something of it is different."""

    def __init__(self) -> None:
        self._image: QImage | None = None
        self._of: tuple[Peaks, object] = NOTHING, None

    def paint(self, painter: QPainter, peaks: Peaks, part: tuple[float, float], width: float, height: float) -> None:
        """From the top left corner. part: the first column of `peaks` and the one behind the last."""
        ratio = painter.device().devicePixelRatioF()
        columns, rows = round(width * ratio), round(height * ratio)
        if columns < 1:
            return
        how = part, columns, rows, colours()
        if self._image is None or self._of[0] is not peaks or self._of[1] != how:
            self._of = peaks, how
            self._image = wave_image(peaks.part(*part, columns), rows)
            self._image.setDevicePixelRatio(ratio)
        painter.drawImage(QPointF(0, 0), self._image)


class Waveform(QWidget):
    """A recording of some seconds, all of it or what the wheel zooms to. `cursor` is a line at a moment, such as what
    is just heard."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.seconds = 0.0
        """Of the recording."""
        self.view = 0.0, 0.0
        """The seconds at the left and the right edge."""
        self._peaks, self._pace = NOTHING, 1.0
        self._cursor: float | None = None
        self._wave = WavePicture()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_peaks(self, peaks: Peaks, pace: float, seconds: float) -> None:
        """pace: seconds of a column; seconds: of all, which may be more than there are peaks of so far."""
        self._peaks, self._pace = peaks, pace
        if seconds != self.seconds:
            self.seconds = seconds
            self.view = 0.0, seconds
        self.update()

    def clear(self) -> None:
        self.show_peaks(NOTHING, 1.0, 0.0)

    @property
    def cursor_at(self) -> float | None:
        return self._cursor

    def set_cursor(self, seconds: float | None) -> None:
        if seconds != self._cursor:
            self._cursor = seconds
            self.update()

    def zoom(self, factor: float, around: float) -> None:
        """factor: above 1 shows less, larger; around: seconds that stay where they are."""
        start, end = self.view
        length = min(max((end - start) / factor, LEAST_VIEW), self.seconds)
        ratio = (around - start) / (end - start) if end > start else 0.5
        self.look(around - ratio * length, length)

    def look(self, start: float, length: float) -> None:
        """Show so many seconds from there on, as far as there are any."""
        start = min(max(0.0, start), max(0.0, self.seconds - length))
        self.view = start, min(start + length, self.seconds)
        self.update()

    def x_of(self, seconds: float) -> float:
        start, end = self.view
        return (seconds - start) / max(end - start, 1e-9) * self.width()

    def time_at(self, x: float) -> float:
        """Seconds at a place, within the recording."""
        start, end = self.view
        return min(max(0.0, start + x / max(1, self.width()) * (end - start)), self.seconds)

    def sizeHint(self) -> QSize:
        return QSize(200, 72)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 32)

    def wheelEvent(self, event: QWheelEvent) -> None:
        start, end = self.view
        turn, across = event.angleDelta().y() / 120, event.angleDelta().x() / 120
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            turn, across = 0.0, across or turn
        if turn:
            self.zoom(ZOOM**turn, self.time_at(event.position().x()))
        elif across:
            self.look(start - across * (end - start) / 10, end - start)
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        frame = QPainterPath()
        frame.addRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        painter.fillPath(frame, colour("well"))
        painter.setClipPath(frame)
        painter.fillRect(QRectF(0, area.center().y() - 0.5, area.width(), 1), colour("line"))
        self._paint_wave(painter)
        self.paint_over(painter, area)
        if self._cursor is not None:
            painter.fillRect(QRectF(round(self.x_of(self._cursor)) - 1, 0, 2, area.height()), colour("second"))
        self._paint_place(painter, area)
        painter.setClipping(False)
        painter.setPen(QPen(colour("accent" if self.hasFocus() else "line"), 1))
        painter.drawPath(frame)

    def paint_over(self, painter: QPainter, area: QRectF) -> None:
        """Between the waveform and the cursor; for what is a kind of it."""

    def _paint_wave(self, painter: QPainter) -> None:
        start = self.view[0] / self._pace
        end = min(self.view[1] / self._pace, len(self._peaks))
        if end > start:
            self._wave.paint(painter, self._peaks, (start, end), self.x_of(end * self._pace), self.height())

    def _paint_place(self, painter: QPainter, area: QRectF) -> None:
        """While not all is shown: where in all of it that is."""
        start, end = self.view
        if end - start < self.seconds * 0.999:
            scale = area.width() / self.seconds
            painter.fillRect(QRectF(start * scale, area.height() - 3, (end - start) * scale, 3), colour("muted", 0.8))
