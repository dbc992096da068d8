"""The processes that share a training, each with a part of every batch (torchrun starts them), or this one alone."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor

from models.errors import InputError


@dataclass(frozen=True)
class Team:
    """All of a team call what is below at the same time, or it waits for them."""

    device: torch.device
    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether it is this process that writes and reports."""
        return self.rank == 0

    def share(self, batch: int) -> slice:
        """This process's lanes of a batch. Raises InputError if it cannot be divided."""
        if batch % self.size:
            raise InputError(f"batch is {batch}; it must be a multiple of {self.size}, the number of processes")
        lanes = batch // self.size
        return slice(self.rank * lanes, (self.rank + 1) * lanes)

    def mean(self, value: Tensor) -> float:
        """Over the processes, of a number."""
        value = value.detach()
        if self.size > 1:
            dist.all_reduce(value)
            value = value / self.size
        return float(value)

    def leaders(self, value: float) -> float:
        """The number that the leader has."""
        if self.size > 1:
            told = torch.tensor(value, dtype=torch.float64, device=self.device)
            dist.broadcast(told, 0)
            return float(told)
        return value

    def any(self, here: bool) -> bool:
        """Whether it is so in one of them."""
        if self.size > 1:
            number = torch.tensor(float(here), device=self.device)
            dist.all_reduce(number, dist.ReduceOp.MAX)
            return bool(number)
        return here

    def gathered(self, state: Tensor) -> Tensor:
        """[N, lanes here, units] -> [N, all lanes, units]"""
        if self.size > 1:
            parts = [torch.empty_like(state) for _ in range(self.size)]
            dist.all_gather(parts, state.contiguous())
            return torch.cat(parts, 1)
        return state


def alone() -> Team:
    """On the GPU, if there is one."""
    return Team(torch.device("cuda" if torch.cuda.is_available() else "cpu"))


@contextmanager
def joined() -> Iterator[Team]:
    """The team that torchrun made this process part of; alone where it did not. Blocks until all are there."""
    if "WORLD_SIZE" not in os.environ:
        yield alone()
        return
    device = torch.device("cpu")
    if torch.cuda.is_available():
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Team(device, dist.get_rank(), dist.get_world_size())
        # nobody leaves while another still needs them, or with something left that uses the connection
        gc.collect()
        dist.barrier()
    finally:
        dist.destroy_process_group()
