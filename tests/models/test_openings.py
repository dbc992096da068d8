"""What a style begins to play from are moments of the recordings it learned from, and the network is where it would be
there."""

import numpy as np
import pytest
import soundfile
import torch

from models.checkpoint import Checkpoint
from models.codec import Codec
from models.dataset import FULL_SCALE, DataSet
from models.openings import HEARD_SECONDS, find_openings
from models.prepare import prepare


@pytest.fixture(scope="module")
def network(predicting_run):
    return Checkpoint.load(predicting_run / "checkpoints" / "best.safetensors").network()


@pytest.fixture(scope="module")
def long_data(tmp_path_factory):
    """Forty seconds of noise, louder in each second and then silent: no stretch of it is there twice."""
    folder = tmp_path_factory.mktemp("long")
    time = np.arange(40 * 16_000) / 16_000
    sound = 0.02 * np.floor(time) * np.random.default_rng(1).uniform(-1, 1, len(time)) * (time % 1 < 0.5)
    (folder / "train").mkdir()
    soundfile.write(folder / "train" / "tone.wav", sound, 16_000)
    prepare([folder], folder / "data", 16_000)
    return DataSet.open(folder / "data")


def places(found, network, data):
    """Where in the train split each of them ends, in samples."""
    codes = Codec(network.config).encode(data.pcm("train") / FULL_SCALE)
    windows = np.lib.stride_tricks.sliding_window_view(codes, network.config.history)
    tail = codes[network.config.history - 1 :]
    ends = []
    for opening in found.codes:
        candidates = np.flatnonzero(tail == opening[-1])
        ends.append(next(i for i in candidates if np.array_equal(windows[i], opening)) + network.config.history)
    return ends


def test_they_are_spread_over_the_recordings_and_are_no_pauses(network, long_data):
    ends = places(find_openings(network, long_data, 5), network, long_data)
    assert ends == sorted(ends)
    assert np.diff(ends).min() > 4 * 16_000
    pcm = long_data.pcm("train")
    for end in ends:
        assert np.abs(pcm[end - 1600 : end]).max() > 0


def test_the_network_is_where_it_would_be_there(network, long_data):
    found = find_openings(network, long_data, 3)
    assert found is not None
    end = places(found, network, long_data)[1]
    config = network.config
    heard = round(HEARD_SECONDS * 16_000 / config.step) * config.step
    codes = Codec(config).encode(long_data.pcm("train")[:end] / FULL_SCALE)[-heard - config.history :]
    with torch.no_grad():
        _, state = network(torch.from_numpy(codes[None]), network.start(1))
    for k, h in enumerate(state.h):
        np.testing.assert_allclose(found.h[k][1], h[:, 0].numpy(), atol=1e-5)


def test_recordings_too_short_to_hear_have_none(network, tmp_path):
    (tmp_path / "train").mkdir()
    soundfile.write(tmp_path / "train" / "short.wav", 0.1 * np.sin(np.arange(3 * 16_000)), 16_000)
    prepare([tmp_path], tmp_path / "data", 16_000)
    assert find_openings(network, DataSet.open(tmp_path / "data"), 4) is None


def test_there_are_no_more_than_there_are_moments(network, tiny_data):
    found = find_openings(network, DataSet.open(tiny_data), 64)
    assert found is None or len(found.codes) <= 64
