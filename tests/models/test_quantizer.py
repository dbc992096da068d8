"""Codes are the published laws, round trips lose nothing but detail, and silence stays silence."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.config import QuantizerName
from models.quantizer import Quantizer

LAWS: list[QuantizerName] = ["linear", "mu-law", "a-law"]
LEVELS = [4, 5, 16, 255, 256, 257, 1024, 65_535, 65_536]
laws = st.sampled_from(LAWS)
levels = st.integers(4, 2048)
sounds = st.lists(st.floats(-1, 1), min_size=1, max_size=50).map(np.array)


def compand(name, x):
    """The laws as they are published, of magnitudes: mu = 255, A = 87.6."""
    if name == "mu-law":
        return np.log(1 + 255 * x) / np.log(256)
    if name == "a-law":
        a = 87.6
        return np.where(x < 1 / a, a * x, 1 + np.log(np.maximum(a * x, 1))) / (1 + np.log(a))
    return x


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("levels", LEVELS)
def test_every_code_survives_the_round_trip(name, levels):
    quantizer, codes = Quantizer(name, levels), np.arange(levels)
    assert np.array_equal(quantizer.encode(quantizer.decode(codes)), codes)


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("levels", LEVELS)
def test_silence_is_the_middle_code_and_exactly_0(name, levels):
    quantizer = Quantizer(name, levels)
    assert quantizer.silence == levels // 2
    assert quantizer.encode(np.zeros(3)).tolist() == [levels // 2] * 3
    assert quantizer.encode(np.array([-0.0, 1e-12, -1e-12])).tolist() == [levels // 2] * 3
    assert quantizer.decode(np.array(quantizer.silence)) == 0


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("levels", LEVELS)
def test_codes_rise_with_the_sound_and_stay_in_full_scale(name, levels):
    quantizer = Quantizer(name, levels)
    decoded = quantizer.decode(np.arange(levels))
    assert decoded.dtype == np.float32
    assert (np.diff(decoded) > 0).all()
    assert decoded[0] == -1 if levels % 2 == 0 else decoded[0] == -decoded[-1] == -1
    assert np.abs(decoded).max() <= 1
    rising = quantizer.encode(np.linspace(-1, 1, 5001))
    assert (np.diff(rising) >= 0).all()
    assert (rising[0], rising[-1]) == (0, levels - 1)


@pytest.mark.parametrize("name", LAWS)
def test_the_laws_are_the_published_ones(name):
    """To a twentieth of one of 65,536 steps."""
    quantizer = Quantizer(name, 65_536)
    steps = np.arange(65_536) - quantizer.silence
    decoded = quantizer.decode(np.arange(65_536)).astype(float)
    assert np.abs(np.sign(decoded) * compand(name, np.abs(decoded)) * quantizer.silence - steps).max() < 0.05


@given(name=laws, levels=levels, sound=sounds)
def test_no_code_is_nearer_on_the_companded_scale(name, levels, sound):
    """Which bounds the error by the step at that loudness."""
    quantizer = Quantizer(name, levels)
    codes = quantizer.encode(sound)
    exact = np.sign(sound) * compand(name, np.abs(sound)) * quantizer.silence + quantizer.silence
    nearest = np.clip(exact, 0, levels - 1)  # an even number of levels has no code for +1
    assert np.abs(codes - nearest).max() <= 0.5 + 1e-6
    table = quantizer.decode(np.arange(levels)).astype(float)
    below, above = np.append(-1, table)[codes], np.append(table, 1)[codes + 1]
    assert (below - 1e-6 <= sound).all()
    assert (sound <= above + 1e-6).all()


@given(name=laws, levels=levels, sound=sounds)
def test_a_sound_upside_down_has_the_codes_upside_down(name, levels, sound):
    """So that no law puts an offset (DC) in."""
    quantizer = Quantizer(name, levels)
    top = levels - 1 - quantizer.silence  # the loudest there is on both sides
    codes, mirrored = (quantizer.encode(each) - quantizer.silence for each in (sound, -sound))
    assert np.array_equal(np.clip(codes, -top, top), -np.clip(mirrored, -top, top))


@given(name=laws, levels=levels, beyond=st.floats(1, 1e30))
def test_what_is_beyond_full_scale_is_clipped(name, levels, beyond):
    quantizer = Quantizer(name, levels)
    assert quantizer.encode(np.array([-beyond, beyond])).tolist() == [0, levels - 1]
    assert quantizer.encode(np.array([-np.inf, np.inf])).tolist() == [0, levels - 1]


@pytest.mark.parametrize("name", LAWS)
def test_shapes_are_kept_and_float32_sound_is_taken(name):
    quantizer = Quantizer(name, 256)
    sound = np.linspace(-1, 1, 24, dtype=np.float32).reshape(2, 3, 4)
    codes = quantizer.encode(sound)
    assert codes.shape == sound.shape
    assert codes.dtype == np.int64
    assert quantizer.decode(codes).shape == sound.shape
    assert np.array_equal(codes.ravel(), quantizer.encode(sound.ravel().astype(float)))


@pytest.mark.parametrize("name", ["mu-law", "a-law"])
def test_quiet_sound_keeps_more_detail_than_with_equal_steps(name):
    quiet = 0.01 * np.sin(np.arange(1000))
    errors = [np.abs(q.decode(q.encode(quiet)) - quiet).max() for q in (Quantizer(name, 256), Quantizer("linear", 256))]
    assert errors[0] < errors[1] / 10
