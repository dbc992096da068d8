"""A small WaveNet (van den Oord et al. 2016): dilated causal convolutions with gates, residual and skip connections,
over the same codes as SampleRNN. With its cache of what each layer has seen (Paine et al. 2016), so that the
comparison of speed is a fair one."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import safetensors.torch
import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from torch import Tensor, nn

from models.config import ModelConfig, TrainingConfig
from models.dataset import DataSet, Split
from models.errors import InputError
from models.files import written_aside
from models.lanes import Lanes
from models.network import nll_bits
from models.recordings import batches, codes_of_split

DILATIONS = tuple(1 << i for i in range(10)) * 2
FIELD = 1 + sum(DILATIONS)
"""Samples that a sample depends on."""
EMBEDDING = 64


class WaveNet(nn.Module):
    """channels: of the residual path; the skip path has twice as many."""

    def __init__(self, levels: int, channels: int) -> None:
        super().__init__()
        self.levels, self.channels = levels, channels
        self.embedding = nn.Embedding(levels, EMBEDDING)
        self.enter = nn.Conv1d(EMBEDDING, channels, 1)
        self.gates = nn.ModuleList(nn.Conv1d(channels, 2 * channels, 2, dilation=d) for d in DILATIONS)
        self.residuals = nn.ModuleList(nn.Conv1d(channels, channels, 1) for _ in DILATIONS)
        self.skips = nn.ModuleList(nn.Conv1d(channels, 2 * channels, 1) for _ in DILATIONS)
        self.mix = nn.Conv1d(2 * channels, 2 * channels, 1)
        self.output = nn.Conv1d(2 * channels, levels, 1)

    def forward(self, codes: Tensor) -> Tensor:
        """codes int64 [B, FIELD + S] -> logits [B, S, Q] of the last S of them, each from the FIELD before it."""
        size = codes.shape[1] - FIELD
        x = self.enter(self.embedding(codes[:, :-1]).transpose(1, 2))
        skip = torch.zeros(())
        for gate, residual, over in zip(self.gates, self.residuals, self.skips, strict=True):
            filtered, opened = gate(x).chunk(2, 1)
            z = torch.tanh(filtered) * torch.sigmoid(opened)
            skip = skip + over(z[..., -size:])
            x = x[..., -z.shape[-1] :] + residual(z)
        logits: Tensor = self.output(F.relu(self.mix(F.relu(skip)))).transpose(1, 2)
        return logits


def as_large_as(parameters: int, levels: int) -> WaveNet:
    """The WaveNet whose number of parameters is nearest."""
    sizes = {c: _parameters(WaveNet(levels, c)) for c in range(16, 257, 8)}
    return WaveNet(levels, min(sizes, key=lambda c: abs(sizes[c] - parameters)))


def _parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def train(
    network: WaveNet,
    data: DataSet,
    model: ModelConfig,
    minutes: float,
    report: Callable[[dict[str, Any]], None] = lambda line: None,
) -> None:
    """Train for so long with Adam, the learning rate falling in half a cosine over the time. The lanes of a batch are
    SampleRNN's own (models/lanes.py), so that both read the same. Blocks. Raises InputError as Lanes does."""
    training = TrainingConfig(batch=4, chunk=4096)
    lanes = Lanes(data, model, training)
    optimizer = torch.optim.Adam(network.parameters(), lr=training.learning_rate)
    past = torch.full((training.batch, FIELD), model.levels // 2)
    started, step, recent = time.monotonic(), 0, list[float]()
    while (spent := (time.monotonic() - started) / (60 * minutes)) < 1:
        codes, fresh = lanes.next()
        chunk = torch.from_numpy(codes[:, -training.chunk :])
        past[torch.from_numpy(fresh)] = model.levels // 2
        row = torch.cat([past, chunk], 1)
        bits = nll_bits(network(row), chunk).mean()
        optimizer.zero_grad()
        bits.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), training.clip)
        for group in optimizer.param_groups:
            group["lr"] = training.learning_rate * (0.5 + 0.5 * float(np.cos(np.pi * spent)))
        optimizer.step()
        past = row[:, -FIELD:]
        step += 1
        recent.append(float(bits.detach()))
        if step % 25 == 0:
            report({"step": step, "bits": sum(recent) / len(recent), "minutes": spent * minutes})
            recent = []


