"""A training in memory: truncated back-propagation through time, bit for bit the same each time on a CPU."""

from __future__ import annotations

import copy
import dataclasses
import math
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.parallel import DistributedDataParallel

from models.base import Base
from models.checkpoint import Checkpoint
from models.config import ModelConfig, TrainingConfig
from models.dataset import DataSet
from models.errors import InputError
from models.lanes import Codes, Lanes
from models.network import NoiseTold, SampleRNN, State, nll_bits
from models.team import Team, alone


class Trainer:
    """A training in memory: network, optimiser, average, lanes. `step` moves all of them on by one."""

    def __init__(self, model: ModelConfig, training: TrainingConfig, data: DataSet, team: Team | None = None) -> None:
        """team: who shares it; by default nobody. Raises InputError for what cannot be trained."""
        if data.rate != model.sample_rate:
            raise InputError(
                f"{data.path} is at {data.rate} Hz, the model at {model.sample_rate} Hz: "
                f"prepare the recordings with --rate {model.sample_rate}"
            )
        if training.chunk % model.step:
            raise InputError(f"chunk is {training.chunk}; it must be a multiple of {model.step} samples")
        self.model, self.training, self.data = model, training, data
        self.team = team or alone()
        self.device = self.team.device
        self._mine = self.team.share(training.batch)
        lanes = self._mine.stop - self._mine.start
        if lanes % training.accumulate:
            raise InputError(f"accumulate is {training.accumulate}, which {lanes} lanes cannot be divided by")
        torch.manual_seed(training.seed)
        self.network = SampleRNN(model).to(self.device)
        self.average = copy.deepcopy(self.network).eval().requires_grad_(False)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=training.learning_rate)
        self.lanes = Lanes(data, model, training)
        self.h = tuple(h.detach() for h in self.network.start(lanes).h)
        """Per tier [N, lanes of this process, state units]."""
        self.steps_done = 0
        # with others it averages the gradients as they come about
        self._forward = self.network if self.team.size == 1 else DistributedDataParallel(self.network)

    def step(self, total_steps: int) -> float:
        """One chunk of every lane -> its bits. A result that is not finite has changed no weight."""
        codes, fresh = self.lanes.next(self._mine)
        self._forget(codes, fresh)
        self.optimizer.zero_grad()
        read, level = self._misread(codes)
        bits = self._gradients(read, level, codes, fresh)
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.training.clip)
        if not (math.isfinite(bits) and torch.isfinite(norm)):
            return math.nan
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.training, self.steps_done, total_steps)
        self.optimizer.step()
        self.steps_done += 1
        # while the average is young it must not remember the random start
        decay = min(self.training.average, self.steps_done / (self.steps_done + 10))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(self.network.parameters()), 1 - decay)
        return bits

    def start_from(self, base: Base) -> None:
        """Begin with other weights than chance's. What their codes are of, and what their prediction is fitted to, may
        be another. Raises InputError if they are of another shape."""
        unlike = {name: getattr(self.model, name) for name in ("prediction_mean", "emphasis")}
        if dataclasses.replace(base.model, **unlike) != self.model:
            ours, theirs = dataclasses.asdict(self.model), dataclasses.asdict(base.model)
            odd = ", ".join(f"{name} {theirs[name]}" for name in ours if ours[name] != theirs[name])
            raise InputError(f"what it is to start from has another shape ({odd}), which training cannot change")
        self.network.load_state_dict(base.weights)
        self.average.load_state_dict(base.weights)
        self.h = tuple(h.detach() for h in self.network.start(self._mine.stop - self._mine.start).h)

    def _gradients(
        self, read: Codes, level: npt.NDArray[np.float32], codes: Codes, fresh: npt.NDArray[np.bool_]
    ) -> float:
        """Those of a batch, part after part, are added up; the states move on -> the bits, of the whole team."""
        parts = self.training.accumulate
        size = len(codes) // parts
        total, states = torch.zeros((), device=self.device), []
        for part in range(parts):
            lanes = slice(part * size, (part + 1) * size)
            reads, levels, draws, anew = (
                torch.from_numpy(each[lanes]).to(self.device) for each in (read, level, codes, fresh)
            )
            with self._apart() if part + 1 < parts else nullcontext():
                bits, h = self._loss(reads, levels, draws, anew, tuple(h[:, lanes] for h in self.h))
                (bits / parts).backward()  # type: ignore[no-untyped-call]
            total += bits.detach() / parts
            states.append(h)
        self.h = tuple(torch.cat(tier, 1) for tier in zip(*states, strict=True))
        return self.team.mean(total)

    def _apart(self) -> AbstractContextManager[None]:
        """Gradients wait for those of the last part before they are averaged over the team."""
        return self._forward.no_sync() if isinstance(self._forward, DistributedDataParallel) else nullcontext()

    def _loss(
        self, read: Tensor, level: Tensor, codes: Tensor, fresh: Tensor, before: tuple[Tensor, ...]
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """The bits of some lanes, and their states after it. before: their states, as self.h."""
        start = self.network.start(len(codes)).h
        h = tuple(torch.where(fresh[:, None], new, old) for new, old in zip(start, before, strict=True))
        with torch.autocast(self.device.type, torch.bfloat16, enabled=has_bfloat16(self.device)):
            logits, state = self._forward(read, State(h, (None,) * len(h)), level)
        return nll_bits(logits, codes[:, self.model.history :]).mean(), tuple(h.detach() for h in state.h)

    def _forget(self, codes: Codes, fresh: npt.NDArray[np.bool_]) -> None:
        """In some lanes let silence be what came before, in every other of them also in the network's state."""
        chance = np.random.default_rng([self.training.seed, self.steps_done, 1])
        forgotten = (chance.random(self.training.batch) < self.training.forget)[self._mine]
        codes[forgotten, : self.model.history] = self.model.levels // 2
        fresh |= forgotten & (chance.random(self.training.batch) < 0.5)[self._mine]

    def _misread(self, codes: Codes) -> tuple[Codes, npt.NDArray[np.float32]]:
        """The codes with the noise that the network is to get used to: Laplace noise of another width in each lane
        and step, most of them small; and its level, float32 [lanes, 1]."""
        most = self.training.input_noise
        if not most:
            return codes, np.zeros((len(codes), 1), np.float32)
        # drawn for all lanes, so that it is the same however many processes share them
        chance = np.random.default_rng([self.training.seed, self.steps_done])
        batch = self.training.batch
        width = most * chance.random((batch, 1)) ** 2
        off = np.rint(chance.laplace(size=(batch, codes.shape[1])) * width).astype(np.int64)
        misread = (codes + off[self._mine]).clip(0, self.model.levels - 1)
        return misread, NoiseTold.level(width[self._mine])

    def checkpoint(self, progress: dict[str, Any]) -> Checkpoint:
        """All of it at rest, also the others' share. progress: what else is to be remembered, plain JSON values."""
        names = [name for name, _ in self.network.named_parameters()]
        moments = self.optimizer.state_dict()["state"]
        tensors = {f"weights.{k}": v for k, v in self.network.state_dict().items()}
        tensors |= {f"average.{k}": v for k, v in self.average.state_dict().items()}
        for i, name in enumerate(names):
            if i in moments:
                tensors[f"adam.m.{name}"] = moments[i]["exp_avg"]
                tensors[f"adam.v.{name}"] = moments[i]["exp_avg_sq"]
        tensors |= {f"state.{k}": self.team.gathered(h) for k, h in enumerate(self.h)}
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
        self.h = tuple(states[str(k)][:, self._mine].to(self.device) for k in range(len(states)))
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
