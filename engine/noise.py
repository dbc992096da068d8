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
ONE = np.uint32(0x3F800000)
"""The bits of 1.0: with a 23-bit fraction under them, a number from 1 to 2."""
BELOW_ONE = np.float32(1 - 2**-24)


class GumbelNoise:
    """Noise for `voices` voices, `samples` samples a frame, `levels` levels. Engine thread; never blocks."""

    def __init__(self, seed: int, voices: int, samples: int, levels: int) -> None:
        """seed: 0 to 2**64 - 1."""
        self._shape = (samples, levels)
        words = -(-samples * levels // 2)
        self._counts = -(-words // WORDS_PER_COUNT)
        self._streams = [np.random.Philox(key=np.array([seed, voice], np.uint64)) for voice in range(voices)]
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
            for frame in range(count):  # and in place: one frame fits the cache
                raw = stream.random_raw(self._counts * WORDS_PER_COUNT).view(np.uint32)
                noise[frame, :, voice] = gumbel(raw[: samples * levels]).reshape(samples, levels)
        return noise

    def _seek(self, stream: np.random.Philox, frame: int) -> None:
        state = stream.state
        count = frame * self._counts
        state["state"]["counter"] = np.array([count & (2**64 - 1), count >> 64, 0, 0], np.uint64)
        state["buffer_pos"] = WORDS_PER_COUNT  # nothing left over from before
        stream.state = state


def gumbel(bits: npt.NDArray[np.uint32]) -> Floats:
    """Standard Gumbel noise of random bits, uint32 [any], in place.

    u = (k + 1/2) / 2^23 with k the upper 23 bits: exact in float32, and neither 0 nor 1, whose logarithms
    are not finite.
    """
    np.right_shift(bits, 9, out=bits)
    np.bitwise_or(bits, ONE, out=bits)
    g: Floats = bits.view(np.float32)
    g -= BELOW_ONE
    for _ in range(2):
        np.log(g, out=g)
        np.negative(g, out=g)
    return g
