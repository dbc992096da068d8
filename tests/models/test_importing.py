"""A checkpoint of samplernn-pytorch becomes the network it is, or is refused in one line with nothing of it run."""

import io
import os
import pickle
import random
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.native import NativeKernel
from models.base import base_of_style
from models.checkpoint import Checkpoint
from models.config import ModelConfig
from models.errors import InputError
from models.export import export
from models.importing import LONGEST_FRAME, import_checkpoint
from models.style import StyleInfo
from tests.models.pytorch_2017 import FORMS, Reference, State, saved, state_dict

H0, MLP = "frame_level_rnns.0.h0", "sample_level_mlp"


def imported(path: Path) -> Checkpoint:
    return import_checkpoint(path, 16_000, "linear")


def refused(path: Path) -> str:
    """The line that says why."""
    with pytest.raises(InputError) as caught:
        imported(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ")
    assert "\n" not in text
    assert "\033" not in text
    assert len(text) < len(str(path)) + 400
    return text.removeprefix(f"{path}: ")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """As its trainer names them."""
    return tmp_path / "best-ep12-it3400"


# ---------------------------------------------------------------------------------- the same network

SHAPES: list[dict[str, Any]] = [
    {"frame_sizes": (4,), "layers": 2},
    {"frame_sizes": (16, 4), "layers": 1, "units": 12},
    {"frame_sizes": (20, 20), "layers": 3, "levels": 10},
    {"frame_sizes": (2, 3, 4), "layers": 2, "levels": 33},
    {"frame_sizes": (8, 2, 2), "layers": 4, "levels": 64, "embedding": 5},
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: "x".join(map(str, shape["frame_sizes"])))
def test_its_logits_are_those_of_the_network_it_was(path, shape, form):
    state = state_dict(form=form, **shape)
    network = imported(saved(path, state)).network()
    reference, config = Reference(state), network.config
    assert reference.frame_sizes == list(config.frame_sizes)
    codes = np.random.default_rng(3).integers(config.levels, size=3 * config.lookback)
    expected = reference.logits(codes)
    with torch.no_grad():
        logits, _ = network(torch.from_numpy(codes)[None], network.start(1))
    assert np.abs(expected).max() > 1
    assert np.ptp(expected, axis=0).min() > 0.1  # they depend on what came before
    np.testing.assert_allclose(logits[0].numpy(), expected, rtol=0, atol=1e-4)


def test_all_sizes_follow_from_the_shapes(path):
    state = state_dict((16, 4), units=10, layers=2, levels=64)
    checkpoint = import_checkpoint(saved(path, state), 22_050, "mu-law")
    assert checkpoint.model == ModelConfig(
        frame_sizes=(16, 4),
        units=10,
        rnn_layers=2,
        embedding=64,
        mlp_units=10,
        mlp_hidden=1,
        mlp_first_relu=True,
        weight_norm=False,
        levels=64,
        quantizer="mu-law",
        sample_rate=22_050,
    )
    assert {tensor.dtype for tensor in checkpoint.tensors.values()} == {torch.float32}


def cudnn(state: State) -> State:
    """As from a GPU: the weights of a recurrent network lie in one stretch of memory."""
    names = [name for name in state if ".rnn." in name]
    flat = torch.cat([state[name].flatten() for name in names])
    parts = torch.split(flat, [state[name].numel() for name in names])
    return {**state, **{name: part.view(state[name].shape) for name, part in zip(names, parts, strict=True)}}


def prefixed(state: State, prefix: str) -> State:
    return {f"{prefix}{name}": value for name, value in state.items()}


WRAPPED: dict[str, Callable[[State], Any]] = {
    "bare": lambda state: state,
    "a plain dict": dict,
    "from the trainer": lambda state: prefixed(state, "model."),
    "in parallel": lambda state: prefixed(state, "module.model."),
    "beside a trainer's state": lambda state: {
        "epoch": 3,
        "optimizer": {"state": {0: torch.ones(3)}, "param_groups": [{"lr": 0.001}]},
        "state_dict": prefixed(state, "model."),
    },
    "parameters": lambda state: {name: torch.nn.Parameter(tensor) for name, tensor in state.items()},
    "from a GPU": cudnn,
    "in another order of memory": lambda state: {
        name: tensor.transpose(0, -1).contiguous().transpose(0, -1) for name, tensor in state.items()
    },
}


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
@pytest.mark.parametrize("wrapped", WRAPPED)
def test_however_it_was_saved_it_is_the_same(path, wrapped, zipped):
    state = state_dict(form="weight_g")
    expected = imported(saved(path.with_name("bare"), state)).tensors
    tensors = imported(saved(path, WRAPPED[wrapped](state), zipped=zipped)).tensors
    assert tensors.keys() == expected.keys()
    assert all(torch.equal(tensors[name], expected[name]) for name in expected)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions_are_read(path, dtype):
    state = {name: tensor.to(dtype) for name, tensor in state_dict().items()}
    tensors = imported(saved(path, state)).tensors
    np.testing.assert_array_equal(tensors["average.tiers.0.h0"], state[H0].float())


def test_one_saved_half_with_weight_norm_is_read(path):
    """As by a modern torch with a part of the layers wrapped anew."""
    state = state_dict(form="weight_g")
    other = {name: value for name, value in state_dict(form="parametrizations").items() if f"{MLP}.hidden" in name}
    state = {name: value for name, value in state.items() if f"{MLP}.hidden" not in name} | other
    checkpoint = imported(saved(path, state))
    codes = np.arange(8) % 16
    with torch.no_grad():
        logits, _ = checkpoint.network()(torch.from_numpy(codes)[None], checkpoint.network().start(1))
    np.testing.assert_allclose(logits[0].numpy(), Reference(state).logits(codes), rtol=0, atol=1e-4)


# ---------------------------------------------------------------------------------- as a style


def info_of(model: ModelConfig) -> StyleInfo:
    return StyleInfo(
        **dict.fromkeys(("name", "description", "author", "licence", "trained_on"), ""),
        trained_samples=None,
        bits_valid=None,
        bits_samples=0,
        default_temperature=1.0,
        loudness=-20.0,
        frames_per_run={},
        model=model,
    )


@pytest.mark.parametrize("frame_sizes", [(16, 4), (20, 20)])
def test_a_style_of_it_plays_what_it_is(path, tmp_path, frame_sizes, monkeypatch):
    """Through the compiled kernel or, without one, ONNX Runtime: each code drawn is the likeliest of the network's."""
    monkeypatch.setattr("models.export.CUDA_SECONDS", 0.0001)
    state = state_dict(frame_sizes, units=16, layers=2, levels=32, form="weight_g")
    checkpoint = imported(saved(path, state))
    style = export(checkpoint, info_of(checkpoint.model), tmp_path / "old.samplernn")
    assert (style.info.bits_valid, style.info.trained_samples) == (None, None)
    kernel: Any = NativeKernel(style, "cpu", 1)
    lookback = checkpoint.model.lookback
    block, _ = kernel.step(kernel.start(1), np.zeros((2, lookback, 1, 32), np.float32))
    codes = np.concatenate([np.full(lookback, 16), block.codes.ravel()])
    expected = Reference(state).logits(codes)
    np.testing.assert_allclose(block.logits.reshape(-1, 32), expected, rtol=0, atol=1e-3)
    assert (expected.argmax(1) == block.codes.ravel()).mean() > 0.95  # but for ties
    base = base_of_style(style)
    assert base.model == checkpoint.model
    assert base.weights.keys() == checkpoint.named("average").keys()


# ---------------------------------------------------------------------------------- nothing is run

RAN = "SAMPLERNN_TESTS_RAN"


def run(text: str) -> State:
    """What a bomb calls when it goes off."""
    os.environ[RAN] = text
    return state_dict()


class Bomb:
    def __init__(self, function: Callable[..., Any] = run, *arguments: Any) -> None:
        self.call = function, arguments or ("bang",)

    def __reduce__(self) -> Any:
        return self.call


def with_bomb(**where: Any) -> Any:
    return {**state_dict(), **where}


BOMBS: dict[str, Callable[[], Any]] = {
    "all of it": Bomb,
    "beside the weights": lambda: with_bomb(extra=Bomb()),
    "for a weight": lambda: with_bomb(**{H0: Bomb()}),
    "as a key": lambda: {**state_dict(), ("a", Bomb()): 1},
    "in a trainer's state": lambda: {"state_dict": state_dict(), "optimizer": [{"state": Bomb()}]},
    "a command": lambda: with_bomb(extra=Bomb(os.system, f"export {RAN}=bang; touch ran")),
    "evaluated": lambda: with_bomb(extra=Bomb(eval, f"__import__('os').environ.__setitem__({RAN!r}, 'bang')")),
    "imported": lambda: with_bomb(extra=Bomb(__import__, "this")),
}


@pytest.fixture
def nothing_ran(tmp_path, monkeypatch):
    """Whatever the test does, no bomb has gone off in it."""
    monkeypatch.delenv(RAN, raising=False)
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")  # which must not matter
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "this", raising=False)
    yield
    assert RAN not in os.environ
    assert "this" not in sys.modules
    assert not (tmp_path / "ran").exists()


