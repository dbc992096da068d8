"""A run's folder: what is trained, on what, how far it is and who is at it. No torch: the studio reads it too.

    run.json         RunInfo: what it is, written when it begins
    data.json        the manifest of its data set, each recording with its hash
    metrics.jsonl    a line every few steps and at each validation
    checkpoints/     last, best and step-N .safetensors (models/checkpoint.py)
    lock             held, and with its id in it, by the process that trains it
    tensorboard/     metrics as events, if they were asked for
    stop             put there by anybody: it saves and ends after its step

Nothing in it is named from outside, so it can be moved and copied. A run of an earlier version has neither run.json
nor data.json; its last checkpoint says most of it.
"""

from __future__ import annotations

import importlib.metadata
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from safetensors import SafetensorError, safe_open

from models.config import ModelConfig, TrainingConfig, from_dict, to_dict
from models.dataset import DataSet, Manifest
from models.errors import InputError
from models.files import written_aside
from models.lock import Held, held, holder

FORMAT = 1
BEGAN = time.time()
"""About when this process did. A request to stop that is older was meant for another."""


class TrainingFailed(Exception):
    """The run cannot go on; its text says why and what is kept."""


@dataclass(frozen=True)
class RunInfo:
    """What a run is."""

    model: ModelConfig
    training: TrainingConfig
    steps: int | None
    """It ends after so many; None while a length in minutes is still being measured."""
    data_path: str
    """Where its data set was, absolute."""
    fingerprint: str
    """Of the data set."""
    preset: str | None = None
    started_from: str | None = None
    """The style or run whose weights it began with."""
    program: str | None = None
    """Version of this program that began it."""
    created: str | None = None
    """When it began, ISO 8601, UTC."""

    @classmethod
    def read(cls, run: Path) -> Self:
        """Raises InputError, one clear line, if `run` is no run's folder, or one of a later version."""
        path = run / "run.json"
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content.pop("format") != FORMAT:
                raise InputError(f"{path}: of a later version of this program")
            model, training = content.pop("model"), content.pop("training")
            known = {key: value for key, value in content.items() if key in {field.name for field in fields(cls)}}
            return cls(from_dict(ModelConfig, model), from_dict(TrainingConfig, training), **known)
        except FileNotFoundError:
            return cls._of_checkpoint(run)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(f"{path}: damaged ({' '.join(str(error).split())})") from error

    @classmethod
    def _of_checkpoint(cls, run: Path) -> Self:
        try:
            with safe_open(run / "checkpoints" / "last.safetensors", "np") as file:
                content = json.loads((file.metadata() or {})["samplernn"])
            progress = content["progress"]
            model, training = from_dict(ModelConfig, content["model"]), from_dict(TrainingConfig, content["training"])
            return cls(model, training, progress["steps"], progress["data_path"], progress["data"])
        except (OSError, SafetensorError, ValueError, KeyError, TypeError, InputError):
            raise InputError(f"{run}: no such run; give the folder that train made") from None

    def write(self, run: Path) -> None:
        """Raises OSError; what was there is then untouched."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        configs = {"model": to_dict(self.model), "training": to_dict(self.training)}
        with written_aside(run / "run.json") as aside:
            aside.write_text(json.dumps({"format": FORMAT, **values, **configs}, indent=1), encoding="utf-8")


def version() -> str | None:
    """This program's, if it is installed."""
    with suppress(importlib.metadata.PackageNotFoundError):
        return importlib.metadata.version("samplernn-studio")
    return None


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def manifest(run: Path) -> Manifest | None:
    """What it is trained on, if the folder says so."""
    try:
        return Manifest.from_json((run / "data.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def metrics(run: Path) -> list[dict[str, Any]]:
    """The lines so far, whole ones. Raises OSError other than for there being none."""
    lines = []
    with suppress(FileNotFoundError), (run / "metrics.jsonl").open("rb") as file:
        for text in file:
            with suppress(ValueError):
                lines.append(json.loads(text))
    return lines


def checkpoints(run: Path) -> dict[str, Path]:
    """By name: last, best, then step-N in their order."""
    found = {path.stem: path for path in (run / "checkpoints").glob("*.safetensors") if not path.name.startswith(".")}
    names = sorted(found, key=lambda name: (name != "last", name != "best", len(name), name))
    return {name: found[name] for name in names}


def process(run: Path) -> int | None:
    """The id of the process that trains it now (0 where it is not known), or None."""
    return holder(run / "lock")


def is_running(run: Path) -> bool:
    """Whether a process trains it now."""
    return process(run) is not None


def ask_to_stop(run: Path) -> None:
    """Let whoever trains it save and end after the step it is at, with success. Returns at once; raises OSError."""
    (run / "stop").touch()


class RunFolder:
    """The files of a run, for whoever trains it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.checkpoints = path / "checkpoints"

    def open(self, resume: bool) -> Path | None:
        """The checkpoint to go on from, or None for a new run. Raises InputError if another process trains it, or a
        new one would take the place of one that is there."""
        if is_running(self.path):
            raise self._taken()
        last = self.checkpoints / "last.safetensors"
        if not resume and last.exists():
            raise InputError(f"{self.path} holds a run already; go on with --resume, or choose another folder")
        return last if resume else None

    @contextmanager
    def taken(self, step: int) -> Iterator[None]:
        """Make the folder and keep it for this process; `step`: where it goes on. What an earlier one that was killed
        left behind beyond that is cut off. Raises InputError if another has it or it cannot be made, and turns a
        failing disk into TrainingFailed."""
        try:
            self.checkpoints.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"cannot make {self.checkpoints}: {error.strerror}") from error
        try:
            with held(self.path / "lock"):
                self._tidy(step)
                yield
                (self.path / "stop").unlink(missing_ok=True)
        except Held:
            raise self._taken() from None
        except OSError as error:
            raise TrainingFailed(
                f"cannot write to {self.path} ({error}); its last good checkpoint is kept. "
                "Make room and go on with --resume"
            ) from error

    def describe(self, info: RunInfo, resume: bool) -> None:
        """Say what the run is; one that goes on keeps what it said when it began. Raises OSError."""
        if resume:
            info = replace(RunInfo.read(self.path), steps=info.steps, data_path=info.data_path)
        info.write(self.path)

    def list_data(self, data: DataSet) -> None:
        """Say what it is trained on. Raises OSError."""
        with written_aside(self.path / "data.json") as aside:
            aside.write_text(data.manifest.to_json(), encoding="utf-8")

    def stop_asked(self) -> bool:
        """Whether somebody asked this process to stop."""
        return (self.path / "stop").exists()

    def save(self, write: Callable[[Path], None], names: tuple[str, ...]) -> None:
        """Checkpoints under these names, in this order. Raises OSError."""
        for name in names:
            write(self.checkpoints / f"{name}.safetensors")

    def log(self, line: dict[str, Any]) -> None:
        """Raises OSError."""
        with (self.path / "metrics.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def _taken(self) -> InputError:
        return InputError(
            f"{self.path} is being trained already, by process {process(self.path) or 'unknown'}; "
            "wait for it, or stop it first"
        )

    def _tidy(self, step: int) -> None:
        for part in self.checkpoints.glob(".*"):  # half a checkpoint
            part.unlink()
        with suppress(FileNotFoundError):
            if (self.path / "stop").stat().st_mtime < BEGAN:
                (self.path / "stop").unlink()
        path, kept = self.path / "metrics.jsonl", [line for line in metrics(self.path) if line["step"] <= step]
        text = "".join(json.dumps(line) + "\n" for line in kept)
        if path.exists() and path.stat().st_size != len(text):
            with written_aside(path) as aside:
                aside.write_text(text, encoding="utf-8")
