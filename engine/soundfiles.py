"""What is left of a sound file that was cut off: how much of it is whole, and its header put right."""

from __future__ import annotations

import io
import struct
from pathlib import Path

FLAC_FRAME = slice(8, 10)
"""The bytes of a FLAC file that hold the samples of a frame."""
FLAC_LENGTH = slice(18, 26)
FLAC_LENGTH_BITS = (1 << 36) - 1
"""Of the integer in those bytes: the samples in all, 0 being not known."""

WAV_HEADER = 80
"""Bytes before the sound: RIFF, room for the sizes of RF64, the format, the data's head."""
WAV_FRAME = 6
"""Bytes: two channels of 24 bits."""
LARGEST_RIFF = 0xFFFFFFFF


def flac_length(path: Path) -> int:
    """The samples that the header of a FLAC file tells, 0 if it was never filled in; -1 if it is no FLAC file."""
    with path.open("rb") as file:
        head = file.read(FLAC_LENGTH.stop)
    if not head.startswith(b"fLaC"):
        return -1
    return int.from_bytes(head[FLAC_LENGTH], "big") & FLAC_LENGTH_BITS


def flac_frame(path: Path) -> int:
    """The samples of a FLAC file's frames: what is written at once."""
    with path.open("rb") as file:
        return int.from_bytes(file.read(FLAC_FRAME.stop)[FLAC_FRAME], "big")


def set_flac_length(path: Path, samples: int) -> None:
    """Fill in a FLAC file's length. Raises OSError."""
    with path.open("rb+") as file:
        head = file.read(FLAC_LENGTH.stop)
        others = int.from_bytes(head[FLAC_LENGTH], "big") & ~FLAC_LENGTH_BITS
        file.seek(FLAC_LENGTH.start)
        file.write((others | samples).to_bytes(8, "big"))


def wav_header(rate: int, data: int, after: int = 0) -> bytes:
    """The head of a stereo WAV file of 24 bits: `data` bytes of sound, `after` bytes of chunks behind it. Beyond 4 GiB
    it is that of an RF64 file, which is the same but for its sizes."""
    riff = WAV_HEADER - 8 + data + after
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 2, rate, rate * WAV_FRAME, WAV_FRAME, 24)
    if riff <= LARGEST_RIFF:
        room = struct.pack("<4sI28x", b"JUNK", 28)
        return struct.pack("<4sI4s", b"RIFF", riff, b"WAVE") + room + form + struct.pack("<4sI", b"data", data)
    sizes = struct.pack("<4sIQQQI", b"ds64", 28, riff, data, data // WAV_FRAME, 0)
    head = struct.pack("<4sI4s", b"RF64", LARGEST_RIFF, b"WAVE")
    return head + sizes + form + struct.pack("<4sI", b"data", LARGEST_RIFF)


def wav_rate(file: io.RawIOBase) -> int:
    """Hz, from a head that `wav_header` made."""
    file.seek(60)
    rate: int = struct.unpack("<I", file.read(4))[0]
    return rate