def test_the_bombs_of_these_tests_go_off(monkeypatch):
    monkeypatch.setenv(RAN, "")
    content = pickle.loads(pickle.dumps(Bomb()))
    assert os.environ[RAN] == "bang"
    assert content.keys() == state_dict().keys()


@pytest.mark.parametrize("how", ["zip", "legacy", *(f"pickle {protocol}" for protocol in range(6))])
@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.usefixtures("nothing_ran")
def test_a_pickle_bomb_is_refused_and_nothing_of_it_is_run(path, bomb, how):
    content = BOMBS[bomb]()
    if how.startswith("pickle"):
        path.write_bytes(pickle.dumps(content, protocol=int(how[-1])))
    else:
        saved(path, content, zipped=how == "zip")
    text = refused(path)
    if how in ("zip", "legacy"):
        assert "refused; save the state dict alone" in text
        name = BOMBS[bomb]().call[0] if bomb == "all of it" else None
        assert name is None or f"'{name.__module__}.run'" in text


@pytest.mark.usefixtures("nothing_ran")
def test_a_whole_module_is_refused_and_named(path):
    """What torch.save makes of a network instead of its weights: its class would have to be imported."""
    saved(path, torch.nn.Linear(3, 3))
    assert "'torch.nn.modules.linear.Linear'" in refused(path)


