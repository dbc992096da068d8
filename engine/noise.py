"""The chance in a stream: Gumbel noise as a pure function of (seed, voice, frame).

It comes from the raw bits of Philox, a counter-based generator: any frame's noise can be had at once, in any
order and any grouping, so a stream does not depend on block sizes, timing or threads. NumPy keeps the bits of
its generators for good, but not what it makes of them; that is done here.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

WORDS_PER_COUNT = 4
"""64-bit words that one count of Philox gives."""


class GumbelNoise:
    """Noise for `voices` voices, `samples` samples a frame, `levels` levels. Engine thread; never blocks."""

    def __init__(self, seed: int, voices: int, samples: int, levels: int) -> None:
        """seed: 0 to 2**64 - 1."""
        self._shape = (samples, levels)
        words = -(-samples * levels // 2)
        self._counts = -(-words // WORDS_PER_COUNT)
        self._streams = [np.random.Philox(key=[seed, voice]) for voice in range(voices)]
        self._next = 0

    def frames(self, first: int, count: int) -> Floats:
        """Standard Gumbel noise of frames `first` to `first + count`, float32 [count, samples, voices, levels].
        Always finite: from -2.8 to 16.7."""
        if first != self._next:
            for stream in self._streams:
                self._seek(stream, first)
        self._next = first + count
        samples, levels = self._shape
        noise = np.empty((count, samples, len(self._streams), levels), np.float32)
        for voice, stream in enumerate(self._streams):
            raw = stream.random_raw(count * self._counts * WORDS_PER_COUNT).view(np.uint32)
            bits = raw.reshape(count, -1)[:, : samples * levels].reshape(count, samples, levels)
            # 23 bits and a half: exact in float32, and neither 0 nor 1, whose logarithms are not finite
            uniform = ((bits >> np.uint32(9)).astype(np.float32) + np.float32(0.5)) * np.float32(2**-23)
            np.negative(np.log(-np.log(uniform)), out=noise[:, :, voice])
        return noise

    def _seek(self, stream: np.random.Philox, frame: int) -> None:
        state = stream.state
        count = frame * self._counts
        state["state"]["counter"] = np.array([count & (2**64 - 1), count >> 64, 0, 0], np.uint64)
        state["buffer_pos"] = WORDS_PER_COUNT  # nothing left over from before
        stream.state = state
