"""Where a style begins to play when nothing is given to go on from: moments of the recordings it learned from.

A network trained for hours on music has met silence at the beginning of a recording a few hundred times, and the
middle of music a hundred thousand times: from the first it stumbles, from the second it plays on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from models.codec import Codec
from models.dataset import FULL_SCALE, DataSet
from models.network import SampleRNN

HEARD_SECONDS = 4.0
"""What the network hears before a moment, to be where it would be there."""
LEVEL_SECONDS = 0.1
APART = 8
"""One stretch in so many is looked through for its loudest moment, which is no pause; the others lie between."""


@dataclass(frozen=True)
class Openings:
    """K of them, in the order of the recordings."""

    codes: npt.NDArray[np.uint16]
    """[K, history]: what was heard last"""
    h: tuple[npt.NDArray[np.float32], ...]
    """per tier [K, N, state units]: where the network is then"""


@torch.no_grad()
def find_openings(network: SampleRNN, data: DataSet, count: int) -> Openings | None:
    """So many moments of the train split, evenly spread over what is long enough (none if nothing is)."""
    config = network.config
    heard = round(HEARD_SECONDS * config.sample_rate / config.step) * config.step
    size, look = config.history + heard, round(LEVEL_SECONDS * config.sample_rate)
    pcm, spans = data.pcm("train"), data.recordings("train")
    ends = np.array([end for r in spans for end in range(r.start + size + 1, r.start + r.samples, look)], np.int64)
    if not len(ends):
        return None

    def power(end: int) -> float:
        return float(np.square(pcm[end - look : end].astype(np.float64)).mean())

    stretches = np.array_split(ends, count * APART)[::APART]
    chosen = [max(stretch.tolist(), key=power) for stretch in stretches if len(stretch)]
    # a sample's code depends on the one before it
    codes = Codec(config).encode(np.stack([pcm[end - size - 1 : end] for end in chosen]) / FULL_SCALE)[:, 1:]
    read = torch.from_numpy(codes[:, config.history - config.lookback :])
    state = network.walk(read, 0, heard, network.start(len(codes)))
    return Openings(
        codes[:, -config.history :].astype(np.uint16),
        tuple(np.ascontiguousarray(h.numpy().transpose(1, 0, 2)) for h in state.h),
    )