@torch.no_grad()
def bits(network: WaveNet, data: DataSet, split: Split, model: ModelConfig) -> float:
    """Bits a sample over the whole recordings of a split. Raises InputError if it is empty."""
    recordings = codes_of_split(data, split, model)
    total, chunk = 0.0, 8192
    for codes, real in batches(recordings, chunk, model.levels // 2):
        silence = np.full((len(codes), FIELD), model.levels // 2)
        row = torch.from_numpy(np.concatenate([silence, codes], 1))
        for start in range(0, codes.shape[1], chunk):
            part = row[:, start : start + FIELD + chunk]
            scored = nll_bits(network(part), part[:, FIELD:])
            total += float(scored[torch.from_numpy(real[:, start : start + chunk])].double().sum())
    return total / sum(map(len, recordings))


def save(network: WaveNet, path: Path) -> None:
    """Raises OSError."""
    with written_aside(path) as aside:
        safetensors.torch.save_file(network.state_dict(), aside)


def load(path: Path, levels: int) -> WaveNet:
    """Raises InputError if it is not the file of a WaveNet with so many levels."""
    try:
        weights = safetensors.torch.load_file(path)
        network = WaveNet(levels, len(weights["enter.bias"]))
        network.load_state_dict(weights)
    except (OSError, SafetensorError, KeyError, RuntimeError) as error:
        raise InputError(f"{path} is not a trained baseline: {str(error).splitlines()[0]}") from error
    return network


class Generator:
    """Draws from a WaveNet sample by sample, in NumPy (for matrices this small faster than torch): each layer keeps
    what it saw as long ago as it looks back, so that nothing is computed twice."""

    def __init__(self, network: WaveNet, seed: int = 0) -> None:
        def pair(layer: Any) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
            return layer.weight.detach().numpy().squeeze(), layer.bias.detach().numpy()

        enter, bias = pair(network.enter)
        self._enter = network.embedding.weight.detach().numpy() @ enter.T + bias
        self._layers = []
        for gate, residual, skip in zip(network.gates, network.residuals, network.skips, strict=True):
            weight, offset = pair(gate)
            both = np.concatenate([pair(residual)[0], pair(skip)[0]])
            offsets = np.concatenate([pair(residual)[1], pair(skip)[1]])
            self._layers.append((np.concatenate([weight[..., 0], weight[..., 1]], 1), offset, both, offsets))
        self._mix, self._output = pair(network.mix), pair(network.output)
        self._channels, self._levels = network.channels, network.levels
        self._seen = [np.zeros((d, network.channels), np.float32) for d in DILATIONS]
        self._chance = np.random.default_rng(seed)
        self._last, self._count = network.levels // 2, 0
        for _ in range(FIELD):  # silence came before
            self.step(0.0, network.levels // 2)

    def step(self, temperature: float, forced: int | None = None) -> tuple[int, npt.NDArray[np.float32]]:
        """The next code, and the logits [Q] it was drawn from. forced: this code instead."""
        x = self._enter[self._last]
        skips = np.zeros(2 * self._channels, np.float32)
        for (gate, offset, both, offsets), seen, dilation in zip(self._layers, self._seen, DILATIONS, strict=True):
            slot = self._count % dilation
            y = gate @ np.concatenate([seen[slot], x]) + offset
            seen[slot] = x
            z = np.tanh(y[: self._channels]) / (1 + np.exp(-y[self._channels :]))
            made = both @ z + offsets
            x, skips = x + made[: self._channels], skips + made[self._channels :]
        (mix, mix_bias), (output, bias) = self._mix, self._output
        logits = output @ np.maximum(mix @ np.maximum(skips, 0) + mix_bias, 0) + bias
        if forced is None:
            forced = int(np.argmax(logits + temperature * self._chance.gumbel(size=self._levels)))
        self._last, self._count = forced, self._count + 1
        return forced, logits


def real_time_factor(network: WaveNet, rate: int, seconds: float = 0.2) -> float:
    """Seconds of sound drawn in one second."""
    generator, samples = Generator(network), max(1, round(seconds * rate))
    started = time.perf_counter()
    for _ in range(samples):
        generator.step(1.0)
    return samples / rate / (time.perf_counter() - started)
