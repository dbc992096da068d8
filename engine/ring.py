"""The ring between the engine thread, which writes, and the audio thread, which reads: engine/audio.c."""

from __future__ import annotations

import ctypes
import importlib.util
from functools import cache

import numpy as np
import numpy.typing as npt

from models.errors import InputError

Floats = npt.NDArray[np.float32]

RAMP_SECONDS = 0.005
"""Of the fades where the ring runs dry, and where the sound comes back."""


@cache
def _library() -> ctypes.PyDLL:
    found = importlib.util.find_spec("engine._audio")
    if found is None or found.origin is None:
        raise InputError(
            "playing live needs a part of the engine that was not built: install a C compiler (cc), then: make setup"
        )
    # PyDLL: these calls take nanoseconds, and to give the GIL away for one could mean to wait for it for milliseconds
    library = ctypes.PyDLL(found.origin)
    pointer, integer = ctypes.c_void_p, ctypes.c_int64
    for name, result, arguments in (
        ("size", integer, []),
        ("init", None, [pointer, pointer, integer, integer, ctypes.c_int32]),
        ("set", None, [pointer, integer, ctypes.c_int32, ctypes.c_int32]),
        ("counters", None, [pointer, pointer]),
        ("write", integer, [pointer, pointer, integer]),
        ("read", integer, [pointer, pointer, integer]),
    ):
        function = getattr(library, f"samplernn_ring_{name}")
        function.restype, function.argtypes = result, arguments
    return library


class Ring:
    """Stereo frames, first in, first out. One thread writes (`write` and what sets), one reads (`read`, or the
    device's callback); any may look. Nothing blocks.

    The reader waits until `refill` frames are there before the sound begins, and again after the ring ran dry, which
    it bridges with a fade out and in; while `expecting` that is counted as a gap.
    """

    def __init__(self, frames: int, rate: int, channels: int = 2) -> None:
        """frames: how many it holds; rate: Hz; channels: of who reads (1 gets the mean of both, beyond 2 zeros).
        Raises InputError if the compiled part is missing."""
        library = self._library = _library()
        self.capacity, self.channels = frames, channels
        self._frames = np.zeros((frames, 2), np.float32)
        self._ring = np.zeros(library.samplernn_ring_size(), np.uint8)
        self._counters = np.zeros(6, np.int64)
        self.address: int = self._ring.ctypes.data
        library.samplernn_ring_init(
            self.address, self._frames.ctypes.data, frames, max(1, round(RAMP_SECONDS * rate)), channels
        )

    def write(self, block: Floats) -> int:
        """Add as many of the frames, float32 [frames, 2], as there is room for; returns how many. Writer."""
        block = np.ascontiguousarray(block, np.float32)
        taken: int = self._library.samplernn_ring_write(self.address, block.ctypes.data, len(block))
        return taken

    def read(self, frames: int) -> tuple[Floats, int]:
        """What the device's callback would play: float32 [frames, channels], and how many of them came from the ring.
        Reader."""
        out = np.empty((frames, self.channels), np.float32)
        return out, self._library.samplernn_ring_read(self.address, out.ctypes.data, frames)

    def expect(self, refill: int, amid: bool = False) -> None:
        """From now on running dry is a gap; sound begins when `refill` frames are there. amid: the first frame is in
        the middle of a sound, which is then faded in. Writer."""
        self._library.samplernn_ring_set(self.address, min(refill, self.capacity), 1, amid)

    def let_run_dry(self) -> None:
        """What comes now is the end. Writer."""
        self._library.samplernn_ring_set(self.address, 0, 0, 0)

    @property
    def fill(self) -> int:
        """Frames in it."""
        written, consumed, *_ = self._count()
        return written - consumed

    @property
    def written(self) -> int:
        """Frames that were ever written."""
        return self._count()[0]

    @property
    def consumed(self) -> int:
        """Frames that were read."""
        return self._count()[1]

    @property
    def gaps(self) -> int:
        """Times that it ran dry, or that the device says that it could not keep up."""
        counters = self._count()
        return counters[2] + counters[5]

    @property
    def missing(self) -> int:
        """Frames of silence where there should have been sound."""
        return self._count()[3]

    @property
    def calls(self) -> int:
        """Of the callback."""
        return self._count()[4]

    def _count(self) -> list[int]:
        self._library.samplernn_ring_counters(self.address, self._counters.ctypes.data)
        counters: list[int] = self._counters.tolist()
        return counters


def callback_address() -> int:
    """Of the PaStreamCallback whose user data is a Ring's `address`. Raises InputError if the compiled part is
    missing."""
    address = ctypes.cast(_library().samplernn_callback, ctypes.c_void_p).value
    assert address is not None
    return address
