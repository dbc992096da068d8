"""A stream depends on its style, prime, seed and temperatures, and on nothing else."""

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.kernel import State
from engine.score import score
from engine.stream import Stream, StreamFailed
from models.audio import read_audio
from models.errors import InputError
from models.style import open_style
from tests.engine import same_state, some_codes, style_with_weights

FRAMES = 30


def sound_of(kernel, frames=40):
    return heard(kernel, some_codes(kernel.config, 1, frames)[0])


def heard(kernel, codes):
    """What codes sound like behind silence."""
    return kernel.codec.decode(codes, codes[:0])


def codes_of(kernel, seed=1, voices=1, temperature=1.0, prime=None, frames=FRAMES):
    stream = Stream(kernel, seed, voices)
    if prime is not None:
        stream.prime(prime)
    return stream.generate(frames, temperature).codes


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**64 - 1),
    voices=st.integers(1, 3),
    temperatures=st.lists(st.floats(0, 2), min_size=1, max_size=3),
    cuts=st.sets(st.integers(1, 9)),
)
def test_any_grouping_of_generate_makes_the_same(kernel, seed, voices, temperatures, cuts):
    """Also when the temperature is turned on the way, at the same frame."""
    whole, parts = Stream(kernel, seed, voices), Stream(kernel, seed, voices)
    for temperature in temperatures:
        expected = whole.generate(10 * kernel.block, temperature)
        sizes = np.diff([0, *sorted(cuts), 10]) * kernel.block
        made = [parts.generate(int(size), temperature) for size in sizes]
        np.testing.assert_array_equal(np.concatenate([block.codes for block in made], axis=1), expected.codes)
        np.testing.assert_array_equal(np.concatenate([block.sound for block in made], axis=1), expected.sound)
    assert parts.frame == whole.frame
    assert same_state(parts.state, whole.state)


def test_the_seed_decides(kernel):
    assert np.array_equal(codes_of(kernel, seed=1), codes_of(kernel, seed=1))
    assert not np.array_equal(codes_of(kernel, seed=1), codes_of(kernel, seed=2))


def test_temperature_0_is_greedy_whatever_the_seed(kernel):
    block = Stream(kernel, 1).generate(FRAMES, 0)
    np.testing.assert_array_equal(block.codes, block.logits.argmax(-1).T)
    np.testing.assert_array_equal(block.codes, codes_of(kernel, seed=2, temperature=0))


def test_a_higher_temperature_takes_less_likely_codes(kernel):
    def surprise(temperature):
        block = Stream(kernel, 1).generate(200, temperature)
        chosen = np.take_along_axis(block.logits, block.codes.T[..., None], axis=-1)
        return (block.logits.max(-1, keepdims=True) - chosen).mean()

    assert 0 == surprise(0) < surprise(0.5) < surprise(1) < surprise(2)


def test_each_voice_has_its_own_chance(kernel):
    together = codes_of(kernel, voices=3)
    assert len({voice.tobytes() for voice in together}) == 3
    np.testing.assert_array_equal(together[:1], codes_of(kernel, voices=1))
    np.testing.assert_array_equal(together[:2], codes_of(kernel, voices=2))


def test_a_kept_state_goes_on_the_same_way(kernel):
    stream = Stream(kernel, 1, 2)
    stream.generate(10, 1.0)
    kept, frame = stream.state, stream.frame
    first = stream.generate(20, 1.0).codes
    stream.generate(8, 0.5)
    stream.state, stream.frame = kept, frame
    np.testing.assert_array_equal(stream.generate(20, 1.0).codes, first)


def test_a_prime_is_heard_as_if_it_had_been_played(kernel):
    codes = some_codes(kernel.config, 2, 40)[1:]
    primed, state = Stream(kernel, 1, 3), kernel.start(3)
    primed.prime(heard(kernel, codes[0]))
    assert same_state(primed.state, kernel.prime(state, np.repeat(codes, 3, axis=0)))
    assert primed.frame == 0


