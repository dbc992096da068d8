"""Two baselines without a network: how often each code occurs, and a linear predictor."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.config import ModelConfig
from models.dataset import DataSet, Split
from models.quantizer import Quantizer
from models.recordings import codes_of_split

Codes = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]

ORDER = 32
WINDOW = 1024
EVERY = 16
SCALE_DECAY = 0.97
"""A sample, of the running mean of the errors that the width of the next one's distribution is told from."""
LEAST_SCALE = 1e-5
NOISE = 1e-6
FITS = 4096
"""Fitted at once: a bound on memory."""


def histogram_bits(data: DataSet, split: Split, model: ModelConfig) -> float:
    """Bits a sample by how often each code occurs in the train split. Raises InputError if a split is empty."""
    counts = np.ones(model.levels)
    for codes in codes_of_split(data, "train", model):
        counts += np.bincount(codes, minlength=model.levels)
    chances = counts / counts.sum()
    scored = np.concatenate(codes_of_split(data, split, model))
    return float(-np.log2(chances[scored]).mean())


def predictor_bits(data: DataSet, split: Split, model: ModelConfig) -> float:
    """Bits a sample by a linear predictor of order 32, fitted every 16 samples to the past 1,024: a Gaussian around
    what it predicts, as wide as its last errors say, summed over each code's cell. Raises InputError if the split is
    empty."""
    recordings = codes_of_split(data, split, model)
    bits = sum(float(_bits(codes, model).sum()) for codes in recordings)
    return bits / sum(map(len, recordings))


def _bits(codes: Codes, model: ModelConfig) -> Doubles:
    """int64 [samples] -> bits of each."""
    quantizer = Quantizer(model.quantizer, model.levels)
    sound = quantizer.decode(codes).astype(np.float64)
    errors = sound - _predicted(sound)
    # the width of a sample's distribution is told from the errors before it, never its own
    power, scales = 1e-4, np.empty(len(sound))
    for i, error in enumerate(errors):
        scales[i] = power
        power = SCALE_DECAY * power + (1 - SCALE_DECAY) * error * error
    scale = np.sqrt(scales) + LEAST_SCALE
    values = quantizer.decode(np.arange(model.levels)).astype(np.float64)
    edges = np.concatenate([[-np.inf], (values[1:] + values[:-1]) / 2, [np.inf]])
    centre = sound - errors
    inside = _normal((edges[codes + 1] - centre) / scale) - _normal((edges[codes] - centre) / scale)
    # a little for every code, as a distribution that is to be used must have
    bits: Doubles = -np.log2(0.999 * np.maximum(inside, 0) + 0.001 / model.levels)
    return bits


def _predicted(sound: Doubles) -> Doubles:
    """Each sample from those before it, float64 [samples]."""
    padded = np.concatenate([np.zeros(WINDOW), sound, np.zeros(-len(sound) % EVERY)])
    fits = (len(padded) - WINDOW) // EVERY
    guesses = np.empty((fits, EVERY))
    pasts = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::EVERY]
    recent = np.lib.stride_tricks.sliding_window_view(padded[WINDOW - ORDER :], ORDER)[: fits * EVERY]
    for first in range(0, fits, FITS):
        some = slice(first, min(fits, first + FITS))
        fitted = _fit(pasts[some])
        guesses[some] = np.einsum("fso,fo->fs", recent.reshape(fits, EVERY, ORDER)[some], fitted, optimize=True)
    return guesses.reshape(-1)[: len(sound)]


def _fit(past: Doubles) -> Doubles:
    """[fits, WINDOW] -> coefficients [fits, ORDER], latest last: autocorrelation of the Hann-windowed past."""
    spectrum = np.fft.rfft(past * np.hanning(WINDOW), 2 * WINDOW)
    correlation = np.fft.irfft(spectrum.real**2 + spectrum.imag**2)[:, : ORDER + 1]
    correlation[:, 0] = correlation[:, 0] * (1 + NOISE) + 1e-12
    lags = np.abs(np.arange(ORDER)[:, None] - np.arange(ORDER))
    solved = np.linalg.solve(correlation[:, lags], correlation[:, 1:, None])
    return np.asarray(solved[:, ::-1, 0], np.float64)


def _normal(x: Doubles) -> Doubles:
    """The cumulative normal distribution, to 1e-7 (Abramowitz and Stegun 26.2.17)."""
    t = 1 / (1 + 0.2316419 * np.abs(x))
    tail = np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
    tail *= t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    below: Doubles = np.where(x > 0, 1 - tail, tail)
    return below
