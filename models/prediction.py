"""Linear prediction from what was just heard: the sum of the last `order` samples, each times a coefficient that is
fitted anew, every few milliseconds, to the last `window` samples.

It knows what a network would take days to learn: how the partials that ring go on. A SampleRNN may be given it as one
more input (ModelConfig.prediction_order); what is drawn, and how far from what was predicted, stays the network's.
NumPy, float64; engine/predict.c does the same for live playing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from models.config import ModelConfig
from models.quantizer import Quantizer

Doubles = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.int64]

NOISE = 1e-5
"""Of the power, taken for noise: without it the fit to a few pure tones has no one solution."""
SILENCE = 1e-9
"""Power added, so that silence predicts silence."""


def without_mean(heard: npt.NDArray[np.floating], over: int) -> npt.NDArray[np.floating]:
    """Each less the mean of the `over` samples up to it, the first ones less that of the first `over`; 0: as they are.
    [n, window] -> [n, window]"""
    if not over:
        return heard
    sums = np.cumsum(heard, axis=1, dtype=np.float64)
    sums[:, over:] -= sums[:, :-over].copy()
    sums[:, :over] = sums[:, over - 1 : over]
    return heard - sums / over


def coefficients(heard: npt.NDArray[np.floating], order: int) -> Doubles:
    """Fit to sound, [n, window], latest sample last -> [n, order], for the samples after it, latest last.

    Burg's method, which needs no taper: its partials do not die away within the window's length, as those of the
    autocorrelation method do, and what it predicts is stable. In the form of Vos ("A Fast Implementation of Burg's
    Method", 2013): with R the covariances of what the next stage reads, forwards and backwards added, g is R a, and
    R is never made.
    """
    x = heard.astype(np.float64)
    size = 1 << (x.shape[1] + order).bit_length()
    spectrum = np.fft.rfft(x, size)
    correlation = np.fft.irfft(spectrum.real**2 + spectrum.imag**2, size)[:, : order + 1]
    first, last = x[:, : order + 1].copy(), x[:, : -order - 2 : -1].copy()
    a, g, column = (np.zeros((len(x), order + 1)) for _ in range(3))
    a[:, 0] = 1
    floor = 2 * (NOISE * correlation[:, 0] + SILENCE * x.shape[1])
    g[:, 0] = 2 * correlation[:, 0] - first[:, 0] ** 2 - last[:, 0] ** 2 + floor
    g[:, 1] = column[:, 0] = 2 * correlation[:, 1]
    for n in range(1, order + 1):
        reflection = -_dot(a[:, :n], g[:, n:0:-1]) / _dot(a[:, :n], g[:, :n])
        a[:, : n + 1] += reflection[:, None] * a[:, n::-1]
        if n == order:
            break
        # one sample less is read at either end, and one more lag
        column[:, 1 : n + 1] = column[:, :n] - first[:, :n] * first[:, n : n + 1] - last[:, :n] * last[:, n : n + 1]
        column[:, 0] = 2 * correlation[:, n + 1]
        known, ahead, behind = a[:, : n + 1], first[:, n::-1], last[:, n::-1]
        g[:, : n + 1] += (
            reflection[:, None] * g[:, n::-1]
            - ahead * _dot(ahead, known)[:, None]
            - behind * _dot(behind, known)[:, None]
        )
        g[:, n + 1] = _dot(column[:, : n + 1], known)
    return -a[:, :0:-1]


def _dot(a: Doubles, b: Doubles) -> Doubles:
    dot: Doubles = np.einsum("ni,ni->n", a, b)
    return dot


def fit(codes: npt.NDArray[Any], config: ModelConfig) -> Doubles:
    """The coefficients for the samples that follow `codes`, integers [n, window or more] -> [n, order]."""
    quantizer = Quantizer(config.quantizer, config.levels)
    heard = quantizer.decode(codes[:, -config.prediction_window :])
    return coefficients(without_mean(heard, config.prediction_mean), config.prediction_order)


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
    heard = without_mean(heard.reshape(-1, window), config.prediction_mean)
    fitted = coefficients(heard, order).reshape(rows, fits, order, 1)
    # of every sample of a stretch, the `order` samples before it
    pasts = np.lib.stride_tricks.sliding_window_view(sound, order, axis=1)[:, first - order : -1]
    guesses = pasts.reshape(rows, fits, every, order).astype(np.float64) @ fitted
    return quantizer.position(guesses.reshape(rows, -1)).astype(np.float32)
