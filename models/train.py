"""A training as a run's folder: measured, saved, validated, stopped and taken up again, bit for bit on a CPU.

One thread; blocks. With a team (models/team.py) all of its processes call `train`, and the leader alone writes.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from models.base import Base
from models.checkpoint import Checkpoint
from models.config import ModelConfig, TrainingConfig
from models.dataset import DataSet
from models.errors import InputError
from models.evaluate import evaluate
from models.run import RunFolder, RunInfo, TrainingFailed, now, version
from models.team import Team
from models.trainer import Trainer, learning_rate

SAVE_EVERY = 250
REPORT_EVERY = 25
VALID_SECONDS = 60.0
"""What is scored at intervals; the whole split is scored when a style is exported."""
PROBE_STEPS = 12

Report = Callable[[dict[str, Any]], None]


def train(
    run: Path,
    data: DataSet,
    model: ModelConfig,
    training: TrainingConfig,
    *,
    minutes: float | None = None,
    steps: int | None = None,
    resume: bool = False,
    base: Base | None = None,
    preset: str | None = None,
    team: Team | None = None,
    report: Report = lambda line: None,
    stopped: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Train until the last step (steps, or as many as `minutes` hold at the speed measured first), until `stopped()`
    or until somebody asks for it (models/run.py), and return what the last line of the run says: steps, bits_valid,
    samples_per_second.

    A resumed run takes its configuration and number of steps from its checkpoint (a new `minutes` or
    `steps` replaces the number). base: what a new run starts from, of the same shape as `model`. preset: its name, to
    be remembered. report: called with each line that metrics.jsonl gets.

    Raises InputError for input that cannot be trained on or a run that another process is at, TrainingFailed when the
    loss is not finite or the disk is full; the checkpoints written before are kept.
    """
    folder = RunFolder(run)
    last = folder.open(resume)
    saved = Checkpoint.load(last) if last else None
    if saved is not None:
        model, training = saved.model, saved.training
    trainer = Trainer(model, training, data, team)
    if saved is not None:
        trainer.restore(saved)
    elif base is not None:
        trainer.start_from(base)
    total = steps
    if steps is None and minutes is None:
        if saved is None:
            raise InputError("say how long to train: --minutes M or --steps N")
        total = saved.progress["steps"]
    origin = base.name if base else None
    info = RunInfo(
        model, training, total, str(data.path.resolve()), data.fingerprint, preset, origin, version(), now()
    )  # fmt: skip
    leads = trainer.team.leads
    with folder.taken(trainer.steps_done) if leads else nullcontext():
        if leads:
            folder.describe(info, resume)
            folder.list_data(data)
        if total is None:
            measured = steps_in(minutes or 0.0, model, training, data, trainer.team)
            total = trainer.steps_done + int(trainer.team.leaders(measured))
            if leads:
                folder.describe(dataclasses.replace(info, steps=total), resume)
        return _Run(trainer, folder, total, saved.progress if saved else {}, report, stopped).go()


