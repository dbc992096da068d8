"""The styles that come with the program."""

import numpy as np
import pytest

from engine.library import INSTALLED
from engine.select import select_kernel
from engine.stream import Stream
from models.style import open_style

STYLES = sorted(INSTALLED.glob("*.samplernn"))


def test_there_are_four():
    assert [style.stem for style in STYLES] == ["ambient", "classical", "guitar", "piano"]


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.stem)
def test_each_begins_in_the_middle_of_music_another_one_for_each_seed(path):
    style = open_style(path)
    kernel = select_kernel(style, "cpu").kernel
    assert path.stat().st_size < 40e6
    assert style.info.licence
    assert style.info.trained_on
    beginnings = []
    for seed in (1, 2):
        stream = Stream(kernel, seed)
        heard = kernel.codec.decode(stream.state.codes[0], stream.state.codes[0, :0])
        sound = stream.generate(kernel.frames(0.3), style.info.default_temperature).sound[0]
        level = [10 * np.log10(np.mean(np.square(part)) + 1e-12) for part in (heard, sound)]
        assert min(level) > -50
        beginnings.append(sound)
    assert not np.array_equal(beginnings[0], beginnings[1])
