"""The prime panel as it is used: recordings from everywhere, good and bad, and the microphone."""

import itertools
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from engine.controls import Audition, Auditioning, EndAudition, Listen, Notice, Prime, Start
from studio import settings
from studio.desk import Desk
from studio.play import microphone, reader
from studio.play.prime import PrimePanel
from studio.play.recording import Recording, read_recording
from tests.fakes import FakeEngine
from tests.studio.hands import show_active

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # what needs a screen

RATE = 8000
Key, Modifier = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Twenty seconds, of which the last two are silent."""
    sound = np.sin(np.arange(18 * RATE) * 0.3) * 0.5
    soundfile.write(tmp_path / "song.wav", np.pad(sound, (0, 2 * RATE)), RATE)
    return tmp_path / "song.wav"


@pytest.fixture
def panel(qtbot: QtBot, desk: Desk) -> PrimePanel:
    made = PrimePanel(desk)
    qtbot.addWidget(made)
    made.addActions(list(itertools.chain(*desk.actions.by_menu().values())))  # as the window does
    made.resize(250, 240)
    show_active(qtbot, made)
    return made


def settle(qtbot: QtBot, panel: PrimePanel, path: Path) -> None:
    """Wait until a recording can be used."""
    qtbot.waitUntil(lambda: panel.recording is not None and panel.recording.path == path)
    qtbot.waitUntil(lambda: "Continue from this" in buttons(panel))


def opened(qtbot: QtBot, panel: PrimePanel, path: Path) -> None:
    panel.open(path)
    settle(qtbot, panel, path)


def texts(panel: PrimePanel) -> list[str]:
    return [each.text() for each in panel.findChildren(QLabel) if each.isVisible()]


def buttons(panel: PrimePanel) -> dict[str, QPushButton]:
    return {each.text(): each for each in panel.findChildren(QPushButton) if each.isVisible()}


def enabled(desk: Desk) -> set[str]:
    return {name for name in ("prime-audition", "prime-go", "listen") if desk.actions[name].isEnabled()}


def test_at_first_it_says_what_to_do(panel: PrimePanel, desk: Desk) -> None:
    assert any("Drop a recording here" in text for text in texts(panel))
    assert {"Open…", "Listen"} <= set(buttons(panel))
    desk.instrument.poll()
    assert enabled(desk) == {"listen"}


def test_a_recording_is_shown_with_its_last_seconds_chosen(
    qtbot: QtBot, panel: PrimePanel, desk: Desk, song: Path
) -> None:
    opened(qtbot, panel, song)
    assert {"song.wav", "0:20.0 · 8 kHz · mono", "0:08.0 – 0:18.0, 10.0 s"} <= set(texts(panel))
    assert panel.opened.view.region == pytest.approx((8, 18), abs=0.01)
    assert enabled(desk) == {"prime-audition", "prime-go", "listen"}


def test_the_region_that_is_chosen_is_gone_on_from(
    qtbot: QtBot, panel: PrimePanel, desk: Desk, engine: FakeEngine, song: Path
) -> None:
    opened(qtbot, panel, song)
    engine.show(state="playing")
    desk.instrument.poll()
    panel.opened.view.setFocus()
    qtbot.keyClick(panel.opened.view, Key.Key_Home)
    qtbot.keyClick(panel.opened.view, Key.Key_Left, Modifier.AltModifier)
    assert "0:00.0 – 0:09.8, 9.8 s" in texts(panel)
    qtbot.keyClick(panel, Key.Key_Return, Modifier.ControlModifier)
    (command,) = engine.commands
    assert isinstance(command, Prime)
    assert (command.sound, command.start) == (song, 0.0)
    assert command.seconds == pytest.approx(9.8)


def test_if_nothing_plays_it_plays(qtbot: QtBot, panel: PrimePanel, desk: Desk, engine: FakeEngine, song: Path) -> None:
    opened(qtbot, panel, song)
    qtbot.mouseClick(buttons(panel)["Continue from this"], Qt.MouseButton.LeftButton)
    assert [type(command) for command in engine.commands] == [Prime, Start]


def test_the_region_is_heard_where_it_is_seen_and_ended_by_the_same_key(
    qtbot: QtBot, panel: PrimePanel, desk: Desk, engine: FakeEngine, song: Path
) -> None:
    desk.instrument.device = "Speakers"
    opened(qtbot, panel, song)
    panel.opened.view.set_region(3.0, 9.0)
    qtbot.keyClick(panel, Key.Key_H, Modifier.ControlModifier)
    assert engine.commands == [Audition(song, 3.0, 6.0, "Speakers")]
    engine.show(auditioning=Auditioning("song.wav", 1.5, 6.0))
    panel.opened.view.set_region(10.0, 12.0)  # what is heard stays where it is
    desk.instrument.poll()
    assert panel.opened.view.cursor_at == 4.5
    qtbot.keyClick(panel, Key.Key_H, Modifier.ControlModifier)
    assert engine.commands[1:] == [EndAudition()]
    engine.show(auditioning=None)
    desk.instrument.poll()
    assert panel.opened.view.cursor_at is None


def test_what_others_let_be_heard_is_not_shown_in_it(
    qtbot: QtBot, panel: PrimePanel, desk: Desk, engine: FakeEngine, song: Path
) -> None:
    opened(qtbot, panel, song)
    desk.actions["prime-audition"].trigger()
    for other in (Auditioning("take.flac", 1.0, 6.0), Auditioning("what was heard", 1.0, 6.0, 1000)):
        engine.show(auditioning=other)
        desk.instrument.poll()
        assert panel.opened.view.cursor_at is None


def test_going_on_ends_what_is_heard(
    qtbot: QtBot, panel: PrimePanel, desk: Desk, engine: FakeEngine, song: Path
) -> None:
    opened(qtbot, panel, song)
    engine.show(state="playing", auditioning=Auditioning("song.wav", 1.5, 6.0))
    desk.instrument.poll()
    desk.actions["prime-go"].trigger()
    assert [type(command) for command in engine.commands] == [Prime, EndAudition]


def test_without_a_style_or_an_engine_nothing_is_gone_on_from(
    qtbot: QtBot, panel: PrimePanel, desk: Desk, engine: FakeEngine, song: Path
) -> None:
    opened(qtbot, panel, song)
    engine.show(style=None)
    desk.instrument.poll()
    assert enabled(desk) == {"prime-audition"}
    engine.show(state="failed")
    desk.instrument.poll()
    assert enabled(desk) == set()


# Where recordings come from


def drop(panel: PrimePanel, *paths: Path) -> bool:
    """Whether it was taken."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    action, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Modifier.NoModifier
    enter = QDragEnterEvent(QPoint(9, 9), action, mime, left, none)
    QApplication.sendEvent(panel, enter)
    if not enter.isAccepted():
        return False
    assert panel.property("dropping")
    QApplication.sendEvent(panel, QDropEvent(QPointF(9, 9), action, mime, left, none))
    assert not panel.property("dropping")
    return True


