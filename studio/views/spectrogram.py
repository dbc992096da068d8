"""The scrolling spectrogram of what is heard."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from studio.desk import Desk
from studio.keys import is_kept
from studio.theme import colour, colours
from studio.views.bands import COLUMNS_A_SECOND, HIGHEST, LOUDEST, LOWEST, QUIETEST, ROWS, Bands, decibels, hertz, note
from studio.views.model import KnownModel
from studio.views.plot import BOTTOM, Plot, across, down
from studio.views.ramp import ramp
from studio.views.tap import Piece, Tap
from studio.views.trail import Trail
from studio.widgets.panel import Panel, label

SECONDS = 10
FREQUENCIES = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
RIGHT, LEGEND = 42, 8
"""Pixels: beside the picture, and of those the legend."""
Align = Qt.AlignmentFlag


class Spectrogram(Panel):
    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("Spectrum", parent)
        self.plot = SpectrogramPlot()
        self.readout = label("", "muted")
        self.head.addWidget(self.readout)
        self.body.addWidget(self.plot)
        self.plot.pointed.connect(self.readout.setText)
        self._known = KnownModel(desk, self)
        self._known.changed.connect(self._follow_model)
        Tap(desk.instrument, self.plot, SECONDS).heard.connect(self.plot.hear)

    def _follow_model(self) -> None:
        """A style is silent above half its own rate, whatever the device's is."""
        model = self._known.model
        self.plot.set_highest(model.sample_rate / 2 if model else HIGHEST)


