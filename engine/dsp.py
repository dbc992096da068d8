"""What makes the sound safe for ears: no constant part, no jump in gain, no sample above full scale; fades and levels.

All that has a `process` or `next` is a stream of its own: engine thread, never blocks, and what comes out does not
depend on how the stream is cut into blocks. Sound is float32 [frames, 2], any number of frames at a time, finite.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

FLOOR = -120.0
"""dBFS: nothing is said to be quieter."""
DC_CUTOFF = 5.0
"""Hz, at which 3 dB are lost."""
DC_CHUNK = 1024
"""Frames filtered at once: r ** -1024 is still a moderate number at any rate from 1 kHz."""
SETTLED = 1e-30
"""What is smaller is nothing: its products would be denormal, and slow."""
GLIDE_SECONDS = 0.015
CEILING = 10 ** (-1 / 20)
"""-1 dBFS"""
CEILING_32 = np.nextafter(np.float32(CEILING), np.float32(0))
LOOK_AHEAD = 0.005
"""Seconds; as long as the gain takes to come down."""
HOLD = 0.03
"""Seconds that it stays down, so that it does not follow the waves of a low tone."""
RELEASE = 0.08
"""Seconds that it would take from silence up to unchanged."""
ALMOST_NOTHING = 1e-9
"""A cut below this is none."""
OVERSAMPLING = 4
REACH = 5
"""Samples to either side that a value in between is estimated from."""


class DcBlocker:
    """Takes away what is slower than DC_CUTOFF: one pole, 30 Hz loses 0.1 dB."""

    def __init__(self, rate: int) -> None:
        """rate: Hz"""
        pole = math.exp(-2 * math.pi * DC_CUTOFF / rate)
        self._mean = np.zeros(2)
        # mean[k] = pole ** (k + 1) * (mean[-1] + (1 - pole) * sum(x[j] / pole ** (j + 1) for j <= k))
        self._fall = np.power(pole, np.arange(1.0, DC_CHUNK + 1))[:, None]
        self._rise = (1 - pole) / self._fall

    def process(self, block: Floats) -> Floats:
        out = np.empty_like(block)
        for start in range(0, len(block), DC_CHUNK):
            part = block[start : start + DC_CHUNK]
            mean = np.cumsum(part * self._rise[: len(part)], axis=0)
            mean += self._mean
            mean *= self._fall[: len(part)]
            out[start : start + DC_CHUNK] = part - mean
            self._mean = np.where(np.abs(mean[-1]) < SETTLED, 0, mean[-1])
        return out


class Gain:
    """A gain that glides: after a change of target in GLIDE_SECONDS to the new one, from wherever it is."""

    def __init__(self, rate: int) -> None:
        """rate: Hz"""
        self._frames = max(1, round(GLIDE_SECONDS * rate))
        self._start = self._target = math.nan
        self._done = self._frames
        """Frames into the glide."""

    def process(self, block: Floats, target: float) -> Floats:
        """target: a factor; the first one holds at once."""
        if math.isnan(self._target):
            self._start = self._target = float(target)
        elif target != self._target:
            self._start, self._target, self._done = self._now(), float(target), 0
        if self._done == self._frames:
            return block * np.float32(self._target)
        way = np.minimum(np.arange(self._done + 1, self._done + len(block) + 1) / self._frames, 1)
        self._done = min(self._frames, self._done + len(block))
        gains = self._start * (1 - way) + self._target * way
        return block * gains.astype(np.float32)[:, None]

    def _now(self) -> float:
        way = self._done / self._frames
        return self._start * (1 - way) + self._target * way


class Envelope:
    """A gain from 0 to 1 that fades with equal power: where one goes from 0 to 1 while another goes from 1 to 0 over
    as many frames, the sum of their squares is 1 throughout."""

    def __init__(self, gain: float) -> None:
        self.target = gain
        self.remaining = 0
        """Frames until it is there."""
        self._frames = 1
        self._from = self._to = math.asin(gain)

    def go(self, target: float, frames: int) -> None:
        """Be at `target`, from 0 to 1, with the last of the next `frames`, at least one."""
        self._from, self._to = float(self._angle(np.zeros(1))[0]), math.asin(target)
        self.target, self.remaining, self._frames = target, frames, frames

    def after(self, frames: int) -> tuple[float, int]:
        """The gain after so many frames, and how many are then left until it is there."""
        if frames >= self.remaining:
            return self.target, 0
        return float(np.sin(self._angle(np.array([float(frames)])))[0]), self.remaining - frames

    def next(self, frames: int) -> Floats:
        """The gains of the next frames, float32 [frames]."""
        gains = np.full(frames, self.target, np.float32)
        moving = min(frames, self.remaining)
        if moving:
            gains[:moving] = np.sin(self._angle(np.arange(1.0, moving + 1)))
            self.remaining -= moving
            if self.remaining == 0:
                gains[moving - 1] = self.target  # and not almost
        return gains

    def _angle(self, frames: Doubles) -> Doubles:
        """Of the gains so many frames after the last one."""
        way = (self._frames - self.remaining + frames) / self._frames
        angle: Doubles = self._from + (self._to - self._from) * way
        return angle


class Limiter:
    """Nothing above CEILING, whatever comes. The gain comes down in time for a peak that is LOOK_AHEAD away, for
    both channels together, stays down for HOLD, and comes up again. What needs no limiting comes out bit for bit,
    `delay` frames later.

    No sample is ever above. The peaks between the samples, as a converter will make them, are estimated by four
    times oversampling and kept below as well, to a few tenths of a decibel.
    """

    def __init__(self, rate: int) -> None:
        """rate: Hz"""
        ahead = max(1, round(LOOK_AHEAD * rate))
        self.delay = ahead + REACH
        """Frames"""
        self._slope = 1 / (RELEASE * rate)
        # a cut is one minus the gain: of nothing nothing is left by rounding
        self._hold = _Sliding(ahead + 1 + round(HOLD * rate))
        self._average = ahead + 1
        self._cuts = np.zeros(ahead)
        """The last ones, before they are averaged"""
        self._fallen = 0.0
        """The last cut, with its release"""
        self._past = np.zeros((self.delay, 2), np.float32)
        self._taps = _between()
        # where no sample is above this, nothing between them is above the ceiling
        self._harmless = CEILING / float(np.abs(self._taps).sum(axis=1).max())

    def process(self, block: Floats) -> Floats:
        sound = np.concatenate([self._past, block])
        self._past = sound[len(block) :]
        frames = len(block)
        # the peaks are known REACH frames after them
        near = sound[self.delay - 2 * REACH :]
        needed = 1 - np.minimum(1, CEILING / np.maximum(self._peaks(near), CEILING))
        held = self._release(self._hold.largest(needed))
        cuts = np.concatenate([self._cuts, held])
        self._cuts = cuts[frames:]
        out = sound[:frames]
        if not cuts.any():
            return out.copy()
        sums = np.concatenate([[0.0], np.cumsum(cuts)])
        smooth = (sums[self._average :] - sums[: -self._average]) / self._average
        limited: Floats = (out * (1 - smooth)[:, None]).astype(np.float32)
        np.clip(limited, -CEILING_32, CEILING_32, out=limited)
        return limited

    def _peaks(self, near: Floats) -> Doubles:
        """Per frame of float32 [frames + 2 REACH, 2] but the first and last REACH: the largest magnitude from it to the
        next, of either channel, [frames]."""
        size = np.abs(near).max(axis=1).astype(np.float64)
        peaks: Doubles = size[REACH : len(near) - REACH]
        if size.max(initial=0) > self._harmless:
            windows = np.lib.stride_tricks.sliding_window_view(near, 2 * REACH, axis=0)[1:]
            between = np.abs(windows @ self._taps.T).max(axis=(1, 2))
            peaks = np.maximum(peaks, between)
        return peaks

    def _release(self, cuts: Doubles) -> Doubles:
        """Let cuts get less only as fast as RELEASE says: out[k] = max(cuts[k], out[k - 1] - slope)."""
        fall = self._slope * np.arange(1, len(cuts) + 1)
        released: Doubles = np.maximum.accumulate(np.concatenate([[self._fallen], cuts + fall]))[1:] - fall
        released[released < ALMOST_NOTHING] = 0
        self._fallen = float(released[-1])
        return released


class _Sliding:
    """The largest of the last `window` numbers, none below 0, of a stream of them."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._past = np.zeros(window - 1)

    def largest(self, numbers: Doubles) -> Doubles:
        """[n] -> [n]"""
        joined = np.concatenate([self._past, numbers])
        self._past = joined[len(numbers) :]
        if not joined.any():
            return numbers
        # of two overlapping runs of a power of two
        size, runs = 1, joined
        while 2 * size <= self._window:
            runs = np.maximum(runs[:-size], runs[size:])
            size *= 2
        rest = self._window - size
        largest: Doubles = np.maximum(runs[: len(runs) - rest], runs[rest:])
        return largest


def _between() -> Floats:
    """float32 [OVERSAMPLING - 1, 2 REACH]: the values between the middle two of 2 REACH samples, by windowed sinc."""
    places = np.arange(1, OVERSAMPLING) / OVERSAMPLING
    distance = places[:, None] - np.arange(-REACH + 1, REACH + 1)[None]
    window = np.cos(np.pi * distance / (2 * REACH)) ** 2
    taps: Floats = (np.sinc(distance) * window).astype(np.float32)
    return taps


def peak_dbfs(sound: npt.NDArray[np.floating]) -> float:
    """The largest magnitude of sound of any shape, dBFS, at least FLOOR."""
    return _dbfs(float(np.abs(sound).max(initial=0)))


def rms_dbfs(sound: npt.NDArray[np.floating]) -> float:
    """The root of the mean square of sound of any shape, dBFS, at least FLOOR."""
    return _dbfs(float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))) if sound.size else 0.0)


def _dbfs(value: float) -> float:
    return max(FLOOR, 20 * math.log10(value)) if value > 0 else FLOOR
