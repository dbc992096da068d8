"""An exported style is what the network is, or it is not there."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import safetensors.torch
import torch

from models import export as exporting
from models.checkpoint import Checkpoint
from models.errors import InputError
from models.export import ExportFailed, export, frames_for_cuda, verify
from models.graph import step_model
from models.network import SampleRNN
from models.presets import preset
from models.style import StyleInfo, open_style
from tests.models.made import predicting, random_network, small


def checkpoint_of(network: SampleRNN) -> Checkpoint:
    tensors = {f"average.{name}": value for name, value in network.state_dict().items()}
    return Checkpoint(network.config, preset("live").training, 1, {}, tensors)


def info_of(network: SampleRNN, **fields: Any) -> StyleInfo:
    values: dict[str, Any] = dict.fromkeys(("description", "author", "licence", "trained_on"), "")
    values |= {"name": "a style", "trained_samples": 1, "bits_valid": 3.5, "bits_samples": 1}
    values |= {"default_temperature": 1.0, "loudness": -20.0, "frames_per_run": {}, "model": network.config}
    return StyleInfo(**{**values, **fields})


@pytest.fixture(scope="module")
def network() -> SampleRNN:
    return random_network(small(frame_sizes=(4, 2), sample_rate=1000))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "some.samplernn"


@pytest.mark.parametrize(
    "config",
    [
        small(frame_sizes=(4, 2), sample_rate=1000),
        small(rnn="lstm", skip_connections=True, sample_rate=1000),
        small(frame_sizes=(16,), mlp_hidden=0, mlp_first_relu=True, weight_norm=False, sample_rate=4000),
        predicting(sample_rate=1000),
        predicting(frame_sizes=(2, 3), prediction_every=30, sample_rate=1000),
    ],
    ids=["two tiers", "LSTM", "like live", "predicting", "predicting, two tiers"],
)
def test_what_is_exported_opens_verified(path, config):
    network = random_network(config)
    style = export(checkpoint_of(network), info_of(network), path)
    assert style.path == path
    assert open_style(path).info == style.info
    verify(style, network)
    assert list(path.parent.iterdir()) == [path]


def test_information_goes_into_the_style_as_it_is(path, network):
    info = info_of(network, name="Ein Name", description="x", author="y", licence="z", trained_on="recordings")
    written = export(checkpoint_of(network), info, path).info
    assert dataclasses.replace(written, frames_per_run={}) == info
    frames = round(0.01 * 1000 / 8)
    assert written.frames_per_run == {
        **{"step.int8.onnx": None, "prime.int8.onnx": None},
        **{"step.fp32.onnx": frames, "prime.fp32.onnx": 1},
    }


@pytest.mark.parametrize(
    ("model", "frames"),
    [
        (small(frame_sizes=(16,), sample_rate=16_000), 10),
        (small(frame_sizes=(16,), sample_rate=1000), 1),
        (predicting(frame_sizes=(16,), prediction_every=128, sample_rate=16_000), 8),
        (predicting(frame_sizes=(16,), prediction_every=480, sample_rate=16_000), 10),
        (predicting(frame_sizes=(16,), prediction_every=16 * 13, sample_rate=16_000), 1),
    ],
)
def test_a_run_for_cuda_is_about_ten_milliseconds_and_one_fit_is_for_whole_runs(model, frames):
    assert frames_for_cuda(model) == frames
    assert not model.prediction_order or model.step % (frames * model.lookback) == 0


def test_the_same_checkpoint_is_the_same_file(path, network):
    export(checkpoint_of(network), info_of(network), path)
    before = path.read_bytes()
    export(checkpoint_of(network), info_of(network), path)
    assert path.read_bytes() == before


def test_the_weights_load_back_for_further_training(tiny_style, tiny_run):
    """In half precision, by name, into the network the style describes."""
    style = open_style(tiny_style)
    weights = safetensors.torch.load(style.read("weights.safetensors"))
    assert {weight.dtype for weight in weights.values()} == {torch.float16}
    network = SampleRNN(style.info.model)
    network.load_state_dict({name: weight.float() for name, weight in weights.items()})
    exported = Checkpoint.load(tiny_run / "checkpoints" / "best.safetensors").network().state_dict()
    for name, value in network.state_dict().items():
        torch.testing.assert_close(value, exported[name], rtol=1e-3, atol=1e-6)


def test_the_learned_start_is_kept_exactly(path, network):
    style = export(checkpoint_of(network), info_of(network), path)
    start = safetensors.torch.load(style.read("start.safetensors"))
    assert start.keys() == {"h0", "h1"}
    for k in range(2):
        assert torch.equal(start[f"h{k}"], network.tier(k).h0)


def test_the_prime_graphs_hold_no_weight_that_the_step_graphs_hold(tiny_style):
    style = open_style(tiny_style)
    for precision in ("int8", "fp32"):
        step, prime = (
            {
                tensor.name: tensor
                for tensor in onnx.load_from_string(style.read(f"{kind}.{precision}.onnx")).graph.initializer
            }
            for kind in ("step", "prime")
        )
        assert not step.keys() & prime.keys()
        assert all(np.prod(tensor.dims) < 10 for tensor in prime.values())


# ---------------------------------------------------------------------------------- when it cannot be


def wrong_weights(network: SampleRNN) -> SampleRNN:
    other = random_network(network.config)
    other.load_state_dict(network.state_dict())
    with torch.no_grad():
        other.samples.output.affine[1][3] += 2
    return other


def nothing_finite(network: SampleRNN) -> SampleRNN:
    other = wrong_weights(network)
    with torch.no_grad():
        other.samples.output.affine[1][3] = torch.nan
    return other


def unguided(network: SampleRNN) -> SampleRNN:
    """It makes nothing of what is predicted."""
    other = random_network(network.config)
    other.load_state_dict(network.state_dict())
    with torch.no_grad():
        for name, parameter in other.samples.named_parameters():
            if name in ("guided.near", "guided.slope", "guided.shapes"):
                parameter.zero_()
    return other


@pytest.mark.parametrize("precision", ["int8", "fp32"])
def test_a_graph_that_does_not_know_the_prediction_is_found_out(path, monkeypatch, precision):
    network = random_network(predicting(sample_rate=1000))

    def spoiled(network: SampleRNN, given: Any, frames: int | None) -> onnx.ModelProto:
        return step_model(unguided(network) if given == precision else network, given, frames)

    monkeypatch.setattr(exporting, "step_model", spoiled)
    with pytest.raises(ExportFailed, match=f"the {precision} graph is off by"):
        export(checkpoint_of(network), info_of(network), path)


@pytest.mark.parametrize("spoil", [wrong_weights, nothing_finite])
@pytest.mark.parametrize(("broken", "before"), [("int8", None), ("fp32", b"an older style")])
def test_a_graph_that_plays_something_else_leaves_everything_as_it_was(
    path, network, monkeypatch, spoil: Callable[[SampleRNN], SampleRNN], broken, before
):
    def spoiled(network: SampleRNN, precision: Any, frames: int | None) -> onnx.ModelProto:
        return step_model(spoil(network) if precision == broken else network, precision, frames)

    if before is not None:
        path.write_bytes(before)
    monkeypatch.setattr(exporting, "step_model", spoiled)
    with pytest.raises(ExportFailed, match=f"the {broken} graph is off by") as caught:
        export(checkpoint_of(network), info_of(network), path)
    assert "\n" not in str(caught.value)
    assert [file.read_bytes() for file in path.parent.iterdir()] == ([] if before is None else [before])


@pytest.mark.parametrize(("logit", "passes"), [(0, False), (150, True)])
def test_what_counts_is_how_large_the_logits_are(path, monkeypatch, logit, passes):
    """Those of trained networks are so large that float32 does not know them to 0.0001."""
    network = random_network(small(frame_sizes=(4, 2), sample_rate=1000))
    with torch.no_grad():
        network.samples.output.affine[1].add_(logit)

    def rounded(network: SampleRNN, precision: Any, frames: int | None) -> onnx.ModelProto:
        other = random_network(network.config)
        other.load_state_dict(network.state_dict())
        with torch.no_grad():
            other.samples.output.affine[1][3] += 5e-4
        return step_model(other, precision, frames)

    monkeypatch.setattr(exporting, "step_model", rounded)
    if passes:
        export(checkpoint_of(network), info_of(network), path)
    else:
        with pytest.raises(ExportFailed, match=r"the fp32 graph is off by 0\.0005, more than 0\.0001"):
            export(checkpoint_of(network), info_of(network), path)


@pytest.mark.parametrize("before", [None, b"an older style"])
def test_a_full_disk_leaves_everything_as_it_was(path, network, before, disk_full_beyond):
    if before is not None:
        path.write_bytes(before)
    with pytest.raises(OSError, match="too large"), disk_full_beyond(20_000):
        export(checkpoint_of(network), info_of(network), path)
    assert [file.read_bytes() for file in path.parent.iterdir()] == ([] if before is None else [before])


@pytest.mark.parametrize(
    ("name", "says"), [("style.zip", "ends in .samplernn"), ("none/a.samplernn", "no such folder")]
)
def test_a_path_that_cannot_be_a_style_is_refused(tmp_path, network, name, says):
    with pytest.raises(InputError, match=says):
        export(checkpoint_of(network), info_of(network), tmp_path / name)
    assert not list(tmp_path.iterdir())
