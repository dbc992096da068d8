"""Small things made for tests: networks with nothing in them that is zero or alike by chance, so that no term of
a sum goes unseen, and data sets of given samples."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.config import ModelConfig
from models.dataset import MANIFEST, SAMPLE, SPLITS, DataSet, Manifest, Recording, Split
from models.network import SampleRNN


def small(**fields: Any) -> ModelConfig:
    """A configuration that runs in no time, with what is asked for."""
    values: dict[str, Any] = {"frame_sizes": (4,), "units": 6, "rnn_layers": 2, "embedding": 3, "mlp_units": 16}
    return ModelConfig(**{**values, "levels": 12, **fields})


def predicting(**fields: Any) -> ModelConfig:
    """The same, of a network that knows a prediction: the last eight samples, fitted every other frame."""
    values: dict[str, Any] = {"prediction_order": 8, "prediction_window": 40, "prediction_shapes": 5}
    values |= {"quantizer": "mu-law", "levels": 32}
    lookback = small(**{key: value for key, value in fields.items() if key == "frame_sizes"}).lookback
    return small(**{**values, "prediction_every": 2 * lookback, **fields})


def random_network(config: ModelConfig, dtype: torch.dtype = torch.float32, seed: int = 1) -> SampleRNN:
    """Its h0, biases and gains are not where they start, as after training."""
    torch.manual_seed(seed)
    network = SampleRNN(config).to(dtype)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return network


def random_codes(config: ModelConfig, voices: int, samples: int, seed: int = 2) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(config.levels, (voices, samples), generator=generator)


def made_data(path: Path, rate: int = 16_000, **splits: Sequence[np.ndarray]) -> DataSet:
    """A data set of recordings given as 16-bit samples, by split."""
    path.mkdir()
    recordings: dict[Split, tuple[Recording, ...]] = {}
    for split in SPLITS:
        given = [np.asarray(pcm, SAMPLE) for pcm in splits.get(split, ())]
        starts = np.cumsum([0, *map(len, given)]).tolist()
        recordings[split] = tuple(
            Recording(f"{split}{i}", f"{split}{i}", f"{split}{i}", starts[i], len(pcm), len(pcm) / rate, 0.0, 0.0, 0.0)
            for i, pcm in enumerate(given)
        )
        (path / f"{split}.pcm").write_bytes(b"".join(pcm.tobytes() for pcm in given))
    (path / MANIFEST).write_text(Manifest(rate, recordings).to_json(), encoding="utf-8")
    return DataSet.open(path)
