"""The timeline as it is used: by mouse, by keys, and as the engine moves on."""

import itertools

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent, QImage
from PySide6.QtWidgets import QApplication, QPushButton, QToolTip
from pytestqt.qtbot import QtBot

from engine.controls import Auditioning, Branch, Command, EndAudition, Mark, Replay, Start
from studio import theme
from studio.desk import Desk
from studio.play.timeline import Timeline
from studio.theme import colours
from tests.fakes import RATE, FakeEngine
from tests.studio.hands import show_active

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # what needs a screen

WIDTH = 620


@pytest.fixture
def timeline(qtbot: QtBot, desk: Desk) -> Timeline:
    made = Timeline(desk)
    qtbot.addWidget(made)
    made.addActions(list(itertools.chain(*desk.actions.by_menu().values())))  # as the window does
    made.resize(WIDTH, 220)
    show_active(qtbot, made)
    return made


def play(desk: Desk, engine: FakeEngine, until: float, **changes: object) -> None:
    """Let the clock go on to so many seconds, a step at a time."""
    before = engine.shown.heard
    for heard in [*range(before, round(until * RATE), RATE // 2), round(until * RATE)]:
        written = heard + RATE // 10
        engine.show(state="playing", heard=heard, written=written, oldest=max(0, written - 300 * RATE), temperature=0.9)
        engine.show(**changes)
        desk.instrument.poll()


def place(timeline: Timeline, seconds: float) -> QPoint:
    """Of that second of the clock, in the middle of the waveform."""
    assert timeline.view.scale
    return QPoint(round(timeline.view.scale.x(seconds * RATE)), timeline.view.height() // 2)


def click(qtbot: QtBot, timeline: Timeline, seconds: float) -> None:
    qtbot.mouseClick(timeline.view, Qt.MouseButton.LeftButton, pos=place(timeline, seconds))


def chosen(timeline: Timeline) -> float:
    """Seconds of the clock."""
    assert timeline.view.selected is not None
    return timeline.view.selected / RATE


def enabled(desk: Desk) -> set[str]:
    names = (
        "audition", "branch", "repeat", "back", "earlier", "later", "much-earlier", "much-later", "mark-before",
        "mark-after", "end-audition",
    )  # fmt: skip
    return {name for name in names if desk.actions[name].isEnabled()}


def picture(timeline: Timeline) -> QImage:
    timeline.view.clearFocus()  # and so without its ring
    return timeline.view.grab().toImage()


def how_many(image: QImage, colour: str) -> int:
    wanted = theme.colour(colour).rgb()
    return sum(image.pixelColor(x, y).rgb() == wanted for x in range(image.width()) for y in range(image.height()))


SELECTING = {"earlier", "later", "much-earlier", "much-later", "mark-before", "mark-after"}


def test_before_anything_was_heard_nothing_can_be_done(timeline: Timeline, desk: Desk) -> None:
    assert enabled(desk) == set()
    assert how_many(picture(timeline), "accent") == 0


def test_who_has_the_keys_is_seen(timeline: Timeline) -> None:
    timeline.view.setFocus(Qt.FocusReason.TabFocusReason)
    assert how_many(timeline.view.grab().toImage(), "accent") > WIDTH
    assert how_many(picture(timeline), "accent") == 0


def test_what_was_heard_is_drawn_at_the_right(timeline: Timeline, desk: Desk, engine: FakeEngine) -> None:
    play(desk, engine, 15)
    image = picture(timeline)
    half = image.width() // 2
    assert how_many(image.copy(half + 2, 0, half, image.height()), "accent") > 500
    assert how_many(image.copy(0, 0, half - 2, image.height()), "accent") == 0


def test_a_click_selects_a_moment_and_it_moves_with_time(
    qtbot: QtBot, timeline: Timeline, desk: Desk, engine: FakeEngine
) -> None:
    play(desk, engine, 20)
    click(qtbot, timeline, 8)
    assert chosen(timeline) == pytest.approx(8, abs=0.1)
    assert timeline.view.accessibleDescription() == "12 seconds ago"
    assert enabled(desk) == {*SELECTING, "audition", "branch", "repeat", "back"}
    before = place(timeline, chosen(timeline)).x()
    play(desk, engine, 25)
    assert chosen(timeline) == pytest.approx(8, abs=0.1)
    assert place(timeline, chosen(timeline)).x() < before - 50


def test_a_drag_moves_the_selection(qtbot: QtBot, timeline: Timeline, desk: Desk, engine: FakeEngine) -> None:
    play(desk, engine, 20)
    view = timeline.view
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=place(timeline, 8))
    qtbot.mouseMove(view, place(timeline, 12))
    assert chosen(timeline) == pytest.approx(12, abs=0.1)
    qtbot.mouseMove(view, QPoint(2 * WIDTH, 50))
    assert view.selected is None  # now: nothing to go back to
    qtbot.mouseMove(view, QPoint(-50, 50))
    assert chosen(timeline) == 0
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(-50, 50))


def test_what_is_no_longer_remembered_is_no_longer_selected(timeline: Timeline, desk: Desk, engine: FakeEngine) -> None:
    play(desk, engine, 10)
    timeline.view.select(RATE)
    play(desk, engine, 12, oldest=RATE - 1000)
    assert chosen(timeline) == 1
    play(desk, engine, 13, oldest=RATE + 1000)
    assert timeline.view.selected is None
    assert "branch" not in enabled(desk)


def test_arrows_select_by_seconds(qtbot: QtBot, timeline: Timeline, desk: Desk, engine: FakeEngine) -> None:
    play(desk, engine, 30)
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(timeline, Qt.Key.Key_Left)
    assert chosen(timeline) == pytest.approx(29)
    qtbot.keyClick(timeline, Qt.Key.Key_Left, shift)
    assert chosen(timeline) == pytest.approx(19)
    qtbot.keyClick(timeline, Qt.Key.Key_Right)
    assert chosen(timeline) == pytest.approx(20)
    for _ in range(3):
        qtbot.keyClick(timeline, Qt.Key.Key_Left, shift)
    assert chosen(timeline) == 0  # the oldest
    for _ in range(3):
        qtbot.keyClick(timeline, Qt.Key.Key_Right, shift)
    assert timeline.view.selected is None  # now


MARKS = (Mark(2 * RATE, "start", "Piano"), Mark(9 * RATE, "prime", "flute.wav"), Mark(15 * RATE, "rewind", "Piano"))


def test_keys_go_from_mark_to_mark_and_say_what_it_is(
    qtbot: QtBot, timeline: Timeline, desk: Desk, engine: FakeEngine
) -> None:
    play(desk, engine, 20, marks=MARKS)
    control = Qt.KeyboardModifier.ControlModifier
    for seconds, said in ((15, "5 seconds ago: Branched"), (9, "11 seconds ago: Went on from flute.wav")):
        qtbot.keyClick(timeline, Qt.Key.Key_Left, control)
        assert chosen(timeline) == seconds
        assert timeline.view.accessibleDescription().startswith(said)
    qtbot.keyClick(timeline, Qt.Key.Key_Right, control)
    assert chosen(timeline) == 15
    qtbot.keyClick(timeline, Qt.Key.Key_Right, control)
    assert timeline.view.selected is None


def test_a_click_on_a_flag_selects_exactly_that_moment(
    qtbot: QtBot, timeline: Timeline, desk: Desk, engine: FakeEngine
) -> None:
    play(desk, engine, 20, marks=MARKS)
    qtbot.mouseClick(timeline.view, Qt.MouseButton.LeftButton, pos=QPoint(place(timeline, 9).x() + 4, 5))
    assert chosen(timeline) == 9


@pytest.mark.parametrize(
    ("mark", "words", "colour"),
    [
        (Mark(9 * RATE, "start", "Piano"), "Started with Piano", "muted"),
        (Mark(9 * RATE, "switch", "Organ"), "Changed to Organ", "accent"),
        (Mark(9 * RATE, "prime", "flute.wav"), "Went on from flute.wav", "second"),
        (Mark(9 * RATE, "prime", "microphone"), "Went on from the microphone", "second"),
        (Mark(9 * RATE, "rewind", "Piano"), "Branched from an earlier moment", "good"),
        (Mark(9 * RATE, "reset", "Piano"), "Began Piano again", "muted"),
        (Mark(9 * RATE, "rescue", "Piano"), "Was stuck, and was brought back", "warning"),
    ],
)
def test_a_mark_has_a_flag_in_its_colour_and_a_tip_in_words(
    timeline: Timeline, desk: Desk, engine: FakeEngine, mark: Mark, words: str, colour: str
) -> None:
    play(desk, engine, 20)
    flag = place(timeline, 9).x() - 8, 0, 17, 17
    assert how_many(picture(timeline).copy(*flag), colour) == 0
    play(desk, engine, 20, marks=(mark,))
    assert how_many(picture(timeline).copy(*flag), colour) > 30
    at = QPoint(place(timeline, 9).x(), 8)
    QApplication.sendEvent(timeline.view, QHelpEvent(QEvent.Type.ToolTip, at, timeline.view.mapToGlobal(at)))
    assert QToolTip.text() == f"{words}, 0:11 ago"
    QToolTip.hideText()


def test_two_hundred_marks_do_not_cover_the_latest(timeline: Timeline, desk: Desk, engine: FakeEngine) -> None:
    marks = (*(Mark(k * RATE // 10, "reset", "Piano") for k in range(199)), Mark(20 * RATE, "rescue", "Piano"))
    play(desk, engine, 21, marks=marks)
    flag = place(timeline, 20).x() - 8, 0, 17, 17
    assert how_many(picture(timeline).copy(*flag), "warning") > 30


def test_enter_hears_from_there_to_now_and_ends_it(
    qtbot: QtBot, timeline: Timeline, desk: Desk, engine: FakeEngine
) -> None:
    desk.instrument.device = "Speakers"
    play(desk, engine, 20)
    timeline.view.select(8 * RATE)
    engine.commands.clear()
    qtbot.keyClick(timeline, Qt.Key.Key_Return)
    assert engine.commands == [Replay(8 * RATE, 20 * RATE, "Speakers")]
    assert button(timeline, "Hear it").isVisible()
    hear(desk, engine, 0.0)
    assert button(timeline, "Stop").isVisible()
    qtbot.keyClick(timeline, Qt.Key.Key_Return)
    assert engine.commands[1:] == [EndAudition()]


def hear(desk: Desk, engine: FakeEngine, position: float, start: int | None = 8 * RATE) -> None:
    engine.show(auditioning=Auditioning("what was heard", position, 12.0, start))
    desk.instrument.poll()


def button(timeline: Timeline, text: str) -> QPushButton:
    return next(each for each in timeline.findChildren(QPushButton) if each.text() == text)


def test_escape_ends_what_is_heard_wherever_it_came_from(
    qtbot: QtBot, timeline: Timeline, desk: Desk, engine: FakeEngine
) -> None:
    play(desk, engine, 20)
    qtbot.keyClick(timeline, Qt.Key.Key_Escape)
    assert engine.commands == []
    for start in (8 * RATE, None):
        hear(desk, engine, 1.0, start)
        qtbot.keyClick(timeline, Qt.Key.Key_Escape)
    assert engine.commands == [EndAudition()] * 2


def test_where_it_is_heard_is_seen_and_nothing_else_moves(timeline: Timeline, desk: Desk, engine: FakeEngine) -> None:
    play(desk, engine, 20)
    place_before = place(timeline, 10)
    for position in (2.0, 5.0):
        hear(desk, engine, position)
        column = picture(timeline).copy(place(timeline, 8 + position).x() - 1, 0, 3, 20)
        assert how_many(column, "second") > 10
    assert place(timeline, 10) == place_before


def test_a_double_click_hears_from_there(qtbot: QtBot, timeline: Timeline, desk: Desk, engine: FakeEngine) -> None:
    play(desk, engine, 20)
    click(qtbot, timeline, 8)
    assert engine.commands == []
    qtbot.mouseDClick(timeline.view, Qt.MouseButton.LeftButton, pos=place(timeline, 8))
    (command,) = engine.commands
    assert isinstance(command, Replay)
    assert command.start / RATE == pytest.approx(8, abs=0.1)
    assert command.end == 20 * RATE


def test_a_branch_takes_another_seed_each_time_and_the_same_again_its_own(
    qtbot: QtBot, timeline: Timeline, desk: Desk, engine: FakeEngine
) -> None:
    play(desk, engine, 20)
    seeds = []
    for _ in range(2):
        timeline.view.select(8 * RATE)
        qtbot.keyClick(timeline, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
        command = engine.commands.pop()
        assert isinstance(command, Branch)
        assert command.position == 8 * RATE
        assert timeline.view.selected is None
        seeds.append(command.seed)
    assert None not in seeds
    assert seeds[0] != seeds[1]
    timeline.view.select(8 * RATE)
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(timeline, Qt.Key.Key_B, both)
    assert engine.commands == [Branch(8 * RATE, None)]


def test_a_branch_ends_what_is_heard_and_plays_if_nothing_plays(
    timeline: Timeline, desk: Desk, engine: FakeEngine
) -> None:
    play(desk, engine, 20)
    engine.show(state="stopped")
    hear(desk, engine, 1.0)
    timeline.view.select(8 * RATE)
    expected: list[Command] = [Branch(8 * RATE, None), EndAudition(), Start()]
    desk.actions["repeat"].trigger()
    assert engine.commands == expected


def test_buttons_do_what_the_actions_do(qtbot: QtBot, timeline: Timeline, desk: Desk, engine: FakeEngine) -> None:
    play(desk, engine, 20)
    for text, name in (
        ("Hear it", "audition"),
        ("Branch from here", "branch"),
        ("Same again", "repeat"),
        ("Back 10 s", "back"),
    ):
        timeline.view.select(8 * RATE)
        with qtbot.waitSignal(desk.actions[name].triggered):
            qtbot.mouseClick(button(timeline, text), Qt.MouseButton.LeftButton)


def test_of_an_engine_that_failed_nothing_is_asked(timeline: Timeline, desk: Desk, engine: FakeEngine) -> None:
    play(desk, engine, 20)
    timeline.view.select(8 * RATE)
    engine.show(state="failed")
    desk.instrument.poll()
    assert enabled(desk) == SELECTING


def test_on_another_page_the_arrows_are_not_the_timelines(timeline: Timeline, desk: Desk, engine: FakeEngine) -> None:
    play(desk, engine, 20)
    timeline.view.select(8 * RATE)
    timeline.hide()
    assert enabled(desk) == {"back"}
    timeline.show()
    assert enabled(desk) == {*SELECTING, "audition", "branch", "repeat", "back"}


def test_nothing_is_painted_that_has_not_changed(
    timeline: Timeline, desk: Desk, engine: FakeEngine, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(desk, engine, 20)
    painted = []
    monkeypatch.setattr(timeline.view, "update", lambda: painted.append(True))
    for _ in range(10):
        desk.instrument.poll()
    assert painted == []
    play(desk, engine, 21)
    assert painted


def test_the_temperature_is_a_curve_under_the_waveform(timeline: Timeline, desk: Desk, engine: FakeEngine) -> None:
    play(desk, engine, 10)
    engine.show(temperature=0.2)
    desk.instrument.poll()
    for _ in range(9):
        engine.show(heard=engine.shown.heard + RATE, written=engine.shown.written + RATE)
        desk.instrument.poll()
    image = picture(timeline)

    def level(seconds: float) -> int:
        x = place(timeline, seconds).x()
        column = [image.pixelColor(x, y) for y in range(image.height())]
        hue = theme.colour("second").hueF()
        near = [y for y, each in enumerate(column) if abs(each.hueF() - hue) < 0.05 and each.valueF() > 0.5]
        return min(near)

    assert level(5) < level(15)


def test_the_colours_are_those_of_the_scheme(
    timeline: Timeline, desk: Desk, engine: FakeEngine, qapp: QApplication
) -> None:
    play(desk, engine, 20, marks=MARKS)
    picture(timeline)
    theme.apply(qapp, "light")
    image = picture(timeline)
    assert colours() == theme.LIGHT
    assert how_many(image, "accent") > 500
    assert how_many(image, "second") > 30
