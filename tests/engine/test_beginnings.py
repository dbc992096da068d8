"""A style begins where its seed says: at one of its openings, or where it has none, at nothing."""

import numpy as np
import pytest
import safetensors.numpy

from engine.kernel import Kernel
from engine.stream import Stream
from models.errors import InputError
from models.style import open_style
from tests.engine import same_state, style_with


def openings_of(config, count=3):
    rng = np.random.default_rng(1)
    shape = (count, config.rnn_layers, config.state_units)
    hs = {f"openings.h{k}": rng.uniform(-1, 1, shape).astype(np.float32) for k in range(config.tiers)}
    return {"openings": rng.integers(0, config.levels, (count, config.history)).astype(np.uint16), **hs}


def with_start(made, path, change):
    style = open_style(made.style)
    start = safetensors.numpy.load(style.read("start.safetensors"))
    return style_with(style, path, {"start.safetensors": safetensors.numpy.save(start | change)})


@pytest.fixture
def opened(kernel_class, made, tmp_path):
    config = open_style(made.style).info.model
    return kernel_class(with_start(made, tmp_path / "opened.samplernn", openings_of(config)))


def test_each_seed_begins_at_one_of_the_openings_with_all_voices(opened):
    openings = openings_of(opened.config)
    for seed in (0, 1, 2, 3, 10**9):
        state = opened.start(2, seed)
        assert (state.codes == openings["openings"][seed % 3]).all()
        for k, h in enumerate(state.h):
            assert (h == openings[f"openings.h{k}"][seed % 3][:, None]).all()
        assert same_state(Stream(opened, seed, 2).state, state)


def test_a_prime_is_all_that_is_heard_before(opened, kernel):
    sound = np.sin(np.arange(1600) / 9).astype(np.float32)
    primed, plain = Stream(opened, 1), Stream(kernel, 1)
    primed.prime(sound)
    plain.prime(sound)
    assert same_state(primed.state, plain.state)


def test_without_openings_every_seed_begins_at_nothing(kernel):
    assert same_state(kernel.start(1, 5), kernel.start(1))
    assert (kernel.start(1).codes == kernel.config.levels // 2).all()


@pytest.mark.parametrize("wrong", ["shape", "type", "code", "nan", "missing", "none"])
def test_openings_that_do_not_fit_are_refused_naming_the_file(kernel_class, made, tmp_path, wrong):
    config = open_style(made.style).info.model
    openings = openings_of(config)
    if wrong == "shape":
        openings["openings"] = openings["openings"][:, 1:].copy()
    elif wrong == "type":
        openings["openings"] = openings["openings"].astype(np.int64)
    elif wrong == "code":
        openings["openings"][1, 2] = config.levels
    elif wrong == "nan":
        openings["openings.h0"][1, 0, 0] = np.nan
    elif wrong == "missing":
        del openings["openings.h0"]
    else:
        openings = {name: array[:0].copy() for name, array in openings.items()}
    with pytest.raises(InputError, match=r"odd\.samplernn: its start\.safetensors"):
        kernel_class(with_start(made, tmp_path / "odd.samplernn", openings))


def test_kernels_agree_on_where_they_begin(made, tmp_path, opened):
    style = with_start(made, tmp_path / "again.samplernn", openings_of(opened.config))
    assert same_state(Kernel(style).start(1, 4), opened.start(1, 4))