class SpectrogramPlot(Plot):
    """Time to the right, pitch upwards, level as colour. What is under the mouse is told in `pointed`; with the
    keyboard the arrows move what is pointed at, and Escape lets go."""

    pointed = Signal(str)
    """Frequency, note and level of what is pointed at; or nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Spectrogram of what is heard", RIGHT, parent)
        self.setToolTip("How loud each pitch is, over the last ten seconds. Point at it to read pitch and level.")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.trail = Trail(ROWS, SECONDS * COLUMNS_A_SECOND)
        self._highest = HIGHEST
        self._bands: Bands | None = None
        self._cursor: QPoint | None = None
        """What is pointed at: step and row of the trail."""
        self.say("What is heard appears here as it sounds: press Space to play.")

    def sizeHint(self) -> QSize:
        return QSize(640, 260)

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 80)

    # what is heard

    def set_highest(self, frequency: float) -> None:
        """Show pitches up to there, Hz, from now on."""
        self._highest = frequency

    def hear(self, piece: Piece) -> None:
        if piece.fresh or self._bands is None or self._bands.asked != self._highest:
            self._bands = Bands(piece.rate, self._highest)
            self.trail.clear()
            self.update()
        columns = self._bands.columns(piece.sound)
        if len(columns):
            self.say("")
            self.trail.add(columns)
            self.move_on()
            self._point()

    # what is pointed at

    def _point(self, cursor: QPoint | None = None) -> None:
        """Point at a step and row, or tell again what is there now."""
        if cursor is not None:
            limits = self.trail.steps - 1, self.trail.rows - 1
            self._cursor = QPoint(*(min(max(0, at), most) for at, most in zip(cursor.toTuple(), limits, strict=True)))
            self.move_on()
        if self._cursor is not None and self._bands is not None:
            frequency = float(self._bands.frequencies[ROWS - 1 - self._cursor.y()])
            level = decibels(int(self.trail.levels[self._cursor.y(), self._cursor.x()]))
            loud = f"{level:.0f} dB".replace("-", "−") if level > QUIETEST else "silent"
            text = f"{hertz(frequency)}  ·  {note(frequency)}  ·  {loud}"
            self.setAccessibleDescription(text)
            self.pointed.emit(text)

    def _let_go(self) -> None:
        self._cursor = None
        self.setAccessibleDescription("")
        self.pointed.emit("")
        self.move_on()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        field, at = self.field, event.position()
        if field.contains(at) and self._bands:
            x = (at.x() - field.left()) / field.width() * self.trail.steps
            y = (at.y() - field.top()) / field.height() * self.trail.rows
            self._point(QPoint(int(x), int(y)))
        elif self._cursor:
            self._let_go()

    def leaveEvent(self, event: QEvent) -> None:
        self._let_go()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._let_go()
        super().focusOutEvent(event)
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        """While it has the focus the arrows are its own, not the shortcuts that they are elsewhere."""
        return is_kept(event, lambda asked: asked.key() in _STEPS) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._cursor is not None:
            self._let_go()
        elif event.key() in _STEPS and self._bands:
            middle = QPoint(self.trail.steps - 1, ROWS // 2)
            self._point((self._cursor or middle) + QPoint(*_STEPS[Qt.Key(event.key())]))
        else:
            super().keyPressEvent(event)

    # what is seen

    def draw(self, painter: QPainter) -> None:
        field = self.field
        self.trail.draw(painter, field)
        for frequency in self._shown():
            across(painter, field, self._height(frequency, field), colour("text", 0.08))
        for second in range(2, SECONDS, 2):
            down(painter, field, field.right() - second / SECONDS * field.width(), colour("text", 0.08))
        if self._cursor is not None:
            x = field.left() + (self._cursor.x() + 0.5) / self.trail.steps * field.width()
            y = field.top() + (self._cursor.y() + 0.5) / ROWS * field.height()
            across(painter, field, y, colour("text", 0.5))
            down(painter, field, x, colour("text", 0.5))
        if self.hasFocus():
            painter.setPen(colour("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(field.adjusted(0, 0, -1, -1))

    def draw_around(self, painter: QPainter) -> None:
        field = self.field
        painter.setPen(colour("muted"))
        for frequency in self._shown():
            text = f"{frequency // 1000}k" if frequency >= 1000 else str(frequency)
            at = QPointF(field.left() - 6, self._height(frequency, field))
            self.write(painter, at, text, Align.AlignRight | Align.AlignVCenter)
        bottom = field.bottom() + BOTTOM
        self.write(painter, QPointF(field.left() - 6, bottom), "Hz", Align.AlignRight | Align.AlignBottom)
        for second in range(2, SECONDS, 2):
            at = QPointF(field.right() - second / SECONDS * field.width(), bottom)
            self.write(painter, at, f"−{second} s", Align.AlignHCenter | Align.AlignBottom)
        self.write(painter, QPointF(field.right(), bottom), "now", Align.AlignRight | Align.AlignBottom)
        bar = QRectF(field.right() + 8, field.top(), LEGEND, field.height())
        pixels = ramp(colours())[::-1].copy()
        painter.drawImage(bar, QImage(pixels.data, 1, 256, 4, QImage.Format.Format_RGB32))
        for level in range(int(LOUDEST), int(QUIETEST), -20 if field.height() > 90 else -40):
            y = bar.top() + (LOUDEST - level) / (LOUDEST - QUIETEST) * bar.height()
            y = min(max(y, self.metrics.height() / 2), bar.bottom() - self.metrics.height() / 2)
            self.write(painter, QPointF(bar.right() + 5, y), f"{level}".replace("-", "−"), Align.AlignVCenter)
        self.write(painter, QPointF(bar.right() + 5, bottom), "dB", Align.AlignBottom)

    def _height(self, frequency: float, field: QRectF) -> float:
        top = self._bands.highest if self._bands else self._highest
        return field.bottom() - math.log(frequency / LOWEST) / math.log(top / LOWEST) * field.height()

    def _shown(self) -> list[int]:
        """The frequencies with a line, not too close to each other and to the ends."""
        shown: list[int] = []
        field, room = self.field, self.metrics.height()
        for frequency in FREQUENCIES:
            y = self._height(frequency, field)
            if y > room / 2 and (not shown or self._height(shown[-1], field) - y > room):
                shown.append(frequency)
        return shown


_STEPS = {
    Qt.Key.Key_Left: (-4, 0),
    Qt.Key.Key_Right: (4, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
