"""How the timeline looks: waveform, marks, the temperature under it, and what is selected."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from engine.controls import Mark
from studio.play.heard import Heard
from studio.play.marks import SIZE, MarkPainter
from studio.play.scale import Scale
from studio.theme import colour
from studio.widgets.waveform import wave_image
from studio.words import ago

FLAGS = SIZE + 4
"""Pixels at the top in which flags are; above the waveform, or where it is low over it."""
LOW = 100.0
"""Pixels of height."""
LABELS = 15.0
"""... and below everything."""
LEAST_LANE, MOST_LANE = 14.0, 34.0
"""Of the temperature."""
USUAL = 1.5
"""The temperature that its curve leaves room for at least."""


class TimelinePicture:
    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self._marks = MarkPainter()

    def floor(self, area: QRectF) -> float:
        """Where the labels begin."""
        return area.height() - LABELS

    def paint(
        self, painter: QPainter, area: QRectF, scale: Scale, marks: tuple[Mark, ...], selected: int | None
    ) -> None:
        """area: its left and top are 0."""
        ratio = painter.device().devicePixelRatioF()
        lane = min(max(LEAST_LANE, (area.height() - FLAGS - LABELS) * 0.24), MOST_LANE)
        floor = self.floor(area)
        top = FLAGS if area.height() >= LOW else 2.0
        wave = QRectF(0, top, area.width(), floor - lane - top)
        self._paint_times(painter, scale, floor)
        painter.fillRect(QRectF(0, wave.center().y() - 0.5, area.width(), 1), colour("line"))
        self._paint_wave(painter, wave, scale, ratio)
        self._paint_temperature(painter, QRectF(0, wave.bottom(), area.width(), lane), scale)
        self._marks.paint(painter, marks, scale, wave.bottom(), ratio)
        if selected is not None:
            self._paint_selected(painter, selected, floor, scale)

    def _paint_times(self, painter: QPainter, scale: Scale, floor: float) -> None:
        for x, text in scale.labels():
            painter.fillRect(QRectF(x - 0.5, FLAGS, 1, floor - FLAGS), colour("line", 0.6))
            painter.setPen(colour("muted"))
            centre = min(x, scale.width - 20)
            painter.drawText(QRectF(centre - 30, floor, 60, LABELS - 2), Qt.AlignmentFlag.AlignCenter, text)

    def _paint_wave(self, painter: QPainter, area: QRectF, scale: Scale, ratio: float) -> None:
        columns = self._heard.columns(scale.edges(self._heard.start))
        if len(columns):
            image = wave_image(columns, round(area.height() * ratio))
            image.setDevicePixelRatio(ratio)
            painter.drawImage(QPointF(area.right() - image.width() / ratio, area.top()), image)

    def _paint_temperature(self, painter: QPainter, lane: QRectF, scale: Scale) -> None:
        painter.fillRect(QRectF(0, lane.top(), lane.width(), 1), colour("line"))
        edges = scale.edges(self._heard.start)
        if len(edges) < 2:
            return
        values = self._heard.temperatures(edges[:-1])
        turns = np.concatenate([[0], np.flatnonzero(np.diff(values)) + 1])
        top = max(USUAL, float(values.max()) * 1.05)
        line = QPolygonF()
        for at, value in zip(edges[turns].tolist(), values[turns].tolist(), strict=True):
            y = lane.bottom() - 1 - value / top * (lane.height() - 4)
            if line:
                line.append(QPointF(scale.x(at), line.last().y()))
            line.append(QPointF(scale.x(at), y))
        line.append(QPointF(lane.right(), line.last().y()))
        below = QPolygonF(line)
        below.append(QPointF(lane.right(), lane.bottom()))
        below.append(QPointF(line.first().x(), lane.bottom()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("second", 0.14))
        painter.drawPolygon(below)
        painter.setPen(QPen(colour("second"), 1.25))
        painter.drawPolyline(line)
        self._paint_title(painter, lane)

    @staticmethod
    def _paint_title(painter: QPainter, lane: QRectF) -> None:
        """On a ground of its own: the curve goes behind it."""
        title = "Temperature"
        place = QRectF(1, lane.top() + 1, painter.fontMetrics().horizontalAdvance(title) + 10, lane.height() - 1)
        painter.fillRect(place, colour("well"))
        painter.setPen(colour("muted"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, title)

    def _paint_selected(self, painter: QPainter, selected: int, floor: float, scale: Scale) -> None:
        x = scale.x(selected)
        painter.fillRect(QRectF(x, 0, scale.width - x, floor), colour("text", 0.07))
        painter.fillRect(QRectF(x - 0.75, 0, 1.5, floor), colour("text"))
        text = ago((scale.end - selected) / scale.rate)
        width = painter.fontMetrics().horizontalAdvance(text) + 10
        left = x + 3 if x + 3 + width < scale.width else x - 3 - width
        pill = QRectF(left, FLAGS + 2, width, 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("raised"))
        painter.drawRoundedRect(pill, 4, 4)
        painter.setPen(colour("text"))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)
