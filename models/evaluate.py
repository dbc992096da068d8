"""How well a network predicts recordings it is given: bits a sample, teacher-forced over whole files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from models.dataset import DataSet, Split
from models.network import SampleRNN, nll_bits
from models.recordings import batches, codes_of_split

CHUNK_SECONDS = 0.5


@dataclass(frozen=True)
class Score:
    bits: float
    """Negative log2-likelihood a sample, the mean over all of them."""
    samples: int


@torch.no_grad()
def evaluate(
    network: SampleRNN,
    data: DataSet,
    split: Split,
    seconds: float | None = None,
    progress: Callable[[float], None] = lambda fraction: None,
) -> Score:
    """Score a split, each recording from silence and the learned h0, the state carried to its end.

    progress: called with the fraction done. Raises InputError as `codes_of_split` does.
    """
    config, device = network.config, next(network.parameters()).device
    recordings = codes_of_split(data, split, config, seconds)
    total = sum(len(recording) for recording in recordings)
    chunk = -(-int(CHUNK_SECONDS * config.sample_rate) // config.step) * config.step
    bits, done = 0.0, 0
    for codes, real in batches(recordings, config.step, config.levels // 2):
        silence = np.full((len(codes), config.history), config.levels // 2, np.int64)
        row = torch.from_numpy(np.concatenate([silence, codes], 1)).to(device)
        state = network.start(len(codes))
        for start in range(0, codes.shape[1], chunk):
            part = row[:, start : start + config.history + chunk]
            logits, state = network(part, state)
            scored = nll_bits(logits, part[:, config.history :])
            counted = torch.from_numpy(real[:, start : start + chunk]).to(device)
            bits += float(scored[counted].double().sum())
            done += int(counted.sum())
            progress(done / total)
    return Score(bits / total, total)
