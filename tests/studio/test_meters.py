"""The level meter."""

import math

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.controls import Auditioning
from studio.desk import Desk
from studio.play.meters import Meters
from studio.widgets.level import FLOOR, Level
from tests.fakes import RATE, FakeEngine


class Clock:
    """Seconds, moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def level(qtbot: QtBot, clock: Clock) -> Level:
    made = Level(clock)
    qtbot.addWidget(made)
    made.resize(62, 112)
    return made


def sound(left: float, right: float) -> np.ndarray:
    """With those peaks, dBFS: one sample in a hundred."""
    made = np.zeros((100, 2), np.float32)
    made[50] = 10 ** (left / 20), -(10 ** (right / 20))
    return made


def test_it_rises_at_once_and_falls_by_20_db_a_second(level: Level, clock: Clock) -> None:
    level.hear(sound(-6, -12))
    assert level.levels == pytest.approx([-6, -12], abs=0.01)
    clock.now += 0.5
    level.hear(sound(-40, -40))
    assert level.levels == pytest.approx([-16, -22], abs=0.01)
    clock.now += 10
    level.show_peaks(-math.inf, -math.inf)
    assert level.levels == [FLOOR, FLOOR]


def test_the_peak_is_held_for_a_second_and_a_half(level: Level, clock: Clock) -> None:
    level.hear(sound(-6, -6))
    clock.now += 1.4
    level.show_peaks(-math.inf, -math.inf)
    assert level.held[0] == pytest.approx(-6, abs=0.01)
    clock.now += 0.2
    level.show_peaks(-math.inf, -math.inf)
    assert level.held[0] < -6.5


def test_the_light_stays_until_it_is_clicked(qtbot: QtBot, level: Level, clock: Clock) -> None:
    level.hear(sound(-1, -8))
    clock.now += 60
    level.show_peaks(-math.inf, -math.inf)
    assert level.lit == [True, False]
    assert level.accessibleName() == (
        "Highest level \N{MINUS SIGN}1.0 dBFS, too loud: the limiter holds it; turn the gain down"
    )
    qtbot.mouseClick(level, Qt.MouseButton.LeftButton)
    assert level.lit == [False, False]
    assert level.accessibleName() == "Highest level \N{MINUS SIGN}∞ dBFS, within bounds"


def test_silence_and_nothing_are_no_level(level: Level) -> None:
    level.hear(np.zeros((100, 2), np.float32))
    level.hear(np.zeros((0, 2), np.float32))
    assert (level.levels, level.lit) == ([FLOOR, FLOOR], [False, False])


def test_it_is_painted_again_only_where_something_moved(level: Level, clock: Clock) -> None:
    level.hear(sound(-6, -6))
    level.grab()
    updates: list[int] = []
    level.update = lambda: updates.append(1)  # type: ignore[method-assign,assignment]
    clock.now += 0.001
    level.hear(sound(-6, -6))
    assert not updates
    level.hear(sound(-3, -6))
    assert updates == [1]


@pytest.fixture
def meters(qtbot: QtBot, desk: Desk) -> Meters:
    made = Meters(desk)
    qtbot.addWidget(made)
    made.setMinimumSize(84, 132)
    made.show()
    return made


def test_it_shows_what_was_heard_since_the_last_look(meters: Meters, desk: Desk, engine: FakeEngine) -> None:
    # of the newest block, which is not heard yet
    engine.show(heard=RATE, peak=(-1.0, -1.0))
    desk.instrument.poll()
    assert meters.level.levels == pytest.approx([-6.02, -12.04], abs=0.01)
    assert meters.level.lit == [False, False]


def test_it_falls_while_nothing_is_heard(qtbot: QtBot, meters: Meters, desk: Desk, engine: FakeEngine) -> None:
    engine.show(heard=RATE)
    desk.instrument.poll()
    loud = meters.level.levels[0]
    qtbot.wait(10)
    desk.instrument.poll()
    assert meters.level.levels[0] < loud - 0.1


def test_it_shows_what_is_auditioned_while_the_music_waits(meters: Meters, desk: Desk, engine: FakeEngine) -> None:
    engine.show(auditioning=Auditioning("a.flac", 0.5, 2.0), peak=(-20.0, -30.0))
    desk.instrument.poll()
    assert meters.level.levels == [-20.0, -30.0]


def test_the_lights_are_put_out_by_key(meters: Meters, desk: Desk) -> None:
    meters.level.hear(sound(0, 0))
    assert desk.actions["clear-clip"].shortcut().toString() == "C"
    desk.actions["clear-clip"].trigger()
    assert meters.level.lit == [False, False]
