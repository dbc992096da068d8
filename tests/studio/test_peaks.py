"""Peaks against their definition, for any sound."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from studio.peaks import NOTHING, Growing, Peaks, peaks

sounds = arrays.arrays(
    np.float32,
    st.tuples(st.integers(1, 300), st.integers(1, 3)),
    elements=st.floats(-1, 1, width=32, allow_subnormal=False),
)


def check(made: Peaks, parts: list[np.ndarray]) -> None:
    """parts: the stretches of sound that the columns are to be of."""
    assert len(made) == len(parts)
    assert made.low.tolist() == [part.min() for part in parts]
    assert made.high.tolist() == [part.max() for part in parts]
    assert made.rms == pytest.approx([np.sqrt(np.mean(part.astype(float) ** 2)) for part in parts], abs=1e-4)


@given(sounds, st.integers(1, 400))
def test_each_column_is_the_extent_and_strength_of_its_frames(sound, frames):
    check(peaks(sound, frames), [sound[i : i + frames] for i in range(0, len(sound), frames)])


def test_of_nothing_there_is_nothing():
    assert len(peaks(np.zeros((0, 2), np.float32), 10)) == 0
    assert len(NOTHING.part(0, 0, 10)) == 0


@given(sounds, st.lists(st.integers(0, 300), max_size=8))
def test_what_comes_in_blocks_is_what_comes_at_once_and_memory_is_bounded(sound, cuts):
    growing = Growing(most=16)
    for block in np.split(sound, sorted(min(cut, len(sound)) for cut in cuts)):
        growing.add(block)
    assert growing.total == len(sound)
    assert len(growing.peaks) <= 16
    # no coarser than it has to be: never less than half of the columns
    assert growing.frames == 1 or len(growing.peaks) >= 8
    check(growing.peaks, [sound[i : i + growing.frames] for i in range(0, len(sound), growing.frames)])


@given(sounds, st.lists(st.integers(0, 300), min_size=2, max_size=20))
def test_merged_columns_are_those_of_all_their_frames(sound, edges):
    edges = sorted(min(edge, len(sound)) for edge in edges)
    made = peaks(sound, 1).merged(np.array(edges))
    last = len(sound) - 1
    check(made, [sound[min(a, last) : max(b, min(a, last) + 1)] for a, b in itertools.pairwise(edges)])


@given(sounds, st.integers(1, 400))
def test_in_the_pixels_of_a_picture_no_peak_is_lost_and_each_has_something(sound, pixels):
    made = peaks(sound, 1).part(0, len(sound), pixels)
    assert len(made) == pixels
    assert made.low.min() == sound.min()
    assert made.high.max() == sound.max()


def test_a_part_is_what_is_between_its_places():
    sound = (np.arange(100, dtype=np.float32) / 100)[:, None].astype(np.float32)
    made = peaks(sound, 10).part(2.5, 4.5, 2)
    check(made, [sound[20:30], sound[30:40]])
    assert len(peaks(sound, 10).part(10, 10, 3)) == 3
