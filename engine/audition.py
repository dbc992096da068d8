"""Auditions: a recording, or what was heard, is heard for once, and the live stream stands still meanwhile.

    live ─► ear ──────────────────────────────┐
                                              ├─► the ring: one after the other, never both
    clip ─► its edges ─► gain ─┐              │
    clip ─► ...               ─┴─► limiter ───┘

A block of the live stream is faded only on its way to the ring: what is remembered and what is recorded have it
whole, and nothing of the clips. Engine thread, and nothing here waits, but for `recording`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.chapters import Chapters
from engine.controls import LONGEST_NAME, MEMORY_SECONDS, Audition, Auditioning, Replay
from engine.dsp import Envelope, Gain, Limiter
from engine.memory import Board
from engine.place import region
from engine.worker import Worker
from models.errors import InputError

Floats = npt.NDArray[np.float32]

LIVE_FADE = 0.05
"""Seconds, at least, in which the live sound leaves and comes back."""
CLIP_FADE = 0.02
"""Seconds: of a clip's edges, and of its end before its end."""
HEARD = "what was heard"


class Clip:
    """A sound to be heard once, fading in where it begins and out where it ends."""

    def __init__(
        self,
        what: str,
        rate: int,
        frames: int,
        part: Callable[[int, int], Floats],
        level: float = 0.0,
        start: int | None = None,
    ) -> None:
        """what: in words. rate: Hz. part: given from where to where, the sound there, float32 [frames, 2].
        level: dB, the gain that it has already. start: where on the clock it begins, if it was heard."""
        self.what, self.rate, self.frames, self.start = what, rate, frames, start
        self.began = 0
        """The first frame of a Stage's that is of it."""
        self._part, self._level = part, level
        self._position = 0
        self._gain, self._envelope = Gain(rate), Envelope(1.0)
        self._fade = round(CLIP_FADE * rate)

    @property
    def over(self) -> bool:
        return self._position >= self.frames or (self._envelope.target == 0 and not self._envelope.remaining)

    def leave(self) -> None:
        """Fade out before the end."""
        if self._envelope.target:
            self._envelope.go(0.0, self._fade)

    def next(self, frames: int, gain: float) -> Floats:
        """The next sound, float32 [so many or fewer, 2]. gain: dB, in force."""
        end = min(self.frames, self._position + frames)
        sound = self._gain.process(self._part(self._position, end), 10 ** ((gain - self._level) / 20))
        at = np.arange(self._position, end)
        edges = np.minimum(1.0, np.minimum(at + 1, self.frames - 1 - at) / self._fade)
        self._position = end
        gains = np.sin(np.pi / 2 * edges).astype(np.float32) * self._envelope.next(len(at))
        faded: Floats = sound * gains[:, None]
        return faded