@pytest.mark.usefixtures("nothing_ran")
def test_archives_that_torch_would_unpack_or_compile_are_refused(path, monkeypatch):
    with tarfile.open(path, "w") as tar:
        for name in ("storages", "tensors", "pickle"):
            content = pickle.dumps(Bomb())
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    assert "not a torch checkpoint of weights alone" in refused(path)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("archive/constants.pkl", pickle.dumps(Bomb()))
        file.writestr("archive/data.pkl", pickle.dumps(Bomb()))
        file.writestr("archive/version", "3\n")
    refused(path)


# ---------------------------------------------------------------------------------- what is no checkpoint


@pytest.mark.parametrize(
    "content", [b"", b"\x00", b"a text\n" * 100, b"PK\x03\x04", b"PK\x05\x06" + bytes(18), b"\x80\x02.", bytes(1 << 16)]
)
def test_other_files_are_refused(path, content):
    path.write_bytes(content)
    assert "not a torch checkpoint" in refused(path)


def test_what_is_no_file_is_refused(path, tmp_path):
    assert refused(path) == "no such file"
    assert refused(tmp_path) == "a folder, not a checkpoint"
    os.mkfifo(path)
    assert refused(path) == "no such file"


def test_our_own_checkpoints_and_styles_are_refused(tiny_run, tiny_style):
    assert "not a torch checkpoint" in refused(tiny_run / "checkpoints" / "best.safetensors")
    refused(tiny_style)


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
def test_a_truncated_file_is_refused(path, zipped):
    content = saved(path, state_dict(), zipped=zipped).read_bytes()
    for length in (*range(0, len(content), len(content) // 40), *range(len(content) - 20, len(content))):
        path.write_bytes(content[:length])
        refused(path)


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
def test_nothing_but_a_refusal_comes_of_changed_bytes(path, zipped):
    content = saved(path, state_dict(units=2, levels=4, frame_sizes=(2,)), zipped=zipped).read_bytes()
    chance = random.Random(1)
    for _ in range(300):
        changed = bytearray(content)
        for _ in range(chance.choice((1, 1, 3))):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        path.write_bytes(changed)
        try:
            imported(path).network()
        except InputError:
            refused(path)


OTHERS: dict[str, tuple[Any, str]] = {
    "a tensor": (torch.ones(3), "it holds a Tensor, not a state dict"),
    "a list": ([1, 2], "it holds a list, not a state dict"),
    "nothing": ({}, "it has no sample_level_mlp.embedding.weight, but nothing"),
    "another project's": (
        {"conv1.weight": torch.ones(3, 3), "conv1.bias": torch.ones(3), "x" * 99: torch.ones(1)},
        f"it has no sample_level_mlp.embedding.weight, but conv1.weight, conv1.bias, {'x' * 40}",
    ),
    "two networks": ({"model": state_dict(), "average": state_dict()}, "it holds 2 networks"),
    "two networks in one": (
        {**prefixed(state_dict(), "generator."), **prefixed(state_dict(), "teacher.")},
        "it holds 2 networks",
    ),
    "a network and something else": (
        {**prefixed(state_dict(), "model."), "decoder.weight": torch.ones(1)},
        "unknown key 'decoder.weight'",
    ),
    "an odd key": ({**state_dict(), 7: torch.ones(1)}, "unknown key 7"),
    "SaShiMi's baseline": (
        {**state_dict(), "frame_level_rnns.0.rnn.h0": torch.ones(1, 1, 6)},
        "another SampleRNN than samplernn-pytorch's (SaShiMi's",
    ),
    "an LSTM": (
        {**state_dict(), "frame_level_rnns.0.rnn.weight_hh_l0": torch.ones(24, 6)},
        "its recurrent layers are LSTMs",
    ),
    "no tiers": (
        {name: value for name, value in state_dict().items() if name.startswith(MLP)},
        "it has no frame_level_rnns.0.upsampling.bias",
    ),
    "conditioned on something": ({**state_dict(), "speaker.weight": torch.ones(3)}, "unknown key 'speaker.weight'"),
    "a number": ({**state_dict(), H0: 3.5}, f"{H0} is a float, not a tensor"),
    "whole numbers": ({**state_dict(), H0: torch.ones(1, 6, dtype=torch.int64)}, f"{H0} is not of floating-point numb"),
    "complex numbers": ({**state_dict(), H0: torch.ones(1, 6, dtype=torch.complex64)}, f"{H0} is not of floating-p"),
    "sparse numbers": ({**state_dict(), H0: torch.ones(1, 6).to_sparse()}, f"{H0} is not of floating-point numbers"),
    "numbers nowhere": ({**state_dict(), H0: torch.ones(1, 6, device="meta")}, f"{H0} is not of floating-point number"),
    "one tier too few": (
        {name: value for name, value in state_dict((4, 2)).items() if "rnns.0" not in name},
        "it has no frame_level_rnns.0.upsampling.bias",
    ),
    "a tier lost": (
        {name: value for name, value in state_dict((4, 2, 2)).items() if "rnns.1" not in name},
        "unknown key 'frame_level_rnns.2.h0'",
    ),
    "layers of one tier alone": (
        {**state_dict((4, 2), layers=2), "frame_level_rnns.1.rnn.weight_ih_l2": torch.ones(18, 6)},
        "unknown key 'frame_level_rnns.1.rnn.weight_ih_l2'",
    ),
    "frames of one sample": (state_dict((1, 4)), "frame_sizes are [1, 4]; each must be at least 2"),
    "two levels": (state_dict(levels=2), "levels is 2; it must be from 4 to 65536"),
    "endless frames": (
        state_dict((LONGEST_FRAME + 1,), units=1),
        f"a frame of its top tier is {LONGEST_FRAME + 1} samples; at most {LONGEST_FRAME}",
    ),
    "a norm without its direction": (
        {name: value for name, value in state_dict(form="weight_g").items() if name != f"{MLP}.hidden.weight_v"},
        f"it has no {MLP}.hidden.weight",
    ),
    "a weight and its norm": (
        {**state_dict(form="weight_g"), f"{MLP}.hidden.weight": torch.ones(6, 6, 1)},
        f"unknown key '{MLP}.hidden.weight'",
    ),
    "a norm of all at once": (
        {**state_dict(form="weight_g"), f"{MLP}.hidden.weight_g": torch.ones(())},
        f"{MLP}.hidden.weight_g is of shape [], which should be [6, 1, 1]",
    ),
    "a direction of nothing": (
        {**state_dict(form="weight_g"), f"{MLP}.hidden.weight_v": torch.zeros(6, 6, 1)},
        f"{MLP}.hidden with its norm is not finite everywhere",
    ),
    "a number too large": (
        {**state_dict(), H0: torch.full((1, 6), 1e300, dtype=torch.float64)},
        f"{H0} is not finite everywhere",
    ),
}


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
@pytest.mark.parametrize("other", OTHERS)
def test_other_networks_are_refused_and_what_is_wrong_is_named(path, other, zipped):
    content, says = OTHERS[other]
    assert says in refused(saved(path, content, zipped=zipped))


NAMES = [*state_dict((4, 2), form="weight_g")]


@pytest.mark.parametrize("name", NAMES)
def test_each_tensor_must_be_there_in_its_shape_and_finite(path, name):
    state = state_dict((4, 2), form="weight_g")
    tensor = state[name]
    told = name.removesuffix("_v")  # without its direction a weight is looked for under its plain name
    assert told in refused(saved(path, {key: value for key, value in state.items() if key != name}))
    last = tensor.shape[-1]
    for odd in (tensor.unsqueeze(0), torch.cat([tensor, tensor], -1), tensor[..., :0], tensor.sum(), tensor[:1]):
        if odd.shape != tensor.shape:
            refused(saved(path, {**state, name: odd.clone()}))
    for value in (torch.nan, torch.inf, -torch.inf):
        bad = tensor.clone()
        bad.view(-1)[last - 1] = value
        text = refused(saved(path, {**state, name: bad}))
        assert text == f"{name} is not finite everywhere"


# ---------------------------------------------------------------------------------- small files that claim to be large


def huge(state: State, levels: int) -> State:
    """Every tensor with the levels in it repeats a few numbers."""
    few = torch.ones(1)
    return {
        **state,
        f"{MLP}.embedding.weight": few.expand(levels, levels),
        f"{MLP}.input.weight": few.expand(6, levels, 4),
        f"{MLP}.output.weight": few.expand(levels, 6, 1),
        f"{MLP}.output.bias": few.expand(levels),
    }


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
@pytest.mark.parametrize("levels", [200, 60_000, 10**9])
def test_tensors_that_share_their_numbers_are_refused(path, levels, zipped):
    saved(path, huge(state_dict(), levels), zipped=zipped)
    assert path.stat().st_size < 100_000
    assert refused(path) == "its tensors claim more than the file holds"


def rewritten(path: Path, change: Callable[[str, bytes], bytes], method: int = zipfile.ZIP_STORED) -> None:
    """The zip once more, its entries changed."""
    with zipfile.ZipFile(path) as file:
        entries = {entry.filename: file.read(entry) for entry in file.infolist()}
    with zipfile.ZipFile(path, "w", method) as file:
        for name, content in entries.items():
            file.writestr(name, change(name, content))


def test_a_storage_that_claims_more_than_it_holds_is_refused(path):
    """512 numbers, said to be 2^30, in both formats."""
    few, many = (b"M" + (512).to_bytes(2, "little"), b"J" + (1 << 30).to_bytes(4, "little"))
    state = {**state_dict(), H0: torch.ones(512)}
    saved(path, state)
    rewritten(path, lambda name, content: content.replace(few, many))
    refused(path)
    content = saved(path, state, zipped=False).read_bytes()
    assert few in content
    path.write_bytes(content.replace(few, many))
    refused(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compressed_entries_are_refused_unread(path, method):
    saved(path, {**state_dict(), H0: torch.zeros(1 << 24)})
    rewritten(path, lambda name, content: content, method)
    assert path.stat().st_size < 1 << 20
    assert refused(path) == "it holds compressed entries, which torch does not write"


def test_a_file_that_holds_itself_is_refused(path):
    content: dict[str, Any] = {}
    content["state_dict"] = content
    refused(saved(path, content))
    deep: Any = {}
    for _ in range(400):
        deep = {"state_dict": deep}
    refused(saved(path, deep))
