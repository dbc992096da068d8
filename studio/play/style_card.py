"""One style as a card: what it is, its rate, how fast it runs here; whether it is in use, or being opened."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QTextLayout
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from models.style import PREVIEW
from studio.play.emblem import paint_emblem
from studio.play.picture import paint_picture
from studio.play.shelf import Entry
from studio.theme import colour
from studio.words import in_kilohertz

GAP = 6
"""Between two cards, pixels."""
PAD = 10
EMBLEM = 34
PICTURE = 68
"""The width of a picture, which is as high as an emblem."""
ROOMY = 190
"""The least width of a card inside that has room for it; on others there is a square of it."""
LINES = 2
"""Of the description."""
CORNER = 7
SWEEP_SECONDS = 1.2
"""That the light under a style that is being opened takes from one side to the other."""


@dataclass(frozen=True)
class Card:
    """What is shown."""

    entry: Entry
    speed: tuple[list[str], str] = field(default=([], ""))
    """In words, at length and shorter, and the role of its colour."""
    in_use: bool = False
    opening: bool = False

    @property
    def path(self) -> Path:
        return self.entry.path

    @property
    def has_preview(self) -> bool:
        return PREVIEW in self.entry.style.hashes

    @property
    def state(self) -> str:
        return "opening" if self.opening else "in use" if self.in_use else ""

    @property
    def told(self) -> list[str]:
        """All of it: the name, the description, the rest."""
        info = self.entry.style.info
        speed = self.speed[0][0] if self.speed[0] else ""
        return [*filter(None, (info.name, info.description, f"{rate(self.entry)}, {speed}", self.state))]


def rate(entry: Entry) -> str:
    return in_kilohertz(entry.style.info.model.sample_rate)


def font(base: QFont, pixels: int, weight: int = 400) -> QFont:
    made = QFont(base)
    made.setPixelSize(pixels)
    made.setWeight(QFont.Weight(weight))
    return made


class CardDelegate(QStyledItemDelegate):
    """Paints them; their role Qt.UserRole holds a Card."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        line = QFontMetricsF(font(option.font, 12)).height()
        return QSize(EMBLEM * 4, math.ceil(GAP + 2 * PAD + EMBLEM + 6 + LINES * line + 5 + line))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        card: Card = index.data(Qt.ItemDataRole.UserRole)
        frame = QRectF(option.rect).adjusted(0.75, 0.75, -0.75, -0.75 - GAP)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_frame(painter, frame, option, card)
        inside = frame.adjusted(PAD, PAD, -PAD, -PAD)
        wide = card.entry.picture and inside.width() >= ROOMY
        sign = QRectF(inside.left(), inside.top(), PICTURE if wide else EMBLEM, EMBLEM)
        if card.entry.picture:
            paint_picture(painter, sign, card.entry.picture)
        else:
            paint_emblem(painter, sign, card.entry.sha256)
        self._paint_head(painter, inside.adjusted(sign.width() + PAD, 0, 0, 0), option.font, card)
        self._paint_text(painter, inside, option.font, card)
        if card.opening:
            self._paint_sweep(painter, frame)
        painter.restore()

    def _paint_frame(self, painter: QPainter, frame: QRectF, option: QStyleOptionViewItem, card: Card) -> None:
        state = option.state
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        edge = "accent" if card.in_use or focused else "faint" if hovered else "line"
        painter.setPen(QPen(colour(edge), 2.0 if focused else 1.0))
        painter.setBrush(colour("raised"))
        painter.drawRoundedRect(frame, CORNER, CORNER)
        if card.in_use:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("accent", 0.10))
            painter.drawRoundedRect(frame, CORNER, CORNER)

    def _paint_head(self, painter: QPainter, place: QRectF, base: QFont, card: Card) -> None:
        head = QRectF(place.left(), place.top() - 1, place.width(), EMBLEM / 2 + 2)
        name_font = font(base, 14, 600)
        _line(painter, head, name_font, colour("text"), card.entry.style.info.name)
        below = head.translated(0, EMBLEM / 2)
        small = font(base, 12)
        if card.state:
            _line(painter, below, small, colour("accent"), card.state, Qt.AlignmentFlag.AlignRight)
            below.setRight(below.right() - QFontMetricsF(small).horizontalAdvance(card.state) - 6)
        _line(painter, below, small, colour("muted"), rate(card.entry))

    def _paint_text(self, painter: QPainter, inside: QRectF, base: QFont, card: Card) -> None:
        small = font(base, 12)
        height = QFontMetricsF(small).height()
        top = inside.top() + EMBLEM + 6
        for k, text in enumerate(wrapped(card.entry.style.info.description, small, inside.width(), LINES)):
            line = QRectF(inside.left(), top + k * height, inside.width(), height)
            _line(painter, line, small, colour("muted"), text)
        texts, role = card.speed
        if texts:
            line = QRectF(inside.left(), inside.bottom() - height, inside.width(), height)
            _line(painter, line, small, colour(role), fitting(texts, small, inside.width()))

    def _paint_sweep(self, painter: QPainter, frame: QRectF) -> None:
        """A light that runs along the lower edge."""
        phase = time.monotonic() / SWEEP_SECONDS % 1
        length = frame.width() * 0.3
        start = frame.left() + CORNER + phase * (frame.width() - 2 * CORNER - length)
        painter.setPen(QPen(colour("accent"), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        y = frame.bottom() - 3
        painter.drawLine(QPointF(start, y), QPointF(start + length, y))


def fitting(texts: list[str], used: QFont, width: float) -> str:
    """The first of the texts that has room; else the last."""
    metrics = QFontMetricsF(used)
    return next((text for text in texts if metrics.horizontalAdvance(text) <= width), texts[-1])


def wrapped(text: str, used: QFont, width: float, most: int) -> list[str]:
    """A text in at most so many lines; the last ends in … if there is more."""
    layout = QTextLayout(text, used)
    layout.beginLayout()
    starts: list[int] = []
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        starts.append(line.textStart())
    layout.endLayout()
    lines = [text[start:end].strip() for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    if len(lines) > most:
        rest = text[starts[most - 1] :]
        lines[most - 1 :] = [QFontMetricsF(used).elidedText(rest, Qt.TextElideMode.ElideRight, width)]
    return lines


def _line(
    painter: QPainter,
    place: QRectF,
    used: QFont,
    ink: QColor,
    text: str,
    side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    painter.setFont(used)
    painter.setPen(ink)
    shown = QFontMetricsF(used).elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)
