"""The baselines score what they claim to, and the WaveNet that draws is the one that was trained."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch

from models.baselines import linear, wavenet
from models.config import ModelConfig
from models.dataset import DataSet

MODEL = ModelConfig(levels=64, quantizer="mu-law")


def test_a_predictor_needs_fewer_bits_than_counting(tiny_data: Path) -> None:
    data = DataSet.open(tiny_data)
    counted = linear.histogram_bits(data, "train", MODEL)
    assert 2 < counted < 6
    assert linear.predictor_bits(data, "train", MODEL) < counted - 0.5


def test_each_sample_is_predicted_from_those_before_it_alone() -> None:
    sound = np.random.default_rng(1).normal(size=4000).cumsum() * 1e-3
    whole = linear._predicted(sound)
    changed = sound.copy()
    changed[3000:] = 0
    np.testing.assert_array_equal(linear._predicted(changed)[:3000], whole[:3000])
    assert np.abs(whole[2000:] - sound[2000:]).mean() < 0.5 * np.abs(np.diff(sound)).mean() + 1e-3


def test_the_bits_of_all_codes_are_those_of_a_distribution() -> None:
    """Summed over all codes that could come next, the chances are one."""
    past = np.random.default_rng(2).integers(20, 44, 1500)
    chances = [2.0 ** -linear._bits(np.append(past, code), MODEL)[-1] for code in range(64)]
    assert sum(chances) == pytest.approx(1, abs=1e-6)


def test_what_draws_is_what_was_trained() -> None:
    torch.manual_seed(3)
    network = wavenet.WaveNet(64, 16)
    codes = torch.randint(0, 64, (1, 300))
    silence = torch.full((1, wavenet.FIELD), 32)
    with torch.no_grad():
        expected = network(torch.cat([silence, codes], 1))[0].numpy()
    generator = wavenet.Generator(network)
    given = np.stack([generator.step(1.0, int(code))[1] for code in codes[0]])
    np.testing.assert_allclose(given, expected, atol=1e-4)


def test_it_learns(tiny_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = itertools.count()
    monkeypatch.setattr("models.baselines.wavenet.time.monotonic", lambda: next(seconds))
    data = DataSet.open(tiny_data)
    torch.manual_seed(4)
    network = wavenet.WaveNet(64, 16)
    before = wavenet.bits(network, data, "train", MODEL)
    wavenet.train(network, data, MODEL, minutes=0.5)
    assert wavenet.bits(network, data, "train", MODEL) < before - 0.15


def test_the_size_asked_for() -> None:
    network = wavenet.as_large_as(300_000, 256)
    assert sum(p.numel() for p in network.parameters()) == pytest.approx(300_000, rel=0.1)
