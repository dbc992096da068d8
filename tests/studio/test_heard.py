"""The waveform of what was heard, against the sound itself, however the clock moves."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.controls import MEMORY_SECONDS, Status
from studio.play.heard import MOST_AT_ONCE, Heard
from studio.play.scale import SPANS, Scale

RATE = 16_000
BIN = RATE // 100


def sound(start: int, end: int) -> np.ndarray:
    """Nowhere alike."""
    frames = np.arange(max(0, start), max(0, end))
    wave = np.sin(frames * 0.37) * (0.1 + 0.8 * (frames % 77_777) / 77_777)
    return np.stack([wave, wave * 0.5], 1).astype(np.float32)


def playing(heard: int, rate: int = RATE, temperature: float = 0.9) -> Status:
    written = heard + rate // 10
    oldest = max(0, written - int(MEMORY_SECONDS) * rate)
    return Status(state="playing", rate=rate, heard=heard, written=written, oldest=oldest, temperature=temperature)


def assert_is_what_was_heard(heard: Heard, columns: int = 20) -> None:
    edges = np.linspace(heard.start, heard.end, columns + 1).astype(np.int64) // BIN * BIN
    made = heard.columns(edges)
    parts = [sound(a, b) for a, b in itertools.pairwise(edges)]
    assert made.high == pytest.approx([part.max() for part in parts])
    assert made.low == pytest.approx([part.min() for part in parts])
    assert made.rms == pytest.approx([np.sqrt((part**2).mean()) for part in parts], rel=1e-3)


@settings(max_examples=30)
@given(st.lists(st.integers(0, 3 * RATE), min_size=1, max_size=20))
def test_whatever_the_steps_of_the_clock_it_is_what_was_heard(steps):
    heard, now = Heard(sound), 0
    for step in steps:
        now += step
        heard.follow(playing(now))
    for _ in range(sum(steps) // round(MOST_AT_ONCE * RATE) + 1):
        heard.follow(playing(now))  # what was much at once is caught up with
    assert heard.start == 0
    assert now - BIN < heard.end <= now
    if heard.end > 20 * BIN:
        assert_is_what_was_heard(heard)


def test_a_long_jump_is_taken_in_pieces():
    asked = []

    def recall(start, end):
        asked.append(end - start)
        return sound(start, end)

    heard = Heard(recall)
    for _ in range(60):
        heard.follow(playing(60 * RATE))
    assert heard.end == 60 * RATE
    assert max(asked) <= MOST_AT_ONCE * RATE


def test_no_more_is_kept_than_the_engine_remembers():
    heard = Heard(sound)
    for second in range(400):
        heard.follow(playing(second * RATE))
    assert heard.seconds == pytest.approx(MEMORY_SECONDS, abs=0.2)
    assert heard.start >= playing(399 * RATE).oldest
    assert_is_what_was_heard(heard)


def test_after_a_jump_beyond_what_is_remembered_it_begins_at_the_oldest():
    heard = Heard(sound)
    heard.follow(playing(RATE))
    far = playing(1000 * RATE)
    for _ in range(int(MEMORY_SECONDS) + 1):
        heard.follow(far)
    assert heard.start == far.oldest
    assert heard.end == 1000 * RATE
    assert_is_what_was_heard(heard)


def test_it_stands_still_with_the_clock_and_a_tremble_of_it_is_nothing():
    heard = Heard(sound)
    for now in (RATE, RATE, RATE - 100, RATE):
        heard.follow(playing(now))
    assert (heard.start, heard.end) == (0, RATE)


def test_a_new_engine_begins_anew():
    heard = Heard(sound)
    for second in range(20):
        heard.follow(playing(second * RATE))
    heard.follow(playing(RATE // 2))
    assert (heard.start, heard.end) == (0, RATE // 2)


def test_at_another_rate_it_begins_with_what_is_remembered_there():
    heard = Heard(sound)
    for second in range(10):
        heard.follow(playing(second * RATE))
    heard.follow(Status(state="playing", rate=44_100, heard=10 * RATE + 44_100, oldest=10 * RATE))
    assert heard.rate == 44_100
    assert heard.start >= 10 * RATE
    assert heard.seconds == pytest.approx(1, abs=0.02)


def test_before_anything_was_heard_and_of_a_closed_engine_there_is_nothing():
    heard = Heard(lambda start, end: np.zeros((0, 2), np.float32))
    heard.follow(Status())
    assert heard.seconds == 0
    heard.follow(playing(RATE))
    assert heard.seconds == 0
    assert len(heard.columns(np.array([0, 0]))) == 0


def test_the_temperature_is_what_it_was_when_each_frame_was_made():
    heard = Heard(sound)
    for second, temperature in ((1, 0.9), (2, 0.9), (3, 1.2), (4, 0.5), (5, 0.5)):
        heard.follow(playing(second * RATE, temperature=temperature))
    turned = 3 * RATE + RATE // 10
    assert heard.temperatures(np.array([0, turned - 1, turned, 5 * RATE])) == pytest.approx([0.9, 0.9, 1.2, 0.5])
    heard.follow(Status(rate=RATE, heard=5 * RATE, written=5 * RATE))  # stopped: nothing is in force
    assert heard.temperatures(np.array([5 * RATE])) == pytest.approx([0.5])


# Where it is seen


def scale(end: float, width: float = 500, ratio: float = 1.0) -> Scale:
    heard = Heard(lambda start, end: np.zeros((end - start, 2), np.float32))
    heard.follow(playing(0))
    for second in range(int(end) + 1):
        heard.follow(playing(round(min(second + 1, end) * RATE)))
    return Scale.of(heard, width, ratio)


@pytest.mark.parametrize(("seconds", "span"), [(1, 30), (30, 30), (31, 60), (90, 120), (130, 300), (299, 300)])
def test_it_shows_what_there_is_and_not_much_emptiness(seconds, span):
    assert scale(seconds).span == span


@settings(max_examples=30)
@given(st.floats(1, 100), st.sampled_from([1.0, 1.5, 2.0]), st.floats(0, 1))
def test_a_place_is_of_the_moment_that_is_there(seconds, ratio, share):
    there = scale(seconds, 500, ratio)
    x = share * 500
    assert there.x(there.frame(x)) == pytest.approx(x, abs=0.01)
    assert there.x(there.end) == 500
    assert there.end == pytest.approx(seconds * RATE, abs=there.pace + BIN)


def test_a_column_shows_the_same_frames_wherever_it_has_moved():
    seen = set()
    for end in np.arange(10, 11, 0.05):
        edges = scale(end).edges(0).tolist()
        seen |= set(itertools.pairwise(edges))
    starts = [start for start, _ in seen]
    assert len(starts) == len(set(starts))


def test_labels_are_within_and_end_with_now():
    labels = scale(250).labels()
    assert (500, "now") in labels
    assert (400, "−1:00") in labels
    assert {text for _, text in labels} == {"now", "−1:00", "−2:00", "−3:00", "−4:00"}
    assert all(0 < x <= 500 for span in SPANS for x, _ in scale(span - 0.5).labels())
