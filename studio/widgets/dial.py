"""The picture of a knob."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QFont, QLinearGradient, QPainter, QPen

from studio.theme import colour

SWEEP = 270.0
"""Degrees from the least to the most, the gap below."""
LARGE = 60.0
"""Pixels across, from which on labels are written around it."""
LABEL_PIXELS = 9


@dataclass(frozen=True)
class Look:
    """Places are from 0 to 1."""

    place: float
    default: float
    role: str
    """Colour (studio/theme.py) of the part that is turned up."""
    enabled: bool = True
    lit: bool = False
    """Under the pointer, or being turned."""
    labels: tuple[tuple[float, str], ...] = ()
    """Place and text."""


def paint_dial(painter: QPainter, square: QRectF, look: Look) -> None:
    size, centre = square.width(), square.center()
    groove = size * 0.075
    radius = size / 2 - groove / 2 - size * 0.06
    arc = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
    _arc(painter, arc, 0.0, 1.0, QPen(colour("line"), groove))
    turned = colour(look.role if look.enabled else "faint", 1.0 if look.enabled else 0.6)
    if look.place > 0.002:
        _arc(painter, arc, 0.0, look.place, QPen(turned, groove))
    _ray(painter, centre, look.default, size * 0.455, size * 0.5, QPen(colour("muted"), max(1.5, size * 0.03)))

    cap = radius - groove / 2 - size * 0.055
    shade = QLinearGradient(centre.x(), centre.y() - cap, centre.x(), centre.y() + cap)
    shade.setColorAt(0.0, colour("raised").lighter(128 if look.lit else 114))
    shade.setColorAt(1.0, colour("raised").darker(108))
    painter.setPen(QPen(colour("faint" if look.lit else "line"), 1.0))
    painter.setBrush(QBrush(shade))
    painter.drawEllipse(centre, cap, cap)
    pointer = QPen(colour("text") if look.enabled else colour("faint"), max(2.0, size * 0.042))
    _ray(painter, centre, look.place, cap * 0.42, cap * 0.86, pointer)
    if size >= LARGE:
        _labels(painter, centre, size * 0.5, look)


def _arc(painter: QPainter, arc: QRectF, start: float, end: float, pen: QPen) -> None:
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    first = 90 + SWEEP / 2 - start * SWEEP
    painter.drawArc(arc, round(first * 16), round((start - end) * SWEEP * 16))


def _ray(painter: QPainter, centre: QPointF, place: float, inner: float, outer: float, pen: QPen) -> None:
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    way = _direction(place)
    painter.drawLine(centre + way * inner, centre + way * outer)


def _direction(place: float) -> QPointF:
    angle = math.radians((place - 0.5) * SWEEP)
    return QPointF(math.sin(angle), -math.cos(angle))


def _labels(painter: QPainter, centre: QPointF, radius: float, look: Look) -> None:
    font = QFont(painter.font())
    font.setPixelSize(LABEL_PIXELS)
    font.setWeight(QFont.Weight.Normal)
    painter.setFont(font)
    for place, text in look.labels:
        way = _direction(place)
        _ray(painter, centre, place, radius * 0.93, radius * 0.99, QPen(colour("faint"), 1.0))
        at = centre + way * (radius + 3)
        box = QRectF(at.x() - 30, at.y() - 8, 60, 16)
        box.moveLeft(at.x() if way.x() > 0 else at.x() - 60)
        side = Qt.AlignmentFlag.AlignLeft if way.x() > 0 else Qt.AlignmentFlag.AlignRight
        painter.setPen(colour("faint"))
        painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, text)
