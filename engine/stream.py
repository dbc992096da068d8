"""A stream of improvised sound: a kernel, its state, its seed and its temperature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.kernel import Block, Kernel, State
from models.errors import InputError

Floats = npt.NDArray[np.float32]


class StreamFailed(Exception):
    """The network gave numbers that are none; its text says what to do."""


@dataclass(frozen=True)
class Moment:
    """Where a stream was: a value. From it, with the same seed, the same future follows."""

    state: State
    seed: int
    frame: int


class Stream:
    """Voices that play the same style, each with its own chance. One thread; `generate` and `prime` block for
    the time the network takes.

    The same style, prime, seed and temperatures give the same codes, however the frames are grouped (on one
    machine, provider and runtime version).
    """

    def __init__(self, kernel: Kernel, seed: int, voices: int = 1) -> None:
        self.kernel = kernel
        self.state: State = kernel.start(voices, seed)
        self.frame = 0
        """The next one's number; the noise depends on it."""
        self.reseed(seed)

    @classmethod
    def at(cls, kernel: Kernel, moment: Moment) -> Stream:
        """The stream that goes on from a moment of one that this kernel played."""
        stream = cls(kernel, moment.seed, len(moment.state.codes))
        stream.state, stream.frame = moment.state, moment.frame
        return stream

    @property
    def moment(self) -> Moment:
        return Moment(self.state, self.seed, self.frame)

    @property
    def voices(self) -> int:
        return len(self.state.codes)

    def reseed(self, seed: int) -> None:
        """Other chance from the next frame on."""
        self.seed = seed
        self.noise = self.kernel.noise(seed, self.voices)

    def set_voices(self, voices: int) -> None:
        """Let voices join, each from where the first one is (its own chance soon leads it elsewhere), or leave."""
        keep = [voice if voice < self.voices else 0 for voice in range(voices)]
        h = tuple(np.ascontiguousarray(h[:, keep]) for h in self.state.h)
        self.state = State(self.state.codes[keep], h)
        self.reseed(self.seed)

    def prime(self, sound: Floats, progress: Callable[[float], None] = lambda fraction: None) -> None:
        """Go on from a recording: float32 [samples] at the model's rate, full scale 1. All voices hear it.
        Its head is trimmed to whole frames.

        Raises InputError if it is shorter than one frame.
        """
        lookback, rate = self.kernel.config.lookback, self.kernel.config.sample_rate
        usable = len(sound) // lookback * lookback
        if not usable:
            raise InputError(
                f"the prime is {len(sound)} samples long at {rate} Hz; the style needs at least {lookback}"
            )
        codes = self.kernel.codec.encode(sound[len(sound) - usable :])
        # what has not played yet has nothing to go on from but the recording
        before = self.state if self.frame else self.kernel.start(self.voices)
        self.state = self.kernel.prime(before, np.repeat(codes[None], self.voices, axis=0), progress)

    def generate(self, frames: int, temperature: float) -> Block:
        """The next frames (a multiple of the kernel's block).

        Raises StreamFailed if the logits or the new state are not finite; the state is then still the one before.
        """
        noise = self.noise.frames(self.frame, frames)
        noise *= np.float32(temperature)
        block, state = self.kernel.step(self.state, noise)
        if not all(np.isfinite(values).all() for values in (block.logits, *state.h)):
            raise StreamFailed("the network's output is not finite: the style is damaged, or not trained well")
        self.state, self.frame = state, self.frame + frames
        return block
