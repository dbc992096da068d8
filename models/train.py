"""Training: truncated back-propagation through time, resumable bit for bit on a CPU.

A run is a folder: checkpoints/{last,best,step-N}.safetensors and metrics.jsonl. One thread; blocks.
"""

from __future__ import annotations

import copy
import dataclasses
import json
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from models.base import Base
from models.checkpoint import Checkpoint
from models.config import ModelConfig, TrainingConfig
from models.dataset import DataSet
from models.errors import InputError
from models.evaluate import evaluate
from models.lanes import Lanes
from models.network import SampleRNN, State, nll_bits

SAVE_EVERY = 250
REPORT_EVERY = 25
VALID_SECONDS = 60.0
"""What is scored at intervals; the whole split is scored when a style is exported."""
PROBE_STEPS = 12

Report = Callable[[dict[str, Any]], None]


class TrainingFailed(Exception):
    """The run cannot go on; its text says why and what is kept."""


class Trainer:
    """A training in memory: network, optimiser, average, lanes. `step` moves all of them on by one."""

    def __init__(self, model: ModelConfig, training: TrainingConfig, data: DataSet) -> None:
        if data.rate != model.sample_rate:
            raise InputError(
                f"{data.path} is at {data.rate} Hz, the model at {model.sample_rate} Hz: "
                f"--set sample_rate={data.rate}, or prepare the data again"
            )
        if training.chunk % model.step:
            raise InputError(f"chunk is {training.chunk}; it must be a multiple of {model.step} samples")
        self.model, self.training, self.data = model, training, data
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.manual_seed(training.seed)
        self.network = SampleRNN(model).to(self.device)
        self.average = copy.deepcopy(self.network).eval().requires_grad_(False)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=training.learning_rate)
        self.lanes = Lanes(data, model, training)
        self.h = tuple(h.detach() for h in self.network.start(training.batch).h)
        self.steps_done = 0

    def step(self, total_steps: int) -> float:
        """One chunk of every lane -> its bits. A result that is not finite has changed no weight."""
        codes, fresh = self.lanes.next()
        self._forget(codes, fresh)
        bits = self._loss(torch.from_numpy(codes).to(self.device), torch.from_numpy(fresh).to(self.device))
        self.optimizer.zero_grad()
        bits.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.training.clip)
        if not (torch.isfinite(bits) and torch.isfinite(norm)):
            return math.nan
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.training, self.steps_done, total_steps)
        self.optimizer.step()
        self.steps_done += 1
        # while the average is young it must not remember the random start
        decay = min(self.training.average, self.steps_done / (self.steps_done + 10))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(self.network.parameters()), 1 - decay)
        return float(bits.detach())

    def start_from(self, base: Base) -> None:
        """Begin with other weights than chance's. Raises InputError if they are of another shape."""
        if base.model != self.model:
            ours, theirs = dataclasses.asdict(self.model), dataclasses.asdict(base.model)
            odd = ", ".join(f"{name} {theirs[name]}" for name in ours if ours[name] != theirs[name])
            raise InputError(f"what it is to start from has another shape ({odd}), which training cannot change")
        self.network.load_state_dict(base.weights)
        self.average.load_state_dict(base.weights)
        self.h = tuple(h.detach() for h in self.network.start(self.training.batch).h)

    def _loss(self, codes: Tensor, fresh: Tensor) -> Tensor:
        start = self.network.start(len(codes)).h
        h = tuple(torch.where(fresh[:, None], new, old) for new, old in zip(start, self.h, strict=True))
        with torch.autocast(self.device.type, torch.bfloat16, enabled=has_bfloat16(self.device)):
            logits, state = self.network(self._misread(codes), State(h, (None,) * len(h)))
        self.h = tuple(h.detach() for h in state.h)
        return nll_bits(logits, codes[:, self.model.history :]).mean()

    def _forget(self, codes: npt.NDArray[np.int64], fresh: npt.NDArray[np.bool_]) -> None:
        """In some lanes let silence be what came before, in every other of them also in the network's state."""
        chance = np.random.default_rng([self.training.seed, self.steps_done, 1])
        forgotten = chance.random(len(codes)) < self.training.forget
        codes[forgotten, : self.model.history] = self.model.levels // 2
        fresh |= forgotten & (chance.random(len(codes)) < 0.5)

    def _misread(self, codes: Tensor) -> Tensor:
        """The codes with the noise that the network is to get used to: Laplace noise of another width in each lane
        and step, most of them small."""
        most = self.training.input_noise
        if not most:
            return codes
        chance = np.random.default_rng([self.training.seed, self.steps_done])
        width = most * chance.random((len(codes), 1)) ** 2
        off = np.rint(chance.laplace(size=codes.shape) * width).astype(np.int64)
        return (codes + torch.from_numpy(off).to(codes.device)).clamp(0, self.model.levels - 1)

    def checkpoint(self, progress: dict[str, Any]) -> Checkpoint:
        names = [name for name, _ in self.network.named_parameters()]
        moments = self.optimizer.state_dict()["state"]
        tensors = {f"weights.{k}": v for k, v in self.network.state_dict().items()}
        tensors |= {f"average.{k}": v for k, v in self.average.state_dict().items()}
        for i, name in enumerate(names):
            if i in moments:
                tensors[f"adam.m.{name}"] = moments[i]["exp_avg"]
                tensors[f"adam.v.{name}"] = moments[i]["exp_avg_sq"]
        tensors |= {f"state.{k}": h for k, h in enumerate(self.h)}
        tensors["rng"] = torch.get_rng_state()
        progress = {**progress, "lanes": self.lanes.position(), "data": self.data.fingerprint}
        progress["data_path"] = str(self.data.path.resolve())
        tensors = {name: tensor.detach().contiguous().cpu() for name, tensor in tensors.items()}
        return Checkpoint(self.model, self.training, self.steps_done, progress, tensors)

    def restore(self, checkpoint: Checkpoint) -> None:
        """Raises InputError if the data set is not the one the checkpoint was trained on."""
        if checkpoint.progress["data"] != self.data.fingerprint:
            raise InputError(f"{self.data.path} is not the data this run was trained on; resume with that one")
        self.network.load_state_dict(checkpoint.named("weights"))
        self.average.load_state_dict(checkpoint.named("average"))
        self.steps_done = checkpoint.step
        m, v = checkpoint.named("adam.m"), checkpoint.named("adam.v")
        for name, parameter in self.network.named_parameters():
            if name in m:
                self.optimizer.state[parameter] = {
                    "step": torch.tensor(float(checkpoint.step)),
                    "exp_avg": m[name].to(self.device),
                    "exp_avg_sq": v[name].to(self.device),
                }
        states = checkpoint.named("state")
        self.h = tuple(states[str(k)].to(self.device) for k in range(len(states)))
        torch.set_rng_state(checkpoint.tensors["rng"])
        self.lanes.seek(checkpoint.progress["lanes"])


