"""A small picture for a style that has none: drawn from its hash, in its own hue, the same everywhere and always."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from studio.theme import colour

SIDE = 52
"""Of an emblem by itself, pixels."""
BARS = 7
CORNER = 0.2
"""Of the tile, as a part of its side."""


def paint_emblem(painter: QPainter, tile: QRectF, sha256: str) -> None:
    """Paint the emblem of the style with that hash into a square."""
    numbers = bytes.fromhex(sha256)
    ink = hue(numbers[0] / 256)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    ground = QColor(ink)
    ground.setAlphaF(0.18)
    painter.setBrush(ground)
    painter.drawRoundedRect(tile, tile.width() * CORNER, tile.height() * CORNER)
    inside = tile.adjusted(*(tile.width() * side for side in (0.18, 0.18, -0.18, -0.18)))
    draw = DRAWINGS[numbers[1] % len(DRAWINGS)]
    draw(painter, inside, ink, [number / 255 for number in numbers[2:]])
    painter.restore()


def hue(turn: float) -> QColor:
    """A colour of the circle, turn 0 to 1, that stands out against the scheme in force as the others do."""
    dark = colour("panel").lightnessF() < 0.5
    return QColor.fromHslF(turn, 0.55 if dark else 0.6, 0.66 if dark else 0.42)


def _bars(painter: QPainter, box: QRectF, ink: QColor, chance: list[float]) -> None:
    step = box.width() / BARS
    painter.setPen(QPen(ink, step * 0.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    for k in range(BARS):
        x, half = box.left() + (k + 0.5) * step, box.height() / 2 * (0.1 + 0.8 * chance[k])
        painter.drawLine(QPointF(x, box.center().y() - half), QPointF(x, box.center().y() + half))


def _wave(painter: QPainter, box: QRectF, ink: QColor, chance: list[float]) -> None:
    def height(x: float) -> float:
        return sum(math.sin(math.tau * (k * x + chance[k])) * (0.3 + chance[k + 3]) / k for k in (1, 2, 3))

    xs = [k / 32 for k in range(33)]
    most = max(abs(height(x)) for x in xs)
    points = [QPointF(box.left() + x * box.width(), box.center().y() - height(x) / most * box.height() / 2) for x in xs]
    painter.setPen(
        QPen(ink, box.width() / 9, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    )
    painter.drawPolyline(QPolygonF(points))


def _rings(painter: QPainter, box: QRectF, ink: QColor, chance: list[float]) -> None:
    painter.setPen(QPen(ink, box.width() / 9, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    for k in range(3):
        inset = k * box.width() / 6
        ring = box.adjusted(inset, inset, -inset, -inset)
        painter.drawArc(ring, round(16 * 360 * chance[k]), round(16 * (120 + 180 * chance[k + 3])))


DRAWINGS: tuple[Callable[[QPainter, QRectF, QColor, list[float]], None], ...] = (_bars, _wave, _rings)


class Emblem(QWidget):
    """The emblem by itself."""

    def __init__(self, sha256: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sha256 = sha256
        self.setFixedSize(SIDE, SIDE)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_emblem(painter, QRectF(self.rect()), self._sha256)
        painter.end()
