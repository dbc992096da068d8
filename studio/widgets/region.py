"""A waveform with a region to drag."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from studio.keys import is_kept
from studio.theme import colour
from studio.widgets.waveform import ZOOM, Waveform
from studio.words import clock

Region = tuple[float, float]

LEAST = 0.1
"""Seconds of a region."""
REACH = 6.0
"""Pixels around a handle in which it is taken hold of."""
DRAG = 4.0
"""Pixels beyond which a click has become a drag."""
STEP, FINE = 0.01, 0.001
"""Of what is shown: by one press of an arrow key, and with Shift."""

CURSORS = {
    "start": Qt.CursorShape.SplitHCursor,
    "end": Qt.CursorShape.SplitHCursor,
    "move": Qt.CursorShape.OpenHandCursor,
    "new": Qt.CursorShape.CrossCursor,
}


class RegionView(Waveform):
    """The region is moved by dragging it, changed by dragging its edges, and made anew by dragging elsewhere; a click
    elsewhere brings it there. Left and Right move it, with Alt its end, with Ctrl its start, with Shift finely; Home
    and End go to the recording's; + and - zoom, as the wheel does."""

    region_changed = Signal(object)
    """Region: by hand, not by `set_region`."""

    def __init__(self, most: float, parent: QWidget | None = None) -> None:
        """most: seconds of a region."""
        super().__init__(parent)
        self.region: Region = 0.0, 0.0
        """Its start and end in seconds; none where they are the same."""
        self._most = most
        self._held = ""
        self._grip = 0.0
        """Seconds from the region's start to where it is held; for a new one the place where it was begun."""
        self._pressed = QPointF()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Region of the recording")
        self.setToolTip("Drag the region or its edges, or drag a new one. The wheel zooms. Arrow keys move it.")

    def set_region(self, start: float, end: float) -> None:
        self.region = start, end
        self.setAccessibleDescription(f"from {clock(start, True)} to {clock(end, True)} of {clock(self.seconds, True)}")
        self.update()

    def _put(self, start: float, end: float) -> None:
        if (start, end) != self.region:
            self.set_region(start, end)
            self.region_changed.emit(self.region)

    def _move(self, start: float) -> None:
        length = self.region[1] - self.region[0]
        start = min(max(0.0, start), self.seconds - length)
        self._put(start, start + length)

    def _move_start(self, to: float) -> None:
        end = self.region[1]
        self._put(min(max(0.0, end - self._most, to), max(0.0, end - LEAST)), end)

    def _move_end(self, to: float) -> None:
        start = self.region[0]
        self._put(start, max(min(self.seconds, start + self._most, to), min(start + LEAST, self.seconds)))

    # by mouse

    def _part_at(self, x: float) -> str:
        if self.region[1] <= self.region[0]:
            return "new"
        start, end = (self.x_of(moment) for moment in self.region)
        inside = min(REACH, (end - start) / 4)
        for part, edge, before, after in (("start", start, REACH, inside), ("end", end, inside, REACH)):
            if edge - before <= x <= edge + after:
                return part
        return "move" if start < x < end else "new"

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self.seconds:
            return
        self._pressed = event.position()
        self._held = self._part_at(self._pressed.x())
        at = self.time_at(self._pressed.x())
        self._grip = at if self._held == "new" else at - self.region[0]
        if self._held == "move":
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        at = self.time_at(x)
        match self._held:
            case "start":
                self._move_start(at)
            case "end":
                self._move_end(at)
            case "move":
                self._move(at - self._grip)
            case "new":
                if abs(x - self._pressed.x()) > DRAG:
                    self._draw_out(at)
            case _:
                self.setCursor(CURSORS[self._part_at(x)])

    def _draw_out(self, to: float) -> None:
        """A new region from where the mouse was pressed."""
        begun = self._grip
        if to < begun:
            self._put(max(to, begun - self._most), begun)
        else:
            self._put(begun, min(to, begun + self._most))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        start, end = self.region
        clicked = abs(event.position().x() - self._pressed.x()) <= DRAG
        if self._held == "new" and clicked and end > start:
            self._move(self._grip - (end - start) / 2)
        elif self._held == "new" and not clicked and end - start < LEAST:
            self._move_end(start + LEAST)
        self._held = ""
        self.setCursor(CURSORS[self._part_at(event.position().x())])

    # by keyboard

    def event(self, event: QEvent) -> bool:
        return is_kept(event, lambda key: self._meant(key) is not None) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        meant = self._meant(event)
        if meant is None:
            super().keyPressEvent(event)
            return
        meant()
        start, end = self.region
        if start < self.view[0] or end > self.view[1]:
            length = self.view[1] - self.view[0]
            self.look(start if start < self.view[0] else end - length, length)

    def _meant(self, event: QKeyEvent) -> Callable[[], None] | None:
        """What to do at a key."""
        key, held = event.key(), event.modifiers()
        start, end = self.region
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = (self.view[1] - self.view[0]) * (FINE if held & Qt.KeyboardModifier.ShiftModifier else STEP)
            by = step if key == Qt.Key.Key_Right else -step
            if held & Qt.KeyboardModifier.AltModifier:
                return partial(self._move_end, end + by)
            if held & Qt.KeyboardModifier.ControlModifier:
                return partial(self._move_start, start + by)
            return partial(self._move, start + by)
        others: dict[int, Callable[[], None]] = {
            Qt.Key.Key_Home: partial(self._move, 0.0),
            Qt.Key.Key_End: partial(self._move, self.seconds),
            Qt.Key.Key_Plus: partial(self.zoom, ZOOM, (start + end) / 2),
            Qt.Key.Key_Minus: partial(self.zoom, 1 / ZOOM, (start + end) / 2),
        }
        return others.get(key)

    # its looks

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paint_over(self, painter: QPainter, area: QRectF) -> None:
        if self.region[1] <= self.region[0]:
            return
        left, right = (self.x_of(moment) for moment in self.region)
        outside = colour("well", 0.65)
        painter.fillRect(QRectF(0, 0, left, area.height()), outside)
        painter.fillRect(QRectF(right, 0, area.width() - right, area.height()), outside)
        painter.fillRect(QRectF(left, 0, right - left, area.height()), colour("accent", 0.1))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("text"))
        grip = min(22.0, area.height() * 0.4)
        for edge in (left, right):
            x = min(max(edge, 3.0), area.width() - 3) if 0 <= edge <= area.width() else edge
            painter.drawRect(QRectF(x - 0.75, 0, 1.5, area.height()))
            painter.drawRoundedRect(QRectF(x - 2.5, area.center().y() - grip / 2, 5, grip), 2.5, 2.5)
        painter.setBrush(Qt.BrushStyle.NoBrush)
