"""What the studio remembers from one start to the next: one frozen value, one JSON file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec

from engine.controls import Choice, Controls
from models.errors import InputError
from models.files import written_aside

Scheme = Literal["dark", "light", "system"]
Format = Literal["flac", "wav"]


@dataclass(frozen=True)
class Settings:
    scheme: Scheme = "dark"
    page: str = "play"
    geometry: str = ""
    """Of the window, as Qt packs it, base64."""
    style: str = ""
    """Path or name of the style that was played last."""
    controls: Controls = field(default_factory=Controls)
    seed: int | None = None
    """Locked, or none: another one for each style that is loaded."""
    device: str | None = None
    """By name; none: the system's default."""
    provider: Choice = "auto"
    takes: Path | None = None
    """Folder; none: the platform's place."""
    take_format: Format = "flac"
    training: Path | None = None
    """Folder of the trainings; none: the platform's place."""
    author: str = ""
    """Of the styles that are installed from trainings."""
    keep_seconds: float = 30.0
    listen_seconds: float = 5.0
    recent_primes: tuple[Path, ...] = ()
    """Recordings that were opened to go on from, the latest first."""
    hint_seen: bool = False


def load(path: Path) -> tuple[Settings, str]:
    """The settings of a file and, if not all is well, what to tell: then they are the defaults, and the file is kept
    aside. What is not there has its default; what is unknown, as a newer program may have left, is let go. Never
    raises."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Settings, dec_hook=_path), ""
    except FileNotFoundError:
        return Settings(), ""
    except (OSError, ValueError, RecursionError, InputError) as error:
        aside = path.with_name(f"{path.name}.damaged")
        try:
            path.replace(aside)
            kept = f"They are kept in {aside}"
        except OSError:
            kept = "They could not be put aside"
        return Settings(), f"The settings in {path} could not be read ({error}). {kept}; all is as at the first start."


def save(settings: Settings, path: Path) -> None:
    """Aside, and renamed. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_aside(path) as aside:
        aside.write_bytes(msgspec.json.format(msgspec.json.encode(settings, enc_hook=str)))


def _path(kind: type[Any], value: Any) -> Any:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise ValueError(f"{value!r:.80} is no path")
