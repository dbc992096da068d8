"""What a training will take on this machine, from a few real steps of it, and whether there is enough to learn from."""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import torch

from models.config import ModelConfig, TrainingConfig
from models.dataset import GOOD, LITTLE, SOME, DataSet
from models.errors import InputError
from models.train import SAVE_EVERY, pace
from models.trainer import Trainer

MARGIN = 1.2
"""Memory that is asked for beyond what was seen: what is scored at the end is longer than what was tried."""


@dataclass(frozen=True)
class Estimate:
    steps: int
    seconds: float
    """From the first step to the last, validations and saving included."""
    steps_per_hour: float
    step_seconds: float
    """Of a step, its share of saving included."""
    validation_seconds: float
    """Of a validation, and of saving what was the best."""
    samples_per_second: float
    memory: int
    """Bytes that the process has at most; 0 where the system does not say."""
    graphics_memory: int
    """The same on the graphics card, 0 without one."""
    disk: int
    """Bytes of the finished run's folder, a little more while it saves."""
    minutes_of_sound: float
    passes: float
    """How often all of it is heard."""
    verdict: str
    """Whether that is enough to learn from, in words."""


def estimate(
    data: DataSet,
    model: ModelConfig,
    training: TrainingConfig,
    *,
    minutes: float | None = None,
    steps: int | None = None,
) -> Estimate:
    """What so many steps or minutes will take; takes some seconds itself (for large networks a minute). Of the memory
    it is the process's own that is told: call it in one that has done nothing else. Raises InputError as training does.
    """
    if (minutes is None) == (steps is None):
        raise InputError("say how long it is to train: --minutes M or --steps N")
    trainer = Trainer(model, training, data)
    step, validation = pace(trainer)
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        path = Path(folder) / "last.safetensors"
        trainer.checkpoint({}).save(path)
        saving, size = time.monotonic() - started, path.stat().st_size
    step, validation = step + saving / SAVE_EVERY, validation + saving
    each = step + validation / training.valid_every
    count = steps if steps is not None else max(1, int((minutes or 0) * 60 / each))
    kept = 2 + (count // training.keep_every if training.keep_every else 0)
    samples = training.batch * training.chunk
    sound = data.seconds("train")
    return Estimate(
        steps=count,
        seconds=count * each,
        steps_per_hour=3600 / each,
        step_seconds=step,
        validation_seconds=validation,
        samples_per_second=samples / each,
        memory=int(most_memory() * MARGIN),
        graphics_memory=int(torch.cuda.max_memory_reserved() * MARGIN) if torch.cuda.is_available() else 0,
        disk=kept * size,
        minutes_of_sound=sound / 60,
        passes=count * samples / max(1.0, sound * data.rate),
        verdict=verdict(sound / 60),
    )


def verdict(minutes: float) -> str:
    """What is known of learning from so many minutes of train."""
    if minutes < LITTLE:
        return "too little: it will learn these recordings by heart and repeat pieces of them; 20 minutes are better"
    if minutes < SOME:
        return "enough to hear what it makes of them, and more is better: 20 to 60 minutes of one instrument are good"
    if minutes <= GOOD:
        return "good, if it is one instrument or one kind of sound"
    return "plenty: give it time in proportion, or choose what belongs together"


def most_memory() -> int:
    """Bytes that this process has had at most; 0 where the system does not say."""
    if sys.platform == "win32":
        return 0
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
