"""What a style shows of itself: a few seconds of what it plays, and a picture of them."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
import soundfile

from engine.place import LOUDNESS
from engine.report.picture import card
from models.style import PICTURE, PREVIEW, Style, change_info

Floats = npt.NDArray[np.float32]

PEAK = 0.9
"""Of full scale, at most."""


def with_preview(style: Style, sound: Floats, loudness: float) -> Style:
    """Put a sound into a style file as its preview, as loud as the style is played, and its picture: float32 [samples]
    at the style's rate, at most PREVIEW_SECONDS (models/style.py). loudness: dBFS, the style's, which the file says
    from then on. What was there before is replaced; the style's hash stays. Blocks. Raises OSError, InputError."""
    rate, peak = style.info.model.sample_rate, max(float(np.abs(sound).max()), 1e-6)
    gain = min(10 ** ((LOUDNESS - loudness) / 20), PEAK / peak)
    preview = io.BytesIO()
    soundfile.write(preview, sound * gain, rate, format="FLAC", subtype="PCM_16")
    return change_info(style, {PREVIEW: preview.getvalue(), PICTURE: card(sound, rate)}, loudness=loudness)
