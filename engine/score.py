"""Measures of what a style plays: bits a sample of the graph that plays (recordings forced through `step`, and what
it thought of each code), and how loud what it improvises is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from engine.kernel import Kernel
from engine.stream import Stream
from models.dataset import DataSet, Split
from models.recordings import batches, codes_of_split
from models.style import QUIETEST

Floats = npt.NDArray[np.float32]

OTHERS = 5
"""Beginnings that the second half of what it improvises has."""
FORCE = np.float32(1024)
"""Noise that makes a code certain: above any difference of logits, and small enough to keep them exact to 1e-4."""


def score_split(
    kernel: Kernel, data: DataSet, split: Split, progress: Callable[[float], None] = lambda fraction: None
) -> tuple[float, int]:
    """Bits a sample over the whole recordings of a split, and how many samples those are. Blocks. progress:
    called with the fraction done. Raises InputError if the split is empty or at another rate."""
    config = kernel.config
    recordings = codes_of_split(data, split, config)
    total, done, bits = sum(map(len, recordings)), 0, 0.0

    def count(samples: int) -> None:
        nonlocal done
        done += samples
        progress(done / total)

    for codes, real in batches(recordings, config.lookback, config.levels // 2):
        bits += score(kernel, codes, real, count)
    return bits / total, total


def score(
    kernel: Kernel,
    codes: npt.NDArray[np.int64],
    real: npt.NDArray[np.bool_],
    progress: Callable[[int], None] = lambda samples: None,
) -> float:
    """The sum of the bits of the codes [rows, samples] where `real`, each row from silence and the learned
    state; samples is a multiple of the lookback. progress: called with the samples scored."""
    config = kernel.config
    rows, lookback, levels = len(codes), config.lookback, config.levels
    frames = kernel.frames(0.1)
    padding = -codes.shape[1] % (frames * lookback)
    codes = np.pad(codes, ((0, 0), (0, padding)))
    real = np.pad(real, ((0, 0), (0, padding)))
    state, bits = kernel.start(rows), 0.0
    for start in range(0, codes.shape[1], frames * lookback):
        part = codes[:, start : start + frames * lookback]
        noise = np.zeros((part.shape[1], rows, levels), np.float32)
        np.put_along_axis(noise, part.T[..., None], FORCE, axis=2)
        block, state = kernel.step(state, noise.reshape(frames, lookback, rows, levels))
        logits = block.logits.astype(np.float64)
        logits -= logits.max(-1, keepdims=True)
        chosen = np.take_along_axis(logits, part.T[..., None], axis=2)[..., 0]
        nats = np.log(np.exp(logits).sum(-1)) - chosen
        counted = real[:, start : start + frames * lookback].T
        bits += float(nats[counted].sum() / np.log(2))
        progress(int(counted.sum()))
    return bits


def improvise(
    kernel: Kernel,
    temperature: float,
    seconds: float = 20.0,
    progress: Callable[[float], None] = lambda fraction: None,
) -> Floats:
    """What it plays by itself, always the same: float32 [samples], at its own rate and loudness. The first half is of
    one seed, the second of others, because one may be far louder than the rest. Blocks. progress: called with the
    fraction done."""
    tenth = kernel.frames(0.1)
    parts: list[Floats] = []
    tenths = round(seconds * 10)
    half = tenths - tenths // 2
    for seed, stretch in enumerate((range(half), *np.array_split(range(half, tenths), OTHERS))):
        stream = Stream(kernel, seed)
        for i in stretch:
            parts.append(stream.generate(tenth, temperature).sound[0])
            progress((i + 1) / tenths)
    return np.concatenate(parts)


def loudness(sound: Floats, rate: int) -> float:
    """dBFS, RMS, of float32 [samples] at `rate` Hz, its silent tenths of a second left out; QUIETEST if there is
    nothing else."""
    tenths = np.array_split(np.square(sound, dtype=np.float64), max(1, round(10 * len(sound) / rate)))
    powers = [float(np.mean(tenth)) for tenth in tenths]
    audible = [power for power in powers if power > 10 ** (QUIETEST / 10)]
    return 10 * float(np.log10(np.mean(audible))) if audible else QUIETEST
