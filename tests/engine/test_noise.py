"""Noise is the same however it is asked for, and it is Gumbel noise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.compiled import library
from engine.native import NativeNoise
from engine.noise import GumbelNoise, gumbel

SAMPLES, LEVELS = 3, 10
LEAST, MOST = -np.log(-np.log(2**-24)), -np.log(-np.log1p(-(2**-24)))

# In the first voice of seed 1: a frame (of 16 x 256) that holds 23 zero bits, and one that holds 23 ones.
FRAME_OF_LEAST, FRAME_OF_MOST = 1652, 113

seeds = st.integers(0, 2**64 - 1)


@pytest.fixture(scope="module", params=["numpy", "compiled"])
def noise_class(request):
    if request.param == "numpy":
        return GumbelNoise
    return NativeNoise if library() else pytest.skip("no compiler when the project was installed")


@settings(max_examples=50)
@given(
    seed=seeds,
    voices=st.integers(1, 3),
    start=st.integers(0, 2**63),
    calls=st.lists(st.tuples(st.integers(0, 20), st.integers(1, 7)), min_size=1, max_size=6),
)
def test_any_order_and_grouping_gives_the_same(noise_class, seed, voices, start, calls):
    noise = noise_class(seed, voices, SAMPLES, LEVELS)
    for offset, count in calls:
        together = noise.frames(start + offset, count)
        assert together.shape == (count, SAMPLES, voices, LEVELS)
        assert together.dtype == np.float32
        alone = noise_class(seed, voices, SAMPLES, LEVELS)
        for i in reversed(range(count)):
            np.testing.assert_array_equal(together[i], alone.frames(start + offset + i, 1)[0])


@given(seed=seeds, other=seeds, voices=st.integers(2, 4))
def test_seeds_voices_and_frames_are_unlike_each_other(noise_class, seed, other, voices):
    noise = noise_class(seed, voices, SAMPLES, LEVELS).frames(0, 2)
    parts = [noise[frame, sample, voice] for frame in (0, 1) for sample in range(SAMPLES) for voice in range(voices)]
    if other != seed:
        parts.append(noise_class(other, 1, SAMPLES, LEVELS).frames(0, 1)[0, 0, 0])
    assert len({part.tobytes() for part in parts}) == len(parts)


@given(seed=seeds, voices=st.integers(2, 5))
def test_a_voice_does_not_depend_on_how_many_others_there_are(noise_class, seed, voices):
    many = noise_class(seed, voices, SAMPLES, LEVELS).frames(5, 2)
    np.testing.assert_array_equal(many[:, :, :1], noise_class(seed, 1, SAMPLES, LEVELS).frames(5, 2))


def test_neighbouring_seeds_of_64_bits_differ(noise_class):
    """A seed on its way through a float, or 32 or 63 bits, would meet its neighbour."""
    near = [s for middle in (1, 2**31, 2**32, 2**53, 2**63) for s in (middle - 1, middle, middle + 1)] + [2**64 - 1]
    heard = {noise_class(seed, 1, SAMPLES, LEVELS).frames(0, 1).tobytes() for seed in near}
    assert len(heard) == len(set(near))


def test_takes_of_today_can_be_made_again_tomorrow(noise_class):
    """The values themselves: whatever changes them takes every recipe away."""
    noise = noise_class(2**63 + 1, 2, SAMPLES, LEVELS)
    assert noise.frames(0, 1)[0, 0, 0, :4] == pytest.approx([0.132891, 1.721790, 0.939756, -0.679638], abs=1e-5)
    assert noise.frames(2**40, 1)[0, 2, 1, -4:] == pytest.approx([1.245876, 1.747024, 0.691911, 0.541726], abs=1e-5)


def test_compiled_noise_is_the_same_to_its_last_digits(noise_class):
    for first in (3, 2**63):
        expected = GumbelNoise(7, 2, 16, 256).frames(first, 20)
        np.testing.assert_allclose(noise_class(7, 2, 16, 256).frames(first, 20), expected, atol=2e-6, rtol=2e-6)


def test_it_is_gumbel_noise(noise_class):
    """Kolmogorov and Smirnov's distance to exp(-exp(-x)), below what one in a thousand true ones exceeds."""
    noise = np.sort(noise_class(1, 2, 16, 256).frames(0, 40).ravel().astype(np.float64))
    ranks = np.arange(len(noise) + 1) / len(noise)
    expected = np.exp(-np.exp(-noise))
    distance = max((ranks[1:] - expected).max(), (expected - ranks[:-1]).max())
    assert distance * np.sqrt(len(noise)) < 1.95


def test_samples_levels_and_voices_are_independent(noise_class):
    noise = noise_class(1, 4, 4, 4).frames(0, 4000).reshape(4000, -1)
    correlations = np.corrcoef(noise.T) - np.eye(64)
    assert np.abs(correlations).max() < 5 / np.sqrt(4000)
    one_frame_later = np.corrcoef(noise[:-1, 0], noise[1:, 0])[0, 1]
    assert abs(one_frame_later) < 5 / np.sqrt(4000)


def test_no_bits_give_anything_infinite():
    """All there are: the lower nine of 32 are not used."""
    noise = gumbel(np.arange(2**23, dtype=np.uint32) << np.uint32(9))
    assert np.isfinite(noise).all()
    assert (np.diff(noise) >= 0).all()
    assert noise[[0, -1]] == pytest.approx([LEAST, MOST], abs=1e-5)
    assert noise.mean(dtype=np.float64) == pytest.approx(np.euler_gamma, abs=1e-5)
    ends = gumbel(np.array([0, 2**9 - 1, 2**32 - 2**9, 2**32 - 1], np.uint32))
    np.testing.assert_array_equal(ends, noise[[0, 0, -1, -1]])


@pytest.mark.parametrize(("frame", "extreme"), [(FRAME_OF_LEAST, LEAST), (FRAME_OF_MOST, MOST)])
def test_the_rarest_draws_are_finite(noise_class, frame, extreme):
    noise = noise_class(1, 1, 16, 256).frames(frame, 1)
    assert np.isfinite(noise).all()
    assert np.abs(noise - extreme).min() < 1e-5
