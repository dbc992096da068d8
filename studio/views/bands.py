"""Sound to columns of a spectrogram: levels in bands that are equally far apart on the scale of pitch."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

ROWS = 240
"""Bands: some 28 an octave."""
LOWEST = 30.0
HIGHEST = 16_000.0
"""Hz"""
QUIETEST, LOUDEST = -78.0, 0.0
"""dBFS, of a sine."""
COLUMNS_A_SECOND = 64
SHORT, LONG = 1 / 12, 1 / 4
"""Seconds that a column looks at: of high bands, to tell when; of low ones, to tell bass notes apart."""
BASS, TREBLE = 160.0, 320.0
"""Hz: below one it is the long look, above the other the short one, between them a mixture."""
NOTES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")


class Bands:
    """Takes sound piece by piece, of any lengths; gives a column for each hop of it."""

    def __init__(self, rate: int, highest: float) -> None:
        """rate: of the sound; highest: frequency shown, if there is such. Hz."""
        self.asked, self.highest = highest, min(highest, HIGHEST, rate / 2)
        self.hop = round(rate / COLUMNS_A_SECOND)
        self.frequencies = LOWEST * (self.highest / LOWEST) ** (np.arange(ROWS) / (ROWS - 1))
        """Of the bands, rising."""
        low = int(np.searchsorted(self.frequencies, TREBLE))
        self._long = _Look(rate, LONG, self.frequencies[:low])
        self._short = _Look(rate, SHORT, self.frequencies)
        self._share = np.clip(np.log(TREBLE / self.frequencies[:low]) / np.log(TREBLE / BASS), 0, 1)
        """Of the long look."""
        self._rest = np.zeros(0, np.float32)

    def columns(self, sound: Floats) -> npt.NDArray[np.uint8]:
        """sound: float32 [frames, 2], what follows. Returns uint8 [columns, ROWS], 255 for LOUDEST, the highest band
        first."""
        mono = np.concatenate([self._rest, sound.mean(axis=1)])
        count = max(0, (len(mono) - self._long.length) // self.hop + 1)
        self._rest = mono[count * self.hop :]
        if not count:
            return np.zeros((0, ROWS), np.uint8)
        views = sliding_window_view(mono, self._long.length)[:: self.hop]
        margin = (self._long.length - self._short.length) // 2
        level = self._short.level(views[:, margin : margin + self._short.length])
        low = level[:, : len(self._share)]
        low += (self._long.level(views) - low) * self._share
        scaled = np.clip((level - QUIETEST) / (LOUDEST - QUIETEST), 0, 1)
        made: npt.NDArray[np.uint8] = np.rint(scaled[:, ::-1] * 255).astype(np.uint8)
        return made


class _Look:
    """A short-time spectrum in bands."""

    def __init__(self, rate: int, seconds: float, frequencies: Doubles) -> None:
        self.length = round(rate * seconds)
        self._window = np.hanning(self.length + 2)[1:-1]
        self._window /= self._window.sum() / 2  # a sine of full scale has the power 1
        # a third longer at least, so that a tone between two bins is hardly lower than one on a bin
        self._size = 1 << (self.length * 4 // 3 - 1).bit_length()
        bins = frequencies * self._size / rate
        half = (frequencies[1] / frequencies[0]) ** 0.5
        # a band narrower than a bin is read between two of them; each of the wider ones has bins of its own
        narrow = int(np.searchsorted(bins * (half - 1 / half), 1.0))
        self._below = bins[:narrow].astype(np.int64)
        self._part = bins[:narrow] - self._below
        self._edges = np.ceil(bins[narrow:] / half).astype(np.int64)
        self._end = min(self._size // 2 + 1, math.ceil(bins[-1] * half))

    def level(self, views: npt.NDArray[np.float32]) -> Doubles:
        """views: float32 [columns, length]. Returns dBFS, float64 [columns, bands]."""
        spectra = np.fft.rfft(views * self._window, self._size)[:, : self._end + 1]
        power = spectra.real**2 + spectra.imag**2
        low, high = power[:, self._below], power[:, self._below + 1]
        bands = low + (high - low) * self._part
        if len(self._edges):
            wide = np.maximum.reduceat(power[:, : self._end], self._edges, axis=1)
            bands = np.concatenate([bands, wide], 1)
        level: Doubles = 10 * np.log10(np.maximum(bands, 1e-12))
        return level


def decibels(level: int) -> float:
    """dBFS of a level of `Bands.columns`."""
    return QUIETEST + level / 255 * (LOUDEST - QUIETEST)


def note(frequency: float) -> str:
    """The nearest note, where A4 is 440 Hz."""
    number = round(69 + 12 * np.log2(frequency / 440))
    return f"{NOTES[number % 12]}{number // 12 - 1}"


def hertz(frequency: float) -> str:
    """As it is said: "220 Hz", "1.25 kHz"."""
    return f"{frequency:.0f} Hz" if frequency < 1000 else f"{frequency / 1000:.2f} kHz"
