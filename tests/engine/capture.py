"""Holding what came out of a device against what the engine sent."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

SNIPPET = 512
NEAR = 2 / 2**23
"""A take has 24 bits, the capture floats."""


def aligned(captured: Floats, sent: Floats) -> tuple[Floats, Floats]:
    """The stretch that both hold, float32 [frames, 2] each, found by a snippet from the middle of what was sent."""
    middle = len(sent) // 2
    snippet = sent[middle : middle + SNIPPET]
    assert np.abs(snippet).max() > 0.001, "nothing to be heard there"
    for at in np.flatnonzero(np.abs(captured[:-SNIPPET, 0] - snippet[0, 0]) < NEAR).tolist():
        if np.abs(captured[at : at + SNIPPET] - snippet).max() < NEAR:
            first = min(at, middle)
            length = min(len(captured) - at + first, len(sent) - middle + first)
            return captured[at - first :][:length], sent[middle - first :][:length]
    raise AssertionError("what was sent is nowhere in the capture")


def differing(captured: Floats, sent: Floats) -> int:
    """How many frames of the stretch that both hold are not the same."""
    ours, theirs = aligned(captured, sent)
    return int((np.abs(ours - theirs).max(axis=1) >= NEAR).sum())