def test_a_recording_is_dropped(qtbot: QtBot, panel: PrimePanel, song: Path) -> None:
    assert drop(panel, song)
    settle(qtbot, panel, song)


def test_a_style_is_for_others(panel: PrimePanel, tmp_path: Path) -> None:
    assert not drop(panel, tmp_path / "organ.samplernn")


def test_a_drag_that_goes_on_leaves_no_light(panel: PrimePanel, song: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(song))])
    left, none = Qt.MouseButton.LeftButton, Modifier.NoModifier
    QApplication.sendEvent(panel, QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, mime, left, none))
    QApplication.sendEvent(panel, QDragLeaveEvent())
    assert not panel.property("dropping")


def test_a_wish_from_another_page_shows_it_on_this(qtbot: QtBot, panel: PrimePanel, desk: Desk, song: Path) -> None:
    with qtbot.waitSignal(desk.wishes.page) as asked:
        desk.wishes.prime.emit(song)
    assert asked.args == ["play"]
    settle(qtbot, panel, song)


def test_a_recording_is_chosen_where_the_last_one_was(qtbot: QtBot, panel: PrimePanel, desk: Desk, song: Path) -> None:
    desk.store.change(recent_primes=(song.parent / "other.wav",))
    qtbot.keyClick(panel, Key.Key_P, Modifier.ControlModifier)
    (dialog,) = panel.findChildren(QFileDialog)
    assert Path(dialog.directory().absolutePath()) == song.parent
    assert "*.mp3" in dialog.nameFilters()[0]
    dialog.selectFile(str(song))
    dialog.fileSelected.emit(str(song))
    dialog.reject()
    settle(qtbot, panel, song)


