"""The peaks of sound files of any length, quickly. Any thread; blocks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from studio.peaks import NOTHING, Peaks, peaks
from studio.takes.files import Sound

BLOCK = 1 << 14
"""Frames, about, that are read at once."""


def file_peaks(path: Path, columns: int, most: int, go_on: Callable[[], None] = lambda: None) -> tuple[Peaks, float]:
    """Of a sound file in so many columns, and the share of it that can be read; the rest is silent. Of a column no more
    than `most` frames are looked at, so that an hour takes no longer than minutes do. go_on: called now and then; may
    raise.

    Never raises itself: of what is no sound there is nothing.
    """
    found: list[Peaks] = []
    count, width, read = 0, 1, 0
    try:
        with path.open("rb") as file, Sound(file.fileno(), closefd=False) as sound:
            frames = sound.length
            width = max(1, -(-frames // columns))
            count = -(-frames // width)
            at_once = width * max(1, BLOCK // width) if width <= most else width
            for start in range(0, frames, at_once):
                go_on()
                if width > most:
                    sound.seek(start)
                wanted = min(most if width > most else at_once, frames - start)
                block = sound.read(wanted, "float32", always_2d=True)
                if len(block):
                    found.append(peaks(np.nan_to_num(block), min(width, most)))
                if len(block) < wanted:
                    read = start + len(block)
                    break
                read = min(frames, start + at_once)
    except (OSError, soundfile.LibsndfileError):
        pass
    if not found:
        return NOTHING, 0.0
    parts = ([getattr(each, name) for each in found] for name in ("low", "high", "power"))
    rest = np.zeros(count - sum(map(len, found)), np.float32)
    return Peaks(*(np.concatenate([*each, rest]) for each in parts)), read / frames
