"""The recipe of a take: all that decides which codes are drawn, noted as it happens.

A take is made of strips (engine/player.py): stretches of one stream, each from a known moment. A moment is a few
kilobytes, so a recipe holds it whole, and primes, switches, rewinds and resets need nothing else to be made
again. Events are dicts of plain JSON values:

    {"event": "take", "format": 1, "rate": 48000, ...}
    {"event": "part", "from": 96000, "to": 240000}
    {"event": "strip", "strip": 0, "at": 0, "why": "start", "from": 0.0, "to": 1.0, "fade": 0.01, "style": ..., ...}
    {"event": "play", "strip": 0, "frame": 1200, "temperature": 0.95, "seed": 7, "voices": 1}
    {"event": "mix", "at": 4800, "gain": -3.0, "spread": 0.7}
    {"event": "leave", "strip": 0, "at": 96000, "fade": 2.0}
    {"event": "end", "strip": 0, "frames": 2000, "codes_sha256": ...}
    {"event": "close", "frames": 480000, "codes_sha256": ...}

`at` counts frames of the take at its rate, `frame` top-tier frames of the stream. `play` comes before the first
frame of a strip and whenever something in it changes. `part` is there if the sound is but that part of all this.
"""

from __future__ import annotations

import base64
import hashlib
import platform
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime

from engine.kernel import Codes, State
from engine.stream import Moment
from models.config import ModelConfig
from models.errors import InputError

if TYPE_CHECKING:
    from engine.player import Strip

FORMAT = 1

Event = dict[str, Any]


@dataclass(frozen=True)
class Settings:
    """What the next codes of a strip depend on, besides its moment."""

    temperature: float
    seed: int
    voices: int


@dataclass
class _Part:
    """What a log knows of a strip."""

    number: int
    entered: int
    """The player's position."""
    settings: Settings | None = None
    frames: int = 0
    codes: Any = field(default_factory=hashlib.sha256)

    @property
    def end(self) -> Event:
        return {"event": "end", "strip": self.number, "frames": self.frames, "codes_sha256": self.codes.hexdigest()}


class Log:
    """Hears what strips do and notes it; two logs may listen to the same strips. Engine thread; never blocks if
    `note` does not."""

    def __init__(self, note: Callable[[Event], None], start: int) -> None:
        """note: called with each event. start: the player's position at which the take begins."""
        self._note = note
        self._start = start
        self._parts: dict[Strip, _Part] = {}
        self._digests: list[bytes] = []

    def enters(self, strip: Strip, at: int, why: str, gain: float, target: float, fade: float) -> None:
        """A strip sounds from the player's position `at` on, going from one gain to another in `fade` seconds."""
        part = self._parts[strip] = _Part(len(self._digests), at)
        self._digests.append(b"")
        style = strip.place.style
        self._note(
            {
                "event": "strip",
                "strip": part.number,
                "at": at - self._start,
                "why": why,
                "from": gain,
                "to": target,
                "fade": fade,
                "style": {"sha256": style.sha256, "file": str(style.path), "name": style.info.name},
                "provider": strip.stream.kernel.provider,
                "moment": pack(strip.stream.moment),
            }
        )

    def played(self, strip: Strip, frame: int, settings: Settings, codes: Codes, lookback: int) -> None:
        """The strip drew codes, int64 [voices, samples], from its frame `frame` on, under these settings."""
        part = self._parts[strip]
        if settings != part.settings:
            part.settings = settings
            self._note({"event": "play", "strip": part.number, "frame": frame, **settings.__dict__})
        part.frames += codes.shape[1] // lookback
        part.codes.update(flat(codes))

    def leaves(self, strip: Strip, at: int, fade: float) -> None:
        """The strip begins to fade out over so many seconds."""
        part = self._parts[strip]
        # while its first sound is still to come it cannot leave yet
        self._note({"event": "leave", "strip": part.number, "at": max(at, part.entered) - self._start, "fade": fade})

    def mixed(self, at: int, gain: float, spread: float) -> None:
        """gain: dB"""
        self._note({"event": "mix", "at": at - self._start, "gain": gain, "spread": spread})

    def ends(self, strip: Strip) -> None:
        """The strip is over."""
        part = self._parts.pop(strip)
        self._digests[part.number] = part.codes.digest()
        self._note(part.end)

    def closing(self, at: int) -> list[Event]:
        """What makes the log complete, if the take ends at the player's position `at`."""
        close = {"event": "close", "frames": at - self._start, "codes_sha256": self.codes_sha256}
        return [*(part.end for part in self._parts.values()), close]

    def close(self, at: int) -> None:
        """The log is complete."""
        for event in self.closing(at):
            self._note(event)

    @property
    def codes_sha256(self) -> str:
        """One hash for all codes so far."""
        digests = list(self._digests)
        for part in self._parts.values():
            digests[part.number] = part.codes.digest()
        return combine(digests)


def flat(codes: Codes) -> bytes:
    """Codes, int64 [voices, samples], as a strip's hash hears them: sample by sample, so that it does not matter how
    they were grouped."""
    return np.ascontiguousarray(codes.T, "<u2").tobytes()


def combine(digests: list[bytes]) -> str:
    """One hash for all strips, from theirs in the order in which they entered."""
    return hashlib.sha256(b"".join(digests)).hexdigest()


def header(rate: int) -> Event:
    """The first event of a take at `rate` Hz."""
    return {
        "event": "take",
        "format": FORMAT,
        "rate": rate,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "onnxruntime": onnxruntime.__version__,
        "machine": platform.machine(),
    }


def pack(moment: Moment) -> Event:
    """A moment as JSON can hold it."""
    state = moment.state
    return {
        "seed": moment.seed,
        "frame": moment.frame,
        "voices": len(state.codes),
        "codes": _encode(state.codes.astype("<u2")),
        "h": [_encode(h.astype("<f4")) for h in state.h],
    }


def unpack(packed: Any, config: ModelConfig) -> Moment:
    """The moment that `pack` packed. Raises InputError if it is none of this model."""
    try:
        voices = packed["voices"]
        codes = _decode(packed["codes"], "<u2", (voices, config.history)).astype(np.uint16)
        shape = (config.rnn_layers, voices, config.state_units)
        h = tuple(_decode(text, "<f4", shape).astype(np.float32) for text in packed["h"])
        moment = Moment(State(codes, h), int(packed["seed"]), int(packed["frame"]))
        fits = len(h) == config.tiers and codes.max() < config.levels and all(np.isfinite(x).all() for x in h)
        if not (fits and voices >= 1 and 0 <= moment.seed < 1 << 64 and moment.frame >= 0):
            raise ValueError
    except (KeyError, TypeError, ValueError, OverflowError):
        raise InputError("the recipe is damaged: it does not fit its style") from None
    return moment


def _encode(array: Any) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")


def _decode(text: Any, kind: str, shape: tuple[int, ...]) -> Any:
    return np.frombuffer(base64.b64decode(text, validate=True), kind).reshape(shape)
