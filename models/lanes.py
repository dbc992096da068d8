"""Which samples a training step reads: recordings walked side by side, each from its start to its end."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models.codec import Codec
from models.config import ModelConfig, TrainingConfig
from models.dataset import FULL_SCALE, DataSet
from models.errors import InputError

Codes = npt.NDArray[np.int64]
ALL = slice(None)


@dataclass
class Lane:
    recording: int
    offset: int


class Lanes:
    """`batch` lanes over the train split. A lane walks its recording chunk by chunk (what is left at the end,
    less than a chunk, is dropped) and is then dealt the next one of a shuffled pack; a pack is an epoch.
    The first recordings are entered at random places, so that lanes never march in step.

    Raises InputError if no recording is as long as a chunk.
    """

    def __init__(self, data: DataSet, model: ModelConfig, training: TrainingConfig) -> None:
        self._recordings = [r for r in data.recordings("train") if r.samples >= training.chunk]
        if not self._recordings:
            raise InputError(f"no recording to train on is as long as a chunk, {training.chunk} samples")
        self._pcm = data.pcm("train")
        self._chunk, self._history, self._seed = training.chunk, model.history, training.seed
        self._codec = Codec(model)
        self._dealt = 0
        self._pack = -1, np.zeros(0, np.int64)  # an epoch, and the order of its recordings
        self._lanes = [self._deal() for _ in range(training.batch)]
        start = np.random.default_rng(training.seed)
        for lane in self._lanes:
            chunks = self._recordings[lane.recording].samples // self._chunk
            lane.offset = int(start.integers(chunks)) * self._chunk
        self._fresh = np.ones(training.batch, dtype=bool)

    def next(self, some: slice = ALL) -> tuple[Codes, npt.NDArray[np.bool_]]:
        """codes int64 [batch, history + chunk]: each lane's next chunk behind what came before it (silence
        at a recording's start); and which lanes start afresh, bool [batch]. Of `some` lanes alone where others are
        somebody else's; all of them move on."""
        codes = np.stack([self._read(lane) for lane in self._lanes[some]])
        fresh = self._fresh[some]
        self._fresh = np.zeros_like(self._fresh)
        for i, lane in enumerate(self._lanes):
            lane.offset += self._chunk
            if lane.offset + self._chunk > self._recordings[lane.recording].samples:
                self._lanes[i] = self._deal()
                self._fresh[i] = True
        return codes, fresh

    def position(self) -> dict[str, Any]:
        """Where the lanes are, as JSON can hold it."""
        return {
            "dealt": self._dealt,
            "lanes": [asdict(lane) for lane in self._lanes],
            "fresh": self._fresh.tolist(),
        }

    def seek(self, position: dict[str, Any]) -> None:
        """Go on from what `position` gave."""
        self._dealt = position["dealt"]
        self._lanes = [Lane(**lane) for lane in position["lanes"]]
        self._fresh = np.array(position["fresh"], dtype=bool)

    @property
    def epochs(self) -> float:
        return self._dealt / len(self._recordings)

    def _deal(self) -> Lane:
        epoch, card = divmod(self._dealt, len(self._recordings))
        self._dealt += 1
        if epoch != self._pack[0]:
            self._pack = epoch, np.random.default_rng([self._seed, epoch]).permutation(len(self._recordings))
        return Lane(int(self._pack[1][card]), 0)

    def _read(self, lane: Lane) -> Codes:
        start = self._recordings[lane.recording].start + lane.offset
        before = min(self._history + 1, lane.offset)  # a sample's code depends on the one before it
        pcm = self._pcm[start - before : start + self._chunk]
        silence = np.zeros(self._history + 1 - before, pcm.dtype)
        return self._codec.encode(np.concatenate([silence, pcm]) / FULL_SCALE)[1:]
