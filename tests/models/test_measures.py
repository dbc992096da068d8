"""The measures tell tones that last from noise, and one colour from another."""

import numpy as np
import pytest

from models.audio import read_audio
from models.measures import mel_distance, mel_statistics, noise_like, persistence, tonality

RATE = 16_000
TIME = np.arange(4 * RATE) / RATE


def notes(seconds):
    """Notes of four partials, one after the other, each as long."""
    sound = np.zeros(len(TIME))
    for number, start in enumerate(np.arange(0, 4, seconds)):
        during = (start <= TIME) & (start + seconds > TIME)
        pitch = 220 * 2 ** ((number * 5 % 12) / 12)
        sound += during * sum(np.sin(2 * np.pi * pitch * k * TIME) / k for k in range(1, 5))
    return (0.1 * sound).astype(np.float32)


def test_peaks_last_as_long_as_the_notes():
    lasting = [persistence(notes(seconds), RATE) for seconds in (0.25, 0.5, 1.0, 2.0)]
    assert lasting == sorted(lasting)
    assert lasting[2] == pytest.approx(1.0, abs=0.2)


@pytest.mark.parametrize("name", ["ccby3_salamander_C4v10", "mit_wood_guitar_D4", "cc0_ambi_choir"])
def test_music_lies_above_noise_of_its_spectrum(fixtures, name):
    music = read_audio(fixtures / f"{name}.flac", RATE)[: 4 * RATE]
    noise = noise_like(music, RATE)
    assert persistence(music, RATE) > 1.5 * persistence(noise, RATE)
    assert tonality(music, RATE) > 1.5 * tonality(noise, RATE)


def test_white_noise_is_no_tone():
    white = np.random.default_rng(1).normal(size=len(TIME)).astype(np.float32)
    assert tonality(white, RATE) < 0.1
    assert tonality(np.sin(2 * np.pi * 440 * TIME).astype(np.float32), RATE) > 0.95


def test_the_colour_does_not_depend_on_the_level_but_on_the_sound():
    one = mel_statistics(notes(0.5), RATE)
    assert mel_distance(one, mel_statistics(0.1 * notes(0.5), RATE)) < 0.01
    assert mel_distance(one, mel_statistics(noise_like(notes(0.5), RATE), RATE)) > 3


def test_too_little_sound_is_refused():
    with pytest.raises(ValueError, match="too few"):
        persistence(np.zeros(100, np.float32), RATE)
