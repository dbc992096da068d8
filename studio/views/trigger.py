"""Where a picture of a wave begins, so that a periodic one stands still."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

Doubles = npt.NDArray[np.float64]

SMOOTHING_SECONDS = 0.001
HYSTERESIS = 0.15
"""Of the peak: an edge is where the wave rises through so much above the middle, after it was so far below."""
ALIKE = 0.001
"""Of likeness, from -1 to 1: those so near to the best are as good, and the newest of them is taken."""


class Trigger:
    """Of the rising edges of a wave, that which looks most like the last picture: many waves rise more than once in a
    period."""

    def __init__(self, rate: int, window: int) -> None:
        """rate: Hz; window: samples of a picture."""
        kernel = np.hanning(max(3, round(SMOOTHING_SECONDS * rate)) + 2)[1:-1]
        self._kernel = kernel / kernel.sum()
        self._window = window
        self._last = np.zeros(window)

    def find(self, mono: npt.NDArray[np.floating]) -> float | None:
        """The sample of `mono`, between two of them too, from which to show a window of it; none where it has no
        edge."""
        smooth = np.convolve(mono, self._kernel, "same")
        level = HYSTERESIS * float(np.abs(smooth).max())
        edges = _edges(smooth[: len(smooth) - self._window], level)
        if not len(edges):
            return None
        pictures = sliding_window_view(smooth, self._window)[edges]
        pictures = pictures / (np.linalg.norm(pictures, axis=1, keepdims=True) + 1e-12)
        likeness = pictures @ self._last
        chosen = np.flatnonzero(likeness >= likeness.max() - ALIKE)[-1]
        self._last = pictures[chosen]
        at = int(edges[chosen])
        return at + float((level - smooth[at]) / (smooth[at + 1] - smooth[at]))


def _edges(smooth: Doubles, level: float) -> npt.NDArray[np.intp]:
    """Of each rise through `level`, after the wave was below its negative, the last sample before."""
    rises = np.flatnonzero((smooth[:-1] < level) & (smooth[1:] >= level))
    if not len(rises):
        return rises
    depths = np.minimum.reduceat(smooth[: rises[-1] + 1], np.concatenate([[0], rises[:-1] + 1]))
    deep: npt.NDArray[np.intp] = rises[depths < -level]
    return deep
