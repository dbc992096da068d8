"""What rings goes on ringing, and nothing that is yet to come is known."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.config import ModelConfig
from models.prediction import coefficients, fit, guess, predicted, taper
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


def test_silence_predicts_silence():
    silence = np.full((2, 80), QUANTIZER.silence)
    assert not fit(silence, CONFIG).any()
    assert (guess(fit(silence, CONFIG), silence, CONFIG) == QUANTIZER.silence).all()
    assert (predicted(np.full((2, 80 + 48), QUANTIZER.silence), CONFIG) == QUANTIZER.silence).all()


def test_the_fit_solves_the_normal_equations():
    """Written out: the correlations of the tapered sound, with a little noise, as a matrix."""
    sound = QUANTIZER.decode(random_codes(3, 80))
    for row, fitted in zip(sound * taper(80), coefficients(sound, 12), strict=True):
        lags = np.array([row[: 80 - lag] @ row[lag:] for lag in range(13)])
        lags[0] = lags[0] * (1 + 1e-5) + 1e-9
        matrix = lags[np.abs(np.subtract.outer(np.arange(12), np.arange(12)))]
        np.testing.assert_allclose(fitted[::-1], np.linalg.solve(matrix, lags[1:]), rtol=0, atol=1e-10)


def test_the_taper_rises_to_what_is_recent_and_ends_without_a_step():
    window = taper(4096)
    top = window.argmax()
    assert 0.88 < top / 4096 < 0.92
    assert (np.diff(window[: top + 1]) > 0).all()
    assert (np.diff(window[top + 1 :]) < 0).all()
    assert window[0] < 1e-3 > window[-1]


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