class _Run:
    """A training on its way to the last step."""

    def __init__(
        self,
        trainer: Trainer,
        folder: RunFolder,
        total: int,
        progress: dict[str, Any],
        report: Report,
        stopped: Callable[[], bool],
    ) -> None:
        self.trainer, self.folder, self.total, self.report, self.stopped = trainer, folder, total, report, stopped
        self.team, self.first = trainer.team, trainer.steps_done
        self.best = math.inf if progress.get("best") is None else progress["best"]
        self.recent = list[float](progress.get("recent", []))
        """The bits of the steps since the last line of metrics."""
        self.bits_valid = math.nan
        self.started, self.validating = time.monotonic(), 0.0

    def go(self) -> dict[str, Any]:
        trainer, training = self.trainer, self.trainer.training
        if not trainer.steps_done:
            self._save("last")  # killed at any moment from now on, it goes on from here
        while trainer.steps_done < self.total and not self._asked_to_stop():
            bits = trainer.step(self.total)
            if math.isnan(bits):
                raise TrainingFailed(
                    f"the loss is not finite after step {trainer.steps_done}; the last good checkpoint is kept. "
                    "Train again with a smaller learning_rate"
                )
            self.recent.append(bits)
            step = trainer.steps_done
            valid_due = step % training.valid_every == 0 or step == self.total
            names = [f"step-{step}"] if training.keep_every and step % training.keep_every == 0 else []
            if valid_due and self._validate() < self.best:
                self.best = self.bits_valid
                names.append("best")
            if step % REPORT_EVERY == 0 or valid_due:
                self._log(self.bits_valid if valid_due else None)
            if names or valid_due or step % SAVE_EVERY == 0:
                self._save(*names, "last")  # in this order: killed between them, it makes the others again
        if math.isinf(self.best):  # stopped before the first validation: there must be something to export until then
            self._validate()
            self._save("best", "last")
        elif trainer.steps_done % SAVE_EVERY:
            self._save("last")
        return {
            "steps": trainer.steps_done,
            "bits_valid": self.best if math.isnan(self.bits_valid) else self.bits_valid,
            "samples_per_second": self._speed(time.monotonic() - self.started),
        }

    def _asked_to_stop(self) -> bool:
        return self.team.any(self.stopped() or (self.team.leads and self.folder.stop_asked()))

    def _validate(self) -> float:
        """The bits, measured by the leader."""
        before, bits = time.monotonic(), math.nan
        if self.team.leads:
            bits = evaluate(self.trainer.average, self.trainer.data, "valid", VALID_SECONDS).bits
        self.bits_valid = self.team.leaders(bits)
        self.validating += time.monotonic() - before
        return self.bits_valid

    def _speed(self, elapsed: float) -> float:
        """Samples a second, validations not counted."""
        training = self.trainer.training
        samples = training.batch * training.chunk * (self.trainer.steps_done - self.first)
        return samples / max(1e-9, elapsed - self.validating)

    def _log(self, bits_valid: float | None) -> None:
        step, elapsed = self.trainer.steps_done, time.monotonic() - self.started
        line = {
            "step": step,
            "steps": self.total,
            "bits": sum(self.recent) / len(self.recent),
            "bits_valid": bits_valid,
            "learning_rate": learning_rate(self.trainer.training, step - 1, self.total),
            "samples_per_second": self._speed(elapsed),
            "epochs": self.trainer.lanes.epochs,
            "seconds": elapsed,
            "seconds_left": (self.total - step) * elapsed / (step - self.first),
        }
        self.recent = []
        if self.team.leads:
            self.folder.log(line)
            self.report(line)

    def _save(self, *names: str) -> None:
        best = self.best if math.isfinite(self.best) else None
        checkpoint = self.trainer.checkpoint({"steps": self.total, "best": best, "recent": self.recent})
        if self.team.leads:
            self.folder.save(checkpoint.save, names)


def steps_in(
    minutes: float, model: ModelConfig, training: TrainingConfig, data: DataSet, team: Team | None = None
) -> int:
    """How many steps `minutes` hold here, validations included, measured on a trainer that is thrown away."""
    probe = Trainer(model, dataclasses.replace(training, warmup=10_000), data, team)
    step, validation = pace(probe)
    return max(1, int(minutes * 60 / (step + validation / training.valid_every)))


def pace(trainer: Trainer) -> tuple[float, float]:
    """Seconds that a step takes here, and a validation. The trainer has then taken some."""
    trainer.step(PROBE_STEPS)
    started = time.monotonic()
    for _ in range(PROBE_STEPS):
        trainer.step(PROBE_STEPS)
    step = (time.monotonic() - started) / PROBE_STEPS
    started = time.monotonic()
    evaluate(trainer.average, trainer.data, "valid", VALID_SECONDS / 10)
    return step, (time.monotonic() - started) * 10
