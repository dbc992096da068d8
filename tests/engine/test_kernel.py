"""A kernel is a pure function from state and noise to codes, whoever computes it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper, load_model_from_string

from engine.kernel import PRIME_FRAMES, Kernel, State
from engine.score import FORCE
from models.errors import InputError
from models.style import open_style
from tests.engine import same_state, some_codes, style_with, style_with_weights, tampered

FRAMES = 30


def noise_of(kernel, voices=1, frames=FRAMES, seed=1, temperature=1.0):
    return kernel.noise(seed, voices).frames(0, frames) * np.float32(temperature)


def forcing(kernel, codes):
    """Noise with which `codes` [voices, samples] are what is drawn."""
    lookback, levels = kernel.config.lookback, kernel.config.levels
    noise = np.where(np.arange(levels) == codes.T[..., None], FORCE, 0).astype(np.float32)
    return noise.reshape(-1, lookback, len(codes), levels)


@settings(max_examples=25)
@given(cuts=st.sets(st.integers(1, FRAMES - 1)), voices=st.integers(1, 3))
def test_any_grouping_of_frames_makes_the_same(kernel, cuts, voices):
    noise = noise_of(kernel, voices)
    whole, end = kernel.step(kernel.start(voices), noise)
    state, blocks = kernel.start(voices), []
    for part in np.split(noise, [cut * kernel.block for cut in sorted(cuts) if cut * kernel.block < FRAMES]):
        block, state = kernel.step(state, part)
        blocks.append(block)
    np.testing.assert_array_equal(np.concatenate([block.codes for block in blocks], axis=1), whole.codes)
    np.testing.assert_array_equal(np.concatenate([block.logits for block in blocks]), whole.logits)
    assert same_state(state, end)


@settings(max_examples=25)
@given(cuts=st.sets(st.integers(1, FRAMES - 1)), voices=st.integers(1, 3))
def test_any_grouping_of_a_prime_is_heard_the_same(kernel, cuts, voices):
    codes = some_codes(kernel.config, voices, FRAMES)
    whole = kernel.prime(kernel.start(voices), codes)
    state = kernel.start(voices)
    for part in np.split(codes, [cut * kernel.config.lookback for cut in sorted(cuts)], axis=1):
        state = kernel.prime(state, part)
    assert same_state(state, whole)


@pytest.mark.parametrize("voices", [1, 3])
def test_priming_with_codes_equals_having_drawn_them(kernel, voices):
    codes = some_codes(kernel.config, voices, FRAMES)
    primed = kernel.prime(kernel.start(voices), codes)
    block, stepped = kernel.step(kernel.start(voices), forcing(kernel, codes))
    np.testing.assert_array_equal(block.codes, codes)
    np.testing.assert_array_equal(primed.codes, stepped.codes)
    for one, other in zip(primed.h, stepped.h, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    after, _ = kernel.step(primed, noise_of(kernel, voices))
    expected, _ = kernel.step(stepped, noise_of(kernel, voices))
    np.testing.assert_array_equal(after.codes, expected.codes)


def test_piano_primed_with_codes_equals_having_drawn_them(piano_kernel):
    codes = some_codes(piano_kernel.config, 1, 4 * piano_kernel.block)
    primed = piano_kernel.prime(piano_kernel.start(1), codes)
    _, stepped = piano_kernel.step(piano_kernel.start(1), forcing(piano_kernel, codes))
    for one, other in zip(primed.h, stepped.h, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_a_long_prime_is_heard_in_parts_and_reports_them(kernel):
    codes = some_codes(kernel.config, 1, 2 * PRIME_FRAMES + 1)
    fractions: list[float] = []
    state = kernel.prime(kernel.start(1), codes, fractions.append)
    assert fractions == sorted(fractions)
    assert len(fractions) == 3
    assert fractions[-1] == 1
    half = PRIME_FRAMES // 2 * kernel.config.lookback
    assert same_state(state, kernel.prime(kernel.prime(kernel.start(1), codes[:, :half]), codes[:, half:]))


def test_the_codes_are_drawn_from_the_logits_with_the_noise_given(kernel):
    noise = noise_of(kernel, voices=2, temperature=0.7)
    block, state = kernel.step(kernel.start(2), noise)
    assert block.codes.shape == (2, FRAMES * kernel.config.lookback)
    assert block.logits.shape == (FRAMES * kernel.config.lookback, 2, kernel.config.levels)
    drawn = (block.logits + noise.reshape(block.logits.shape)).argmax(-1)
    np.testing.assert_array_equal(block.codes, drawn.T)
    np.testing.assert_array_equal(state.codes, block.codes[:, -kernel.config.history :])


def test_voices_side_by_side_play_as_each_would_alone(kernel):
    noise = noise_of(kernel, voices=3)
    together, _ = kernel.step(kernel.start(3), noise)
    for voice in range(3):
        alone, _ = kernel.step(kernel.start(1), noise[:, :, voice : voice + 1])
        np.testing.assert_array_equal(alone.codes[0], together.codes[voice])
    assert not np.array_equal(together.codes[0], together.codes[1])


def test_a_state_is_not_touched_by_what_comes_after(kernel):
    _, kept = kernel.step(kernel.start(2), noise_of(kernel, 2))
    copy = State(kept.codes.copy(), tuple(h.copy() for h in kept.h))
    first, _ = kernel.step(kept, noise_of(kernel, 2, seed=5))
    kernel.prime(kept, some_codes(kernel.config, 2, 8))
    assert same_state(kept, copy)
    again, _ = kernel.step(kept, noise_of(kernel, 2, seed=5))
    np.testing.assert_array_equal(again.codes, first.codes)


def test_it_starts_in_silence_and_in_the_learned_state(kernel, made):
    from models.checkpoint import Checkpoint

    start = kernel.start(2)
    assert (start.codes == kernel.config.levels // 2).all()
    learned = Checkpoint.load(made.run / "checkpoints" / "best.safetensors").network().start(2).h
    for ours, theirs in zip(start.h, learned, strict=True):
        np.testing.assert_allclose(ours, theirs.detach().numpy(), atol=1e-6)


def test_each_kernel_plays_the_same(kernel, cuda_kernel):
    """Of a network too small for 8 bits."""
    block, _ = kernel.step(kernel.start(2), noise_of(kernel, 2))
    expected, _ = cuda_kernel.step(cuda_kernel.start(2), noise_of(kernel, 2))
    np.testing.assert_array_equal(block.codes, expected.codes)
    np.testing.assert_allclose(block.logits, expected.logits, atol=1e-4)


def test_the_graphs_for_cuda_make_the_same_in_any_multiple_of_their_block(cuda_kernel):
    assert cuda_kernel.block == 2
    noise = noise_of(cuda_kernel)
    whole, _ = cuda_kernel.step(cuda_kernel.start(1), noise)
    state, parts = cuda_kernel.start(1), []
    for part in np.split(noise, [2, 12]):
        block, state = cuda_kernel.step(state, part)
        parts.append(block.codes)
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole.codes)


def test_it_says_how_large_its_weights_are(kernel, made):
    assert 10_000 < kernel.weight_bytes < made.style.stat().st_size


def test_what_is_no_multiple_of_its_block_is_no_step(kernel):
    for frames in range(1, 2 * kernel.block):
        if frames % kernel.block:
            with pytest.raises(ValueError, match=f"{frames} frames are no multiple of {kernel.block}"):
                kernel.step(kernel.start(1), noise_of(kernel, frames=frames))


@pytest.mark.parametrize(("seconds", "steps"), [(0.0, 1), (0.02, 40), (0.0203, 41)])
def test_a_time_is_so_many_frames(predicting_style, seconds, steps):
    """A step of this style is half a millisecond."""
    kernel = Kernel(open_style(predicting_style))
    assert (kernel.block, kernel.frames(seconds)) == (2, 2 * steps)


def test_a_state_is_small(kernel):
    """Thousands are kept."""
    _, state = kernel.step(kernel.start(3), noise_of(kernel, 3))
    assert (state.codes.dtype, state.codes.nbytes) == (np.uint16, 3 * 2 * kernel.config.history)
    assert state.codes.base is None or state.codes.base.nbytes < 2 * state.codes.nbytes


def test_graphs_that_one_fit_is_not_for_are_refused(tmp_path, predicting_style):
    style = open_style(predicting_style)
    odd = style_with(style, tmp_path / "odd.samplernn", {}, **{"step.fp32.onnx": 3})
    with pytest.raises(InputError, match=r"odd\.samplernn: its graphs make 3 frames at once"):
        Kernel(odd, "cuda")


def test_what_was_heard_long_ago_is_not_forgotten_before_its_time(predicting_style, kernel_class):
    """The oldest code that a fit takes is history samples back; the network itself no longer knows of it."""
    kernel = kernel_class(open_style(predicting_style))
    codes = np.random.default_rng(1).integers(kernel.config.levels, size=(1, kernel.config.history)).astype(np.uint16)
    start = State(codes, kernel.start(1).h)
    before, _ = kernel.step(start, noise_of(kernel, frames=2))
    quarter = codes.copy()
    quarter[0, : kernel.config.history // 4] = kernel.config.levels // 2
    after, _ = kernel.step(State(quarter, start.h), noise_of(kernel, frames=2))
    assert np.abs(before.logits[0] - after.logits[0]).max() > 1e-4


def test_a_style_without_graphs_for_cuda_is_refused_there(small_style):
    Kernel(small_style, "cpu")
    with pytest.raises(InputError, match=r"small\.samplernn has no graphs for cuda; use --provider cpu"):
        Kernel(small_style, "cuda")


def test_a_graph_that_should_not_be_run_is_refused_naming_the_file(kernel_class, tmp_path, tiny_style):
    style = open_style(tiny_style)
    model = load_model_from_string(style.read("step.int8.onnx"))
    model.graph.node.append(helper.make_node("Loop", ["drawn"], ["more"]))
    odd = style_with(style, tmp_path / "odd.samplernn", {"step.int8.onnx": model.SerializeToString()})
    with pytest.raises(InputError, match=r"odd\.samplernn: its step graph \(int8\) uses the operator ':Loop'"):
        kernel_class(odd)


@pytest.mark.parametrize("name", ["samples.tables", "samples.output.bias", "tier0.input.weight", "tier0.rnn0.hh.bias"])
@pytest.mark.parametrize("value", [np.nan, -np.inf])
def test_weights_that_are_no_numbers_are_refused(kernel_class, tmp_path, tiny_style, name, value):
    """Wherever they are: the kernels do not agree on what becomes of them on the way to the logits."""
    odd = style_with_weights(open_style(tiny_style), tmp_path / "odd.samplernn", name, value)
    with pytest.raises(InputError, match=rf"odd\.samplernn: its weights {name} are not all numbers"):
        kernel_class(odd)


def test_weights_that_do_not_fit_the_model_are_refused_and_no_more_is_said(kernel_class, tmp_path, tiny_style, capfd):
    odd = style_with_weights(open_style(tiny_style), tmp_path / "odd.samplernn", "samples.output.weight", 0, (3, 3))
    with pytest.raises(InputError, match=r"odd\.samplernn: its .*"):
        kernel_class(odd)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("start", [b"", b"no tensors", "shape", "nan", "missing"])
def test_a_start_that_does_not_fit_is_refused_naming_the_file(kernel_class, tmp_path, tiny_style, start):
    import safetensors.numpy

    style = open_style(tiny_style)
    if isinstance(start, str):
        units = style.info.model.state_units
        shape = (1, units + 1) if start == "shape" else (1, units)
        value = np.full(shape, np.nan if start == "nan" else 0, np.float32)
        start = safetensors.numpy.save({"h1" if start == "missing" else "h0": value})
    doctored = style_with(style, tmp_path / "odd.samplernn", {"start.safetensors": start})
    with pytest.raises(InputError, match=r"odd\.samplernn: its start\.safetensors"):
        kernel_class(doctored)


@pytest.mark.parametrize("entry", ["step.int8.onnx", "prime.int8.onnx", "start.safetensors"])
def test_an_entry_changed_after_the_export_is_refused(kernel_class, tmp_path, tiny_style, entry):
    path = tampered(tiny_style, tmp_path / "odd.samplernn", entry, open_style(tiny_style).read(entry) + b" ")
    with pytest.raises(InputError, match=rf"odd\.samplernn: {entry} is not what it was when exported"):
        kernel_class(open_style(path))
