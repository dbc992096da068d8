"""How the engine is doing: speed, load and levels, from what the engine thread tells it."""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt

from engine.dsp import peak_dbfs

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

SMOOTHING = 0.97
"""What is left of the past after a block: about a second of memory."""
LOAD_SECONDS = 0.5


class Meter:
    """Engine thread; never blocks."""

    def __init__(self) -> None:
        self.peak = (-120.0, -120.0)
        """dBFS, left and right, of the last block"""
        self.processor = 0.0
        """Share of one core that this process uses"""
        self._sound = self._work = 0.0
        self._since = time.perf_counter(), time.process_time()

    def made(self, sound: Floats, seconds: float, work: float) -> None:
        """A block, float32 [frames, 2], so many seconds long, took `work` seconds to make."""
        self._sound = self._sound * SMOOTHING + seconds
        self._work = self._work * SMOOTHING + work
        self.heard(sound)

    def heard(self, sound: Floats) -> None:
        """A block, float32 [frames, 2], that was not made now."""
        self.peak = (peak_dbfs(sound[:, 0]), peak_dbfs(sound[:, 1]))
        wall, busy = time.perf_counter(), time.process_time()
        if wall - self._since[0] > LOAD_SECONDS:
            self.processor = (busy - self._since[1]) / (wall - self._since[0])
            self._since = wall, busy

    def rest(self) -> None:
        """Nothing is played."""
        self.__init__()  # type: ignore[misc]

    @property
    def real_time_factor(self) -> float:
        """Seconds of sound made in one second of work, lately; 0 before the first."""
        return self._sound / self._work if self._work else 0.0


def distribution(logits: Floats, temperature: float) -> tuple[Floats, Doubles]:
    """The probabilities that codes were drawn from, float32 [..., levels], and their entropies in bits [...]; of
    logits float32 [..., levels]."""
    if temperature == 0:
        greedy = np.arange(logits.shape[-1]) == logits.argmax(-1, keepdims=True)
        return greedy.astype(np.float32), np.zeros(logits.shape[:-1])
    scaled = np.asarray(logits, np.float64) / temperature
    chances = np.exp(scaled - scaled.max(-1, keepdims=True))
    chances /= chances.sum(-1, keepdims=True)
    surprise = np.log2(chances, where=chances > 0, out=np.zeros_like(chances))
    entropies: Doubles = -(chances * surprise).sum(-1)
    return chances.astype(np.float32), entropies
