"""A recording that may be gone on from: what it is, and its waveform. Without Qt; reading it takes long."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from models.audio import read_heading, sounding, stream_audio
from studio.peaks import Growing, Peaks

REPORT_SECONDS = 0.1


@dataclass(frozen=True)
class Recording:
    """So far as it has been read."""

    path: Path
    rate: int
    """Hz"""
    channels: int
    seconds: float
    peaks: Peaks
    pace: float
    """Seconds of a column of the peaks."""

    def ending(self, seconds: float) -> tuple[float, float]:
        """Start and end of its last seconds, before the silence that it may fade into."""
        loud = np.maximum(self.peaks.high, -self.peaks.low)
        end = min(self.seconds, sounding(loud) * self.pace)
        return max(0.0, end - seconds), end


def read_recording(path: Path, report: Callable[[float | None, Recording], None]) -> Recording:
    """Blocks. report: given, now and then, the fraction that is read (none: not known) and what is known so far; may
    raise, to stop it. Raises AudioError for a file that is not sound or damaged."""
    heading = read_heading(path)
    growing = Growing()

    def so_far() -> Recording:
        frames = max(heading.frames or 0, growing.total)
        pace = growing.frames / heading.rate
        return Recording(path, heading.rate, heading.channels, frames / heading.rate, growing.peaks, pace)

    reported = time.monotonic()
    for _ in stream_audio(path, heading.rate, inspect=growing.add):
        if time.monotonic() > reported + REPORT_SECONDS:
            reported = time.monotonic()
            report(min(1.0, growing.total / heading.frames) if heading.frames else None, so_far())
    # the heading may have promised a little more
    whole = so_far()
    return replace(whole, seconds=growing.total / heading.rate)