def test_a_prime_is_trimmed_at_its_head(kernel):
    sound = sound_of(kernel)
    expected = Stream(kernel, 1)
    expected.prime(sound)
    for extra in range(kernel.config.lookback):
        stream = Stream(kernel, 1)
        stream.prime(np.concatenate([np.full(extra, 0.9, np.float32), sound]))
        assert same_state(stream.state, expected.state)


def test_a_prime_of_one_frame_is_enough_and_a_shorter_one_is_refused(kernel):
    lookback = kernel.config.lookback
    stream = Stream(kernel, 1)
    stream.prime(np.full(lookback, 0.5, np.float32))
    for length in (lookback - 1, 0):
        before = stream.state
        with pytest.raises(InputError, match=f"{length} samples long at 16000 Hz; the style needs at least {lookback}"):
            stream.prime(np.full(length, 0.5, np.float32))
        assert stream.state is before


@pytest.mark.parametrize(("rate", "channels", "seconds"), [(8_000, 1, 0.01), (44_100, 2, 0.5), (96_000, 6, 3)])
def test_a_prime_may_have_any_rate_channels_and_length(kernel, tmp_path, rate, channels, seconds):
    """The same wave gives the same state, nearly, as at the style's own rate."""
    time = np.arange(round(seconds * rate)) / rate
    wave = 0.5 * np.sin(2 * np.pi * 220 * time)
    soundfile.write(tmp_path / "prime.wav", np.repeat(wave[:, None], channels, axis=1), rate, "FLOAT")
    stream, expected = Stream(kernel, 1), Stream(kernel, 1)
    stream.prime(read_audio(tmp_path / "prime.wav", 16_000))
    expected.prime((0.5 * np.sin(2 * np.pi * 220 * np.arange(round(seconds * 16_000)) / 16_000)).astype(np.float32))
    assert np.abs(stream.state.h[0] - expected.state.h[0]).max() < 0.25
    assert np.abs(stream.state.h[0] - kernel.start(1).h[0]).max() > 0.25


def test_a_prime_changes_the_second_after_it(kernel):
    second = 16_000 // kernel.config.lookback
    assert not np.array_equal(codes_of(kernel, prime=sound_of(kernel), frames=second), codes_of(kernel, frames=second))


def test_piano_expects_what_follows_a_prime_it_has_heard(piano_kernel, fixtures):
    """A twentieth of a second is likelier behind the half second before it than behind silence."""
    rate = piano_kernel.config.sample_rate
    half, end = rate // 2, rate // 2 + rate // 20
    sounds = [read_audio(path, rate)[half : half + end] for path in sorted(fixtures.glob("*.flac"))]
    codes = piano_kernel.codec.encode(np.stack(sounds))
    follows = np.broadcast_to(np.arange(end) >= half, codes.shape)
    primed = score(piano_kernel, codes, follows)
    assert primed < 0.99 * score(piano_kernel, codes[:, half:], follows[:, half:])


def test_a_network_gone_wrong_stops_the_stream_and_leaves_it_where_it_was(kernel, kernel_class, tmp_path, made):
    """Its weights are numbers; what comes of them is not."""
    style, shape = open_style(made.style), (kernel.config.mlp_units, kernel.config.levels)
    huge = style_with_weights(style, tmp_path / "huge.samplernn", "samples.output.weight", 3e38, shape)
    stream = Stream(kernel, 1)
    before = stream.generate(10, 1.0).codes
    state = stream.state
    stream.kernel = kernel_class(huge)
    with pytest.raises(StreamFailed, match="not finite: the style is damaged"):
        stream.generate(10, 1.0)
    assert (stream.state, stream.frame) == (state, 10)
    stream.kernel = kernel
    after = stream.generate(20, 1.0).codes
    np.testing.assert_array_equal(np.concatenate([before, after], axis=1), codes_of(kernel))


def test_a_state_gone_wrong_stops_the_stream(kernel):
    """Also where what is drawn does not show it."""
    stream = Stream(kernel, 1)
    h = stream.state.h[0].copy()
    h[0, 0, 0] = np.nan
    stream.state = State(stream.state.codes, (h,))
    with pytest.raises(StreamFailed, match="not finite"):
        stream.generate(10, 1.0)
