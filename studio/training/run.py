"""A training as its folder tells it: what it is, how far it is, what became of it. No Qt; any thread, one at a time;
blocks on the disk."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from safetensors import SafetensorError, safe_open

from models.run import checkpoints
from studio.training.launch import LOG, STARTED, changed_at, running
from studio.training.plan import FILE, Plan, read_plan

State = Literal["waiting", "preparing", "training", "paused", "done", "failed"]
ACTIVE = ("preparing", "training")
METRICS = "metrics.jsonl"
LOG_BYTES = 16_384
"""Of the log's end, that are shown."""
KILLED = "It was ended from outside: killed, or the machine went off. Resume goes on from {}."


@dataclass(frozen=True, order=True)
class Kept:
    """A checkpoint that can be heard and installed."""

    step: int
    name: str
    """As `export --checkpoint` has it."""


@dataclass(frozen=True)
class Run:
    folder: Path
    plan: Plan
    state: State = "waiting"
    trouble: str = ""
    """Of one that failed, in words."""
    step: int = 0
    steps: int = 0
    """That there will be; 0 while it is not known."""
    bits: float | None = None
    bits_valid: float | None = None
    """Of the last validation."""
    speed: float = 0.0
    """Samples a second."""
    left: float | None = None
    """Seconds, while it trains."""
    can_resume: bool = False
    kept: tuple[Kept, ...] = ()
    log: str = ""
    """The end of it."""
    lines: Sequence[dict[str, Any]] = field(default=(), compare=False, repr=False)
    """Of metrics.jsonl; each new one has a new step, or comes later."""
    reports: int = 0
    """How many lines there are."""

    @property
    def name(self) -> str:
        return self.plan.name

    @property
    def active(self) -> bool:
        """Whether a process is at it."""
        return self.state in ACTIVE

    @property
    def fraction(self) -> float:
        return min(1.0, self.step / self.steps) if self.steps else 0.0

    @property
    def complete(self) -> bool:
        """Whether it is done to its last step."""
        return self.state == "done" and self.step >= self.steps

    def steps_in(self, minutes: float) -> int:
        """About how many it takes in so long, validations and saving included, by what it told on the way, or where it
        was too short for that by how long it was to be."""
        for line in reversed(self.lines):
            ahead = int(line.get("steps", 0)) - int(line["step"])
            if ahead > 0 and line.get("seconds_left"):
                return max(1, round(minutes * 60 * ahead / float(line["seconds_left"])))
        return max(1, round(self.step * minutes / self.plan.minutes))


