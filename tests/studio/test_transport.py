"""Play, begin again, record, keep."""

from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.controls import Keep, Notice, Record, Reset, Start, State, Stop, StopRecording, Taking
from studio.desk import Desk
from studio.play.transport import Transport
from studio.window import Window
from tests.fakes import FakeEngine
from tests.studio.hands import show_active

Key = Qt.Key
TAKING = Taking(Path("a.flac"), 75.9, 12_345_678)


@pytest.fixture
def window(qtbot: QtBot, desk: Desk, tmp_path: Path) -> Window:
    desk.store.change(takes=tmp_path / "new" / "takes")
    made = Window(desk)
    qtbot.addWidget(made)
    show_active(qtbot, made)
    return made


@pytest.fixture
def transport(window: Window) -> Transport:
    found = window.findChild(Transport)
    assert isinstance(found, Transport)
    return found


@pytest.fixture
def said(desk: Desk) -> list[Notice]:
    notices: list[Notice] = []
    desk.instrument.noticed.connect(notices.append)
    return notices


def holds(engine: FakeEngine, count: int) -> bool:
    return len(engine.commands) == count


@pytest.mark.parametrize(
    ("state", "text", "command"),
    [("stopped", "Play", Start), ("starting", "Starting…", Stop), ("playing", "Stop", Stop),
     ("reconnecting", "Stop", Stop), ("failed", "Play", Start)],
)  # fmt: skip
def test_the_play_button_says_what_it_does(
    transport: Transport, desk: Desk, engine: FakeEngine, state: State, text: str, command: type
) -> None:
    engine.show(state=state)
    desk.instrument.poll()
    assert transport.play.text() == text
    assert transport.play.accessibleName() == text
    transport.play.click()
    assert [type(told) for told in engine.commands] == [command]


def test_begin_again(qtbot: QtBot, window: Window, transport: Transport, engine: FakeEngine) -> None:
    transport.reset.click()
    qtbot.keyClick(window, Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert engine.commands == [Reset(), Reset()]
    assert transport.reset.accessibleName() == "Begin again"


def test_a_take_from_its_first_to_its_last_second(
    qtbot: QtBot, window: Window, transport: Transport, desk: Desk, engine: FakeEngine
) -> None:
    engine.show(state="playing")
    desk.instrument.poll()
    qtbot.keyClick(window, Key.Key_R)
    qtbot.waitUntil(lambda: len(engine.commands) == 1)
    command = engine.commands[0]
    assert isinstance(command, Record)
    assert command.file.parent == desk.store.takes
    assert command.file.parent.is_dir()
    assert "Piano" in command.file.stem
    assert command.file.suffix == ".flac"
    # it does not say that it records before it does
    assert not desk.actions["record"].isChecked()
    assert not transport.record.isChecked()

    engine.show(taking=TAKING)
    desk.instrument.poll()
    assert desk.actions["record"].isChecked()
    assert transport.record.isChecked()
    assert transport.record.text() == "1:15  12.3 MB"
    qtbot.keyClick(window, Key.Key_R)
    assert engine.commands[1:] == [StopRecording()]


def test_a_take_that_ends_by_itself_is_seen_to_have_ended(transport: Transport, desk: Desk, engine: FakeEngine) -> None:
    for taking in (TAKING, None):
        engine.show(taking=taking)
        desk.instrument.poll()
    assert not desk.actions["record"].isChecked()
    assert (transport.record.isChecked(), transport.record.text()) == (False, "Record")


def test_recording_starts_the_music(qtbot: QtBot, transport: Transport, engine: FakeEngine) -> None:
    transport.record.click()
    qtbot.waitUntil(lambda: len(engine.commands) == 2)
    assert [type(command) for command in engine.commands] == [Start, Record]


def test_the_last_seconds_are_kept_in_the_format_of_the_settings(
    qtbot: QtBot, window: Window, desk: Desk, engine: FakeEngine
) -> None:
    desk.store.change(take_format="wav", keep_seconds=60.0)
    qtbot.keyClick(window, Key.Key_K)
    qtbot.waitUntil(lambda: bool(engine.commands))
    command = engine.commands[0]
    assert isinstance(command, Keep)
    assert (command.seconds, command.file.suffix) == (60.0, ".wav")


def test_never_over_another_take(qtbot: QtBot, window: Window, engine: FakeEngine) -> None:
    for count in range(1, 4):
        qtbot.keyClick(window, Key.Key_K)
        qtbot.waitUntil(partial(holds, engine, count))
        kept = engine.commands[-1]
        assert isinstance(kept, Keep)
        assert not kept.file.exists()
        kept.file.touch()


@pytest.mark.qt_log_ignore("does not support (raise|grabbing)")  # of a menu, without a screen
def test_how_much_is_kept_is_chosen_from_a_menu_by_key(
    qtbot: QtBot, window: Window, transport: Transport, desk: Desk
) -> None:
    assert transport.keep.text() == "Keep the last 30 s"
    qtbot.keyClick(window, Key.Key_K, Qt.KeyboardModifier.ShiftModifier)
    assert transport.menu.isVisible()
    assert [choice.text() for choice in transport.menu.actions() if choice.isChecked()] == ["Keep the last 30 s"]
    transport.menu.setActiveAction(transport.menu.actions()[-1])
    qtbot.keyClick(transport.menu, Key.Key_Return)
    assert desk.store.value.keep_seconds == 300.0
    assert transport.keep.text() == "Keep the last 5 min"


def test_a_folder_that_cannot_be_is_said(
    qtbot: QtBot, window: Window, desk: Desk, engine: FakeEngine, said: list[Notice], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    desk.store.change(takes=tmp_path / "file" / "takes")
    qtbot.keyClick(window, Key.Key_K)
    qtbot.waitUntil(lambda: bool(said))
    assert said[0].kind == "error"
    assert "choose another in the settings" in said[0].text
    assert str(tmp_path / "file" / "takes") in said[0].text
    assert not engine.commands


def test_a_held_key_does_not_make_take_after_take(desk: Desk) -> None:
    assert not desk.actions["keep"].autoRepeat()
    assert desk.actions["hotter"].autoRepeat()
