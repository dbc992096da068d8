"""From streams to what is heard: strips mixed, faded, kept at one loudness and below full scale.

    stream -> codes -> sound -> voices panned -> the device's rate ─┐ strip
    stream -> ...                                                  ─┤ strip, fading in or out
                                                                    └─► sum -> DC block -> gain -> limiter

Every sudden change (another style, a prime, a rewind, a reset) is a new strip that fades in while the others fade
out, so nothing ever clicks. Engine thread; nothing here waits for anything but the network.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import soxr

from engine.controls import Controls
from engine.dsp import DcBlocker, Envelope, Gain, Limiter
from engine.kernel import Block
from engine.place import Place
from engine.recipe import Log, Settings
from engine.render import stereo_gains
from engine.stream import StreamFailed

Floats = npt.NDArray[np.float32]

MOST_STRIPS = 3
"""Sounding together; beyond it the oldest leaves at once."""
QUICK_FADE = 0.02
"""Seconds: shorter would be heard as a click."""
DYING = 0.005
"""Seconds that a strip takes to end whose stream failed."""
STREAM_BLOCK = 0.02
"""Seconds of sound that a stream makes at once, or less where the latency asks for it."""


class Strip:
    """One stream on its way to the mix."""

    def __init__(self, place: Place, rate: int, settings: Settings) -> None:
        """rate: Hz, of what `read` gives. settings: for what comes; to be set anew at any time."""
        self.place, self.rate, self.settings = place, rate, settings
        self.stream = place.stream()
        self.spread = 0.0
        self.origin = 0
        """The player's position of its first frame of sound."""
        self.block: Block | None = None
        """The last one."""
        self.logs: tuple[Log, ...] = ()
        self.envelope = Envelope(0.0)
        self._first = place.moment.frame
        self._made: list[Floats] = []
        self._resampler = soxr.ResampleStream(place.rate, rate, 2, "float32", "HQ") if rate != place.rate else None
        self._ready = np.zeros((0, 2), np.float32)
        self._pan: Floats | None = None
        self._last = np.zeros(2, np.float32)
        self.failure = ""
        """Why it cannot go on, once it cannot."""

    @property
    def here(self) -> Place:
        """Where it is now."""
        return replace(self.place, moment=self.stream.moment)

    @property
    def frontier(self) -> int:
        """The player's position at which the next frame's sound will be."""
        config = self.stream.kernel.config
        made = (self.stream.frame - self._first) * config.lookback
        return self.origin + round(made * self.rate / config.sample_rate)

    def made(self) -> list[Floats]:
        """What the network played since this was last asked: blocks of float32 [samples] at the model's rate, the
        mean of the voices."""
        made, self._made = self._made, []
        return made

    def read(self, frames: int, block_seconds: float) -> Floats:
        """The next sound, float32 [frames, 2], before its fade; silence once it has failed."""
        parts, have = [self._ready], len(self._ready)
        while have < frames:
            try:
                parts.append(self._make(block_seconds))
            except StreamFailed as error:
                self.failure = str(error)
                parts.append(self._dying(parts, frames))
            have += len(parts[-1])
        joined = np.concatenate(parts)
        self._ready, self._last = joined[frames:], joined[frames - 1]
        return joined[:frames]

    def _dying(self, parts: list[Floats], frames: int) -> Floats:
        """From the last sound down to nothing, without a click."""
        last = parts[-1][-1] if len(parts[-1]) else self._last
        ramp = np.linspace(1, 0, round(DYING * self.rate), dtype=np.float32)
        self._last = np.zeros(2, np.float32)
        return np.concatenate([ramp[:, None] * last, np.zeros((frames, 2), np.float32)])

    def _make(self, block_seconds: float) -> Floats:
        return self._play(self.stream.kernel.frames(block_seconds))

    def _play(self, frames: int) -> Floats:
        stream, wanted = self.stream, self.settings
        if wanted.seed != stream.seed:
            stream.reseed(wanted.seed)
        # who leaves is silent at the end of the last block; who joins begins in silence
        leaving = self._pan is not None and self._pan[wanted.voices :].any()
        if not leaving and wanted.voices != stream.voices:
            stream.set_voices(wanted.voices)
        playing = replace(wanted, voices=stream.voices)
        first = stream.frame
        self.block = stream.generate(frames, playing.temperature)
        for log in self.logs:
            log.played(self, first, playing, self.block.codes, stream.kernel.config.lookback)
        sound = self.block.sound
        self._made.append(sound.mean(axis=0))
        mixed = self._mix(sound, stereo_gains(wanted.voices, self.spread) * np.float32(10 ** (self.place.gain / 20)))
        return self._resampler.resample_chunk(mixed) if self._resampler else mixed

    def _mix(self, voices: Floats, target: Floats) -> Floats:
        """float32 [voices, samples] -> [samples, 2], each voice gliding to its place over the block."""
        count, samples = voices.shape
        after = _rows(target, count)
        before = after if self._pan is None else _rows(self._pan, count)
        self._pan = after
        if np.array_equal(before, after):
            return voices.T @ after
        glide = np.linspace(0, 1, samples, dtype=np.float32)[:, None]
        mixed: Floats = (voices.T @ before) * (1 - glide) + (voices.T @ after) * glide
        return mixed


