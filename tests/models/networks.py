"""Small networks with nothing in them that is zero or alike by chance, so that no term of a sum goes unseen."""

from typing import Any

import torch

from models.config import ModelConfig
from models.network import SampleRNN


def small(**fields: Any) -> ModelConfig:
    """A configuration that runs in no time, with what is asked for."""
    values: dict[str, Any] = {"frame_sizes": (4,), "units": 6, "rnn_layers": 2, "embedding": 3, "mlp_units": 16}
    return ModelConfig(**{**values, "levels": 12, **fields})


def random_network(config: ModelConfig, dtype: torch.dtype = torch.float32, seed: int = 1) -> SampleRNN:
    """Its h0, biases and gains are not where they start, as after training."""
    torch.manual_seed(seed)
    network = SampleRNN(config).to(dtype)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter += 0.3 * torch.randn_like(parameter)
    return network


def random_codes(config: ModelConfig, voices: int, samples: int, seed: int = 2) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(config.levels, (voices, samples), generator=generator)
