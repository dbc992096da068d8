"""What the views are drawn on and with. By hand: importing pyqtgraph takes half a second of processor time, and its
ImageItem three times as long to draw as the same picture here."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget
from shiboken6 import VoidPtr

from studio.theme import colour

SMALL = 11
"""Pixels, of the figures along a plot."""
LEFT, BOTTOM = 34, 16
"""Pixels, of the places for them: all plots begin at the same height and end at the same depth."""


class Plot(QWidget):
    """A well with something drawn in it, or words that say what belongs there and how to get it."""

    def __init__(self, name: str, right: int = 0, parent: QWidget | None = None) -> None:
        """right: pixels beside the picture, for a legend."""
        super().__init__(parent)
        self._right = right
        self.setAccessibleName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.small = QFont(self.font())
        self.small.setPixelSize(SMALL)
        self.metrics = QFontMetricsF(self.small)
        self.message = ""

    def say(self, message: str) -> None:
        """Show these words and nothing else; none: what is drawn."""
        if message != self.message:
            self.message = message
            self.setAccessibleDescription(message)
            self.update()

    @property
    def field(self) -> QRectF:
        """Where the picture is."""
        return QRectF(self.rect()).adjusted(LEFT, 0, -self._right, -BOTTOM)

    def move_on(self) -> None:
        """Paint the picture anew, but not what is beside it."""
        self.update(self.field.toAlignedRect())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), colour("panel"))
        painter.setFont(self.small)
        if self.message:
            self.fill_well(painter, QRectF(self.rect()))
            painter.setPen(colour("muted"))
            rect = QRectF(self.rect()).adjusted(12, 4, -12, -4)
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.message)
        else:
            if not self.field.toAlignedRect().contains(event.rect()):
                self.draw_around(painter)
            self.draw(painter)
        painter.end()

    def draw(self, painter: QPainter) -> None:
        """The picture, within the field."""
        raise NotImplementedError

    def draw_around(self, painter: QPainter) -> None:
        """The figures beside it."""
        raise NotImplementedError

    def fill_well(self, painter: QPainter, rect: QRectF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("well"))
        painter.drawRoundedRect(rect, 4, 4)

    def write(self, painter: QPainter, at: QPointF, text: str, align: Qt.AlignmentFlag) -> None:
        """Small text beside a point: align is the side of the text on which the point lies, in both directions."""
        size = QSizeF(self.metrics.horizontalAdvance(text) + 1, self.metrics.height())
        rect = QRectF(at, size)
        if align & Qt.AlignmentFlag.AlignRight:
            rect.moveRight(at.x())
        elif align & Qt.AlignmentFlag.AlignHCenter:
            rect.moveLeft(at.x() - size.width() / 2)
        if align & Qt.AlignmentFlag.AlignBottom:
            rect.moveBottom(at.y())
        elif align & Qt.AlignmentFlag.AlignVCenter:
            rect.moveTop(at.y() - size.height() / 2)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)


def across(painter: QPainter, field: QRectF, y: float, ink: QColor) -> None:
    """A fine line from left to right. A line of Qt's own takes a hundred times as long where it is translucent."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.fillRect(QRectF(field.left(), y - 0.5, field.width(), 1), ink)


def down(painter: QPainter, field: QRectF, x: float, ink: QColor) -> None:
    """A fine line from top to bottom."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.fillRect(QRectF(x - 0.5, field.top(), 1, field.height()), ink)


def polyline(x: npt.NDArray[np.floating], y: npt.NDArray[np.floating]) -> QPolygonF:
    """Points from two arrays, without an object for each."""
    points = QPolygonF()
    points.resize(len(x))
    if not len(x):
        return points  # nothing has no address
    # the stubs know of addresses alone
    place: Any = VoidPtr(points.data(), len(x) * 16, True)  # type: ignore[call-arg, arg-type]
    memory = np.frombuffer(place, np.float64).reshape(-1, 2)
    memory[:, 0], memory[:, 1] = x, y
    return points


def stroke(painter: QPainter, line: QPolygonF, ink: QColor) -> None:
    """Draw a line nearly two pixels wide. Twice one pixel, since Qt takes up to a hundred times as long for a line
    that is wider than that."""
    pen = QPen(ink, 1)
    pen.setCosmetic(True)
    painter.setPen(pen)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for shift in (0.35, -0.7):
        painter.translate(0, shift)
        painter.drawPolyline(line)
    painter.translate(0, 0.35)
