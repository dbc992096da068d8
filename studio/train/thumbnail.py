"""A small waveform to recognise a sound by."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.peaks import NOTHING, Peaks
from studio.theme import colour
from studio.widgets.waveform import WavePicture


class Thumbnail(QWidget):
    """All of a sound, from edge to edge; an empty well while it is not known."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.peaks = NOTHING
        self.message = ""
        self._wave = WavePicture()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_peaks(self, peaks: Peaks) -> None:
        if peaks is not self.peaks:
            self.peaks = peaks
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
            self._wave.paint(painter, self.peaks, (0, len(self.peaks)), self.width(), self.height())