class Stage:
    """What is heard instead of the live stream, and the fades between both."""

    def __init__(self, rate: int, alone: bool = False) -> None:
        """rate: Hz, of clips and live sound. alone: there is no live stream."""
        self._rate = rate
        self._ear = Envelope(0.0 if alone else 1.0)
        """Of the live sound."""
        self._clips: list[Clip] = []
        """The newest last; where the ear is still open, what waits for it to close."""
        self._shown: Clip | None = None
        self._limiter = Limiter(rate)
        self._given = self._end = self._fed = 0
        """Frames that came out, those that there are to come out, and those that went into the limiter."""

    @property
    def sounding(self) -> bool:
        """Whether there is something to hear, now or as soon as the live sound has faded."""
        return bool(self._clips) or self._given < self._end

    @property
    def holding(self) -> bool:
        """Whether it is heard now, and the live stream is to stand still."""
        return self.sounding and self._closed

    @property
    def _closed(self) -> bool:
        """Whether nothing of the live sound reaches the ear."""
        return self._ear.target == 0 and not self._ear.remaining

    def begin(self, clip: Clip, block: int) -> None:
        """Let a clip be heard instead of what is. block: frames that are made at once."""
        for other in self._clips:
            other.leave()
        if not self._closed:
            # so many that it ends with a block: a stream that is then held has nothing left that is not heard
            self._clips = []
            self._ear.go(0.0, math.ceil(LIVE_FADE * self._rate / block) * block)
        clip.began = self._fed if self._given < self._end else self._given
        self._clips.append(clip)
        self._shown = clip

    def end(self) -> None:
        """Let what is heard fade out, and what waits be."""
        if self._closed:
            for clip in self._clips:
                clip.leave()
        elif self._clips:
            self._clips = []
            self.release()

    def release(self) -> None:
        """Let the live sound fade in again."""
        self._ear.go(1.0, round(LIVE_FADE * self._rate))

    def live(self, sound: Floats) -> Floats:
        """What reaches the ear of the live stream's next block, float32 [frames, 2]."""
        if self._ear.target == 1 and not self._ear.remaining:
            return sound
        faded: Floats = sound * self._ear.next(len(sound))[:, None]
        return faded

    def next(self, frames: int, gain: float) -> Floats:
        """What is heard instead, float32 [so many, or with its end fewer, 2]. gain: dB, in force."""
        if self._given == self._end:  # a beginning
            self._limiter, self._fed = Limiter(self._rate), self._given
        early = self._given + self._limiter.delay - self._fed
        sound = np.zeros((early + frames, 2), np.float32)
        for clip in self._clips:
            part = clip.next(len(sound), gain)
            sound[: len(part)] += part
            self._end = max(self._end, self._fed + len(part))
        self._clips = [clip for clip in self._clips if not clip.over]
        self._fed += len(sound)
        limited = self._limiter.process(sound)[early:]
        if not self._clips:
            limited = limited[: self._end - self._given]
        self._given += len(limited)
        return limited

    def shown(self, unheard: float) -> Auditioning | None:
        """What is auditioned. unheard: seconds of it in the ring."""
        clip = self._shown
        if clip is None or not (self.sounding or unheard):
            self._shown = None
            return None
        position = (self._given - clip.began) / clip.rate - unheard
        seconds = clip.frames / clip.rate
        return Auditioning(clip.what[:LONGEST_NAME], min(seconds, max(0.0, position)), seconds, clip.start)


class Requests:
    """What was asked to be auditioned, until it can be."""

    def __init__(self, board: Board, worker: Worker, complain: Callable[[Exception], None]) -> None:
        self._board, self._worker, self._complain = board, worker, complain
        self._asked = 0
        self.ready: tuple[Clip, str | None] | None = None
        """The newest, read, and the device to open for it if none is."""

    def ask(self, command: Audition | Replay, rate: int, chapters: Chapters) -> None:
        """Have it read at `rate` Hz. Raises InputError if it was not heard, or is forgotten."""
        self._asked += 1
        self.ready = None
        if isinstance(command, Replay):
            self.ready = what_was_heard(self._board, rate, chapters, command.start, command.end), command.device
            return
        asked = self._asked

        def then(clip: Clip) -> None:
            if asked == self._asked:
                self.ready = clip, command.device

        read = partial(recording, command.sound, rate, command.start, command.seconds)
        self._worker.do(f"reading {command.sound.name}", read, then, self._complain)

    def drop(self) -> None:
        """Nothing that was asked for is wanted any more."""
        self._asked += 1
        self.ready = None


def recording(path: Path, rate: int, start: float, seconds: float | None) -> Clip:
    """A clip of a sound file: so many seconds of it from `start` on, at most MEMORY_SECONDS. Worker thread; blocks.
    Raises InputError."""
    seconds = MEMORY_SECONDS if seconds is None else min(seconds, MEMORY_SECONDS)
    sound = region(path, rate, start, seconds, stereo=True)
    return Clip(path.name, rate, len(sound), lambda begin, end: sound[begin:end])


def what_was_heard(board: Board, rate: int, chapters: Chapters, start: int, end: int) -> Clip:
    """A clip of what was heard from frame `start` of the clock to `end`, what of that is remembered. Raises
    InputError if it is nothing."""
    start, end = max(start, chapters.oldest), min(end, chapters.newest)
    if start >= end:
        raise InputError("nothing was heard there, or it is no longer remembered")
    # the live stream stands still: nothing of it is overwritten before it has been heard
    part = partial(_recall, board, start)
    return Clip(HEARD, rate, end - start, part, chapters.gain(start, end), start)


def _recall(board: Board, start: int, begin: int, end: int) -> Floats:
    return board.recall(start + begin, start + end)