def test_the_last_ones_are_in_a_menu_and_remembered(
    qtbot: QtBot, panel: PrimePanel, desk: Desk, tmp_path: Path, song: Path
) -> None:
    paths = [tmp_path / f"{k}.wav" for k in range(10)]
    for path in paths:
        path.write_bytes(song.read_bytes())
        opened(qtbot, panel, path)
    opened(qtbot, panel, paths[4])
    wanted = [paths[k] for k in (4, 9, 8, 7, 6, 5, 3, 2)]
    assert list(desk.store.value.recent_primes) == wanted
    settings.save(desk.store.value, tmp_path / "s.json")
    assert settings.load(tmp_path / "s.json")[0].recent_primes == tuple(wanted)
    menu = recent_menu(panel)
    assert [each.text() for each in menu.actions()[2:]] == [path.name for path in wanted]
    menu.actions()[4].trigger()
    settle(qtbot, panel, paths[8])


def recent_menu(panel: PrimePanel) -> QMenu:
    menu = next(each for each in panel.findChildren(QPushButton) if each.accessibleName() == "Open a recording").menu()
    assert isinstance(menu, QMenu)
    menu.aboutToShow.emit()
    return menu


def test_the_menu_opens_by_its_key(qtbot: QtBot, panel: PrimePanel, desk: Desk) -> None:
    menu = recent_menu(panel)
    seen = []

    def look() -> None:
        seen.append(menu.isVisible())
        menu.close()

    menu.aboutToShow.connect(lambda: QTimer.singleShot(0, look))
    qtbot.keyClick(panel, Key.Key_P, Modifier.ControlModifier | Modifier.ShiftModifier)
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [True]


# What goes wrong


def test_what_is_no_recording_is_said_in_one_line_and_the_last_one_comes_back(
    qtbot: QtBot, panel: PrimePanel, desk: Desk, tmp_path: Path, song: Path
) -> None:
    diary = tmp_path / "diary.txt"
    diary.write_text("Dear diary,\n" * 1000)
    panel.open(diary)
    said = "diary.txt: is not sound that can be read: WAV, FLAC, OGG, MP3 and AIFF can"
    qtbot.waitUntil(lambda: said in texts(panel))
    assert "Back" not in buttons(panel)
    opened(qtbot, panel, song)
    panel.opened.view.set_region(3.0, 4.0)
    panel.open(diary)
    qtbot.waitUntil(lambda: said in texts(panel))
    assert enabled(desk) == {"listen"}
    qtbot.mouseClick(buttons(panel)["Back"], Qt.MouseButton.LeftButton)
    assert "song.wav" in texts(panel)
    assert panel.opened.view.region == (3.0, 4.0)
    assert desk.store.value.recent_primes == (song,)


def test_one_of_the_last_that_is_gone_is_no_longer_one(qtbot: QtBot, panel: PrimePanel, desk: Desk, song: Path) -> None:
    opened(qtbot, panel, song)
    song.unlink()
    recent_menu(panel).actions()[2].trigger()
    qtbot.waitUntil(lambda: any("No such file" in text for text in texts(panel)))
    assert desk.store.value.recent_primes == ()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch, song: Path) -> Callable[[], None]:
    """Reading stops half way until this is called."""
    gate: list[bool] = []

    def read(path: Path, report: Callable[[float | None, Recording], None]) -> Recording:
        whole = read_recording(path, report)
        while path == song and not gate:
            report(0.5, whole)
        return whole

    monkeypatch.setattr(reader, "read_recording", read)
    return lambda: gate.append(True)


def test_long_ones_are_seen_coming_and_what_is_chosen_meanwhile_stays(
    qtbot: QtBot, panel: PrimePanel, desk: Desk, song: Path, slow: Callable[[], None]
) -> None:
    panel.open(song)
    qtbot.waitUntil(lambda: panel.opened.progress.value() == 500)
    assert panel.opened.progress.isVisible()
    assert "song.wav" in texts(panel)
    assert enabled(desk) == {"listen"}
    panel.opened.view.set_region(1.0, 2.0)
    slow()
    settle(qtbot, panel, song)
    assert panel.opened.view.region == (1.0, 2.0)


