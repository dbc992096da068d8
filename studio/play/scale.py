"""Where on the timeline a moment is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from studio.peaks import Ints
from studio.play.heard import Heard
from studio.words import ago

SPANS = {30: 10, 60: 15, 120: 30, 300: 60}
"""Seconds that the timeline may show: seconds between two labels."""


@dataclass(frozen=True)
class Scale:
    """From the engine's clock to places and back. The waveform moves by whole columns, each of which always shows the
    same frames: so it glides and does not shimmer, and is painted no more often than that."""

    span: int
    """Seconds, of SPANS."""
    rate: int
    """Hz"""
    width: float
    """Of the timeline, in the pixels of places."""
    columns: int
    """Of the waveform, from edge to edge."""
    last: int
    """The column that has just begun at the right edge."""

    @classmethod
    def of(cls, heard: Heard, width: float, ratio: float) -> Scale:
        """The narrowest that shows all that there is. ratio: columns in a pixel of places."""
        span = next((span for span in SPANS if heard.seconds <= span), max(SPANS))
        columns = max(1, round(width * ratio))
        return cls(span, heard.rate, width, columns, int(heard.end / (span * heard.rate / columns)))

    @property
    def pace(self) -> float:
        """Frames of a column."""
        return self.span * self.rate / self.columns

    @property
    def end(self) -> float:
        """The frame at the right edge."""
        return self.last * self.pace

    def x(self, frame: float) -> float:
        return self.width * (1 - (self.end - frame) / (self.span * self.rate))

    def frame(self, x: float) -> int:
        return round(self.end - (1 - x / self.width) * self.span * self.rate)

    def edges(self, start: int) -> Ints:
        """The frames between which the columns are that show something from `start` on."""
        first = max(math.ceil(start / self.pace), self.last - self.columns)
        return (np.arange(first, self.last + 1) * self.pace).astype(np.int64)

    def labels(self) -> list[tuple[float, str]]:
        """Places and the times at them."""
        step = SPANS[self.span]
        times = [(self.width * (1 - back / self.span), ago(back)) for back in range(step, self.span, step)]
        return [(self.width, "now"), *times]
