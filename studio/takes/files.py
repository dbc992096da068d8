"""Takes as they lie in their folder: which files there are, and what each says of itself. Any thread; blocks."""

from __future__ import annotations

import itertools
import json
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import soundfile

from engine.takes import read_recipe, recipe_beside
from models.audio import AUDIO_SUFFIXES, UNKNOWN
from models.errors import InputError

LONGEST_LINE = 1 << 22
"""Bytes of a recipe's line: the first few hold a stream's whole state."""
FIRST_EVENTS = 4
"""So many lines into a recipe its first strip is found."""


class Sound(soundfile.SoundFile):  # type: ignore[misc]
    """Read straight on, or from where `seek` was last told. soundfile seeks after each read, which breaks what comes
    next of an MP3; not if told that it cannot."""

    def seekable(self) -> bool:
        return False

    @property
    def length(self) -> int:
        """Frames; 0 if it does not say."""
        return 0 if self.frames == UNKNOWN else int(self.frames)


@dataclass(frozen=True, slots=True)
class Header:
    """What a take says of itself."""

    seconds: float | None = None
    """None: it does not say."""
    rate: int = 0
    """Hz"""
    channels: int = 0
    coding: str = ""
    """Such as "FLAC, 24 bit"."""
    style: str = ""
    """The name of the style it was begun with; none: unknown."""
    trouble: str = ""
    """Why it cannot be heard."""


@dataclass(frozen=True, slots=True)
class Take:
    file: str
    """Its path; a plain text, since there may be very many."""
    name: str
    """Without the folder and the ending."""
    size: int
    """Bytes."""
    changed: int
    """Nanoseconds since 1970."""
    header: Header | None = None
    """None: not read yet."""

    @property
    def path(self) -> Path:
        return Path(self.file)

    @property
    def style(self) -> str:
        return self.header.style if self.header else ""

    @property
    def seconds(self) -> float | None:
        return self.header.seconds if self.header else None

    @property
    def trouble(self) -> str:
        return self.header.trouble if self.header else ""


def scan(folder: Path) -> Iterator[Take]:
    """What sounds in a folder, in no order; what is hidden is not looked at. A folder that is not there holds nothing.
    Raises OSError."""
    try:
        entries = os.scandir(folder)
    except FileNotFoundError:
        return
    with entries:
        for entry in entries:
            name, suffix = os.path.splitext(entry.name)
            if name.startswith(".") or suffix.lower() not in AUDIO_SUFFIXES:
                continue
            try:
                if entry.is_file():
                    status = entry.stat()
                    yield Take(entry.path, name, status.st_size, status.st_mtime_ns)
            except OSError:  # gone meanwhile, or a link to nowhere
                continue


def take_at(path: Path) -> Take:
    """Raises OSError."""
    status = path.stat()
    return Take(str(path), path.stem, status.st_size, status.st_mtime_ns)


def read_header(path: Path) -> Header:
    """Never raises: what is wrong is in its `trouble`."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file, Sound(file.fileno(), closefd=False) as sound:
            seconds = None if sound.frames == UNKNOWN else sound.frames / sound.samplerate
            return Header(
                seconds, sound.samplerate, sound.channels, coding(sound.format, sound.subtype), _style(path),
                "" if sound.frames else "There is no sound in it",
            )  # fmt: skip
    except FileNotFoundError:
        return Header(trouble="It is no longer there")
    except OSError as error:
        return Header(trouble=f"It cannot be read: {error.strerror or error}")
    except soundfile.LibsndfileError:
        return Header(trouble="It is damaged, or no sound" if size else "The file is empty")


def coding(container: str, subtype: str) -> str:
    """In words, from libsndfile's names."""
    kinds = {"PCM_U8": "8 bit", "FLOAT": "32 bit float", "DOUBLE": "64 bit float"}
    if subtype.startswith("PCM_"):
        kinds.setdefault(subtype, f"{subtype[-2:].lstrip('S')} bit")
    return ", ".join(filter(None, (container.removesuffix("EX"), kinds.get(subtype, ""))))


def _style(path: Path) -> str:
    """Of the first strip in a take's recipe (engine/recipe.py)."""
    try:
        events = _first_events(recipe_beside(path))
    except FileNotFoundError:
        try:
            events = read_recipe(path)
        except (InputError, RuntimeError, struct.error):
            return ""
    except (OSError, ValueError, RecursionError):
        return ""
    for event in events:
        if isinstance(event, dict) and event.get("event") == "strip":
            style = event.get("style")
            name = style.get("name") if isinstance(style, dict) else None
            return name if isinstance(name, str) else ""
    return ""


def _first_events(recipe: Path) -> list[Any]:
    """Of a recipe that may be of hours."""
    with recipe.open("rb") as file:
        lines = iter(lambda: file.readline(LONGEST_LINE), b"")
        return [json.loads(line) for line in itertools.islice(lines, FIRST_EVENTS)]
