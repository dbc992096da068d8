"""Where a stream is, with what plays it; and how to get to one: the slow part, for the worker thread."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from weakref import WeakValueDictionary

import numpy as np
import numpy.typing as npt
import soxr

from engine.controls import MOST_PRIME_SECONDS, Choice
from engine.library import find_style
from engine.select import Selected, select_kernel
from engine.stream import Moment, Stream
from models.audio import sounding, stream_audio
from models.errors import InputError
from models.style import Style

Floats = npt.NDArray[np.float32]


LOUDNESS = -20.0
"""dBFS, RMS: what each style is brought to."""


@dataclass(frozen=True)
class Place:
    """A moment of a style. A value."""

    style: Style
    selected: Selected
    moment: Moment

    @property
    def rate(self) -> int:
        """Hz, the model's."""
        return self.style.info.model.sample_rate

    @property
    def gain(self) -> float:
        """dB, that brings the style to LOUDNESS."""
        return LOUDNESS - self.style.info.loudness

    def stream(self) -> Stream:
        return Stream.at(self.selected.kernel, self.moment)

    def reseeded(self, seed: int) -> Place:
        """From here on with other chance."""
        return replace(self, moment=replace(self.moment, seed=seed))

    def anew(self, seed: int, voices: int) -> Place:
        """The style's start."""
        return replace(self, moment=Stream(self.selected.kernel, seed, voices).moment)

    def after(self, sound: Floats) -> Place:
        """After hearing `sound`, float32 [samples] at the model's rate, from the style's start. Blocks for the time
        the network takes. Raises InputError if it is shorter than a frame."""
        stream = Stream(self.selected.kernel, self.moment.seed, len(self.moment.state.codes))
        stream.prime(sound)
        return replace(self, moment=stream.moment)


class Opener:
    """Opens styles, and knows the kernels that are still in use. Worker thread; blocks."""

    def __init__(self) -> None:
        self._known: WeakValueDictionary[tuple[str, Choice], Selected] = WeakValueDictionary()

    def open(self, path: Path, provider: Choice, seed: int, voices: int) -> Place:
        """A style's start, warm. Raises InputError."""
        style = find_style(str(path))
        key = (style.sha256, provider)
        selected = self._known.get(key)
        if selected is None:
            selected = self._known[key] = select_kernel(style, provider)
        return Place(style, selected, Stream(selected.kernel, seed, voices).moment)


def heard_as_prime(heard: Floats, rate: int, place: Place, gain: float) -> Floats:
    """What was heard, float32 [frames, 2] at `rate` Hz, as the style would play it itself: float32 [samples], mono
    at its rate and loudness. gain: dB, that was turned up when it was heard."""
    mono = heard.mean(axis=1) * np.float32(10 ** (-(gain + place.gain) / 20))
    if place.rate != rate:
        mono = soxr.resample(mono, rate, place.rate, "HQ")
    sound: Floats = np.clip(mono, -1, 1).astype(np.float32)
    return sound


def to_go_on_from(path: Path, rate: int, start: float, seconds: float | None) -> Floats:
    """A part of a sound file as `region` gives it; where it goes to the file's end, without the silence that this may
    fade into. float32 [samples]. Blocks. Raises as `region` does."""
    sound = region(path, rate, start, seconds)
    return sound if seconds is not None else sound[: sounding(np.abs(sound))]


def region(path: Path, rate: int, start: float, seconds: float | None, stereo: bool = False) -> Floats:
    """A part of a sound file at `rate` Hz: `seconds` from `start` (none: of all the rest the last
    MOST_PRIME_SECONDS). float32 [samples], mono, or where `stereo` [frames, 2] as models/audio.py gives it.
    Blocks. Raises AudioError, and InputError if there is nothing in that part."""
    size = 4 * (1 + stereo)  # bytes of a frame
    wanted = None if seconds is None else round(seconds * rate) * size
    most = round(MOST_PRIME_SECONDS * rate) * size
    joined = bytearray()  # grows in place: to join a list of blocks would hold everything twice, and the GIL for long
    for block in stream_audio(path, rate, start=start, stereo=stereo):
        joined += block.tobytes()
        if wanted is None:
            del joined[:-most]
        elif len(joined) >= wanted:
            del joined[wanted:]
            break
    if not joined:
        raise InputError(f"{path}: there is no sound at {start:g} s")
    sound: Floats = np.frombuffer(joined, np.float32)
    return sound.reshape(-1, 2) if stereo else sound
