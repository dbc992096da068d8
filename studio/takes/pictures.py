"""The peaks of sound files of any length, quickly. Any thread; blocks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from studio.peaks import NOTHING, Peaks, peaks
from studio.takes.files import Sound


def file_peaks(path: Path, columns: int, most: int, go_on: Callable[[], None] = lambda: None) -> tuple[Peaks, float]:
    """Of a sound file in so many columns, and the share of it that can be read; the rest is silent. Of a column no more
    than `most` frames are looked at, so that an hour takes no longer than minutes do. go_on: called now and then; may
    raise.

    Never raises itself: of what is no sound there is nothing.
    """
    found: list[Peaks] = []
    count, read = 0, 0.0
    try:
        with path.open("rb") as file, Sound(file.fileno(), closefd=False) as sound:
            frames = sound.length
            edges = np.linspace(0, frames, min(columns, frames) + 1).astype(np.int64)
            count = len(edges) - 1
            for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
                go_on()
                wanted = min(end - start, most)
                if wanted < end - start:
                    sound.seek(start)
                block = sound.read(wanted, "float32", always_2d=True)
                if len(block):
                    found.append(peaks(np.nan_to_num(block), most))
                if len(block) < wanted:
                    break
                read = end / frames
    except (OSError, soundfile.LibsndfileError):
        pass
    if not found:
        return NOTHING, 0.0
    rest = np.zeros(count - len(found), np.float32)
    parts = ([getattr(each, name) for each in found] for name in ("low", "high", "power"))
    return Peaks(*(np.concatenate([*each, rest]) for each in parts)), read
