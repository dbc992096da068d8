"""Knowing when a stream is stuck. A SampleRNN may fall silent, sit on a rail, repeat itself for ever, or drown in
noise, and does not come back by itself."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Verdict = Literal["", "silence", "rail", "loop", "noise"]

LOOK_SECONDS = 0.5
"""Between two looks."""
EVIDENCE_SECONDS = 3.0
SILENCE_SECONDS = 5.0
SILENCE = -60.0
"""dBFS, RMS"""
RAIL = 0.05
"""How far from zero a signal sits that hardly moves."""
CLIPPED = 0.98
LOUD = -50.0
"""dBFS, RMS: quieter noise is a pause."""
SPECTRUM = 512
"""Samples of a Fourier transform: partials of most notes are apart."""
SMOOTHED = 9
"""Bins that a spectrum's tilt is taken over."""
SMOOTH = 0.25
"""Nepers, RMS, that the mean spectrum of noise departs from its tilt at most; of music it is above 0.5."""
MOVES = 6.0
"""dB between its loudest and its quietest tenth of a second: noise that moves so much is struck, or swells."""
FEW, MOST = 8, 0.85
"""Bins that hold such a share of the power: those are tones."""
LOOP_SECONDS = (0.03, 0.5)
"""Periods of a loop. What repeats faster is a tone."""
ALIKE = 0.98
"""Correlation of a loop with itself a period later."""
LEVEL_SECONDS = 0.01
SAME_LEVEL = 1.0
"""dB, between a loop and itself a period later: two tones that beat differ where they cancel."""
ONSET = 12.0
"""dB that the level must move within a loop: a chord that is held repeats as well, and is music."""


class Watchdog:
    """Engine thread; never blocks. What it says holds for the last seconds; it has no opinion before it has heard
    enough, and rather misses something than is wrong."""

    def __init__(self, rate: int) -> None:
        """rate: Hz, the model's."""
        self._rate = rate
        self._heard = np.zeros(0, np.float32)
        self._new: list[Floats] = []
        """Heard since the last look"""
        self._since_look = 0
        self.verdict: Verdict = ""

    def hear(self, sound: Floats) -> None:
        """float32 [samples], full scale 1"""
        self._new.append(sound)
        self._since_look += len(sound)
        if self._since_look >= LOOK_SECONDS * self._rate:
            self._heard = np.concatenate([self._heard, *self._new])[-round(SILENCE_SECONDS * self._rate) :]
            self._new, self._since_look = [], 0
            self.verdict = self._look()

    def _look(self) -> Verdict:
        evidence = round(EVIDENCE_SECONDS * self._rate)
        if len(self._heard) < evidence:
            return ""
        if len(self._heard) == round(SILENCE_SECONDS * self._rate) and _loudest(self._heard, self._rate) < SILENCE:
            return "silence"
        recent = self._heard[-evidence:].astype(np.float64)
        if _on_a_rail(recent):
            return "rail"
        if _level(recent) < LOUD:
            return ""
        if _is_noise(recent) and _range(recent, self._rate) < MOVES:
            return "noise"
        return "loop" if _is_loop(recent, self._rate) else ""


def _level(sound: npt.NDArray[np.floating]) -> float:
    """dBFS, RMS"""
    return 10 * float(np.log10(max(1e-12, np.mean(np.square(sound, dtype=np.float64)))))


def _loudest(sound: Floats, rate: int) -> float:
    """dBFS, RMS, of its loudest tenth of a second."""
    return float(_levels(sound, rate // 10, -120.0).max())


def _range(sound: Doubles, rate: int) -> float:
    """dB, between its loudest and its quietest tenth of a second, without the deep, which in noise always comes and
    goes."""
    levels = _levels(np.diff(sound), rate // 10, -120.0)
    return float(levels.max() - levels.min())


def _on_a_rail(sound: Doubles) -> bool:
    moves, sits = float(sound.std()), abs(float(sound.mean()))
    return (sits > RAIL and sits > 10 * moves) or float(np.mean(np.abs(sound) > CLIPPED)) > 0.5


def _is_noise(sound: Doubles) -> bool:
    frames = sound[: len(sound) // SPECTRUM * SPECTRUM].reshape(-1, SPECTRUM) * np.hanning(SPECTRUM)
    power = np.mean(np.abs(np.fft.rfft(frames)) ** 2, axis=0)[4:-8]
    if np.sort(power)[-FEW:].sum() > MOST * power.sum():
        return False
    logarithm = np.log(power + 1e-12)
    tilt = np.convolve(logarithm, np.ones(SMOOTHED) / SMOOTHED, "valid")
    middle = logarithm[SMOOTHED // 2 : -(SMOOTHED // 2)]
    return float(np.sqrt(np.mean((middle - tilt) ** 2))) < SMOOTH


def _is_loop(sound: Doubles, rate: int) -> bool:
    shortest, longest = (round(seconds * rate) for seconds in LOOP_SECONDS)
    size = len(sound) - longest
    # how alike what was heard is to itself a lag earlier: correlation by Fourier transform
    padded = 1 << (len(sound) + size - 1).bit_length()
    tail = sound[-size:]
    products = np.fft.irfft(np.fft.rfft(sound, padded) * np.conj(np.fft.rfft(tail, padded)), padded)[: longest + 1]
    sums = np.concatenate([[0.0], np.cumsum(sound**2)])
    powers = sums[size : size + longest + 1] - sums[: longest + 1]
    alike = products / np.sqrt(np.maximum(powers * powers[-1], 1e-12))
    lags = longest - np.arange(longest + 1)
    periods = lags[(lags >= shortest) & (alike > ALIKE)]
    if not len(periods):
        return False
    period = int(periods.min())
    step = round(LEVEL_SECONDS * rate)
    now, before = (_levels(part, step, SILENCE) for part in (tail, sound[longest - period : len(sound) - period]))
    one = now[-(period // step) :]
    return float(one.max() - one.min()) > ONSET and float(np.abs(now - before).mean()) < SAME_LEVEL


def _levels(sound: npt.NDArray[np.floating], step: int, least: float) -> Doubles:
    """dBFS, RMS, of each `step` samples, at least `least`"""
    parts = sound[: len(sound) // step * step].reshape(-1, step)
    powers = np.mean(np.square(parts, dtype=np.float64), axis=1)
    levels: Doubles = 10 * np.log10(np.maximum(powers, 10 ** (least / 10)))
    return levels
