"""A sound as a picture: how far it reaches and how strong it is, column by column. NumPy alone, any thread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Peaks:
    """float32 [columns] each, over all channels; not to be written to."""

    low: Floats
    """The least sample."""
    high: Floats
    """The greatest."""
    power: Floats
    """The mean of the squares."""

    def __len__(self) -> int:
        return len(self.low)

    @property
    def rms(self) -> Floats:
        root: Floats = np.sqrt(self.power)
        return root

    def merged(self, edges: Ints) -> Peaks:
        """Fewer columns of it: one from each edge to the next, and of at least one column where two are the same.
        edges: rising, from 0 up; the last may be the end."""
        first, after = edges[:-1], np.maximum(edges[1:], edges[:-1] + 1)
        # reduceat wants each first edge to be a column, and goes on from the last of them to the end
        low, high, power = (np.append(part, part[-1:])[: after[-1]] for part in (self.low, self.high, self.power))
        return Peaks(
            np.minimum.reduceat(low, first),
            np.maximum.reduceat(high, first),
            (np.add.reduceat(power, first, dtype=np.float64) / (after - first)).astype(np.float32),
        )

    def part(self, start: float, end: float, columns: int) -> Peaks:
        """What is between two places, counted in columns and not beyond the last, in so many columns; where there are
        fewer each comes several times."""
        return self.merged(np.linspace(start, end, columns + 1).astype(np.int64)) if len(self) else self


NOTHING = Peaks(*np.zeros((3, 0), np.float32))


def peaks(sound: Floats, frames: int) -> Peaks:
    """Of a sound, float32 [frames, channels], in columns of so many frames; what is left over is one more column."""
    whole = len(sound) // frames * frames
    parts = [sound[:whole].reshape(-1, frames * sound.shape[1])]
    if whole < len(sound):
        parts.append(sound[whole:].reshape(1, -1))
    measures = [_measured(part) for part in parts]
    return Peaks(*np.concatenate(measures, axis=1))


def _measured(rows: Floats) -> Floats:
    """float32 [rows, samples] -> [3, rows]"""
    if not len(rows):
        return np.zeros((3, 0), np.float32)
    power = np.einsum("ij,ij->i", rows, rows) / np.float32(rows.shape[1])
    return np.stack([rows.min(axis=1), rows.max(axis=1), power])


class Growing:
    """The peaks of a sound that comes block by block, in bounded memory whatever its length: when there are too many
    columns, each becomes twice as long."""

    def __init__(self, most: int = 1 << 16) -> None:
        """most: columns; even."""
        self.frames = 1
        """Of a column."""
        self.total = 0
        """Frames so far."""
        self._columns = np.zeros((3, most), np.float32)
        self._count = 0
        self._rest: Floats | None = None

    def add(self, sound: Floats) -> None:
        """float32 [frames, channels]"""
        self.total += len(sound)
        rest = sound if self._rest is None else np.concatenate([self._rest, sound])
        most = self._columns.shape[1]
        while len(rest) >= self.frames:
            new = min(len(rest) // self.frames, most - self._count)
            block = rest[: new * self.frames].reshape(new, -1)
            self._columns[:, self._count : self._count + new] = _measured(block)
            self._count += new
            rest = rest[new * self.frames :]
            if self._count == most:
                self._halve()
        self._rest = rest.copy()

    @property
    def peaks(self) -> Peaks:
        """A copy of what is known; the last column may be of fewer frames than the others."""
        parts = [self._columns[:, : self._count]]
        if self._rest is not None and len(self._rest):
            parts.append(_measured(self._rest.reshape(1, -1)))
        return Peaks(*np.concatenate(parts, axis=1))

    def _halve(self) -> None:
        low, high, power = self._columns
        self._count //= 2
        self.frames *= 2
        pairs = [low.reshape(-1, 2).min(axis=1), high.reshape(-1, 2).max(axis=1), power.reshape(-1, 2).mean(axis=1)]
        self._columns[:, : self._count] = pairs
