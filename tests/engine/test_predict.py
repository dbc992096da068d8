"""The compiled fit is the fit of models/prediction.py."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import predict
from engine.compiled import library
from engine.predict import Predictions
from models.config import ModelConfig
from models.prediction import fit


def model(order, window, levels=256, mean=0):
    prediction = {"prediction_order": order, "prediction_window": window, "prediction_mean": mean}
    return ModelConfig(quantizer="mu-law", levels=levels, **prediction)


def heard(config, kind, rows=3):
    """Codes of [rows, window + 5]: of more than the fit is to take."""
    samples, noise = config.prediction_window + 5, np.random.default_rng(1)
    if kind == "silence":
        return np.full((rows, samples), config.levels // 2, np.uint16)
    if kind == "noise":
        return noise.integers(config.levels, size=(rows, samples)).astype(np.uint16)
    if kind == "the ends of the scale":
        return np.resize(np.array([0, config.levels - 1], np.uint16), (rows, samples))
    waves = np.sin(np.arange(samples) * np.array([[0.03], [0.11], [1.9]])[:rows] + noise.normal(size=(rows, 1)))
    return np.rint((waves * 0.4 + 0.5) * (config.levels - 1)).astype(np.uint16)


@pytest.fixture(params=["compiled", "NumPy"])
def which(request, monkeypatch):
    if request.param == "NumPy":
        monkeypatch.setattr(predict, "library", lambda: None)
    elif library() is None:
        pytest.skip("no compiler when the project was installed")


@pytest.mark.parametrize("kind", ["silence", "noise", "the ends of the scale", "tones"])
@pytest.mark.parametrize(
    ("order", "window", "levels"),
    [(256, 4096, 256), (1, 2, 256), (7, 8, 33), (8, 129, 64), (9, 1000, 256), (255, 256, 256), (3, 40, 65_536)],
)
def test_the_fit_is_the_plain_one(which, order, window, levels, kind):
    config = model(order, window, levels)
    codes = heard(config, kind)
    np.testing.assert_allclose(Predictions(config).fit(codes), fit(codes, config), rtol=0, atol=1e-8)


@pytest.mark.parametrize("kind", ["silence", "noise", "tones"])
@pytest.mark.parametrize(("order", "window", "mean"), [(256, 4096, 256), (20, 100, 100), (20, 100, 2)])
def test_the_fit_without_the_mean_is_the_plain_one(which, order, window, mean, kind):
    config = model(order, window, mean=mean)
    codes = heard(config, kind)
    np.testing.assert_allclose(Predictions(config).fit(codes), fit(codes, config), rtol=0, atol=1e-8)


@given(
    order=st.integers(1, 40),
    more=st.integers(1, 300),
    codes=st.lists(st.integers(0, 255), min_size=340, max_size=340),
)
def test_whatever_was_heard_the_fit_is_the_plain_one(order, more, codes):
    config, rows = model(order, order + more), np.array([codes], np.uint16)
    np.testing.assert_allclose(Predictions(config).fit(rows), fit(rows, config), rtol=0, atol=1e-8)


def test_rows_do_not_hear_each_other():
    config = model(20, 100)
    codes = heard(config, "tones")
    together = Predictions(config).fit(codes)
    for row in range(3):
        np.testing.assert_array_equal(Predictions(config).fit(codes[row : row + 1])[0], together[row])
