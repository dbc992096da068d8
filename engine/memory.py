"""What the engine's process shows to the app's: its status, and what was heard, in shared memory.

The engine writes, the app reads; neither ever waits for the other. The last five minutes of moments, from which a
stream can be taken up again, stay in the engine's process.
"""

from __future__ import annotations

import bisect
import pickle
import zlib
from dataclasses import replace
from multiprocessing.shared_memory import SharedMemory
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from engine.controls import MEMORY_SECONDS, Status

Floats = npt.NDArray[np.float32]
T = TypeVar("T")

HIGHEST_RATE = 48_000
"""Hz: what is heard is made at no more than this, whatever the device's rate."""
SPARE_SECONDS = 30
"""Remembered beyond that, so that what is asked for is still there when it is copied."""
FRAMES = (int(MEMORY_SECONDS) + SPARE_SECONDS) * HIGHEST_RATE
"""Of sound that is remembered."""
SLOT = 1 << 17
"""Bytes of a status; two are kept, so that one is whole while the other is written."""
_HEAD = 64


class Board:
    """A status and five minutes of sound, in memory that two processes share.

    The engine's process calls `publish` and `hear`, the app's `latest` and `recall`; any thread of them. Nothing
    blocks.
    """

    def __init__(self, name: str | None = None) -> None:
        """name: of a board that another process made; none makes one."""
        size = _HEAD + 2 * SLOT + FRAMES * 2 * 4
        self._memory = SharedMemory(name, create=name is None, size=size)
        self.name = self._memory.name
        self._made_here = name is None
        buffer = self._memory.buf
        assert buffer is not None
        # per slot: the number of the status in it, its length and checksum
        self._head = np.frombuffer(buffer, np.uint64, 6)
        self._slots = [np.frombuffer(buffer, np.uint8, SLOT, _HEAD + i * SLOT) for i in range(2)]
        self._sound = np.frombuffer(buffer, np.float32, FRAMES * 2, _HEAD + 2 * SLOT).reshape(FRAMES, 2)
        self._last = Status()

    def publish(self, status: Status) -> None:
        content = pickle.dumps(status, protocol=5)
        if len(content) > SLOT:  # a distribution over so many levels is nothing to look at
            content = pickle.dumps(replace(status, distribution=status.distribution[:0]), protocol=5)
        number = int(max(self._head[0], self._head[3])) + 1
        slot = number % 2
        self._slots[slot][: len(content)] = np.frombuffer(content, np.uint8)
        self._head[slot * 3 : slot * 3 + 3] = number, len(content), zlib.crc32(content)

    def latest(self) -> Status:
        """The newest status that is whole."""
        numbers, lengths, sums = (self._head[i::3].tolist() for i in range(3))
        slot = int(numbers[1] > numbers[0])
        content = self._slots[slot][: lengths[slot]].tobytes()
        if numbers[slot] and zlib.crc32(content) == sums[slot]:  # else it is just being written
            # from our own process alone: nobody else has this memory
            self._last = pickle.loads(content)
        return self._last

    def hear(self, position: int, sound: Floats) -> None:
        """Remember sound, float32 [frames, 2], from the clock's `position` on."""
        where = (position + np.arange(len(sound))) % FRAMES
        self._sound[where] = sound

    def recall(self, start: int, end: int) -> Floats:
        """A copy of the sound from clock position `start` to `end`, what of it is remembered: float32 [frames, 2]."""
        where = np.arange(max(start, end - FRAMES, 0), end) % FRAMES
        sound: Floats = self._sound[where]
        return sound

    def close(self) -> None:
        del self._head, self._slots, self._sound
        self._memory.close()
        if self._made_here:
            self._memory.unlink()


class Moments(Generic[T]):
    """Values at rising positions of the clock, those of the last `span` frames. One thread."""

    def __init__(self, span: int) -> None:
        self._span = span
        self._kept: list[tuple[int, T]] = []

    def add(self, position: int, value: T) -> None:
        # what a stream that has just been left had made ahead is not going to be heard
        while self._kept and self._kept[-1][0] >= position:
            self._kept.pop()
        self._kept.append((position, value))
        if self._kept[0][0] < position - self._span * 1.02:
            del self._kept[: bisect.bisect_left(self._kept, position - self._span, key=lambda kept: kept[0])]

    def at(self, position: int) -> T | None:
        """The last one at or before a position; the first where there is none; none where there is nothing."""
        index = bisect.bisect_right(self._kept, position, key=lambda kept: kept[0])
        return self._kept[max(0, index - 1)][1] if self._kept else None

    def last(self) -> int | None:
        """The position of the last one."""
        return self._kept[-1][0] if self._kept else None

    def clear(self) -> None:
        self._kept = []