def test_reading_is_cancelled(
    qtbot: QtBot, panel: PrimePanel, desk: Desk, tmp_path: Path, song: Path, slow: Callable[[], None]
) -> None:
    panel.open(song)
    qtbot.waitUntil(lambda: panel.opened.progress.value() == 500)
    qtbot.mouseClick(buttons(panel)["Cancel"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: desk.jobs.running == [])
    assert panel.recording is None
    assert any("Drop a recording here" in text for text in texts(panel))


def test_another_one_takes_the_place_of_what_is_read(
    qtbot: QtBot, panel: PrimePanel, desk: Desk, tmp_path: Path, song: Path, slow: Callable[[], None]
) -> None:
    other = tmp_path / "other.wav"
    other.write_bytes(song.read_bytes())
    panel.open(song)
    panel.open(other)
    settle(qtbot, panel, other)
    slow()
    qtbot.waitUntil(lambda: desk.jobs.running == [])
    assert panel.recording is not None
    assert panel.recording.path == other


# The microphone


def listen(desk: Desk, engine: FakeEngine) -> None:
    desk.actions["listen"].trigger()
    engine.show(work="listening")
    desk.instrument.poll()


def test_it_listens_and_counts_and_the_music_goes_on(
    qtbot: QtBot, panel: PrimePanel, desk: Desk, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(microphone, "time", SimpleNamespace(monotonic=lambda: now[0]))
    engine.show(state="playing")
    desk.instrument.poll()
    desk.store.change(listen_seconds=5.0)
    qtbot.keyClick(panel, Key.Key_M)
    assert engine.commands == [Listen(5.0)]
    assert "…" in texts(panel)
    engine.show(work="listening")
    desk.instrument.poll()
    assert {"5 s", "Listening: play something"} <= set(texts(panel))
    assert enabled(desk) == set()
    now[0] += 2
    desk.instrument.poll()
    assert "3 s" in texts(panel)
    now[0] += 4
    desk.instrument.poll()
    assert "Taking it in" in texts(panel)
    engine.show(work="")
    desk.instrument.poll()
    assert any("Drop a recording here" in text for text in texts(panel))
    assert enabled(desk) == {"listen"}
    assert engine.commands == [Listen(5.0)]


def test_if_nothing_plays_it_plays_after_listening(panel: PrimePanel, desk: Desk, engine: FakeEngine) -> None:
    listen(desk, engine)
    assert engine.commands == [Listen(5.0)]
    engine.show(work="")
    desk.instrument.poll()
    assert engine.commands == [Listen(5.0), Start()]


def test_without_a_microphone_nothing_plays(panel: PrimePanel, desk: Desk, engine: FakeEngine) -> None:
    listen(desk, engine)
    engine.show(work="", notices=(Notice(1, "error", "there is no input device"),))
    desk.instrument.poll()
    assert engine.commands == [Listen(5.0)]
    assert enabled(desk) == {"listen"}


def test_an_engine_that_never_begins_is_not_waited_for(
    panel: PrimePanel, desk: Desk, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(microphone, "time", SimpleNamespace(monotonic=lambda: now[0]))
    desk.actions["listen"].trigger()
    now[0] += microphone.PATIENCE + 1
    desk.instrument.poll()
    assert enabled(desk) == {"listen"}
    assert engine.commands == [Listen(5.0)]


def test_how_long_it_listens_is_chosen_and_remembered(panel: PrimePanel, desk: Desk, engine: FakeEngine) -> None:
    menu = buttons(panel)["5 s"].menu()
    next(each for each in menu.actions() if each.text() == "Listen for 10 s").trigger()
    assert desk.store.value.listen_seconds == 10.0
    assert "10 s" in buttons(panel)
    desk.store.change(listen_seconds=7.5)  # as the settings may
    assert "7.5 s" in buttons(panel)
    listen(desk, engine)
    assert engine.commands == [Listen(7.5)]


def test_it_has_room_in_the_smallest_window(qtbot: QtBot, panel: PrimePanel, song: Path) -> None:
    opened(qtbot, panel, song)
    least = panel.minimumSizeHint()
    assert least.width() <= 240
    assert least.height() <= 180