class Reader:
    """Reads folders again and again, and of each only what is new."""

    def __init__(self) -> None:
        self._metrics: dict[Path, _Metrics] = {}
        self._steps: dict[Path, tuple[int, int]] = {}
        """Of a checkpoint that is written again and again: when it was changed, and the step it is of."""

    def look(self, folder: Path) -> list[Run]:
        """All trainings of a folder, the latest first. Raises OSError if it is there and cannot be read."""
        try:
            folders = [path for path in folder.iterdir() if not path.name.startswith(".") and path.is_dir()]
        except FileNotFoundError:
            return []
        runs = [self.read(path) for path in folders if _is_run(path)]
        return sorted(runs, key=lambda run: (run.plan.created, run.name), reverse=True)

    def read(self, folder: Path) -> Run:
        plan, planned = read_plan(folder), True
        if plan is None:
            plan, planned = Plan(folder.name, created=changed_at(folder)), False
        metrics = self._metrics.setdefault(folder, _Metrics(folder / METRICS))
        metrics.read()
        last = metrics.lines[-1] if metrics.lines else {}
        valid = next((line["bits_valid"] for line in reversed(metrics.lines) if line.get("bits_valid")), None)
        log = read_tail(folder / LOG)
        run = Run(
            folder, plan, step=last.get("step", 0), steps=max(last.get("steps", 0), plan.steps), bits=last.get("bits"),
            bits_valid=valid, speed=last.get("samples_per_second", 0.0), log=log, lines=metrics.lines,
            reports=len(metrics.lines), can_resume=(folder / "checkpoints" / "last.safetensors").exists(),
        )  # fmt: skip
        state, trouble = self._state(run, planned, metrics.changed)
        left = None
        if state == "training" and last.get("seconds_left") is not None:
            left = max(0.0, last["seconds_left"] - max(0.0, time.time() - metrics.changed))
        return replace(run, state=state, trouble=trouble, left=left, kept=self._kept(folder, state in ACTIVE))

    def _state(self, run: Run, planned: bool, changed: float) -> tuple[State, str]:
        plan = run.plan
        if running(run.folder, plan):
            return ("training" if changed > plan.begun and run.step else "preparing"), ""
        if plan.queued is not None:
            return "waiting", ""
        if (run.steps and run.step >= run.steps) or plan.wanted == "stop":
            return "done", ""
        if plan.wanted == "pause" or not planned:
            return "paused", ""
        saved = self._step_of(run.folder / "checkpoints" / "last.safetensors")
        where = "the beginning" if saved is None else f"step {saved:,}"
        return "failed", error_in(run.log) or KILLED.format(where)

    def _kept(self, folder: Path, active: bool) -> tuple[Kept, ...]:
        """Those that stay, and when nothing takes their place any more the best and the last."""
        found: dict[int, Kept] = {}
        for name, path in checkpoints(folder).items():
            number = name.removeprefix("step-")
            if number.isdigit():
                found[int(number)] = Kept(int(number), name)
            elif not active and name in ("last", "best") and (step := self._step_of(path)) is not None:
                found[step] = Kept(step, name)
        return tuple(sorted(found.values(), reverse=True))

    def _step_of(self, path: Path) -> int | None:
        try:
            changed = path.stat().st_mtime_ns
            if self._steps.get(path, (0, 0))[0] != changed:
                with safe_open(path, "np") as file:
                    self._steps[path] = changed, int(json.loads((file.metadata() or {})["samplernn"])["step"])
            return self._steps[path][1]
        except (OSError, SafetensorError, ValueError, KeyError, TypeError):
            return None


class _Metrics:
    """The lines of a file that grows."""

    def __init__(self, path: Path) -> None:
        self.lines: list[dict[str, Any]] = []
        self.changed = 0.0
        """When the file was, seconds since 1970."""
        self._path, self._read = path, 0

    def read(self) -> None:
        with suppress(OSError):
            found = self._path.stat()
            self.changed = found.st_mtime
            if found.st_size < self._read:  # it was begun anew, or cut
                self.lines, self._read = [], 0
            if found.st_size == self._read:
                return
            with self._path.open("rb") as file:
                file.seek(self._read)
                new = file.read()
            whole = new[: new.rfind(b"\n") + 1]
            self._read += len(whole)
            # another list: whoever has the old one may be reading it
            self.lines = self.lines + [line for text in whole.splitlines() if (line := _line(text))]


def _line(text: bytes) -> dict[str, Any] | None:
    with suppress(ValueError):
        line = json.loads(text)
        if isinstance(line, dict) and isinstance(line.get("step"), int):
            return line
    return None


def _is_run(folder: Path) -> bool:
    return any((folder / name).exists() for name in (FILE, METRICS, "checkpoints"))


def read_tail(path: Path, most: int = LOG_BYTES) -> str:
    """The last whole lines of a text."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - most))
            text = file.read(most).decode(errors="replace")
    except OSError:
        return ""
    return text if len(text) < most else text.partition("\n")[2]


def error_in(log: str) -> str:
    """What went wrong since it was last started, or nothing. main.py says it in one line."""
    latest = log.rpartition(STARTED)[2]
    said = [line for line in latest.splitlines() if line.startswith("Error: ")]
    return said[-1].removeprefix("Error: ") if said else ""
