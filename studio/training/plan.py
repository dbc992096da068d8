"""What a training is to be, as the studio wrote it into its folder (launch.json). Any thread; blocks on the disk."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import msgspec

from models.files import written_aside
from models.presets import USUAL

FILE = "launch.json"
DATA = "data"
"""The data set, within the folder of the run."""
_writing = threading.Lock()


@dataclass(frozen=True)
class Plan:
    """All that starting it again needs, and what is wanted of it. One that was begun elsewhere has none."""

    name: str
    sources: tuple[str, ...] = ()
    """The files and folders that its recordings came from."""
    preset: str = USUAL
    base: str = ""
    """The style file that it starts from; none: from nothing."""
    settings: tuple[str, ...] = ()
    """KEY=VALUE, as `train --set` has them."""
    minutes: float = 60.0
    steps: int = 0
    """It goes on to so many, whatever it was begun with; none: nobody asked for more."""
    created: float = 0.0
    """Seconds since 1970, as the others."""
    queued: float | None = None
    """Since when it waits for its turn."""
    wanted: Literal["train", "pause", "stop"] = "train"
    pid: int | None = None
    """The process that was last started for it."""
    begun: float = 0.0
    """When that was."""


def read_plan(folder: Path) -> Plan | None:
    """None where there is none that can be read."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Plan)
    except (OSError, ValueError, RecursionError):
        return None


def write_plan(folder: Path, plan: Plan) -> None:
    """Raises OSError."""
    with written_aside(folder / FILE) as aside:
        aside.write_bytes(msgspec.json.format(msgspec.json.encode(plan)))


def change_plan(folder: Path, **changes: Any) -> Plan:
    """Let it say something else, all else as it was. Raises OSError."""
    with _writing:
        plan = replace(read_plan(folder) or Plan(folder.name), **changes)
        write_plan(folder, plan)
    return plan