class Player:
    """The mix of the strips. `position` counts the frames read."""

    def __init__(self, rate: int, position: int = 0) -> None:
        self.rate, self.position = rate, position
        self.strips: list[Strip] = []
        """The newest last."""
        self.logs: list[Log] = []
        self._dc, self._gain, self._limiter = DcBlocker(rate), Gain(rate), Limiter(rate)
        self._mix: tuple[float, float] | None = None
        self._ended = position
        """Where the last strip was over."""

    @property
    def silent(self) -> bool:
        """Whether all that was played has come out."""
        return not self.strips and self.position >= self._ended + self.delay

    @property
    def delay(self) -> int:
        """Frames by which the sound is later than `position`."""
        return self._limiter.delay

    @property
    def current(self) -> Strip | None:
        """The strip that plays, not one on its way out."""
        return self.strips[-1] if self.strips and self.strips[-1].envelope.target > 0 else None

    def enter(self, strip: Strip, why: str, fade: float) -> None:
        """Let a strip in, over `fade` seconds, while those that play leave."""
        self.leave(fade)
        for log in self.logs:
            log.enters(strip, self.position, why, 0.0, 1.0, fade)
        self.join(strip, 0.0, 1.0, fade)

    def join(self, strip: Strip, gain: float, target: float, fade: float) -> None:
        """Let a strip in beside those that play, on its way from one gain to another."""
        sounding = [old for old in self.strips if old.envelope.remaining > 0]
        for old in sounding[: max(0, len(sounding) - MOST_STRIPS + 1)]:
            old.envelope.go(0.0, min(old.envelope.remaining, self._frames(QUICK_FADE)))
        strip.origin = self.position
        strip.envelope = Envelope(gain)
        strip.envelope.go(target, self._frames(fade))
        strip.logs = tuple(self.logs)
        self.strips.append(strip)

    def leave(self, fade: float) -> None:
        """Let all strips fade out, those too that are on their way out and would take longer."""
        for strip in self.strips:
            if strip.envelope.target > 0 or strip.envelope.remaining > self._frames(fade):
                self.fade(strip, fade)

    def fade(self, strip: Strip, seconds: float) -> None:
        """Let a strip fade out."""
        strip.envelope.go(0.0, self._frames(seconds))
        for log in strip.logs:
            log.leaves(strip, self.position, seconds)

    def at_rate(self, rate: int, log: Log) -> Player:
        """A silent player at another rate whose clock goes on, and which that log goes on to hear."""
        player = Player(rate, self.position)
        player.logs = [log]
        return player

    def listen(self, log: Log) -> None:
        """Let a log hear all that happens from here on."""
        self.logs.append(log)
        for strip in self.strips:
            # it knows nothing of the sound that is made already
            gain, remaining = strip.envelope.after(strip.frontier - self.position)
            log.enters(strip, strip.frontier, "begin", gain, strip.envelope.target, remaining / self.rate)
            strip.logs = tuple(self.logs)
        if self._mix:
            log.mixed(self.position, *self._mix)

    def forget(self, log: Log) -> None:
        """Close a log."""
        self.logs.remove(log)
        log.close(self.position)
        for strip in self.strips:
            strip.logs = tuple(self.logs)

    def read(self, frames: int, controls: Controls) -> Floats:
        """The next sound, float32 [frames, 2], never above the limiter's ceiling."""
        mix = controls.gain, controls.spread
        if mix != self._mix:
            self._mix = mix
            for log in self.logs:
                log.mixed(self.position, *mix)
        block_seconds = min(STREAM_BLOCK, controls.latency / 4)
        sound = np.zeros((frames, 2), np.float32)
        for strip in list(self.strips):
            strip.spread = controls.spread
            sound += strip.read(frames, block_seconds) * strip.envelope.next(frames)[:, None]
            if strip.envelope.remaining == 0 and strip.envelope.target == 0:
                self.strips.remove(strip)
                for log in strip.logs:
                    log.ends(strip)
        self.position += frames
        if self.strips:
            self._ended = self.position
        sound = self._gain.process(self._dc.process(sound), 10 ** (controls.gain / 20))
        return self._limiter.process(sound)

    def _frames(self, seconds: float) -> int:
        return max(1, round(seconds * self.rate))


def _rows(pan: Floats, count: int) -> Floats:
    """As many rows: zeros where there are too few."""
    return np.concatenate([pan[:count], np.zeros((max(0, count - len(pan)), 2), np.float32)])
