"""What is said to the engine and what it says back: plain frozen values, the same on both sides."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from models.errors import InputError

Provider = Literal["cpu", "cuda"]
Choice = Literal["auto", "cpu", "cuda"]

HOTTEST = 10.0
SPREAD = 0.7
MOST_VOICES = 4
MEMORY_SECONDS = 300.0
"""How far back the engine remembers: what was heard, and where its streams were."""
MOST_PRIME_SECONDS = 60.0
"""Of a recording that is gone on from: a network remembers less."""
MOST_MARKS = 200
LONGEST_NAME = 60
"""Characters of a name in the status; what is longer is cut."""
DEFAULT_LATENCY = 0.1

RANGES = {
    "temperature": (0.0, HOTTEST),
    "gain": (-60.0, 12.0),
    "voices": (1, MOST_VOICES),
    "spread": (0.0, 1.0),
    "crossfade": (0.02, 30.0),
    "latency": (0.02, 0.5),
}


@dataclass(frozen=True)
class Controls:
    """What can be turned while it plays; swapped whole. Raises InputError for a value out of range."""

    temperature: float = 0.9
    """Lower is safer, higher is wilder."""
    gain: float = 0.0
    """dB"""
    voices: int = 1
    spread: float = SPREAD
    """How far out the outermost voices sit: 0 all in the middle, 1 hard left and right."""
    crossfade: float = 2.0
    """Seconds that a switch of styles takes."""
    latency: float = DEFAULT_LATENCY
    """Seconds of sound kept ready: less answers faster, more survives a busier machine."""
    rescue: bool = True
    """Whether a stream that got stuck is brought back."""

    def __post_init__(self) -> None:
        for name, (least, most) in RANGES.items():
            _check(name, getattr(self, name), least, most)


def _check(name: str, value: float, least: float, most: float) -> None:
    if not (math.isfinite(value) and least <= value <= most):
        raise InputError(f"{name} is {value}; it must be from {least:g} to {most:g}")


class Command:
    """Something that happens once. Raises InputError for a number out of range."""

    ranges: ClassVar[dict[str, tuple[float, float]]] = {
        "seconds": (0.0, 1e9), "start": (0.0, 1e9), "seed": (0, 2**64 - 1),
    }  # fmt: skip

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if field.name in self.ranges and value is not None:
                _check(field.name, value, *self.ranges[field.name])


LAST_FRAME = 2**62
"""Of the engine's clock."""


@dataclass(frozen=True)
class Load(Command):
    """Play this style: at once when nothing was loaded, else faded in over the one that plays, primed with the
    last seconds of what was heard."""

    style: Path
    seed: int | None = None
    provider: Choice = "auto"


@dataclass(frozen=True)
class Start(Command):
    """Open the device (by name; none: the system's default; "null": a clock without sound) and play, until Stop or
    for so many seconds."""

    device: str | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Stop(Command):
    """Fade out and close the device. Start goes on from here."""


@dataclass(frozen=True)
class Prime(Command):
    """Go on from a recording: `seconds` of it from `start` on (none: the last MOST_PRIME_SECONDS, up to the
    silence that it may fade into)."""

    sound: Path
    start: float = 0.0
    seconds: float | None = None


@dataclass(frozen=True)
class Listen(Command):
    """Hear the input device for so many seconds, then go on from that."""

    seconds: float
    device: str | None = None


@dataclass(frozen=True)
class Reset(Command):
    """Begin again from the style's start, with the same seed."""


@dataclass(frozen=True)
class Rewind(Command):
    """Go back to where the stream was when what was heard so many seconds ago was made, and on from there: with
    the same seed to the same future, with another to another."""

    seconds: float
    seed: int | None = None
    """None: the seed of that moment."""


@dataclass(frozen=True)
class Branch(Command):
    """As Rewind, to where the stream was when frame `position` of the engine's clock (Status.heard) was made: to the
    last moment that is kept at or before it (the start of each stream, and one every tenth of a second), or to the
    oldest."""

    position: int
    seed: int | None = None
    """None: the seed of that moment."""

    ranges = Command.ranges | {"position": (0, LAST_FRAME)}


@dataclass(frozen=True)
class NewSeed(Command):
    """Other chance from the next frame on."""

    seed: int


@dataclass(frozen=True)
class Record(Command):
    """Record what is heard into a .wav or .flac file from now on."""

    file: Path


@dataclass(frozen=True)
class StopRecording(Command):
    pass


@dataclass(frozen=True)
class Keep(Command):
    """Make a take of the last seconds of what was heard, up to MEMORY_SECONDS."""

    file: Path
    seconds: float


