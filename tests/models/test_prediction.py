"""What rings goes on ringing, and nothing that is yet to come is known."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.config import ModelConfig
from models.prediction import coefficients, fit, guess, predicted, without_mean
from models.quantizer import Quantizer

CONFIG = ModelConfig(
    frame_sizes=(4,), quantizer="mu-law", prediction_order=12, prediction_window=80, prediction_every=16
)
QUANTIZER = Quantizer("mu-law", 256)


def random_codes(rows, samples, seed=1):
    return np.random.default_rng(seed).integers(256, size=(rows, samples))


def test_partials_that_ring_are_predicted_nearly_perfectly():
    """Three of them, one dying away, 40 dB and more below what was heard."""
    time = np.arange(4096 + 128)
    sound = 0.3 * np.sin(0.02 * time) + 0.2 * np.sin(0.31 * time + 1) + np.exp(-time / 8000) * 0.2 * np.sin(0.9 * time)
    [fitted] = coefficients(sound[None, :4096].astype(np.float32), 256)
    guesses = np.array([sound[now - 256 : now] @ fitted for now in range(4096, len(sound))])
    error = guesses - sound[4096:]
    assert np.sqrt(np.mean(error**2)) < 0.01 * np.sqrt(np.mean(sound[4096:] ** 2))


def test_noise_is_not_predicted():
    sound = np.random.default_rng(3).normal(size=(1, 4096)).astype(np.float32)
    assert np.abs(coefficients(sound, 8)).max() < 0.1


@pytest.mark.parametrize(("over", "rests"), [(0, True), (64, False)])
def test_an_offset_rings_on_unless_its_mean_is_taken_off(over, rests):
    """A quiet tone on an offset that wanders, as a network leaves one behind; then predictions and nothing else."""
    config = dataclasses.replace(CONFIG, prediction_order=64, prediction_window=1024, prediction_mean=over)
    time = np.arange(1024)
    codes = QUANTIZER.encode(0.02 * np.sin(0.4 * time) + 0.2 + 0.1 * np.sin(0.001 * time))[None]
    for _ in range(30):
        fitted = fit(codes, config)
        for _ in range(128):
            codes = np.append(codes, np.rint(guess(fitted, codes, config)).astype(np.int64)[None], 1)
    assert (abs(QUANTIZER.decode(codes[0, -1024:]).mean()) > 0.05) == rests


def test_the_mean_is_that_of_the_samples_up_to_each():
    sound = np.random.default_rng(1).normal(size=(2, 20))
    for over in (1, 2, 7, 20):
        means = [sound[:, max(0, i + 1 - over) : max(over, i + 1)].mean(axis=1) for i in range(20)]
        np.testing.assert_allclose(without_mean(sound, over), sound - np.stack(means, axis=1), rtol=0, atol=1e-12)


def test_silence_predicts_silence():
    silence = np.full((2, 80), QUANTIZER.silence)
    assert not fit(silence, CONFIG).any()
    assert (guess(fit(silence, CONFIG), silence, CONFIG) == QUANTIZER.silence).all()
    assert (predicted(np.full((2, 80 + 48), QUANTIZER.silence), CONFIG) == QUANTIZER.silence).all()


def burg(sound, order):
    """Written out: each reflection is the one with which the errors forwards and backwards are least, a little noise
    added to what is read."""
    floor = 2 * (1e-5 * sound @ sound + 1e-9 * len(sound))
    forwards, backwards, a = sound[1:], sound[:-1], np.array([1.0])
    for _ in range(order):
        padded = np.append(a, 0)
        power = forwards @ forwards + backwards @ backwards + floor * padded @ padded
        reflection = -(2 * forwards @ backwards + floor * padded @ padded[::-1]) / power
        a = padded + reflection * padded[::-1]
        forwards, backwards = forwards + reflection * backwards, backwards + reflection * forwards
        forwards, backwards = forwards[1:], backwards[:-1]
    return -a[:0:-1]


def test_the_fit_is_burgs():
    sound = QUANTIZER.decode(random_codes(3, 80)).astype(np.float64)
    for row, fitted in zip(sound, coefficients(sound, 12), strict=True):
        np.testing.assert_allclose(fitted, burg(row, 12), rtol=0, atol=1e-9)


@pytest.mark.parametrize("frequency", [0.05, 0.4, 1.3])
def test_what_rings_rings_on_by_itself(frequency):
    """Fed with the codes next to its own predictions alone: half a second later it is as loud as before, to 3 dB."""
    config = dataclasses.replace(CONFIG, prediction_order=256, prediction_window=4096, prediction_every=128)
    codes = QUANTIZER.encode(0.3 * np.sin(frequency * np.arange(4096)))[None]
    for _ in range(60):
        fitted = fit(codes, config)
        for _ in range(128):
            codes = np.append(codes, np.rint(guess(fitted, codes, config)).astype(np.int64)[None], 1)
    before, after = np.std(QUANTIZER.decode(codes[0, 2000:4096])), np.std(QUANTIZER.decode(codes[0, -2096:]))
    assert abs(20 * np.log10(after / before)) < 3


@given(st.integers(0, 2**32 - 1), st.sampled_from(["noise", "square", "steps", "click"]))
def test_what_it_predicts_is_stable(seed, kind):
    """No root outside the unit circle: what it is fed with dies away."""
    chance = np.random.default_rng(seed)
    sound = {
        "noise": chance.normal(size=400),
        "square": np.sign(np.sin(chance.uniform(0.01, 2) * np.arange(400))),
        "steps": np.repeat(chance.normal(size=20), 20),
        "click": np.eye(1, 400, int(chance.integers(400)))[0],
    }[kind]
    [fitted] = coefficients(sound[None] * chance.uniform(1e-3, 1), 24)
    assert np.abs(np.roots(np.append(1, -fitted[::-1]))).max() < 1 + 1e-6


@pytest.mark.parametrize("window", [80, 13])
def test_a_chunk_is_predicted_from_the_codes_before_each_step_and_sample(window):
    config = dataclasses.replace(CONFIG, prediction_window=window)
    codes, first = random_codes(3, config.history + 48), config.history
    chunk = predicted(codes, config)
    assert chunk.shape == (3, 48)
    for i in range(48):
        fitted = fit(codes[:, : first + i // 16 * 16], config)
        alone = guess(fitted, codes[:, : first + i], config)
        np.testing.assert_allclose(chunk[:, i], alone, rtol=0, atol=1e-4)


def test_what_is_to_come_does_not_matter():
    codes = random_codes(1, 80 + 48)
    before = predicted(codes, CONFIG)
    for changed in range(48):
        other = codes.copy()
        other[:, 80 + changed :] = 255 - other[:, 80 + changed :]
        after = predicted(other, CONFIG)
        np.testing.assert_array_equal(after[:, : changed + 1], before[:, : changed + 1])
        assert changed == 47 or (after[:, changed + 1] != before[:, changed + 1]).all()


@given(
    codes=st.one_of(
        st.lists(st.integers(0, 255), min_size=80, max_size=80),
        st.tuples(st.integers(0, 255), st.integers(0, 255)).map(lambda two: [*two] * 40),
        st.integers(0, 255).map(lambda code: [128] * 79 + [code]),
    )
)
def test_whatever_was_heard_the_prediction_is_finite_and_dies_away(codes):
    """Fed with itself it does not grow: the poles of the filter are inside the unit circle."""
    [fitted] = fit(np.array([codes]), CONFIG)
    assert np.isfinite(fitted).all()
    assert np.abs(np.roots([1, *-fitted[::-1]])).max() < 1
    [place] = guess(fitted[None], np.array([codes]), CONFIG)
    assert 0 <= place <= 255
