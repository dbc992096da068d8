"""All baselines on one data set."""

from __future__ import annotations

from pathlib import Path

from models.baselines import linear, wavenet
from models.config import ModelConfig
from models.dataset import DataSet, Split

Bits = dict[Split, float]


def scores(model: ModelConfig, data: DataSet, wavenet_file: Path | None) -> tuple[dict[str, Bits], dict[str, float]]:
    """Bits a sample of each, by its name, on the codes of a model; and how fast those draw that can, times real time.
    Raises InputError if a split is empty, or the file no WaveNet's."""
    splits: list[Split] = ["valid", "test"] if data.recordings("test") else ["valid"]
    bits = {
        "linear predictor, order 32": {split: linear.predictor_bits(data, split, model) for split in splits},
        "how often each code occurs": {split: linear.histogram_bits(data, split, model) for split in splits},
    }
    if wavenet_file is None:
        return bits, {}
    network = wavenet.load(wavenet_file, model.levels)
    name = "WaveNet of the same size"
    bits[name] = {split: wavenet.bits(network, data, split, model) for split in splits}
    return bits, {name: wavenet.real_time_factor(network, model.sample_rate)}
