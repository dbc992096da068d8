"""A small waveform to recognise a sound by."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.peaks import NOTHING, Peaks
from studio.theme import colour
from studio.widgets.waveform import wave_image


class Thumbnail(QWidget):
    """All of a sound, from edge to edge; an empty well while it is not known."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.peaks = NOTHING
        self.message = ""
        self._image: QImage | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_peaks(self, peaks: Peaks) -> None:
        if peaks is not self.peaks:
            self.peaks, self._image = peaks, None
            self.update()

    def say(self, message: str) -> None:
        """Why there is nothing to be seen."""
        if message != self.message:
            self.message = message
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, 34)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, 34)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._image = None
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QPainterPath()
        frame.addRoundedRect(QRectF(self.rect()), 4, 4)
        painter.fillPath(frame, colour("well"))
        painter.setClipPath(frame)
        if not len(self.peaks):
            painter.setPen(colour("muted"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.message)
        else:
            ratio = self.devicePixelRatioF()
            width, height = round(self.width() * ratio), round(self.height() * ratio)
            if self._image is None or (self._image.width(), self._image.height()) != (width, height):
                self._image = wave_image(self.peaks.part(0, len(self.peaks), width), height)
                self._image.setDevicePixelRatio(ratio)
            painter.drawImage(QPointF(0, 0), self._image)
