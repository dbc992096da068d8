"""What the network thinks: the chances of the next step of the wave as they move, and how sure it is."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from engine.controls import Status
from models.quantizer import Quantizer
from studio.desk import Desk
from studio.instrument import FRAMES_A_SECOND
from studio.theme import colour
from studio.views.model import KnownModel
from studio.views.plot import BOTTOM, Plot, across, polyline, stroke
from studio.views.trail import Trail
from studio.widgets.panel import Panel

Floats = npt.NDArray[np.float32]

SECONDS = 5
MOST_ROWS = 256
DECADES = 4.0
"""From the darkest to the brightest: chances of 1 in 10,000 to 1."""
SHRINKING = 0.95
"""What is left of the curve's scale at each frame of the screen, once it is flatter."""
TOLD_EVERY = 6
"""Frames of the screen: a number that changes faster cannot be read."""
SURENESS = ((0.12, "sure"), (0.3, "fairly sure"), (0.5, "wavering"), (1.0, "unsure"))
"""Up to that share of the most bits that there can be."""
AMPLITUDES = (0, -20, -40)
"""dBFS, of marks above and below the middle."""
PLAY = (
    "While it plays you see here where the wave may go next, how likely each way is, and how sure the network is. "
    "Press Space to play."
)
COLD = (
    "At temperature 0 the network always takes the likeliest step: there is no chance to show. "
    "Turn the temperature up to see it choose."
)
Align = Qt.AlignmentFlag


class Chances(Panel):
    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("What the network thinks", parent)
        self.plot = ChancesPlot()
        self.body.addWidget(self.plot)
        self._instrument = desk.instrument
        self._written, self._time = -1, -1
        """The engine's clock, in frames of sound and in steps of the trail."""
        self._known = KnownModel(desk, self)
        self._known.changed.connect(self._follow_model)
        desk.instrument.updated.connect(self._follow)

    def _follow_model(self) -> None:
        model = self._known.model
        # with pre-emphasis a code says how far the wave goes from where it would fall back to, not how high it is
        heights = Quantizer(model.quantizer, model.levels) if model and not model.emphasis else None
        self.plot.set_quantizer(heights)

    def _follow(self, status: Status) -> None:
        if not self.isVisible():
            return
        if not self._instrument.playing or not len(status.distribution):
            self.plot.say(PLAY)
        elif status.temperature == 0:
            self.plot.say(COLD)
        elif status.written != self._written:
            self._written = status.written
            before, self._time = self._time, status.written * FRAMES_A_SECOND // status.rate
            steps = self._time - before
            if not 0 <= steps <= FRAMES_A_SECOND:  # it was not seen meanwhile, or the clock is another
                self.plot.clear()
                steps = 1
            self.plot.add(status.distribution, status.entropy, steps)


