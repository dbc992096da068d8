"""Bits are the mean over every sample of every recording, each heard from its start."""

import numpy as np
import pytest
import torch

from models.dataset import FULL_SCALE
from models.errors import InputError
from models.evaluate import evaluate
from models.network import nll_bits
from models.quantizer import Quantizer
from models.recordings import ROWS, batches, codes_of_split
from tests.models.made import made_data, predicting, random_network, small

MODEL = small(frame_sizes=(2, 2), levels=16, quantizer="mu-law")
PREDICTING = predicting(frame_sizes=(2, 2), levels=16)
LENGTHS = (1, 50, 3, 4, 40, 39, 41, 7, 20, 90)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    noise = np.random.default_rng(3)
    recordings = [noise.integers(-20_000, 20_000, length) for length in LENGTHS]
    return made_data(tmp_path_factory.mktemp("evaluate") / "data", valid=recordings, train=[np.arange(9)])


def bits_of_each(data, network, limit=None):
    """One recording after the other, whole, the plain way."""
    config = network.config
    quantizer = Quantizer(config.quantizer, config.levels)
    scored = []
    for recording in data.recordings("valid"):
        pcm = data.pcm("valid")[recording.start : recording.start + recording.samples][:limit]
        codes = torch.from_numpy(quantizer.encode(pcm / FULL_SCALE))
        padding = -len(codes) % config.step
        silence = torch.full((config.history,), quantizer.silence)
        row = torch.cat([silence, codes, silence[:padding]])[None]
        logits, _ = network(row, network.start(1))
        scored.append(nll_bits(logits, row[:, config.history :])[0, : len(codes)].detach())
    return torch.cat(scored).double()


@pytest.mark.parametrize("model", [MODEL, PREDICTING], ids=["plain", "predicting"])
@pytest.mark.parametrize("chunk_seconds", [0.5, 12 / 16_000])  # one chunk, or many
def test_bits_are_those_of_each_recording_alone(data, monkeypatch, model, chunk_seconds):
    """Neither what a recording is batched with, nor its padding, nor the chunks change them."""
    monkeypatch.setattr("models.evaluate.CHUNK_SECONDS", chunk_seconds)
    assert len(LENGTHS) > ROWS
    network = random_network(model)
    score, expected = evaluate(network, data, "valid"), bits_of_each(data, network)
    assert score.samples == len(expected) == sum(LENGTHS)
    assert score.bits == pytest.approx(float(expected.mean()), abs=1e-6)


def test_a_few_seconds_are_the_beginnings_of_the_recordings(data):
    network = random_network(MODEL)
    score = evaluate(network, data, "valid", seconds=10 * len(LENGTHS) / 16_000)
    expected = bits_of_each(data, network, limit=10)
    assert score.samples == len(expected) < sum(LENGTHS)
    assert score.bits == pytest.approx(float(expected.mean()), abs=1e-6)


def test_progress_rises_to_the_end(data):
    told: list[float] = []
    evaluate(random_network(MODEL), data, "valid", progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1


def test_a_network_that_knows_nothing_scores_the_logarithm_of_the_levels(data):
    network = random_network(MODEL)
    for parameter in network.samples.output.parameters():
        torch.nn.init.zeros_(parameter)
    torch.nn.init.ones_(network.samples.output.direction)
    assert evaluate(network, data, "valid").bits == pytest.approx(4, abs=1e-6)


def test_an_empty_split_is_refused(data):
    with pytest.raises(InputError, match="test split is empty"):
        evaluate(random_network(MODEL), data, "test")


def test_another_rate_is_refused(data):
    with pytest.raises(InputError, match="16000 Hz, the model at 44100 Hz"):
        evaluate(random_network(small(sample_rate=44_100)), data, "valid")


def test_batches_hold_every_sample_once_and_say_which_are_real(data):
    recordings = codes_of_split(data, "valid", MODEL)
    held = []
    for codes, real in batches(recordings, 4, 8):
        assert codes.shape == real.shape
        assert codes.shape[1] % 4 == 0
        assert (codes[~real] == 8).all()
        held += [row[is_real] for row, is_real in zip(codes, real, strict=True)]
    assert all(np.array_equal(one, other) for one, other in zip(held, recordings, strict=True))
    assert sorted(map(len, held)) == sorted(LENGTHS)
