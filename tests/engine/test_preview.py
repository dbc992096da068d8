"""What a style shows of itself is what it plays."""

import io
import shutil
import struct
import zlib

import numpy as np
import pytest
import soundfile

from engine.preview import with_preview
from engine.report.picture import CARD_SIZE, card
from engine.score import improvise, loudness
from engine.select import select_kernel
from engine.stream import Stream
from models.style import PICTURE, PREVIEW, QUIETEST, open_style

RATE = 16_000


def tone(frequency, seconds=1.0, level=0.5):
    return (level * np.sin(2 * np.pi * frequency * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


@pytest.fixture
def style(tiny_style, tmp_path):
    return open_style(shutil.copy(tiny_style, tmp_path / "some.samplernn"))


def pixels(picture):
    """uint8 [height, width, 3] of a PNG: a head, one part with all rows, an end."""
    width, height = struct.unpack(">II", picture[16:24])
    rows = np.frombuffer(zlib.decompress(picture[41:-16]), np.uint8).reshape(height, 1 + 3 * width)
    return rows[:, 1:].reshape(height, width, 3)


def test_it_is_heard_as_loud_as_the_style_is_played_and_never_clips(style):
    for loud, level, peak in ((-30.0, 0.1, 0.1 * 10**0.5), (-30.0, 0.5, 0.9), (-10.0, 0.5, 0.5 / 10**0.5)):
        shown = with_preview(style, tone(440, level=level), loud)
        heard, rate = soundfile.read(io.BytesIO(shown.read(PREVIEW)))
        assert (rate, heard.shape) == (RATE, (RATE,))
        assert np.abs(heard).max() == pytest.approx(peak, abs=0.001)


def test_the_style_stays_the_same_and_a_second_preview_takes_the_place_of_the_first(style):
    first = with_preview(style, tone(440), style.info.loudness)
    second = with_preview(first, tone(880), style.info.loudness)
    assert style.sha256 == first.sha256 == second.sha256
    assert second.hashes.keys() == style.hashes.keys() | {PREVIEW, PICTURE}
    assert all(first.hashes[name] != second.hashes[name] for name in (PREVIEW, PICTURE))


def test_an_octave_is_as_high_as_any_other(style):
    def row(frequency):
        picture = pixels(card(tone(frequency), RATE)).sum(axis=(1, 2))
        assert len(picture) == CARD_SIZE[1]
        return int(picture.argmax())

    low, middle, high = row(500), row(1000), row(2000)
    assert low > middle > high
    assert low - middle == pytest.approx(middle - high, abs=2)


@pytest.mark.parametrize("seconds", [0.01, 1, 10])
def test_the_picture_is_of_one_size_however_long_the_sound(seconds):
    assert pixels(card(tone(440, seconds), RATE)).shape == (*CARD_SIZE[::-1], 3)


def test_how_loud_it_is_without_its_silence():
    sound = np.concatenate([tone(440), np.zeros(RATE, np.float32)])
    assert loudness(sound, RATE) == pytest.approx(20 * np.log10(0.5 / 2**0.5), abs=0.01)
    assert loudness(np.zeros(RATE, np.float32), RATE) == QUIETEST


def test_it_improvises_the_same_again(style):
    kernel = select_kernel(style, "cpu").kernel
    done: list[float] = []
    first = improvise(kernel, 0.9, 0.5, done.append)
    assert len(first) == pytest.approx(RATE / 2, abs=RATE / 10)
    assert done[-1] == 1
    assert np.array_equal(first, improvise(kernel, 0.9, 0.5))


def test_the_preview_is_of_one_piece_and_the_loudness_of_several(style):
    kernel = select_kernel(style, "cpu").kernel
    made, alone = improvise(kernel, 0.9, 2), Stream(kernel, 0).generate(kernel.frames(2), 0.9).sound[0]
    half, both = len(made) // 2, min(len(made), len(alone))
    assert np.array_equal(made[:half], alone[:half])
    assert not np.array_equal(made[half:both], alone[half:both])