@dataclass(frozen=True)
class Audition(Command):
    """Hear a sound file, or `seconds` of it from `start` on: any that models/audio.py reads, MEMORY_SECONDS of it at
    most. Two channels are heard left and right; one, or more than two, in the middle.

    It is read in one piece, on the worker thread, which takes a moment (Status.work). Then the live stream fades out
    and stands still: its clock, what is remembered, a take that is being recorded and its recipe hold nothing of what
    is auditioned, and all that is faded at the ear. When that is over the live stream goes on where it was, and with
    what was asked of it meanwhile. A new audition takes the place of the one before; Start ends it and goes on live,
    Stop ends both.

    While nothing plays a device is opened for it, and closed again: the state stays "stopped". The gain that is in
    force applies, and the limiter. What cannot be heard is a notice.
    """

    sound: Path
    start: float = 0.0
    seconds: float | None = None
    """None: to its end."""
    device: str | None = None
    """As in Start; not used while a device is open."""


@dataclass(frozen=True)
class Replay(Command):
    """As Audition, of what was heard from frame `start` of the engine's clock (Status.heard, Status.oldest) to `end`:
    what of that is still remembered. It sounds as it did; what the gain was turned since then applies."""

    start: int
    end: int
    device: str | None = None
    """As in Start; not used while a device is open."""

    ranges = Command.ranges | {"start": (0, LAST_FRAME), "end": (0, LAST_FRAME)}


@dataclass(frozen=True)
class EndAudition(Command):
    """Let what is auditioned fade out, or what is just being read for it be; the live stream goes on."""


Kind = Literal["info", "error"]
State = Literal["stopped", "starting", "playing", "reconnecting", "failed"]


@dataclass(frozen=True)
class Notice:
    """Something a person should know, once. `number` counts up from 1."""

    number: int
    kind: Kind
    text: str


@dataclass(frozen=True)
class Taking:
    """The recording that is running."""

    file: Path
    seconds: float
    bytes: int


@dataclass(frozen=True)
class Auditioning:
    """What is auditioned, from when it is read until it has been heard."""

    what: str
    """The file's name, or "what was heard"."""
    position: float
    """Seconds of it that have left the ring: 0 while the live sound before it is still heard."""
    seconds: float
    """Of it in all."""
    start: int | None = None
    """Of what was heard: where on the engine's clock it begins."""


Why = Literal["start", "switch", "prime", "rewind", "reset", "rescue"]


@dataclass(frozen=True)
class Mark:
    """Where a stream began."""

    position: int
    """The first frame of the engine's clock that holds something of it."""
    why: Why
    title: str
    """The style's name; of a prime the recording's file name, or "microphone"."""


@dataclass(frozen=True)
class Status:
    """The engine at one moment."""

    state: State = "stopped"
    reason: str = ""
    """Why it failed or is reconnecting, and what to do."""
    work: str = ""
    """What is being prepared aside, such as a style."""
    style: Path | None = None
    style_sha256: str = ""
    title: str = ""
    provider: str = ""
    """The one really in use."""
    remark: str = ""
    """What to know about the choice of provider, such as a fall-back."""
    device: str = ""
    rate: int = 0
    """Hz, of what is heard."""
    voices: int = 0
    seed: int = 0
    temperature: float = 0.0
    """The one in force."""
    fill: float = 0.0
    """Seconds of sound in the ring, live and auditioned."""
    delay: float = 0.0
    """Seconds from the ring's end to the ear and from the network to the ring: the device's, the resampler's
    and the limiter's."""
    real_time_factor: float = 0.0
    """Of the last seconds; below 1 it cannot keep up."""
    processor: float = 0.0
    """Share of one core that the engine's process uses."""
    underruns: int = 0
    """Gaps since the start."""
    underrun_seconds: float = 0.0
    first_sound: float | None = None
    """Seconds from start to the first sound handed to the device."""
    played: float = 0.0
    """Seconds of sound made since the start."""
    written: int = 0
    """Frames made since the engine came up; the clock of `heard`. It stands still while something is auditioned."""
    heard: int = 0
    """... of which so many have left the ring."""
    oldest: int = 0
    """The first frame that is still remembered."""
    marks: tuple[Mark, ...] = ()
    """The last MOST_MARKS of those not before `oldest`, by their position."""
    peak: tuple[float, float] = (-120.0, -120.0)
    """dBFS, left and right, of the last block, live or auditioned."""
    verdict: str = ""
    """How the stream is stuck, if it is: silence, rail, loop or noise."""
    rescues: int = 0
    taking: Taking | None = None
    auditioning: Auditioning | None = None
    codes_sha256: str = ""
    """Of all codes drawn since the style was loaded (engine/recipe.py tells how)."""
    entropy: float = 0.0
    """Bits, of the last distribution at the temperature in force."""
    distribution: npt.NDArray[np.float32] = dataclasses.field(default_factory=lambda: np.zeros(0, np.float32))
    """float32 [levels]: the probabilities from which the first voice's last code was drawn."""
    notices: tuple[Notice, ...] = ()
    """The latest few."""
