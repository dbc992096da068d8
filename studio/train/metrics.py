"""The lines of metrics.jsonl as arrays, and what a plot needs of them. NumPy alone, any thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Line = Mapping[str, Any]

NAMES = ("step", "steps", "bits", "bits_valid", "learning_rate", "samples_per_second", "seconds", "seconds_left")
MOST_SMOOTHING = 0.2
"""Share of all lines that are averaged at the most."""


class Metrics:
    """Grows as the lines do."""

    def __init__(self) -> None:
        self._known, self._last = 0, dict[str, Any]()
        """Lines looked at, and the last of them."""
        self._columns: dict[str, list[float]] = {name: [] for name in NAMES}
        self._arrays: dict[str, Floats] = {name: np.zeros(0) for name in NAMES}
        self._minutes: Floats | None = None

    def take(self, lines: Sequence[Line]) -> None:
        """All lines so far. Only those that are new are looked at, where the others are what they were."""
        known = self._known
        if known and (len(lines) < known or lines[known - 1] != self._last):
            self._known, self._columns = 0, {name: [] for name in NAMES}
        for line in lines[self._known :]:
            self._add(line)
        self._known, self._last = len(lines), dict(lines[-1]) if lines else {}
        self._arrays = {name: np.array(column) for name, column in self._columns.items()}
        self._minutes = None

    def __len__(self) -> int:
        return len(self._arrays["step"])

    def __getitem__(self, name: str) -> Floats:
        """float64 [lines]; NaN where a line does not say. Not to be written to."""
        return self._arrays[name]

    @property
    def steps(self) -> int:
        """That there will be; 0 where it is not known."""
        return int(self._last.get("steps") or 0)

    @property
    def minutes(self) -> Floats:
        """float64 [lines]: since the start, what lay between two sessions left out. A line holds the seconds of its
        session; lines of earlier versions do not, but an estimate of the time that is left, made of nearly that."""
        if self._minutes is None:
            self._minutes = self._time()
        return self._minutes

    def _time(self) -> Floats:
        step, left, steps = self["step"], self["seconds_left"], self["steps"]
        with np.errstate(invalid="ignore", divide="ignore"):
            each = left / (steps - step)
            passed = np.diff(self["seconds"], prepend=0.0)
            passed = np.where(passed < 0, self["seconds"], passed)  # a session begins at nought
        known = np.flatnonzero(np.isfinite(each))
        guessed = np.zeros(len(step))
        if len(known):
            each = each[known[np.searchsorted(known, np.arange(len(step)), side="right").clip(1) - 1]]
            guessed = np.diff(step, prepend=0.0) * each
        minutes: Floats = np.cumsum(np.where(np.isfinite(passed), passed, guessed)) / 60
        return minutes

    def _add(self, line: Line) -> None:
        steps = self._columns["step"]
        # a training that goes on from a checkpoint does again what it did after that
        while steps and steps[-1] >= line["step"]:
            for column in self._columns.values():
                column.pop()
        for name, column in self._columns.items():
            value = line.get(name)
            column.append(np.nan if value is None else float(value))


def smoothed(y: Floats, amount: float) -> Floats:
    """The mean of each value and those about it: as many before as after, but of the last ones, after which there are
    fewer. amount: 0 to 1, the more the smoother."""
    reach = round(amount**2 * MOST_SMOOTHING * len(y) / 2)
    if not reach:
        return y
    sums = np.concatenate([[0.0], np.cumsum(y)])
    at = np.arange(len(y))
    near = np.minimum(at, reach)
    first, after = at - near, np.minimum(at + near + 1, len(y))
    made: Floats = (sums[after] - sums[first]) / (after - first)
    return made


def thinned(x: Floats, y: Floats, most: int) -> tuple[Floats, Floats]:
    """As many points as can be seen: of each of `most` columns from the least x to the greatest, rising, the lowest and
    the highest."""
    if len(x) <= 2 * most:
        return x, y
    first = np.unique(np.searchsorted(x, np.linspace(x[0], x[-1], most + 1)[:-1]))
    pairs = np.stack([np.minimum.reduceat(y, first), np.maximum.reduceat(y, first)], axis=1)
    return np.repeat(x[first], 2), pairs.ravel()
