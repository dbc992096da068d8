"""Takes to test with: real ones, but short."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from engine.takes import TakeWriter

RATE = 48_000
NEW_YEAR = 1_767_225_600
"""2026, seconds since 1970."""


def make_take(path: Path, seconds: float = 0.25, style: str = "Piano", level: float = 0.5, day: int = 0) -> Path:
    """A tone with a recipe, as the engine leaves it, recorded so many days after New Year."""
    path.parent.mkdir(parents=True, exist_ok=True)
    at = np.arange(round(seconds * RATE)) / RATE
    left, right = (level * np.sin(2 * np.pi * pitch * at) for pitch in (220, 330))
    with TakeWriter(path, RATE) as writer:
        writer.note({"event": "take", "format": 1, "rate": RATE})
        writer.note({"event": "strip", "strip": 0, "at": 0, "style": {"name": style, "sha256": "0", "file": "x"}})
        writer.write(np.stack([left, right], 1).astype(np.float32))
    os.utime(path, (NEW_YEAR + 86_400 * day,) * 2)
    return path
