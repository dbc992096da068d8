"""Checkpoints as samplernn-pytorch saves them, of random weights, and that network once more in NumPy, from its
description alone (Mehri et al. 2017 and the shapes of its files): what an imported model is held against."""

from collections import OrderedDict
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

Form = Literal["plain", "weight_g", "parametrizations"]
FORMS: tuple[Form, ...] = ("plain", "weight_g", "parametrizations")
State = dict[str, Any]


def state_dict(
    frame_sizes: tuple[int, ...] = (4,),
    units: int = 6,
    layers: int = 1,
    levels: int = 16,
    form: Form = "plain",
    embedding: int | None = None,
    seed: int = 1,
) -> State:
    """Random weights by the names and in the shapes of its files, large enough for every term to be seen."""
    rng = np.random.default_rng(seed)
    embedding = levels if embedding is None else embedding
    state: State = OrderedDict()

    def add(name: str, *shape: int, scale: float = 0.5) -> None:
        state[name] = torch.from_numpy(rng.normal(0, scale, shape).astype(np.float32))

    def weight(layer: str, *shape: int, scale: float | None = None) -> None:
        scale = scale or float(np.prod(shape[1:])) ** -0.5
        if form == "plain":
            add(f"{layer}.weight", *shape, scale=scale)
            return
        g, v = ("weight_g", "weight_v")
        if form == "parametrizations":
            g, v = ("parametrizations.weight.original0", "parametrizations.weight.original1")
        norms = rng.uniform(0.5, 1.5, (shape[0], 1, 1)) * scale * float(np.prod(shape[1:])) ** 0.5
        state[f"{layer}.{g}"] = torch.from_numpy(norms.astype(np.float32))
        add(f"{layer}.{v}", *shape, scale=1.0)

    for k in range(len(frame_sizes)):
        tier = f"frame_level_rnns.{k}"
        add(f"{tier}.h0", layers, units)
        add(f"{tier}.input_expand.bias", units)
        weight(f"{tier}.input_expand", units, int(np.prod(frame_sizes[: k + 1])), 1)
        for i in range(layers):
            for part in ("ih", "hh"):
                add(f"{tier}.rnn.weight_{part}_l{i}", 3 * units, units, scale=1.5 * units**-0.5)
                add(f"{tier}.rnn.bias_{part}_l{i}", 3 * units)
        add(f"{tier}.upsampling.bias", units, frame_sizes[k])
        weight(f"{tier}.upsampling.conv_t", units, units, frame_sizes[k], scale=units**-0.5)
    mlp = "sample_level_mlp"
    add(f"{mlp}.embedding.weight", levels, embedding, scale=1.0)
    weight(f"{mlp}.input", units, embedding, frame_sizes[0])
    for layer, outputs in (("hidden", units), ("output", levels)):
        add(f"{mlp}.{layer}.bias", outputs)
        weight(f"{mlp}.{layer}", outputs, units, 1, scale=1.5 * units**-0.5)
    return state


def saved(path: Path, content: Any, *, zipped: bool = True) -> Path:
    """torch.save, as now or as until torch 1.5."""
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    return path


class Reference:
    """The network of a state dict in float64, a voice and a sample at a time."""

    def __init__(self, state: State) -> None:
        self.state: dict[str, np.ndarray] = {name: tensor.double().numpy() for name, tensor in state.items()}
        self.tiers = len({name.split(".")[1] for name in state if name.startswith("frame_level_rnns.")})
        biases = [self.state[f"frame_level_rnns.{k}.upsampling.bias"] for k in range(self.tiers)]
        self.frame_sizes = [bias.shape[1] for bias in biases]
        self.spans = [int(np.prod(self.frame_sizes[: k + 1])) for k in range(self.tiers)]

    def weight(self, layer: str) -> np.ndarray:
        for g, v in (
            ("weight_g", "weight_v"),
            ("parametrizations.weight.original0", "parametrizations.weight.original1"),
        ):
            if f"{layer}.{v}" in self.state:
                rows = zip(self.state[f"{layer}.{v}"], self.state[f"{layer}.{g}"].ravel(), strict=True)
                return np.stack([gain * row / np.sqrt((row**2).sum()) for row, gain in rows])
        return self.state[f"{layer}.weight"]

    def gru(self, tier: str, i: int, x: np.ndarray, h: np.ndarray) -> np.ndarray:
        w_x, w_h = (self.state[f"{tier}.rnn.weight_{part}_l{i}"] for part in ("ih", "hh"))
        b_x, b_h = (self.state[f"{tier}.rnn.bias_{part}_l{i}"] for part in ("ih", "hh"))
        x_r, x_z, x_n = np.split(w_x @ x + b_x, 3)
        h_r, h_z, h_n = np.split(w_h @ h + b_h, 3)
        r, z = 1 / (1 + np.exp(-x_r - h_r)), 1 / (1 + np.exp(-x_z - h_z))
        new: np.ndarray = (1 - z) * np.tanh(x_n + r * h_n) + z * h
        return new

    def frame(
        self, k: int, codes: np.ndarray, above: np.ndarray | None, h: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """-> what each slot is handed [f_k, D], and the new state [N, D]"""
        tier, levels = f"frame_level_rnns.{k}", len(self.state["sample_level_mlp.embedding.weight"])
        x = self.weight(f"{tier}.input_expand")[:, :, 0] @ (2 * (codes / (levels / 2) - 1))
        x = x + self.state[f"{tier}.input_expand.bias"]
        if above is not None:
            x = x + above
        new = []
        for i, state in enumerate(h):
            x = self.gru(tier, i, x, state)
            new.append(x)
        conv_t, bias = self.weight(f"{tier}.upsampling.conv_t"), self.state[f"{tier}.upsampling.bias"]
        handed = [conv_t[:, :, slot].T @ x + bias[:, slot] for slot in range(self.frame_sizes[k])]
        return np.stack(handed), np.stack(new)

    def sample(self, codes: np.ndarray, handed: np.ndarray) -> np.ndarray:
        mlp, state = "sample_level_mlp", self.state
        first = self.weight(f"{mlp}.input")
        a: np.ndarray = (
            sum(first[:, :, j] @ state[f"{mlp}.embedding.weight"][code] for j, code in enumerate(codes)) + handed
        )
        b = self.weight(f"{mlp}.hidden")[:, :, 0] @ np.maximum(a, 0) + state[f"{mlp}.hidden.bias"]
        logits: np.ndarray = self.weight(f"{mlp}.output")[:, :, 0] @ np.maximum(b, 0) + state[f"{mlp}.output.bias"]
        return logits

    def logits(self, codes: np.ndarray) -> np.ndarray:
        """codes [L + S] -> of the last S [S, Q], from the learned state on."""
        h = [self.state[f"frame_level_rnns.{k}.h0"] for k in range(self.tiers)]
        handed: list[Any] = [None] * self.tiers
        logits = []
        for i in range(self.spans[-1], len(codes)):
            for k in reversed(range(self.tiers)):
                span = self.spans[k]
                if i % span:
                    continue
                above = None
                if k + 1 < self.tiers:
                    above = handed[k + 1][i // span % self.frame_sizes[k + 1]]
                handed[k], h[k] = self.frame(k, codes[i - span : i], above, h[k])
            lags = self.frame_sizes[0]
            logits.append(self.sample(codes[i - lags : i], handed[0][i % lags]))
        return np.stack(logits)
