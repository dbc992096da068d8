"""The recordings of a data set as a model's codes, for scoring."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from models.codec import Codec
from models.config import ModelConfig
from models.dataset import FULL_SCALE, DataSet, Split
from models.errors import InputError

ROWS = 8
"""Recordings scored side by side."""


def codes_of_split(
    data: DataSet, split: Split, model: ModelConfig, seconds: float | None = None
) -> list[npt.NDArray[np.int64]]:
    """The codes of each recording of a split, int64 [samples] each, the longest first; with `seconds`, only
    the beginnings of the recordings, that much in all.

    Raises InputError if the split is empty or the data set's rate is not the model's.
    """
    recordings = data.recordings(split)
    if not recordings:
        raise InputError(f"{data.path}: its {split} split is empty; add recordings and prepare it again")
    if data.rate != model.sample_rate:
        raise InputError(f"{data.path} is at {data.rate} Hz, the model at {model.sample_rate} Hz; prepare it again")
    limit = None if seconds is None else max(1, int(seconds * data.rate / len(recordings)))
    pcm, codec = data.pcm(split), Codec(model)
    spans = [pcm[r.start : r.start + r.samples][:limit] for r in recordings]
    return sorted((codec.encode(span.astype(np.float32) / FULL_SCALE) for span in spans), key=len, reverse=True)


def batches(
    recordings: list[npt.NDArray[np.int64]], multiple: int, silence: int
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]]:
    """Recordings of like length side by side, padded at the end to a multiple of samples: codes
    int64 [rows, samples], and which of them are real, bool [rows, samples]."""
    for first in range(0, len(recordings), ROWS):
        group = recordings[first : first + ROWS]
        length = -(-len(group[0]) // multiple) * multiple
        codes = np.full((len(group), length), silence, np.int64)
        real = np.zeros((len(group), length), bool)
        for row, recording in enumerate(group):
            codes[row, : len(recording)], real[row, : len(recording)] = recording, True
        yield codes, real
