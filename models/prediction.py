"""Linear prediction from what was just heard: the sum of the last `order` samples, each times a coefficient that is
fitted anew, every few milliseconds, to the last `window` samples.

It knows what a network would take days to learn: how the partials that ring go on. A SampleRNN may be given it as one
more input (ModelConfig.prediction_order); what is drawn, and how far from what was predicted, stays the network's.
NumPy, float64; engine/native.c does the same for live playing.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from models.config import ModelConfig
from models.quantizer import Quantizer

Doubles = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.int64]

RISE = 0.9
"""The share of the window that rises: what is recent counts most, and it must not end in a step."""
NOISE = 1e-5
"""Of the power, taken for noise: without it the fit to a few pure tones has no one solution."""
SILENCE = 1e-9
"""Power added, so that silence predicts silence."""


def coefficients(heard: Floats, order: int) -> Doubles:
    """Fit to sound, [n, window], latest sample last -> [n, order], for the samples after it, latest last. By
    autocorrelation and Levinson's recursion."""
    window = heard.shape[1]
    size = 1 << (window + order).bit_length()
    spectrum = np.fft.rfft(heard * taper(window), size)
    correlation = np.fft.irfft(spectrum.real**2 + spectrum.imag**2, size)[:, : order + 1]
    correlation[:, 0] = correlation[:, 0] * (1 + NOISE) + SILENCE
    fitted = np.zeros((len(heard), order))
    error = correlation[:, 0].copy()
    for i in range(order):
        known = fitted[:, :i]
        reflection = (correlation[:, i + 1] - np.einsum("ni,ni->n", known, correlation[:, i:0:-1])) / error
        fitted[:, :i] = known - reflection[:, None] * known[:, ::-1]
        fitted[:, i] = reflection
        error *= 1 - reflection**2
    return fitted[:, ::-1]


@cache
def taper(window: int) -> Doubles:
    """[window]: rises as a squared sine, falls as a squared cosine."""
    rise = round(RISE * window)
    up = np.sin(np.pi / 2 * (np.arange(rise) + 0.5) / rise) ** 2
    down = np.cos(np.pi / 2 * (np.arange(window - rise) + 0.5) / (window - rise)) ** 2
    return np.concatenate([up, down])


def fit(codes: npt.NDArray[Any], config: ModelConfig) -> Doubles:
    """The coefficients for the samples that follow `codes`, integers [n, window or more] -> [n, order]."""
    quantizer = Quantizer(config.quantizer, config.levels)
    return coefficients(quantizer.decode(codes[:, -config.prediction_window :]), config.prediction_order)


def guess(fitted: Doubles, codes: npt.NDArray[Any], config: ModelConfig) -> Floats:
    """What is predicted of the one sample that follows `codes`, integers [n, order or more], on the scale of codes:
    fitted [n, order] -> float32 [n]"""
    quantizer = Quantizer(config.quantizer, config.levels)
    past = quantizer.decode(codes[:, -config.prediction_order :])
    return quantizer.position(np.einsum("ni,ni->n", past, fitted)).astype(np.float32)


def predicted(codes: Codes, config: ModelConfig) -> Floats:
    """What is predicted of each code from those before it, on the scale of codes: int64 [rows, history + S], S a
    multiple of prediction_every -> float32 [rows, S]."""
    quantizer = Quantizer(config.quantizer, config.levels)
    sound = quantizer.decode(codes)
    order, window, every = config.prediction_order, config.prediction_window, config.prediction_every
    rows, first = len(codes), config.history
    fits = (codes.shape[1] - first) // every
    starts = first + np.arange(fits) * every
    heard = np.lib.stride_tricks.sliding_window_view(sound, window, axis=1)[:, starts - window]
    fitted = coefficients(heard.reshape(-1, window), order).reshape(rows, fits, order, 1)
    # of every sample of a stretch, the `order` samples before it
    pasts = np.lib.stride_tricks.sliding_window_view(sound, order, axis=1)[:, first - order : -1]
    guesses = pasts.reshape(rows, fits, every, order).astype(np.float64) @ fitted
    return quantizer.position(guesses.reshape(rows, -1)).astype(np.float32)
