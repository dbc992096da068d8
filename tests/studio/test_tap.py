"""What is newly heard reaches a view once and whole, whatever the engine's clock does."""

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.controls import Status
from studio.desk import Desk
from studio.views.tap import Piece, Tap
from tests.fakes import RATE, FakeEngine

PAST = 2.0


class Listener:
    """A view that notes all that it is given."""

    def __init__(self, qtbot: QtBot, desk: Desk) -> None:
        self.view = QWidget()
        qtbot.addWidget(self.view)
        self.view.show()
        self.pieces: list[Piece] = []
        Tap(desk.instrument, self.view, PAST).heard.connect(self.pieces.append)

    def since_fresh(self) -> npt.NDArray[np.float32]:
        """The sound of the last piece that followed nothing and of those that followed it."""
        first = max(k for k, piece in enumerate(self.pieces) if piece.fresh)
        return np.concatenate([piece.sound for piece in self.pieces[first:]])


@pytest.fixture
def listener(qtbot: QtBot, desk: Desk) -> Listener:
    return Listener(qtbot, desk)


def move(desk: Desk, engine: FakeEngine, *positions: int) -> None:
    for position in positions:
        engine.show(heard=position)
        desk.instrument.poll()


def catch_up(desk: Desk) -> None:
    for _ in range(20):
        desk.instrument.poll()


def test_nothing_is_lost_or_doubled_when_the_clock_leaps(listener: Listener, desk: Desk, engine: FakeEngine) -> None:
    random = np.random.default_rng(1)
    steps = random.choice([0, 1, 480, 960, 1600, 9600, 60_000], size=400, p=[0.2, 0.05, 0.2, 0.2, 0.2, 0.13, 0.02])
    move(desk, engine, *(RATE + np.cumsum(steps)).tolist())
    catch_up(desk)
    assert [piece.fresh for piece in listener.pieces].count(True) == 1
    assert np.array_equal(listener.since_fresh(), engine.heard(0, RATE + steps.sum()))


def test_a_step_back_within_the_rings_jitter_is_waited_out(listener: Listener, desk: Desk, engine: FakeEngine) -> None:
    move(desk, engine, 10_000, 9_900, 9_950, 11_000)
    assert [piece.fresh for piece in listener.pieces] == [True, False]
    assert np.array_equal(listener.since_fresh(), engine.heard(0, 11_000))


def test_a_new_engines_clock_begins_again(listener: Listener, desk: Desk, engine: FakeEngine) -> None:
    move(desk, engine, 5 * RATE)
    catch_up(desk)
    engine.shown = Status()
    desk.instrument.poll()
    engine.show(rate=RATE)
    move(desk, engine, 480, 4800)
    assert np.array_equal(listener.since_fresh(), engine.heard(0, 4800))


def test_a_clock_that_began_again_unseen_is_noticed(listener: Listener, desk: Desk, engine: FakeEngine) -> None:
    move(desk, engine, 5 * RATE, 4800)
    assert np.array_equal(listener.since_fresh(), engine.heard(0, 4800))


def test_another_rate_is_another_sound(listener: Listener, desk: Desk, engine: FakeEngine) -> None:
    move(desk, engine, RATE)
    catch_up(desk)
    engine.show(rate=16_000, oldest=RATE)
    move(desk, engine, RATE + 100)
    last = listener.pieces[-1]
    assert (last.fresh, last.rate) == (True, 16_000)
    assert np.array_equal(last.sound, engine.heard(RATE, RATE + 100))


def test_a_view_that_is_seen_again_is_given_its_past_in_pieces(
    listener: Listener, desk: Desk, engine: FakeEngine
) -> None:
    move(desk, engine, RATE)
    listener.view.hide()
    listener.pieces.clear()
    move(desk, engine, 2 * RATE, 20 * RATE)
    assert not listener.pieces
    listener.view.show()
    catch_up(desk)
    assert np.array_equal(listener.since_fresh(), engine.heard(18 * RATE, 20 * RATE))
    assert max(len(piece.sound) for piece in listener.pieces) <= 0.3 * RATE


def test_a_hidden_view_reads_nothing(
    listener: Listener, desk: Desk, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener.view.hide()
    monkeypatch.delattr(FakeEngine, "heard")
    move(desk, engine, RATE, 2 * RATE)
    assert not listener.pieces