def learning_rate(training: TrainingConfig, step: int, total_steps: int) -> float:
    """Up in a straight line over the warm-up, then half a cosine down to the last step."""
    rise = min(1.0, (step + 1) / (training.warmup + 1))
    fall = 0.5 + 0.5 * math.cos(math.pi * min(1.0, step / max(1, total_steps)))
    floor = training.final_learning_rate
    return training.learning_rate * rise * (floor + (1 - floor) * fall)


def has_bfloat16(device: torch.device) -> bool:
    """Whether the device multiplies bfloat16 itself; emulated it is slower than float32."""
    if device.type == "cuda":
        supported = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        supported = torch.cpu._is_avx512_bf16_supported()
    return bool(supported)


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
    report: Report = lambda line: None,
    stopped: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Train until the last step (steps, or as many as `minutes` hold at the speed measured first) or until
    `stopped()`, and return what the last line of the run says: steps, bits_valid, samples_per_second.

    A resumed run takes its configuration and number of steps from its checkpoint (a new `minutes` or
    `steps` replaces the number). base: what a new run starts from, of the same shape as `model`. report: called with
    each line that metrics.jsonl gets.

    Raises InputError for input that cannot be trained on, TrainingFailed when the loss is not finite or
    the disk is full; the checkpoints written before are kept.
    """
    run_folder = RunFolder(run)
    saved = run_folder.open(resume)
    if saved is not None:
        model, training = saved.model, saved.training
    trainer = Trainer(model, training, data)
    best, recent = math.inf, list[float]()
    if saved is not None:
        trainer.restore(saved)
        best = saved.progress["best"] if saved.progress["best"] is not None else math.inf
        recent = list(saved.progress.get("recent", []))
    elif base is not None:
        trainer.start_from(base)
    if steps is not None or minutes is not None:
        total = steps if steps is not None else steps_in(minutes or 0.0, model, training, data)
        total += trainer.steps_done if minutes is not None else 0
    elif saved is not None:
        total = saved.progress["steps"]
    else:
        raise InputError("say how long to train: --minutes M or --steps N")
    return _run(trainer, run_folder, total, best, recent, report, stopped)


def _run(
    trainer: Trainer,
    folder: RunFolder,
    total: int,
    best: float,
    recent: list[float],
    report: Report,
    stopped: Callable[[], bool],
) -> dict[str, Any]:
    """recent: the bits of the steps since the last line of metrics."""
    training = trainer.training
    samples = training.batch * training.chunk
    started, paused, first = time.monotonic(), 0.0, trainer.steps_done
    bits_valid = math.nan

    def save(*names: str) -> None:
        progress = {"steps": total, "best": best if math.isfinite(best) else None, "recent": recent}
        folder.save(trainer.checkpoint(progress), names)

    folder.make()
    with folder.explained():
        while trainer.steps_done < total and not stopped():
            bits = trainer.step(total)
            if math.isnan(bits):
                raise TrainingFailed(
                    f"the loss is not finite after step {trainer.steps_done}; the last good checkpoint is kept. "
                    "Train again with a smaller learning_rate"
                )
            recent.append(bits)
            step = trainer.steps_done
            valid_due = step % training.valid_every == 0 or step == total
            names = ["last"] if valid_due or step % SAVE_EVERY == 0 else []
            if valid_due:
                before = time.monotonic()
                bits_valid = evaluate(trainer.average, trainer.data, "valid", VALID_SECONDS).bits
                paused += time.monotonic() - before
                if bits_valid < best:
                    best = bits_valid
                    names.append("best")
            if training.keep_every and step % training.keep_every == 0:
                names.append(f"step-{step}")
            if step % REPORT_EVERY == 0 or valid_due:
                elapsed = time.monotonic() - started
                speed = (step - first) / (elapsed - paused)
                line = {
                    "step": step,
                    "steps": total,
                    "bits": sum(recent) / len(recent),
                    "bits_valid": bits_valid if valid_due else None,
                    "learning_rate": learning_rate(training, step - 1, total),
                    "samples_per_second": samples * speed,
                    "epochs": trainer.lanes.epochs,
                    "seconds_left": (total - step) * elapsed / (step - first),
                }
                recent = []
                folder.log(line)
                report(line)
            if names:
                save(*names)
        if math.isinf(best):  # stopped before the first validation: there must be something to export until then
            bits_valid = evaluate(trainer.average, trainer.data, "valid", VALID_SECONDS).bits
            save("last", "best")
        elif trainer.steps_done % SAVE_EVERY:
            save("last")
    trained = trainer.steps_done - first
    speed = samples * trained / max(1e-9, time.monotonic() - started - paused)
    last_valid = best if math.isnan(bits_valid) else bits_valid
    return {"steps": trainer.steps_done, "bits_valid": last_valid, "samples_per_second": speed}


def steps_in(minutes: float, model: ModelConfig, training: TrainingConfig, data: DataSet) -> int:
    """How many steps `minutes` hold here, validations included, measured on a trainer that is thrown away."""
    probe = Trainer(model, dataclasses.replace(training, warmup=10_000), data)
    probe.step(PROBE_STEPS)
    started = time.monotonic()
    for _ in range(PROBE_STEPS):
        probe.step(PROBE_STEPS)
    step = (time.monotonic() - started) / PROBE_STEPS
    started = time.monotonic()
    evaluate(probe.average, data, "valid", VALID_SECONDS / 10)
    validation = (time.monotonic() - started) * 10
    return max(1, int(minutes * 60 / (step + validation / training.valid_every)))


class RunFolder:
    """The files of a run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.checkpoints = path / "checkpoints"

    def open(self, resume: bool) -> Checkpoint | None:
        """The checkpoint to go on from, or None for a new run.

        Raises InputError if there is nothing to resume, or a run there already.
        """
        last = self.checkpoints / "last.safetensors"
        if resume:
            return Checkpoint.load(last)
        if last.exists():
            raise InputError(f"{self.path} holds a run already; go on with --resume, or choose another folder")
        return None

    def make(self) -> None:
        """Raises InputError if it cannot be made."""
        try:
            self.checkpoints.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"cannot make {self.checkpoints}: {error.strerror}") from error

    def save(self, checkpoint: Checkpoint, names: tuple[str, ...]) -> None:
        for name in names:
            checkpoint.save(self.checkpoints / f"{name}.safetensors")

    def log(self, line: dict[str, Any]) -> None:
        with (self.path / "metrics.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn a failing disk into TrainingFailed."""
        try:
            yield
        except OSError as error:
            raise TrainingFailed(
                f"cannot write to {self.path} ({error}); its last good checkpoint is kept. "
                "Make room and go on with --resume"
            ) from error
