"""The marks of the timeline: what happened, in an icon, a colour and words."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap

from engine.controls import Mark, Why
from studio.icons import icon
from studio.play.scale import Scale
from studio.theme import Colours, colour, colours
from studio.words import clock

SIZE = 15.0
"""Of a flag, pixels."""
NEAR = 7.0
"""Pixels from a mark in which it is meant."""

LOOKS: dict[Why, tuple[str, str]] = {
    "start": ("ph.play-fill", "muted"),
    "switch": ("ph.arrows-left-right-bold", "accent"),
    "prime": ("ph.music-notes-fill", "second"),
    "rewind": ("ph.git-branch-bold", "good"),
    "reset": ("ph.arrow-counter-clockwise-bold", "muted"),
    "rescue": ("ph.warning-bold", "warning"),
}
"""Icon, and colour of studio/theme.py."""


def happened(mark: Mark) -> str:
    """In words."""
    match mark.why:
        case "start":
            return f"Started with {mark.title}"
        case "switch":
            return f"Changed to {mark.title}"
        case "prime":
            return "Went on from the microphone" if mark.title == "microphone" else f"Went on from {mark.title}"
        case "rewind":
            return "Branched from an earlier moment"
        case "reset":
            return f"Began {mark.title} again"
        case "rescue":
            return "Was stuck, and was brought back"


def happened_ago(mark: Mark, scale: Scale) -> str:
    return f"{happened(mark)}, {clock(max(0.0, (scale.end - mark.position) / scale.rate))} ago"


def mark_near(marks: tuple[Mark, ...], scale: Scale, x: float) -> Mark | None:
    """The one that is meant at a place; the latest of several."""
    near = [mark for mark in marks if abs(scale.x(mark.position) - x) <= NEAR]
    return min(reversed(near), key=lambda mark: abs(scale.x(mark.position) - x), default=None)


class MarkPainter:
    """Flags above and lines down through the waveform. Where flags would cover each other, the latest is shown."""

    def __init__(self) -> None:
        self._icons: dict[tuple[Colours, float, Why], QPixmap] = {}

    def paint(self, painter: QPainter, marks: tuple[Mark, ...], scale: Scale, bottom: float, ratio: float) -> None:
        free = float("inf")
        for mark in reversed(marks):
            x = scale.x(mark.position)
            if not 0 <= x <= scale.width:
                continue
            x = min(max(x, SIZE / 2 + 1), scale.width - SIZE / 2 - 1)
            role = LOOKS[mark.why][1]
            shown = x <= free
            top = SIZE + 3 if shown else SIZE + 7
            painter.fillRect(QRectF(x - 0.5, top, 1, bottom - top), colour(role, 0.7 if shown else 0.4))
            if shown:
                free = x - SIZE - 1
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour(role))
                painter.drawRoundedRect(QRectF(x - SIZE / 2, 2, SIZE, SIZE), 3, 3)
                painter.drawPixmap(QPointF(x - SIZE / 2 + 1.5, 3.5), self._icon(mark.why, ratio))

    def _icon(self, why: Why, ratio: float) -> QPixmap:
        key = colours(), ratio, why
        if key not in self._icons:
            size = round(SIZE - 3)
            self._icons[key] = icon(LOOKS[why][0], "well").pixmap(QSize(size, size), ratio)
        return self._icons[key]
