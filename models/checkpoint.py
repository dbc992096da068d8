"""A training at rest: everything needed to go on as if it had never stopped, in one safetensors file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from models.config import ModelConfig, TrainingConfig, from_dict, to_dict
from models.errors import InputError
from models.files import written_aside
from models.network import SampleRNN

FORMAT = 1


@dataclass
class Checkpoint:
    model: ModelConfig
    training: TrainingConfig
    step: int
    progress: dict[str, Any]
    """total steps, data position, data fingerprint, best bits: plain JSON values."""
    tensors: dict[str, Tensor]
    """`weights.*`, `average.*`, `adam.m.*`, `adam.v.*`, `state.*` (hidden states), `rng`."""

    def save(self, path: Path) -> None:
        """Write it aside and rename. Raises OSError; what was at `path` is then untouched."""
        content = {
            "format": FORMAT,
            "model": to_dict(self.model),
            "training": to_dict(self.training),
            "step": self.step,
            "progress": self.progress,
        }
        with written_aside(path) as aside:
            try:
                safetensors.torch.save_file(self.tensors, aside, {"samplernn": json.dumps(content)})
            except SafetensorError as error:  # how it reports a full disk
                raise OSError(str(error)) from error

    @classmethod
    def load(cls, path: Path) -> Checkpoint:
        """Raises InputError in one clear line for anything that is not an intact checkpoint."""
        try:
            with safe_open(path, "pt") as file:
                content = json.loads((file.metadata() or {})["samplernn"])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118, not a dict
            if content["format"] != FORMAT:
                raise InputError(f"checkpoint format {content['format']!r}, this program reads {FORMAT}")
            model = from_dict(ModelConfig, content["model"])
            training = from_dict(TrainingConfig, content["training"])
            return cls(model, training, content["step"], content["progress"], tensors)
        except FileNotFoundError:
            raise InputError(f"{path}: no such checkpoint") from None
        except InputError as error:
            raise InputError(f"{path}: {error}") from None
        except (SafetensorError, KeyError, TypeError, ValueError, RecursionError, OSError) as error:
            raise InputError(f"{path}: not an intact checkpoint ({error})") from error

    def named(self, prefix: str) -> dict[str, Tensor]:
        """The tensors under a prefix, without it."""
        return {
            name.removeprefix(f"{prefix}."): tensor
            for name, tensor in self.tensors.items()
            if name.startswith(f"{prefix}.")
        }

    def network(self) -> SampleRNN:
        """The network with the averaged weights, on the CPU: what is evaluated and exported."""
        network = SampleRNN(self.model)
        network.load_state_dict(self.named("average"))
        return network.eval()
