"""Where a picture of a wave begins, so that a periodic one stands still."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

Doubles = npt.NDArray[np.float64]

SMOOTHING_SECONDS = 0.001
HYSTERESIS = 0.2
"""Of the peak: so far below the middle the wave must have been before it rises through it."""
ALIKE = 0.001
"""Of likeness, from -1 to 1: those so near to the best are as good, and the newest of them is taken."""


class Trigger:
    """Of the edges where the wave rises through the middle, that which looks most like the last picture: many waves
    rise more than once in a period."""

    def __init__(self, rate: int, window: int) -> None:
        """rate: Hz; window: samples of a picture."""
        kernel = np.hanning(max(3, round(SMOOTHING_SECONDS * rate)) + 2)[1:-1]
        self._kernel = kernel / kernel.sum()
        self._window = window
        self._last = np.zeros(window)

    def find(self, mono: npt.NDArray[np.floating]) -> float | None:
        """The sample of `mono`, between two of them too, from which to show a window of it; none where it does not
        rise through the middle."""
        smooth = np.convolve(mono, self._kernel, "same")
        edges = self._edges(smooth[: len(smooth) - self._window + 1])
        if not len(edges):
            return None
        pictures = sliding_window_view(smooth, self._window)[edges]
        likeness = pictures @ self._last / (np.linalg.norm(pictures, axis=1) + 1e-12)
        at = int(edges[np.flatnonzero(likeness >= likeness.max() - ALIKE)[-1]])
        self._last = smooth[at : at + self._window] / (np.linalg.norm(smooth[at : at + self._window]) + 1e-12)
        return at - float(smooth[at] / (smooth[at + 1] - smooth[at]))

    @staticmethod
    def _edges(smooth: Doubles) -> npt.NDArray[np.intp]:
        """Of each rise the last sample below the middle."""
        rises = np.flatnonzero((smooth[:-1] < 0) & (smooth[1:] >= 0))
        if not len(rises):
            return rises
        # the deepest point since the rise before; a wave that only trembles about the middle was never deep
        depths = np.minimum.reduceat(smooth[: rises[-1] + 1], np.concatenate([[0], rises[:-1] + 1]))
        deep: npt.NDArray[np.intp] = rises[depths < -HYSTERESIS * np.abs(smooth).max()]
        return deep
