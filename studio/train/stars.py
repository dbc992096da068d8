"""A rating of up to five stars."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.keys import is_kept
from studio.theme import colour

MOST = 5
SIZE, GAP, PAD = 14, 2, 3
"""Pixels: of a star, between two, and around them."""
WAIST = 0.45
"""Of the way from a star's middle to its points."""
Key = Qt.Key
MOVES = {Key.Key_Left: -1, Key.Key_Down: -1, Key.Key_Right: 1, Key.Key_Up: 1}
ENDS = {Key.Key_Home: 0, Key.Key_End: MOST}
DIGITS = {Key(Key.Key_0 + count): count for count in range(MOST + 1)}


class Stars(QWidget):
    """Clicked, or set with the digits and the arrow keys; a second click on the last star takes all away. GUI
    thread."""

    rated = Signal(int)
    """0 to 5, by hand."""

    def __init__(self, name: str = "Rating", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._value = name, 0
        self._hovered: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._describe()

    @property
    def value(self) -> int:
        return self._value

    def set_value(self, value: int) -> None:
        """Show a rating, 0 to 5, without telling."""
        if value != self._value:
            self._value = value
            self._describe()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(MOST * SIZE + (MOST - 1) * GAP + 2 * PAD, SIZE + 2 * PAD)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def event(self, event: QEvent) -> bool:
        return is_kept(event, lambda key: self._meant(key) is not None) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        meant = self._meant(event)
        if meant is None:
            event.ignore()
        else:
            self._rate(meant)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            meant = self._at(event.position().x())
            self._rate(0 if meant == self._value else meant)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._at(event.position().x()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(None)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown = self._value if self._hovered is None else self._hovered
        for k in range(MOST):
            lit = k < shown
            painter.setPen(QPen(colour("accent" if lit else "faint"), 1, j=Qt.PenJoinStyle.RoundJoin))
            painter.setBrush(colour("accent", 1.0 if self._hovered is None else 0.6) if lit else Qt.BrushStyle.NoBrush)
            painter.drawPolygon(_star(QPointF(PAD + SIZE / 2 + k * (SIZE + GAP), self.height() / 2 + 0.5), SIZE / 2))
        if self.hasFocus():
            painter.setPen(QPen(colour("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def _rate(self, value: int) -> None:
        self._hovered = None
        if value != self._value:
            self.set_value(value)
            self.rated.emit(value)

    def _meant(self, event: QKeyEvent) -> int | None:
        """Which rating a key asks for."""
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return None
        key = Key(event.key())
        if key in MOVES:
            return min(max(0, self._value + MOVES[key]), MOST)
        return DIGITS.get(key, ENDS.get(key))

    def _at(self, x: float) -> int:
        return min(max(1, math.ceil((x - PAD + GAP / 2) / (SIZE + GAP))), MOST)

    def _hover(self, count: int | None) -> None:
        if count != self._hovered:
            self._hovered = count
            self.update()

    def _describe(self) -> None:
        said = {0: "not rated", 1: "1 star"}.get(self._value, f"{self._value} stars")
        self.setAccessibleName(f"{self._name}: {said}")
        self.setToolTip(f"{said.capitalize()}. Click, or press 0 to {MOST}.")


def _star(middle: QPointF, radius: float) -> QPolygonF:
    points = []
    for k in range(10):
        turn, reach = k * math.pi / 5, radius * (WAIST if k % 2 else 1)
        points.append(middle + QPointF(math.sin(turn) * reach, -math.cos(turn) * reach))
    return QPolygonF(points)
