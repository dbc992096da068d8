"""The waveform of the last five minutes of what was heard, and the temperature it was played at. Without Qt."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from engine.controls import MEMORY_SECONDS, Status
from studio.peaks import NOTHING, Floats, Ints, Peaks, peaks

BINS_A_SECOND = 100
MOST_AT_ONCE = 1.0
"""Seconds of sound looked at by one `follow`: catching up must not hold up the window."""


class Heard:
    """In bins of a hundredth of a second of the engine's clock; a round of them is kept. Call `follow` at each
    status."""

    def __init__(self, recall: Callable[[int, int], Floats]) -> None:
        """recall: what was heard between two frames, float32 [frames, 2]."""
        self.rate = 0
        """Hz; 0 before anything was heard."""
        self._recall = recall
        self._clear(0, 0)

    def _clear(self, rate: int, oldest: int) -> None:
        self.rate = rate
        self._bin = max(1, rate // BINS_A_SECOND)
        self._first = self._next = -(-oldest // self._bin)
        self._kept = np.zeros((3, int(MEMORY_SECONDS * rate / self._bin) + 1), np.float32)
        self._turned: list[tuple[int, float]] = []

    @property
    def start(self) -> int:
        """The first frame of the clock that there is something of."""
        return self._first * self._bin

    @property
    def end(self) -> int:
        """The frame after the last."""
        return self._next * self._bin

    @property
    def seconds(self) -> float:
        return (self.end - self.start) / self.rate if self.rate else 0.0

    def follow(self, status: Status) -> None:
        """Take over what is new. The clock may have jumped ahead, or begun anew in a new engine or at another rate."""
        if not status.rate:
            return
        if status.rate != self.rate or status.heard < self.end - status.rate:
            self._clear(status.rate, status.oldest)
        oldest = -(-status.oldest // self._bin)
        if oldest > self._next:
            self._next = oldest
        last = min(status.heard // self._bin, self._next + round(MOST_AT_ONCE * self.rate / self._bin))
        if last > self._next:
            self._take(last)
        self._first = max(self._first, oldest, self._next - self._kept.shape[1])
        self._note(status)

    def _take(self, last: int) -> None:
        sound = self._recall(self._next * self._bin, last * self._bin)
        if len(sound) < (last - self._next) * self._bin:  # the engine is closed
            return
        new = peaks(sound, self._bin)
        where = np.arange(self._next, last) % self._kept.shape[1]
        self._kept[:, where] = new.low, new.high, new.power
        self._next = last

    def _note(self, status: Status) -> None:
        """The temperature, where it has changed."""
        playing = status.state in ("playing", "reconnecting")
        if playing and (not self._turned or self._turned[-1][1] != status.temperature):
            self._turned.append((status.written, status.temperature))
        while len(self._turned) > 1 and self._turned[1][0] <= self.start:
            del self._turned[0]

    def columns(self, edges: Ints) -> Peaks:
        """The peaks from each frame of the clock to the next; all between `start` and `end`."""
        bins = np.minimum(edges // self._bin, self._next)
        if len(bins) < 2 or self._next == self._first:
            return NOTHING
        where = np.arange(bins[0], max(bins[-1], bins[0] + 1)) % self._kept.shape[1]
        return Peaks(*self._kept[:, where]).merged(bins - bins[0])

    def temperatures(self, frames: npt.NDArray[np.int64]) -> Floats:
        """What it was when each of these frames was made; before the first that is known that, and 0 where none is."""
        if not self._turned:
            return np.zeros(len(frames), np.float32)
        positions, values = zip(*self._turned, strict=True)
        made: Floats = np.array(values, np.float32)[np.maximum(np.searchsorted(positions, frames, "right") - 1, 0)]
        return made
