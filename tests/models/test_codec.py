"""With pre-emphasis, codes stand for the same sound, in whatever pieces it is made, and their noise lies lower."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.codec import STRETCH, Codec
from models.config import MOST_EMPHASIS, ModelConfig
from models.quantizer import Quantizer

EMPHASES = [0.1, 0.5, 0.85, MOST_EMPHASIS]
NOTHING = np.zeros(0, np.int64)


def codec_of(emphasis: float, levels: int = 256) -> Codec:
    return Codec(ModelConfig(quantizer="mu-law", levels=levels, emphasis=emphasis))


def low_tones(samples: int = 4000) -> npt.NDArray[np.float64]:
    """As most music: the louder the lower. They begin softly."""
    time, partials = np.arange(samples), np.arange(1, 16)[:, None]
    tones: npt.NDArray[np.float64] = (0.3 / partials**2 * np.sin(0.08 * partials * time + partials)).sum(axis=0)
    return np.minimum(time / 200, 1) * tones


def test_without_emphasis_it_is_the_quantiser() -> None:
    codec, quantizer, sound = codec_of(0), Quantizer("mu-law", 256), low_tones()
    codes = codec.encode(sound)
    assert np.array_equal(codes, quantizer.encode(sound))
    assert np.array_equal(codec.decode(codes, codes[:9]), quantizer.decode(codes))


@pytest.mark.parametrize("emphasis", [0, *EMPHASES])
def test_long_sound_has_the_codes_of_the_whole(emphasis: float) -> None:
    sound = np.random.default_rng(1).normal(0, 0.1, (2, 2 * STRETCH + 7)).astype(np.float32)
    before = np.pad(sound.astype(float), ((0, 0), (1, 0)))[:, :-1]
    expected = Quantizer("mu-law", 256).encode((sound - emphasis * before) / np.sqrt(1 - emphasis**2))
    assert np.count_nonzero(codec_of(emphasis).encode(sound) != expected) <= 2  # where rounding is a near tie


@pytest.mark.parametrize("emphasis", EMPHASES)
def test_fine_codes_are_the_sound_itself(emphasis: float) -> None:
    codec, sound = codec_of(emphasis, 65_536), low_tones()
    assert np.abs(codec.decode(codec.encode(sound), NOTHING) - sound).max() < 5e-4


@pytest.mark.parametrize("emphasis", EMPHASES)
def test_what_is_heard_is_the_sum_of_all_before(emphasis: float) -> None:
    """By the recursion, sample after sample."""
    codec = codec_of(emphasis)
    codes = np.random.default_rng(1).integers(100, 156, 3000)
    heard, expected = 0.0, []
    for each in codec.quantizer.decode(codes).astype(float) * np.sqrt(1 - emphasis**2):
        heard = emphasis * heard + each
        expected.append(heard)
    np.testing.assert_allclose(codec.decode(codes, NOTHING), np.clip(expected, -1, 1), atol=1e-6)


@given(st.sampled_from(EMPHASES), st.lists(st.integers(1, 400), min_size=1, max_size=12), st.integers(0, 1000))
def test_pieces_sound_as_the_whole(emphasis: float, sizes: list[int], seed: int) -> None:
    config = ModelConfig(quantizer="mu-law", emphasis=emphasis)
    codec, ends = Codec(config), np.cumsum(sizes)
    codes = np.random.default_rng(seed).integers(0, 256, (2, ends[-1]))
    whole = codec.decode(codes, codes[:, :0])
    # a stream begins behind silence and keeps config.history codes, no more
    before = np.concatenate([np.full((2, config.history), 128), codes], axis=1)
    pieces = [
        codec.decode(codes[:, end - size : end], before[:, end - size : end - size + config.history])
        for size, end in zip(sizes, ends, strict=True)
    ]
    assert np.array_equal(np.concatenate(pieces, axis=1), whole)


@pytest.mark.parametrize("emphasis", EMPHASES)
def test_silence_is_silence_and_nothing_leaves_full_scale(emphasis: float) -> None:
    codec = codec_of(emphasis)
    assert codec.encode(np.zeros(9)).tolist() == [128] * 9
    assert not codec.decode(np.full(500, 128), NOTHING).any()
    assert np.abs(codec.decode(np.full(5000, 255), NOTHING)).max() == 1


def test_the_noise_of_rounding_leaves_the_treble_alone() -> None:
    """Ten decibels less in the upper half of the frequencies, where these tones have little."""
    sound, levels = low_tones(), []
    for emphasis in (0, 0.85):
        codec = codec_of(emphasis)
        error = codec.decode(codec.encode(sound), NOTHING) - sound
        spectrum = np.abs(np.fft.rfft(error * np.hanning(len(error)))) ** 2
        levels.append(10 * np.log10(spectrum[len(spectrum) // 2 :].sum()))
    assert levels[1] < levels[0] - 10


def test_noise_in_the_codes_is_as_loud_in_the_sound() -> None:
    noise = Quantizer("mu-law", 65_536).encode(np.random.default_rng(1).normal(0, 0.05, 100_000))
    assert np.std(codec_of(0.85, 65_536).decode(noise, NOTHING)) == pytest.approx(0.05, rel=0.02)
