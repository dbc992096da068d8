"""What two processes share: a status that is always whole, and the sound of five minutes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.controls import LONGEST_NAME, MOST_MARKS, Auditioning, Mark, Notice, Status, Taking
from engine.engine import NOTICES
from engine.memory import FRAMES, SLOT, Board

LONGEST_PATH = "🎹" * 1023


@pytest.fixture(scope="module")
def board():
    board = Board()
    yield board
    board.close()


def largest(levels):
    """A status with all that may be in it at once."""
    name, path = "🎹" * LONGEST_NAME, Path(LONGEST_PATH)
    return Status(
        reason=LONGEST_PATH, work=LONGEST_PATH, style=path, style_sha256="0" * 64, title=name, remark=LONGEST_PATH,
        device=LONGEST_PATH, written=2**62, taking=Taking(path, 1e9, 2**62),
        # names that are equal are told once: these are not
        marks=tuple(Mark(2**62 - k, "prime", f"{k:03}{name[3:]}") for k in range(MOST_MARKS)),
        notices=tuple(Notice(k, "error", f"{k}{LONGEST_PATH}") for k in range(NOTICES)),
        auditioning=Auditioning(name, 1e9, 1e9, 2**62), codes_sha256="0" * 64,
        distribution=np.ones(levels, np.float32),
    )  # fmt: skip


def test_a_status_is_read_as_it_was_published_whatever_is_in_it(board):
    for status in (Status(), largest(256), Status(state="playing")):
        board.publish(status)
        again = board.latest()
        np.testing.assert_array_equal(again.distribution, status.distribution)
        nothing = np.zeros(0, np.float32)
        assert repr(replace(again, distribution=nothing)) == repr(replace(status, distribution=nothing))


def test_a_status_that_would_not_fit_is_published_without_its_distribution(board):
    board.publish(largest(SLOT // 4))
    assert len(board.latest().distribution) == 0
    assert len(board.latest().marks) == MOST_MARKS


@given(st.integers(0, 3 * FRAMES), st.integers(1, 2000))
def test_what_was_heard_is_recalled_wherever_the_clock_is(board, position, frames):
    sound = np.random.default_rng(frames).normal(size=(frames, 2)).astype(np.float32)
    board.hear(position, sound)
    np.testing.assert_array_equal(board.recall(position, position + frames), sound)
