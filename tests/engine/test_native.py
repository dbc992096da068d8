"""The compiled kernel is the network, the graphs and the noise once more: each is held against its first form."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine import native
from engine.kernel import Kernel
from engine.native import NativeKernel, NativeNoise
from engine.noise import GumbelNoise
from engine.score import FORCE
from models import graph
from models.checkpoint import Checkpoint
from models.config import ModelConfig, TrainingConfig
from models.errors import InputError
from models.export import export
from models.network import generate, nll_bits
from models.style import Style, StyleInfo
from tests.models.made import predicting, random_codes, random_network, small

pytestmark = pytest.mark.skipif(not native.plays(small()), reason="no compiler when the project was installed")

SHAPES = {
    "two tiers": {},
    "three tiers": {"frame_sizes": (2, 3, 2), "rnn_layers": 1},
    "an odd number of levels": {"levels": 37, "mlp_units": 5},
    "one layer of look-ups": {"mlp_hidden": 0, "mlp_first_relu": True, "weight_norm": False},
    "two hidden layers": {"mlp_hidden": 2, "mlp_first_relu": True, "frame_sizes": (5, 2)},
    "blocks that are not full": {"units": 130, "mlp_units": 140},
    "pre-emphasis": {"emphasis": 0.5},
    "predicting": {"prediction_order": 8},
    "predicting, two tiers": {
        "prediction_order": 5,
        "prediction_window": 6,
        "prediction_mean": 4,
        "frame_sizes": (2, 3),
        "levels": 33,
    },
    "predicting, like live": {"prediction_order": 20, "frame_sizes": (16,), "mlp_hidden": 0, "mlp_first_relu": True},
}


@pytest.fixture(scope="module", params=SHAPES)
def config(request: pytest.FixtureRequest) -> ModelConfig:
    fields: Any = SHAPES[request.param]
    return predicting(**fields) if "prediction_order" in fields else small(**fields)


def style_of(config: ModelConfig, folder: Path) -> Style:
    network = random_network(config)
    tensors = {f"average.{name}": value for name, value in network.state_dict().items()}
    checkpoint = Checkpoint(config, TrainingConfig(), 0, {}, tensors)
    info = StyleInfo("n", "", "", "", "", 0, 1.0, 1, 0.9, -20.0, {}, config)
    return export(checkpoint, info, folder / "n.samplernn")


@pytest.fixture(scope="module")
def kernel(config: ModelConfig, tmp_path_factory: pytest.TempPathFactory) -> NativeKernel:
    return NativeKernel(style_of(config, tmp_path_factory.mktemp("native")))


def noise_for(config: ModelConfig, voices: int, frames: int) -> Any:
    shape = (frames, config.lookback, voices, config.levels)
    return np.random.default_rng(1).gumbel(size=shape).astype(np.float32)


def test_draws_what_the_network_draws(config: ModelConfig, kernel: NativeKernel) -> None:
    voices, frames = 3, 6
    noise = noise_for(config, voices, frames)
    block, state = kernel.step(kernel.start(voices), noise)
    network = random_network(config)
    silence = torch.full((voices, config.history), config.levels // 2)
    rows = torch.from_numpy(noise).permute(2, 0, 1, 3).reshape(voices, frames * config.lookback, config.levels)
    codes, logits, after = generate(network, silence, network.start(voices), rows)
    assert np.array_equal(block.codes, codes.numpy())
    np.testing.assert_allclose(block.logits.transpose(1, 0, 2), logits.numpy(), atol=1e-4)
    for mine, theirs in zip(state.h, after.h, strict=True):
        np.testing.assert_allclose(mine, theirs.numpy(), atol=1e-5)


def test_in_eight_bits_it_predicts_as_the_network_does(
    config: ModelConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph, "QUANTIZED_FROM", 0)
    kernel, frames = NativeKernel(style_of(config, tmp_path)), 40
    codes = random_codes(config, 2, frames * config.lookback)
    noise = np.zeros((codes.shape[1], 2, config.levels), np.float32)
    np.put_along_axis(noise, codes.numpy().T[..., None], FORCE, axis=2)
    block, _ = kernel.step(kernel.start(2), noise.reshape(frames, config.lookback, 2, config.levels))
    network = random_network(config)
    silence = torch.full((2, config.history), config.levels // 2)
    with torch.no_grad():
        expected, _ = network(torch.cat([silence, codes], 1), network.start(2))
    given = torch.from_numpy(block.logits.transpose(1, 0, 2).copy())
    bits = float(nll_bits(expected, codes).mean())
    # random codes are far from what is predicted: there they are 12 to 31 bits, and the shapes multiply each error
    assert abs(float(nll_bits(given, codes).mean()) - bits) < (0.005 * bits if config.prediction_order else 0.02)


def test_hearing_codes_is_having_drawn_them(config: ModelConfig, kernel: NativeKernel) -> None:
    block, after = kernel.step(kernel.start(2), noise_for(config, 2, 6))
    heard = kernel.prime(kernel.start(2), block.codes)
    assert np.array_equal(heard.codes, after.codes)
    assert all(np.array_equal(mine, theirs) for mine, theirs in zip(heard.h, after.h, strict=True))


@pytest.mark.parametrize("seed", [0, 1, 2**63 + 9, 2**64 - 1])
@pytest.mark.parametrize("first", [0, 3, 2**60])
@pytest.mark.parametrize(("samples", "levels"), [(16, 256), (3, 5), (4, 7)])
def test_its_chance_is_the_chance_of_numpys_bits(seed: int, first: int, samples: int, levels: int) -> None:
    mine = NativeNoise(seed, 2, samples, levels).frames(first, 3)
    theirs = GumbelNoise(seed, 2, samples, levels).frames(first, 3)
    np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("fields", [{"rnn": "lstm"}, {"skip_connections": True}, {"rnn_layers": 9}])
def test_what_it_does_not_know_is_left_to_the_graphs(fields: Any) -> None:
    assert not native.plays(small(**fields))


def test_weights_that_do_not_fit_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their addresses go to compiled code, which cannot look how large they are."""
    style = style_of(small(), tmp_path)
    parse = Kernel.__init__.__globals__["parse_graph"]

    def shorter(*arguments: Any) -> Any:
        model = parse(*arguments)
        for tensor in model.graph.initializer:
            if tensor.name == "samples.output.weight":
                tensor.dims[0] -= 1
                tensor.raw_data = tensor.raw_data[: -4 * tensor.dims[1]]
        return model

    monkeypatch.setitem(Kernel.__init__.__globals__, "parse_graph", shorter)
    with pytest.raises(InputError, match=r"samples\.output\.weight"):
        NativeKernel(style)
