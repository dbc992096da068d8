"""How a training goes: its bits, and its learning rate or its speed, over the steps or over time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QGridLayout, QSlider, QStackedWidget, QWidget

from studio.train.metrics import Floats, Line, Metrics, smoothed, thinned
from studio.train.plots import Plots
from studio.train.setting_row import Choice
from studio.widgets.elided import Elided
from studio.widgets.panel import column, label, row
from studio.words import clock

COLUMNS, POINTS = 1000, 120
"""That are drawn at the most."""
LEAST, WIDTH = 60, 170
"""Pixels, of a choice, at the least and at the most."""
EARLY = 2.0
"""Per cent of the lines that may lie above the plot: the first fall from so high that the rest would be flat."""
OVER = {"steps": "Steps", "minutes": "Minutes"}
SCALES = {"linear": "Linear", "log": "Log", "both": "Log both ways"}
OTHERS = {"learning_rate": "Learning rate", "samples_per_second": "Samples a second"}
NOTHING = "The curves begin with the first report of the training, after a few steps. The lower they fall, the better."
BITS = (
    "Bits a sample: how surprised the network is by each sample of the recordings. The line is of those that it learns "
    "from, the points are of those that it does not. Once the points rise while the line falls, it learns by heart."
)


class Curves(QWidget):
    """GUI thread."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._metrics = Metrics()
        self._x = np.zeros(0)
        """Of each line, as it is plotted."""
        self._told: int | None = None
        """The line that is told; none: the last."""
        self.over, self.scale, self.other = (_box(choices) for choices in (OVER, SCALES, OTHERS))
        self.smoothing = QSlider(Qt.Orientation.Horizontal)
        self.plots = Plots()
        self.told = Elided("muted"), Elided("muted")
        self._below = label("", "below")
        self.empty = label(NOTHING, "drop")
        self._stack = QStackedWidget()
        self._build()
        self._connect()

    def show_lines(self, lines: Sequence[Line]) -> None:
        """All lines of metrics.jsonl so far, of one run; called again with more of them only those are read."""
        self._metrics.take(lines)
        self._stack.setCurrentIndex(1 if len(self._metrics) else 0)
        self._draw()

    def _build(self) -> None:
        outer = column(6, parent=self)
        shown = QWidget()
        inner = column(6, parent=shown)
        head = row(12)
        title = label("Bits", "title")
        title.setToolTip(f"<p>{BITS}</p>")
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(label("— train", "left"))
        head.addWidget(label("● validation", "right"))
        head.addWidget(self._below)
        inner.addLayout(head)
        inner.addWidget(self.plots, 1)
        for line in self.told:
            inner.addWidget(line)
        inner.addLayout(self._options())
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(shown)
        outer.addWidget(self._stack)
        self.plots.setAccessibleName("Curves of the training")

    def _options(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        self.smoothing.setRange(0, 100)
        self.smoothing.setValue(20)
        parts = (("Over", self.over), ("Scale", self.scale), ("Below", self.other), ("Smooth", self.smoothing))
        for k, (name, part) in enumerate(parts):
            part.setAccessibleName(name)
            grid.addWidget(label(name, "muted"), k // 2, k % 2 * 2)
            part.setMinimumWidth(LEAST)
            part.setMaximumWidth(WIDTH)
            grid.addWidget(part, k // 2, k % 2 * 2 + 1)
        for at in (1, 3):
            grid.setColumnStretch(at, 1000)
        grid.setColumnStretch(4, 1)
        return grid

    def _connect(self) -> None:
        for box in (self.over, self.scale, self.other):
            box.currentIndexChanged.connect(lambda k: self._draw())
        self.smoothing.valueChanged.connect(lambda value: self._draw())
        self.plots.hovered.connect(self._hover)
        self.plots.moved.connect(
            lambda by: self._tell((len(self._metrics) - 1 if self._told is None else self._told) + by)
        )
        self.plots.ended.connect(lambda last: self._tell(len(self._metrics) - 1 if last else 0))

    def _draw(self) -> None:
        metrics = self._metrics
        if not len(metrics):
            return
        scale, other = self.scale.currentData(), self.other.currentData()
        x = metrics["step"] if self.over.currentData() == "steps" else metrics.minutes
        bits, valid, below = metrics["bits"], metrics["bits_valid"], metrics[other]
        logarithmic = scale != "linear"
        self.plots.across.logarithmic = scale == "both"
        for axis in self.plots.sides:
            axis.logarithmic = logarithmic
        self._x = _logarithm(x) if scale == "both" else x
        bits, valid, below = (_logarithm(y) if logarithmic else y for y in (bits, valid, below))
        self._draw_bits(bits)
        there = np.isfinite(valid) & np.isfinite(self._x)
        self.plots.show_points(*_last_points(self._x[there], valid[there]))
        self._below.setText(f"— {OTHERS[other].lower()}")
        known = np.isfinite(below) & np.isfinite(self._x)
        self.plots.show_other(*thinned(self._x[known], below[known], COLUMNS))
        self._show_range(bits, valid, below)
        self._tell(self._told)

    def _draw_bits(self, bits: Floats) -> None:
        known = np.isfinite(bits) & np.isfinite(self._x)
        x, bits = self._x[known], bits[known]
        line = smoothed(bits, self.smoothing.value() / 100)
        self.plots.show_bits(thinned(x, bits, COLUMNS), thinned(x, line, COLUMNS))

    def _show_range(self, bits: Floats, valid: Floats, below: Floats) -> None:
        x = self._x[np.isfinite(self._x)]
        start = x[0] if self.scale.currentData() == "both" else 0.0
        low, high = _extent(bits, 100 if self.scale.currentData() == "both" else 100 - EARLY)
        if np.isfinite(valid).any():
            low, high = min(low, np.nanmin(valid)), max(high, np.nanmax(valid))
        self.plots.show_range((start, x[-1]), (low, high), _extent(below, 100))

    def _hover(self, x: float | None) -> None:
        if x is None:
            self._tell(None)
        elif len(self._x):
            self._tell(int(np.abs(np.nan_to_num(self._x, nan=np.inf) - x).argmin()))

    def _tell(self, at: int | None) -> None:
        """Say in words what is at a line; none: at the last."""
        count = len(self._metrics)
        self._told = None if at is None or not count else min(max(0, at), count - 1)
        self.plots.mark(None if self._told is None else float(self._x[self._told]))
        words = self._words(count - 1 if self._told is None else self._told) if count else ("", "")
        for line, text in zip(self.told, words, strict=True):
            line.setText(text)
        self.plots.setAccessibleDescription(", ".join(words))

    def _words(self, at: int) -> tuple[str, str]:
        """What was learned, and how fast."""
        metrics = self._metrics
        step, minutes = metrics["step"][at], metrics.minutes[at]
        valid = metrics["bits_valid"][: at + 1]
        checked = valid[np.isfinite(valid)]
        of = f" of {metrics.steps:,}" if self._told is None and metrics.steps else ""
        learned = (
            f"Step {step:,.0f}{of}",
            f"after {clock(minutes * 60)}",
            f"train {metrics['bits'][at]:.3f}" + (f", valid {checked[-1]:.3f} bits" if len(checked) else " bits"),
        )
        rate, speed = metrics["learning_rate"][at], metrics["samples_per_second"][at]
        return "  ·  ".join(learned), f"Learning rate {rate:.2g}  ·  {speed:,.0f} samples a second"


def _box(choices: dict[str, str]) -> QComboBox:
    made = Choice()
    for value, text in choices.items():
        made.addItem(text, value)
    return made


def _logarithm(values: Floats) -> Floats:
    """To the base of ten; NaN where there is none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        made: Floats = np.log10(np.where(values > 0, values, np.nan))
    return made


def _extent(values: Floats, most: float) -> tuple[float, float]:
    """The least value, and one above which there are no more than all but `most` per cent."""
    known = values[np.isfinite(values)]
    return (float(known.min()), float(np.percentile(known, most))) if len(known) else (0.0, 1.0)


def _last_points(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Every so many of them, where there are more than can be told apart."""
    every = -(-len(x) // POINTS) if len(x) else 1
    return x[::-1][::every], y[::-1][::every]
