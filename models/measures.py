"""What can be said of how something sounds, without ears: is it tones that last, or noise; has it the colour of
what it learned from. Plain NumPy; each measure has two ends, real music and noise of its spectrum, to be read
between."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

WINDOW_SECONDS = 0.128
HOPS = 4
"""Windows that overlap."""
FLOOR = 1e-10
PROMINENCE = 12.0
"""dB that a peak stands out of its surroundings."""
SURROUNDINGS = 20
"""Bins to either side."""
RANGE = 60.0
"""dB below the loudest bin of all, beyond which nothing counts."""
BANDS = 40
LOWEST = 40.0
"""Hz"""


def spectra(sound: Floats, rate: int) -> Doubles:
    """Power spectra [frames, bins] of float32 [samples], Hann windows of about WINDOW_SECONDS. Raises ValueError if
    there is not even one window of sound."""
    size = 1 << round(np.log2(WINDOW_SECONDS * rate))
    if len(sound) < size:
        raise ValueError(f"{len(sound)} samples are too few to be measured; it takes {size}")
    windows = np.lib.stride_tricks.sliding_window_view(np.asarray(sound, np.float64), size)[:: size // HOPS]
    return np.abs(np.fft.rfft(windows * np.hanning(size))) ** 2 + FLOOR


def persistence(sound: Floats, rate: int) -> float:
    """Seconds that a spectral peak lasts where it is, on average, each weighted by its energy. Noise: hardly longer
    than the window; held notes: their length."""
    power = spectra(sound, rate)
    level = 10 * np.log10(power)
    peaks = _peaks(level)
    hop = (power.shape[1] - 1) * 2 / HOPS / rate
    lived = total = 0.0
    life = np.zeros(power.shape[1])
    energy = np.zeros(power.shape[1])
    for frame, at in zip(power, peaks, strict=True):
        # of the peak that was here, or next to here, in the frame before
        sources = np.stack([np.roll(life, shift) for shift in (-1, 0, 1)])
        energies = np.stack([np.roll(energy, shift) for shift in (-1, 0, 1)])
        best = sources.argmax(axis=0)
        columns = np.arange(len(best))
        taken = np.zeros(len(best), bool)
        for shift in (-1, 0, 1):  # which of the old ones go on
            goes_on = at & (best == shift + 1) & (sources[shift + 1] > 0)
            taken |= np.roll(goes_on, -shift)
        ended = (life > 0) & ~taken
        lived += float(np.sum(life[ended] * energy[ended]))
        total += float(np.sum(energy[ended]))
        life = np.where(at, sources[best, columns] + hop, 0.0)
        energy = np.where(at, energies[best, columns] + frame, 0.0)
    lived += float(np.sum(life * energy))
    total += float(np.sum(energy))
    return lived / total if total else 0.0


def tonality(sound: Floats, rate: int) -> float:
    """The share of the energy that lies in spectral peaks, from 0 (noise) to 1 (tones alone)."""
    power = spectra(sound, rate)
    peaks = _peaks(10 * np.log10(power))
    near = peaks | np.roll(peaks, 1, axis=1) | np.roll(peaks, -1, axis=1)
    return float(power[near].sum() / power.sum())


def mel_statistics(sound: Floats, rate: int) -> Doubles:
    """dB, [2, BANDS]: the mean and the standard deviation of each mel band's level over time, the overall level taken
    away."""
    power = spectra(sound, rate)
    level = 10 * np.log10(power @ _mel(rate, power.shape[1]))
    level = np.maximum(level, level.max() - RANGE)
    statistics: Doubles = np.stack([level.mean(axis=0) - level.mean(), level.std(axis=0)])
    return statistics


def mel_distance(one: Doubles, other: Doubles) -> float:
    """dB, RMS, between two `mel_statistics`."""
    return float(np.sqrt(np.mean((one - other) ** 2)))


def noise_like(sound: Floats, rate: int, seed: int = 0) -> Floats:
    """Noise of a sound's level and colour, without its tones, float32 [samples]: the other end of the scale."""
    power = spectra(sound, rate).mean(axis=0)
    smooth = np.ones(2 * SURROUNDINGS + 1) / (2 * SURROUNDINGS + 1)
    colour = np.sqrt(np.convolve(np.pad(power, SURROUNDINGS, mode="edge"), smooth, "valid"))
    white = np.fft.rfft(np.random.default_rng(seed).normal(size=len(sound)))
    places = np.linspace(0, len(colour) - 1, len(white))
    noise = np.fft.irfft(white * np.interp(places, np.arange(len(colour)), colour), len(sound))
    level = np.sqrt(np.mean(np.square(sound, dtype=np.float64)) / np.mean(noise**2))
    shaped: Floats = (noise * level).astype(np.float32)
    return shaped


def _peaks(level: Doubles) -> npt.NDArray[np.bool_]:
    """dB [frames, bins] -> where the peaks are."""
    size = 2 * SURROUNDINGS + 1
    padded = np.pad(level, ((0, 0), (SURROUNDINGS, SURROUNDINGS)), mode="edge")
    around = np.median(np.lib.stride_tricks.sliding_window_view(padded, size, axis=1), axis=2)
    peaks = np.zeros(level.shape, bool)
    inner = level[:, 1:-1]
    peaks[:, 1:-1] = (inner > level[:, :-2]) & (inner >= level[:, 2:])
    found: npt.NDArray[np.bool_] = peaks & (level > around + PROMINENCE) & (level > level.max() - RANGE)
    return found


def _mel(rate: int, bins: int) -> Doubles:
    """[bins, BANDS]: triangles evenly spaced in mel from LOWEST to half the rate."""
    top = 2595 * np.log10(1 + rate / 2 / 700)
    bottom = 2595 * np.log10(1 + LOWEST / 700)
    edges = 700 * (10 ** (np.linspace(bottom, top, BANDS + 2) / 2595) - 1)
    frequencies = np.arange(bins) * rate / (2 * (bins - 1))
    rising = (frequencies[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - frequencies[:, None]) / (edges[2:] - edges[1:-1])
    weights: Doubles = np.maximum(0, np.minimum(rising, falling)) + FLOOR
    return weights
