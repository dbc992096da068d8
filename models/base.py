"""What a training can start from instead of from nothing: the weights of another run, or of a style."""

from __future__ import annotations

from dataclasses import dataclass

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from models.checkpoint import Checkpoint
from models.config import ModelConfig
from models.errors import InputError
from models.network import SampleRNN
from models.style import WEIGHTS, Style


@dataclass(frozen=True)
class Base:
    model: ModelConfig
    weights: dict[str, Tensor]
    """float32, by the network's names"""
    name: str
    """Where they are from."""


def base_of_run(checkpoint: Checkpoint, name: str = "") -> Base:
    """The averaged weights of a run."""
    return Base(checkpoint.model, checkpoint.named("average"), name)


def base_of_style(style: Style) -> Base:
    """The weights that a style file carries, in half precision there. Raises InputError if it carries none, or others
    than its network's."""
    if WEIGHTS not in style.hashes:
        raise InputError(f"{style.path} carries no weights to train on from")
    try:
        weights = {name: weight.float() for name, weight in safetensors.torch.load(style.read(WEIGHTS)).items()}
        wanted = {name: value.shape for name, value in SampleRNN(style.info.model).state_dict().items()}
        if {name: weight.shape for name, weight in weights.items()} != wanted:
            raise ValueError
    except (SafetensorError, ValueError):
        raise InputError(f"{style.path}: its weights do not fit its network; get the style again") from None
    if not all(torch.isfinite(weight).all() for weight in weights.values()):
        raise InputError(f"{style.path}: its weights are not all finite")
    return Base(style.info.model, weights, style.info.name)
