"""Two plots over one axis: the bits, and below them something else of the same steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPen
from PySide6.QtWidgets import QWidget

from studio.keys import is_kept
from studio.theme import colour
from studio.train.axis import Axis
from studio.train.metrics import Floats

Key = Qt.Key
Curve = tuple[Floats, Floats]
"""x rising, and y."""
MOVES = {Key.Key_Left: -1, Key.Key_Right: 1, Key.Key_PageUp: -20, Key.Key_PageDown: 20}
ENDS = (Key.Key_Home, Key.Key_End)
LEFT, BOTTOM, RIGHT, GAP = 44, 20, 16, 10
"""Pixels: of the figures, beside the plots, and between them."""
FEW, FEW_SIZE, MANY_SIZE = 40, 7, 4
"""Points, and pixels of one where there are no more, or more."""
SHARES = (5, 2)
"""Of the height."""
MARGIN, AFTER = 0.08, 0.015
"""Of what is shown: above and below it, and after the last line."""


class Plots(pyqtgraph.GraphicsLayoutWidget):  # type: ignore[misc]
    """Draws what it is given; all values are in the units of the plot, that is logarithms where an axis is
    logarithmic."""

    hovered = Signal(object)
    """float on the horizontal axis, or None."""
    moved = Signal(int)
    """By so many lines, with the keys."""
    ended = Signal(bool)
    """To the first line, or to the last (True)."""

    _dressed = False
    """Its base class already changes the palette while there is nothing yet to dress."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.across = Axis("bottom", self.font())
        self.sides = Axis("left", self.font()), Axis("left", self.font())
        self._boxes = tuple(pyqtgraph.ViewBox(enableMenu=False, enableMouse=False) for _ in self.sides)
        self._rough, self._line, self._other = (pyqtgraph.PlotCurveItem(antialias=True) for _ in range(3))
        self._points = pyqtgraph.ScatterPlotItem(pxMode=True)
        self._at = tuple(pyqtgraph.InfiniteLine(angle=90) for _ in self.sides)
        self._build()
        self._dress()

    def sizeHint(self) -> QSize:
        return QSize(640, 300)

    def minimumSizeHint(self) -> QSize:
        return QSize(260, 190)

    def show_bits(self, rough: Curve, line: Curve) -> None:
        """rough: before it was smoothed."""
        self._rough.setData(*rough)
        self._line.setData(*_to_be_seen(*line))

    def show_points(self, x: Floats, y: Floats) -> None:
        self._points.setData(x, y, size=FEW_SIZE if len(x) <= FEW else MANY_SIZE)

    def show_other(self, x: Floats, y: Floats) -> None:
        self._other.setData(*_to_be_seen(x, y))

    def show_range(self, x: Sequence[float], bits: Sequence[float], other: Sequence[float]) -> None:
        """The least and the greatest value of each axis that is to be seen."""
        for box, y in zip(self._boxes, (bits, other), strict=True):
            low, high = y
            margin = MARGIN * (high - low) or 0.05 * abs(high) or 0.5
            box.setRange(xRange=_wider(*x), yRange=(low - margin, high + margin), padding=0)
        for axis in (self.across, *self.sides):
            axis.picture = None  # its figures depend on whether it is logarithmic
            axis.update()

    def mark(self, x: float | None) -> None:
        """A line through both plots."""
        for line in self._at:
            line.setVisible(x is not None)
            if x is not None:
                line.setPos(x)

    def event(self, event: QEvent) -> bool:
        return is_kept(event, _is_ours) or bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not _is_ours(event):
            event.ignore()
        elif event.key() in MOVES:
            self.moved.emit(MOVES[Key(event.key())])
        else:
            self.ended.emit(event.key() == Key.Key_End)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hovered.emit(None)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._dressed:
            self._dress()

    def _build(self) -> None:
        layout = self.ci
        layout.setContentsMargins(0, 6, RIGHT, 0)
        layout.setSpacing(0)
        layout.layout.setRowSpacing(0, GAP)
        for row, (axis, box) in enumerate(zip(self.sides, self._boxes, strict=True)):
            axis.setWidth(LEFT)
            axis.linkToView(box)
            layout.addItem(axis, row, 0)
            layout.addItem(box, row, 1)
            layout.layout.setRowStretchFactor(row, SHARES[row])
        self.across.setHeight(BOTTOM)
        self.across.linkToView(self._boxes[1])
        layout.addItem(self.across, 2, 1)
        for item in (self._rough, self._line, self._points, self._at[0]):
            self._boxes[0].addItem(item)
        for item in (self._other, self._at[1]):
            self._boxes[1].addItem(item)
        self.mark(None)
        self.scene().sigMouseMoved.connect(self._hover)

    def _hover(self, at: QPointF) -> None:
        box = self._boxes[0]
        inside = box.sceneBoundingRect().left() <= at.x() <= box.sceneBoundingRect().right()
        self.hovered.emit(float(box.mapSceneToView(at).x()) if inside else None)

    def _dress(self) -> None:
        self._dressed = True
        self.setBackground(colour("well"))
        for axis in (self.across, *self.sides):
            axis.setPen(colour("line"))
            axis.setTextPen(colour("muted"))
        for axis in self.sides:
            axis.setGrid(40)
        self._rough.setPen(QPen(colour("accent", 0.35), 0))
        self._line.setPen(_pen("accent"))
        self._other.setPen(_pen("good"))
        self._points.setPen(None)
        self._points.setBrush(colour("second"))
        for line in self._at:
            line.setPen(QPen(colour("muted", 0.6), 0))


def _is_ours(event: QKeyEvent) -> bool:
    plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return plain and (event.key() in MOVES or event.key() in ENDS)


def _to_be_seen(x: Floats, y: Floats) -> Curve:
    """A line through one point, the first report, would be nothing: a dash that ends in it."""
    if len(x) != 1:
        return x, y
    return np.array([x[0] - max(0.03 * abs(x[0]), 0.01), x[0]]), np.repeat(y, 2)


def _pen(role: str) -> QPen:
    pen = QPen(colour(role), 1.5)
    pen.setCosmetic(True)
    return pen


def _wider(low: float, high: float) -> tuple[float, float]:
    """Room for the last point; no range that is empty."""
    return (low, high + AFTER * (high - low)) if high > low else (low - 0.5, low + 0.5)
