"""Bits of what plays are the bits of what was trained."""

import numpy as np
import pytest
import safetensors.torch

from engine.score import score, score_split
from models.dataset import DataSet
from models.errors import InputError
from models.prepare import prepare
from tests.engine import some_codes


def test_bits_are_those_of_the_checkpoint(kernel, made, tiny_data):
    from models.checkpoint import Checkpoint
    from models.evaluate import evaluate

    data = DataSet.open(tiny_data)
    expected = evaluate(Checkpoint.load(made.run / "checkpoints" / "best.safetensors").network(), data, "valid")
    fractions: list[float] = []
    bits, samples = score_split(kernel, data, "valid", fractions.append)
    assert bits == pytest.approx(expected.bits, abs=0.001)
    assert samples == expected.samples == data.recordings("valid")[0].samples
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1


def test_8_bits_cost_the_piano_less_than_a_fiftieth_of_a_bit(piano_kernel, piano, fixtures, tmp_path):
    from models.evaluate import evaluate
    from models.network import SampleRNN

    network = SampleRNN(piano.info.model)
    weights = safetensors.torch.load(piano.read("weights.safetensors"))
    network.load_state_dict({name: weight.float() for name, weight in weights.items()})
    prepare([fixtures / "cc0_ambi_piano.flac"], tmp_path / "data", piano.info.model.sample_rate)
    data = DataSet.open(tmp_path / "data")
    bits, _ = score_split(piano_kernel, data, "valid")
    assert bits == pytest.approx(evaluate(network.eval(), data, "valid").bits, abs=0.02)


def test_bits_are_counted_where_the_codes_are_real_and_once(kernel):
    codes = some_codes(kernel.config, 2, 500)
    half = np.zeros(codes.shape, bool)
    half[0, 100:1300] = True
    half[1, :7] = True
    counted: list[int] = []
    parts = score(kernel, codes, half, counted.append) + score(kernel, codes, ~half)
    assert sum(counted) == half.sum()
    assert parts == pytest.approx(score(kernel, codes, np.ones(codes.shape, bool)), rel=1e-6)


def test_rows_side_by_side_are_scored_as_each_alone(kernel):
    codes = some_codes(kernel.config, 3, 100)
    real = np.ones((1, codes.shape[1]), bool)
    alone = sum(score(kernel, row[None], real) for row in codes)
    assert score(kernel, codes, np.repeat(real, 3, axis=0)) == pytest.approx(alone, rel=1e-6)


def test_an_empty_split_is_refused(kernel, tiny_data):
    with pytest.raises(InputError, match="test split is empty"):
        score_split(kernel, DataSet.open(tiny_data), "test")


def test_data_at_another_rate_is_refused(kernel, tmp_path, fixtures):
    prepare([fixtures / "cc0_ambi_piano.flac"], tmp_path / "data", 8_000)
    with pytest.raises(InputError, match="is at 8000 Hz, the model at 16000 Hz"):
        score_split(kernel, DataSet.open(tmp_path / "data"), "valid")
