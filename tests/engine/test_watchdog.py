"""What is stuck is told, and what is music is left alone."""

from pathlib import Path

import numpy as np
import pytest

from engine.watchdog import Watchdog
from models.audio import read_audio

FIXTURES = Path(__file__).parents[1] / "fixtures"
RATE = 16_000
TIME = np.arange(8 * RATE) / RATE


def verdicts(sound):
    """Those that are given while it is heard in blocks of 20 ms."""
    dog, given = Watchdog(RATE), []
    for block in np.split(np.asarray(sound, np.float32), range(320, len(sound), 320)):
        dog.hear(block)
        given.append(dog.verdict)
    return given


def noise(slope, seed=1):
    """Noise whose power falls by 6 x slope dB an octave."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(size=len(TIME)))
    spectrum /= np.maximum(1, np.arange(len(spectrum))) ** slope
    sound = np.fft.irfft(spectrum)
    return 0.1 * sound / sound.std()


def struck(seconds, decay=12.0, pitch=330):
    time = TIME[: round(seconds * RATE)]
    return 0.3 * np.exp(-decay * time) * np.sin(2 * np.pi * pitch * time)


STUCK = {
    "silence": [np.zeros(len(TIME)), 1e-4 * noise(0)],
    "rail": [0.4 + 0.001 * noise(0), 0.99 * np.sign(noise(0))],
    "noise": [noise(0), noise(0.5), noise(1)],
    "loop": [np.tile(struck(0.2), 40), np.tile(struck(0.37), 22)],
}


@pytest.mark.parametrize(("verdict", "sound"), [(verdict, sound) for verdict, all in STUCK.items() for sound in all])
def test_each_way_of_being_stuck_has_its_name(verdict, sound):
    given = verdicts(sound)
    assert given[-1] == verdict
    assert set(given) <= {"", verdict}
    assert not any(given[: int(2.5 / 0.02)])  # not before there is evidence


RECORDINGS = sorted(path.name for path in FIXTURES.glob("*.flac"))


@pytest.mark.parametrize("name", RECORDINGS)
def test_recordings_are_not_stuck(name):
    sound = read_audio(FIXTURES / name, RATE)
    assert set(verdicts(sound)) == {""}


def test_tones_and_chords_that_are_held_are_music():
    for pitches in ([220], [220, 275, 330], [110, 110.5], [220, 277.18, 329.63, 440]):
        assert set(verdicts(sum(0.1 * np.sin(2 * np.pi * pitch * TIME) for pitch in pitches))) == {""}


def test_a_pause_between_notes_is_not_silence():
    notes = np.concatenate([np.concatenate([struck(1), np.zeros(3 * RATE)]) for _ in range(4)])
    assert set(verdicts(notes)) == {""}


def test_noise_that_swells_or_is_struck_is_not_stuck():
    swelling = noise(0.5) * (1.2 + np.sin(2 * np.pi * 0.7 * TIME))
    hits = noise(0.5) * np.exp(-3 * (TIME % 1.0))
    for sound in (swelling, hits):
        assert set(verdicts(sound)) == {""}


def test_it_forgets_what_is_over():
    given = verdicts(np.concatenate([noise(0), *[struck(0.5, 4, 220 + 50 * i) for i in range(12)]]))
    assert "noise" in given
    assert given[-1] == ""
