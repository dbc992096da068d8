"""The picture of the last five minutes: waveform, marks, the temperature, and what is selected."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.controls import Auditioning, Mark, Status
from studio.play.heard import Heard
from studio.play.marks import SIZE, MarkPainter, happened, happened_ago, mark_near
from studio.play.scale import Scale
from studio.theme import colour
from studio.widgets.waveform import wave_image
from studio.words import ago

FLAGS = SIZE + 4
"""Pixels above the waveform."""
LABELS = 15.0
"""... and below everything."""
LEAST_LANE, MOST_LANE = 14.0, 34.0
"""Of the temperature."""
USUAL = 1.5
"""The temperature that its curve leaves room for at least."""
EMPTY = "The last five minutes of what you hear appear here. Click a moment to hear it again, or to go another way."


class TimelineView(QWidget):
    """Click selects a moment, double-click asks to hear it."""

    selected_changed = Signal(object)
    """Frame of the engine's clock, or None."""
    audition = Signal()

    def __init__(self, heard: Heard, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heard = heard
        self.selected: int | None = None
        self.scale: Scale | None = None
        """None while there is nothing."""
        self.marks: tuple[Mark, ...] = ()
        self._auditioning: Auditioning | None = None
        self._painter = MarkPainter()
        self._wave: tuple[object, QImage] | None = None
        self._shown: object = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Timeline")
        self.setToolTip("Click to select a moment, double-click to hear it")

    def show_status(self, status: Status) -> None:
        """Follow the engine. Painted is only what has changed."""
        heard = self.heard
        heard.follow(status)
        self.marks, self._auditioning = status.marks, status.auditioning
        if self.selected is not None and not heard.start <= self.selected < heard.end:
            self.select(None)
        self._look()

    def select(self, frame: int | None) -> None:
        """A moment, or the nearest that is remembered; from now on there is nothing to select."""
        if frame is not None:
            frame = max(frame, self.heard.start) if frame < self.heard.end else None
        if frame != self.selected:
            self.selected = frame
            self.setAccessibleDescription(self._said())
            self.selected_changed.emit(frame)
            self._look()

    def mark_at(self, frame: int) -> Mark | None:
        return next((mark for mark in reversed(self.marks) if mark.position == frame), None)

    @property
    def listening_at(self) -> float | None:
        """The frame that is auditioned at the moment, if it is of what was heard."""
        now = self._auditioning
        return None if now is None or now.start is None else now.start + now.position * self.heard.rate

    def _said(self) -> str:
        if self.selected is None or self.scale is None:
            return "nothing selected"
        mark = self.mark_at(self.selected)
        back = f"{(self.heard.end - self.selected) / self.heard.rate:.0f} seconds ago"
        return f"{back}: {happened(mark)}" if mark else back

    def _look(self) -> None:
        """Paint, if what is to be seen has changed."""
        heard = self.heard
        some = heard.end > heard.start and self.width() > 0
        self.scale = Scale.of(heard, self.width(), self.devicePixelRatioF()) if some else None
        at = self.listening_at
        cursor = None if at is None or self.scale is None else round(self.scale.x(at))
        shown = self.scale, self.selected, self.marks, cursor, self.height()
        if shown != self._shown:
            self._shown = shown
            self.update()

    # by mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.scale:
            place = event.position()
            mark = mark_near(self.marks, self.scale, place.x()) if place.y() < FLAGS else None
            self.select(mark.position if mark else self.scale.frame(place.x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and self.scale:
            self.select(self.scale.frame(event.position().x()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.selected is not None:
            self.audition.emit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self.scale:
            mark = mark_near(self.marks, self.scale, event.pos().x())
            if mark:
                QToolTip.showText(event.globalPos(), happened_ago(mark, self.scale), self)
                return True
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut, QEvent.Type.PaletteChange, QEvent.Type.Resize):
            self._wave = self._shown = None
            self._look()
        return super().event(event)

    # its looks

    def sizeHint(self) -> QSize:
        return QSize(480, 120)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 68)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        frame = QPainterPath()
        frame.addRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        painter.fillPath(frame, colour("well"))
        small = self.font()
        small.setPixelSize(11)
        painter.setFont(small)
        painter.setClipPath(frame)
        if self.scale is None:
            painter.setPen(colour("muted"))
            words = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(area.adjusted(12, 4, -12, -4), words, EMPTY)
        else:
            self._paint(painter, area, self.scale)
        painter.setClipping(False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour("accent" if self.hasFocus() else "line"), 1))
        painter.drawPath(frame)

    def _paint(self, painter: QPainter, area: QRectF, scale: Scale) -> None:
        lane = min(max(LEAST_LANE, (area.height() - FLAGS - LABELS) * 0.24), MOST_LANE)
        floor = area.height() - LABELS
        wave = QRectF(0, FLAGS, area.width(), floor - lane - FLAGS)
        self._paint_times(painter, scale, floor)
        painter.fillRect(QRectF(0, wave.center().y() - 0.5, area.width(), 1), colour("line"))
        self._paint_wave(painter, wave, scale)
        self._paint_temperature(painter, QRectF(0, wave.bottom(), area.width(), lane), scale)
        self._painter.paint(painter, self.marks, scale, wave.bottom(), self.devicePixelRatioF())
        if self.selected is not None:
            self._paint_selected(painter, scale.x(self.selected), floor, scale)
        at = self.listening_at
        if at is not None:
            painter.fillRect(QRectF(scale.x(at) - 1, 0, 2, floor), colour("second"))

    def _paint_times(self, painter: QPainter, scale: Scale, floor: float) -> None:
        for x, text in scale.labels():
            painter.fillRect(QRectF(x - 0.5, FLAGS, 1, floor - FLAGS), colour("line", 0.6))
            painter.setPen(colour("muted"))
            centre = min(x, scale.width - 20)
            painter.drawText(QRectF(centre - 30, floor, 60, LABELS - 2), Qt.AlignmentFlag.AlignCenter, text)

    def _paint_wave(self, painter: QPainter, area: QRectF, scale: Scale) -> None:
        ratio = self.devicePixelRatioF()
        if self._wave is None or self._wave[0] != (scale, area.height()):
            columns = self.heard.columns(scale.edges(self.heard.start))
            if not len(columns):
                return
            image = wave_image(columns, round(area.height() * ratio))
            image.setDevicePixelRatio(ratio)
            self._wave = (scale, area.height()), image
        image = self._wave[1]
        painter.drawImage(QPointF(area.right() - image.width() / ratio, area.top()), image)

    def _paint_temperature(self, painter: QPainter, lane: QRectF, scale: Scale) -> None:
        painter.fillRect(QRectF(0, lane.top(), lane.width(), 1), colour("line"))
        edges = scale.edges(self.heard.start)
        if len(edges) < 2:
            return
        values = self.heard.temperatures(edges[:-1])
        turns = np.concatenate([[0], np.flatnonzero(np.diff(values)) + 1])
        top = max(USUAL, float(values.max()) * 1.05)
        line = QPolygonF()
        for at, value in zip(edges[turns].tolist(), values[turns].tolist(), strict=True):
            y = lane.bottom() - 1 - value / top * (lane.height() - 4)
            if line:
                line.append(QPointF(scale.x(at), line.last().y()))
            line.append(QPointF(scale.x(at), y))
        line.append(QPointF(lane.right(), line.last().y()))
        below = QPolygonF([*line, QPointF(lane.right(), lane.bottom()), QPointF(line.first().x(), lane.bottom())])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("second", 0.14))
        painter.drawPolygon(below)
        painter.setPen(QPen(colour("second"), 1.25))
        painter.drawPolyline(line)
        painter.setPen(colour("muted"))
        where = lane.adjusted(6, 1, 0, 0)
        painter.drawText(where, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "Temperature")

    def _paint_selected(self, painter: QPainter, x: float, floor: float, scale: Scale) -> None:
        painter.fillRect(QRectF(x, 0, scale.width - x, floor), colour("text", 0.07))
        painter.fillRect(QRectF(x - 0.75, 0, 1.5, floor), colour("text"))
        assert self.selected is not None
        text = ago((scale.end - self.selected) / scale.rate)
        width = painter.fontMetrics().horizontalAdvance(text) + 10
        left = x + 3 if x + 3 + width < scale.width else x - 3 - width
        pill = QRectF(left, FLAGS + 2, width, 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("raised"))
        painter.drawRoundedRect(pill, 4, 4)
        painter.setPen(colour("text"))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)