class ChancesPlot(Plot):
    """Up and down as in the wave: the chances of the last seconds as colour, those of now as a curve to their right,
    and below the entropy over the same time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Chances of the next step of the wave", parent=parent)
        self.setToolTip(
            "At each step the network weighs how likely every way on of the wave is, then draws one by chance: the "
            "fewer bits, the surer it is what comes next; a higher temperature makes it less sure."
        )
        self.most_bits = 0.0
        """The entropy if every step were as likely as any other."""
        self.told = "", ""
        """How sure it is, as bits and as a word."""
        self.now: Floats = np.zeros(0, np.float32)
        """float32 [levels]"""
        self._heights: list[tuple[int, float]] = []
        """dBFS, above and below the middle, and shares of the plot's height."""
        self._ceiling = 0.0
        """The chance that is as wide as the curve's place."""
        self.trail = Trail(1, SECONDS * FRAMES_A_SECOND)
        self.bits = np.full(self.trail.steps, np.nan)
        """At the steps of the trail; NaN where nothing is known."""
        self._untold = 0
        self.say(PLAY)

    def sizeHint(self) -> QSize:
        return QSize(260, 200)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 100)

    # what it thinks

    def set_quantizer(self, quantizer: Quantizer | None) -> None:
        """That of the distributions to come, to tell which height of the wave a level is; None where it is none."""
        self._heights = []
        if quantizer is not None:
            for level in AMPLITUDES:
                for sign in (1, -1):
                    position = float(quantizer.position(np.array(sign * 10 ** (level / 20))))
                    self._heights.append((level, (position + 0.5) / quantizer.levels))
        self.update()

    def clear(self) -> None:
        """Forget the past."""
        self.trail.clear()
        self.bits[:] = np.nan
        self._untold = TOLD_EVERY

    def add(self, chances: Floats, entropy: float, steps: int) -> None:
        """chances: float32 [levels]; entropy: bits; steps: of the trail since the last ones."""
        if len(chances) != len(self.now):
            self.most_bits = math.log2(len(chances))
            self.trail = Trail(min(len(chances), MOST_ROWS), self.trail.steps)
            self.clear()
            self.update()
        self.now = chances
        self._ceiling = max(float(chances.max()), self._ceiling * SHRINKING)
        # levels that share a row: the chance of any of them
        rows = np.add.reduceat(chances, np.arange(self.trail.rows) * len(chances) // self.trail.rows)
        shade = np.rint(np.clip(1 + np.log10(np.maximum(rows, 1e-9)) / DECADES, 0, 1) * 255).astype(np.uint8)
        self.trail.add(np.repeat(shade[None, ::-1], steps, axis=0))
        self.bits = np.append(self.bits, np.full(steps, entropy))[steps:]
        self._untold += steps
        if self._untold >= TOLD_EVERY and steps:
            self._tell()
        self.say("")
        self.move_on()

    def _tell(self) -> None:
        self._untold = 0
        lately = float(np.nanmean(self.bits[-TOLD_EVERY:]))
        word = next(word for most, word in SURENESS if lately <= most * self.most_bits + 1e-3)
        self.told = f"{lately:.1f} bits", word
        self.setAccessibleDescription(word)

    # what is seen

    def draw(self, painter: QPainter) -> None:
        field, curve, bits = self.places()
        self.fill_well(painter, curve)
        self.fill_well(painter, bits)
        self.trail.draw(painter, field)
        for y in (field.center().y(), *(y for _, y in self.marks(field))):
            across(painter, field.united(curve), y, colour("text", 0.12))
        self._draw_curve(painter, curve)
        x = np.linspace(bits.left(), bits.right(), len(self.bits))
        seen = ~np.isnan(self.bits)
        y = bits.bottom() - 2 - self.bits[seen] / self.most_bits * (bits.height() - 4)
        stroke(painter, polyline(x[seen], y), colour("second"))
        middle = QPointF(curve.center().x(), bits.center().y())
        for text, ink, side in zip(self.told, ("text", "muted"), (Align.AlignBottom, Align.AlignTop), strict=True):
            painter.setPen(colour(ink))
            self.write(painter, middle, text, Align.AlignHCenter | side)

    def places(self) -> tuple[QRectF, QRectF, QRectF]:
        """Of the trail, the curve and the entropy."""
        whole = self.field
        below = min(40.0, whole.height() * 0.25)
        field = whole.adjusted(0, 0, -0.34 * whole.width(), -below - 4)
        curve = QRectF(field.right() + 2, 0, whole.right() - field.right() - 2, field.height())
        return field, curve, QRectF(field.left(), field.bottom() + 4, field.width(), below)

    def _draw_curve(self, painter: QPainter, place: QRectF) -> None:
        # where nothing is likely the line is just outside
        painter.setClipRect(place)
        y = place.bottom() - (np.arange(len(self.now)) + 0.5) / len(self.now) * place.height()
        x = place.left() - 2 + self.now.astype(np.float64) / self._ceiling * (place.width() - 2)
        ends = np.array([place.left() - 2])
        filled = polyline(np.concatenate([ends, x, ends]), np.concatenate([y[:1], y, y[-1:]]))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("accent", 0.3))
        painter.drawPolygon(filled)
        stroke(painter, polyline(x, y), colour("accent"))
        painter.setClipping(False)

    def draw_around(self, painter: QPainter) -> None:
        field, _, bits = self.places()
        painter.setPen(colour("muted"))
        room = self.metrics.height()
        for level, y in self.marks(field):
            text = "0 dB" if level == 0 else f"−{-level}"
            at = QPointF(field.left() - 6, self._readable(field, y))
            self.write(painter, at, text, Align.AlignRight | Align.AlignVCenter)
        if bits.height() > 2 * room:
            self.write(
                painter, bits.topLeft() - QPointF(6, 0), f"{self.most_bits:.0f} bit", Align.AlignRight | Align.AlignTop
            )
        self.write(painter, bits.bottomLeft() - QPointF(6, 0), "0", Align.AlignRight | Align.AlignBottom)
        bottom = bits.bottom() + BOTTOM
        for second in range(2, SECONDS, 2):
            at = QPointF(bits.right() - second / SECONDS * bits.width(), bottom)
            self.write(painter, at, f"−{second} s", Align.AlignHCenter | Align.AlignBottom)
        self.write(painter, QPointF(bits.right(), bottom), "now", Align.AlignRight | Align.AlignBottom)

    def marks(self, field: QRectF) -> list[tuple[int, float]]:
        """Heights of the wave, dBFS, and where they are: not too close to each other."""
        marks: list[tuple[int, float]] = []
        for level, height in self._heights:
            y = field.bottom() - height * field.height()
            told = self._readable(field, y)
            if all(abs(told - self._readable(field, other)) > self.metrics.height() for _, other in marks):
                marks.append((level, y))
        return marks

    def _readable(self, field: QRectF, y: float) -> float:
        """Where the text of a mark at y is not cut off."""
        room = self.metrics.height() / 2
        return min(max(y, room), field.bottom() - room)
