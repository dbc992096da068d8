"""The picture that a style brings along: read with care, and painted where its emblem would be."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget

from models.errors import InputError
from models.style import PICTURE, Style

PNG = b"\x89PNG\r\n\x1a\n"
LARGEST = 1024
"""Pixels of a side."""
CORNER = 6
SIZE = 160, 80
"""Of a picture by itself, pixels."""


def read_picture(style: Style) -> QImage | None:
    """None where there is none, or none that can be read. Any thread; blocks."""
    if PICTURE not in style.hashes:
        return None
    try:
        content = style.read(PICTURE)
    except InputError:
        return None
    # from its head: nothing is decoded yet
    size = max(int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big"))
    if not content.startswith(PNG) or size > LARGEST:
        return None
    image = QImage.fromData(content)
    return None if image.isNull() else image


def paint_picture(painter: QPainter, place: QRectF, image: QImage) -> None:
    """The middle of it, as much as fills the place, with round corners."""
    shape = QPainterPath()
    shape.addRoundedRect(place, CORNER, CORNER)
    scale = max(place.width() / image.width(), place.height() / image.height())
    part = QRectF(0, 0, place.width() / scale, place.height() / scale)
    part.moveCenter(QRectF(image.rect()).center())
    painter.save()
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    painter.setClipPath(shape)
    painter.drawImage(place, image, part)
    painter.restore()


class Picture(QWidget):
    """The picture by itself."""

    def __init__(self, image: QImage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = image
        self.setAccessibleName("Spectrogram of what the style plays")
        self.setFixedSize(QSize(*SIZE))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_picture(painter, QRectF(self.rect()), self._image)
        painter.end()
