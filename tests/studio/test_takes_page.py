"""The takes page as it is seen and used, with real takes and a fake engine."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import soundfile
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QImage
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QMainWindow, QMenu
from pytestqt.qtbot import QtBot

from engine.controls import Audition, Auditioning, EndAudition, Start, Taking
from engine.takes import TakeWriter, recipe_beside
from studio import theme
from studio.desk import Desk
from studio.takes import deeds, library, longer, pictures, thumbnails
from studio.takes.convert import FORMATS, convert
from studio.takes.export import ExportDialog
from studio.takes.files import read_header, take_at
from studio.takes.lines import Line
from studio.takes.longer import LongerDialog
from studio.takes.model import Column
from studio.takes.page import TakesPage
from studio.window import Window
from tests.fakes import FakeEngine
from tests.studio.hands import show_active
from tests.studio.takes import make_take

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # what needs a screen

Key = Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def folder(tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    desk.store.change(takes=tmp_path / "takes")
    return tmp_path / "takes"


@pytest.fixture
def three(folder: Path) -> Path:
    """The newest first: river, Rain, bells."""
    make_take(folder / "bells.flac", 1.0, "Piano", day=1)
    make_take(folder / "Rain.wav", 0.25, "Strings", day=2)
    make_take(folder / "river.flac", 0.5, "Glass", day=3)
    return folder


@pytest.fixture
def open_page(qtbot: QtBot, desk: Desk) -> Iterator[Callable[[], TakesPage]]:
    """A function that shows the page alone in a window, with all shortcuts, and waits until it has read everything."""

    windows: list[QMainWindow] = []

    def make() -> TakesPage:
        window = QMainWindow()
        windows.append(window)
        page = TakesPage(desk)
        window.setCentralWidget(page)
        for actions in desk.actions.by_menu().values():
            window.addActions(actions)
        desk.actions.show_page("takes")
        window.resize(960, 560)
        qtbot.addWidget(window)
        show_active(qtbot, window)
        qtbot.waitUntil(lambda: page.library.ready and all(take.header for take in page.model.takes()))
        qtbot.waitUntil(lambda: not desk.jobs.running)
        return page

    yield make
    qtbot.waitUntil(lambda: not desk.jobs.running)


def names(page: TakesPage) -> list[str]:
    return [take.name for take in page.model.takes()]


def selected(page: TakesPage) -> list[str]:
    return [take.name for take in page.list.selected()]


def press(qtbot: QtBot, page: TakesPage, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier):
    """As a person does: to whatever has the focus."""
    qtbot.keyClick(QApplication.focusWidget() or page, key, modifier)


def lines(page: TakesPage) -> list[str]:
    return [line.text.text() for line in page.lines.lines()]


def line(page: TakesPage, start: str) -> Line:
    return next(each for each in page.lines.lines() if each.text.text().startswith(start))


def hear_in_engine(desk: Desk, engine: FakeEngine, what: str, position: float) -> None:
    engine.show(auditioning=Auditioning(what, position, 1.0))
    desk.instrument.poll()


def be_silent_again(desk: Desk, engine: FakeEngine) -> None:
    engine.show(auditioning=None)
    for _ in range(10):
        desk.instrument.poll()


def test_the_newest_take_comes_first_and_is_selected(qtbot, three, open_page):
    page = open_page()
    assert names(page) == ["river", "Rain", "bells"]
    assert selected(page) == ["river"]
    row = [page.model.index(0, column).data() for column in Column]
    assert row[:3] == ["river", "Glass", "0:00.5"]
    assert row[3].startswith("4 Jan 2026")
    assert row[4] == f"{(three / 'river.flac').stat().st_size / 1000:.0f} kB"
    assert page.detail.name.text() == "river"
    assert "Glass" in page.detail.facts[0].text()
    assert page.detail.facts[1].text() == "48 kHz  ·  stereo  ·  FLAC, 24 bit"
    qtbot.waitUntil(lambda: page.count.text().startswith("3 takes  ·  0:01.8  ·  "))


def test_the_model_keeps_qts_rules(qtbot, three, open_page):
    page = open_page()
    tester = QAbstractItemModelTester(page.model, QAbstractItemModelTester.FailureReportingMode.Warning)
    page.list.sortByColumn(Column.NAME, Qt.SortOrder.AscendingOrder)
    make_take(three / "fourth.wav")
    page.library.look()
    qtbot.waitUntil(lambda: len(names(page)) == 4)
    page.search.setText("r")
    (three / "river.flac").unlink()
    page.library.look()
    qtbot.waitUntil(lambda: names(page) == ["fourth", "Rain"])
    tester.deleteLater()


@pytest.mark.parametrize(
    ("column", "order"),
    [
        (Column.NAME, ["bells", "Rain", "river"]),
        (Column.STYLE, ["river", "bells", "Rain"]),
        (Column.LENGTH, ["Rain", "river", "bells"]),
        (Column.DATE, ["bells", "Rain", "river"]),
    ],
)
def test_a_click_on_a_title_sorts_and_what_is_selected_stays_so(qtbot, three, open_page, column, order):
    page = open_page()
    page.list.sortByColumn(Column.SIZE, Qt.SortOrder.AscendingOrder)
    page.list.select(page.model.row(str(three / "Rain.wav")))
    header = page.list.horizontalHeader()
    at = QPoint(header.sectionPosition(column) + 20, header.height() // 2)
    for want in (order, order[::-1]):
        if header.sortIndicatorSection() == column or want is order:
            qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)
        assert names(page) in (order, order[::-1])
        assert selected(page) == ["Rain"]
    assert header.sortIndicatorSection() == column


def test_what_is_not_known_comes_last_in_either_direction(three, open_page, fixtures):
    (three / "found.flac").write_bytes((fixtures / "cc0_ambi_piano.flac").read_bytes())
    page = open_page()
    for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
        page.list.sortByColumn(Column.STYLE, order)
        assert names(page)[-1] == "found"
    assert page.model.index(3, Column.STYLE).data() == ""


def test_searching_looks_in_names_and_styles_and_the_keyboard_gets_there_and_back(qtbot, three, open_page):
    page = open_page()
    press(qtbot, page, Key.Key_F, CTRL)
    assert page.search.hasFocus()
    qtbot.keyClicks(page.search, "RI")
    assert names(page) == ["river", "Rain"]  # Rain is of Strings
    assert page.count.text().startswith("2 of 3 takes")
    qtbot.keyClicks(page.search, " ver")
    assert names(page) == ["river"]
    press(qtbot, page, Key.Key_Down)
    assert page.list.hasFocus()
    press(qtbot, page, Key.Key_F, CTRL)
    press(qtbot, page, Key.Key_Escape)
    assert page.list.hasFocus()
    assert len(names(page)) == 3


def test_a_search_that_finds_nothing_says_so_and_shows_the_way_back(qtbot, three, open_page):
    page = open_page()
    page.search.setText("nothing like it")
    assert page.empty.isVisible()
    assert page.empty.title.text() == "Nothing matches “nothing like it”"
    assert not page.detail.isVisible()
    page.empty.all.click()
    assert page.list.isVisible()
    assert len(names(page)) == 3


def test_where_there_are_no_takes_it_says_how_to_make_one(qtbot, desk, folder, open_page):
    page = open_page()
    assert page.empty.isVisible()
    assert page.empty.title.text() == "No takes yet"
    assert "Press R" in page.empty.text.text()
    assert "last 30 s" in page.empty.text.text()
    with qtbot.waitSignal(desk.actions["record"].triggered):
        page.empty.record.click()
    with qtbot.waitSignal(desk.actions["keep"].triggered):
        page.empty.keep.click()
    make_take(folder / "first.flac")  # whose folder was not there before
    qtbot.waitUntil(lambda: names(page) == ["first"])
    assert page.list.isVisible()


def test_a_folder_that_cannot_be_read_is_said(qtbot, desk, tmp_path, open_page):
    (tmp_path / "file").touch()
    desk.store.change(takes=tmp_path / "file")
    page = open_page()
    assert "cannot be read: Not a directory" in page.empty.text.text()
    with qtbot.waitSignal(desk.actions["settings"].triggered):
        page.empty.settings.click()


def test_what_appears_changes_or_vanishes_in_the_folder_is_seen(qtbot, three, open_page):
    page = open_page()
    make_take(three / "new.flac", 0.75, "Choir", day=9)
    qtbot.waitUntil(lambda: names(page) == ["new", "river", "Rain", "bells"])
    qtbot.waitUntil(lambda: page.model.index(0, Column.LENGTH).data() == "0:00.8")
    assert selected(page) == ["river"]
    (three / "Rain.wav").unlink()
    qtbot.waitUntil(lambda: names(page) == ["new", "river", "bells"])
    (three / "bells.flac").unlink()
    make_take(three / "bells.flac", 2.0, "Organ", day=1)
    qtbot.waitUntil(lambda: page.model.index(2, Column.STYLE).data() == "Organ")


def test_a_folder_that_vanishes_and_comes_back(qtbot, three, open_page):
    page = open_page()
    three.rename(three.with_name("elsewhere"))
    qtbot.waitUntil(lambda: names(page) == [])
    assert page.empty.isVisible()
    three.with_name("elsewhere").rename(three)
    qtbot.waitUntil(lambda: len(names(page)) == 3)


def test_another_folder_in_the_settings_is_shown_instead(qtbot, desk, three, tmp_path, open_page):
    page = open_page()
    make_take(tmp_path / "others" / "other.flac")
    desk.store.change(takes=tmp_path / "others")
    qtbot.waitUntil(lambda: names(page) == ["other"])


@pytest.mark.parametrize("sign", ["the take's end", "a notice"])
def test_the_folder_is_looked_at_when_a_take_ends_and_when_something_is_said(
    qtbot, desk, engine, three, open_page, sign
):
    page = open_page()
    page.library._watcher.blockSignals(True)
    engine.show(taking=Taking(three / "new.flac", 1.0, 100))
    desk.instrument.poll()
    make_take(three / "new.flac", day=9)
    if sign == "a notice":
        desk.instrument.say("info", "kept")
    else:
        engine.show(taking=None)
        desk.instrument.poll()
    qtbot.waitUntil(lambda: names(page)[0] == "new")


def test_nothing_is_looked_at_while_the_page_is_hidden(qtbot, desk, three, open_page):
    page = open_page()
    page.hide()
    make_take(three / "new.flac", day=9)
    page.library.look()
    assert not desk.jobs.running
    page.show()
    qtbot.waitUntil(lambda: names(page)[0] == "new")


def test_a_recording_that_was_cut_off_is_found_again_and_said(qtbot, desk, folder, open_page, monkeypatch):
    monkeypatch.setattr(library, "RECOVER_AFTER", 0)
    make_take(folder / "one.flac")
    writer = TakeWriter(folder / "cut.wav", 48_000)
    writer.note({"event": "take"})
    writer.write(soundfile.read(folder / "one.flac", dtype="float32")[0])
    writer._sound.flush()
    writer._recipe.close()
    told: list[str] = []
    desk.instrument.noticed.connect(lambda notice: told.append(notice.text))
    page = open_page()
    qtbot.waitUntil(lambda: "cut" in names(page))
    assert told == ["A recording had been cut off; what there is of it is the take cut."]
    writer._sound.close()


def test_enter_hears_the_take_and_again_ends_it(qtbot, desk, engine, three, open_page):
    desk.instrument.device = "Headphones"
    page = open_page()
    press(qtbot, page, Key.Key_Return)
    assert engine.commands == [Audition(three / "river.flac", 0.0, device="Headphones")]
    assert page.detail.buttons["take-play"].text() == "Stop"
    hear_in_engine(desk, engine, "river.flac", 0.2)
    assert page.detail.wave.cursor_at == pytest.approx(0.2)
    press(qtbot, page, Key.Key_Return)
    assert engine.commands[1:] == [EndAudition()]
    assert page.detail.wave.cursor_at is None
    assert page.detail.buttons["take-play"].text() == "Hear"


def test_when_it_has_been_heard_it_says_so(desk, engine, three, open_page):
    page = open_page()
    page.hear(0.0)
    hear_in_engine(desk, engine, "river.flac", 0.4)
    be_silent_again(desk, engine)
    assert page.detail.buttons["take-play"].text() == "Hear"
    assert page.hearing.file == ""


def test_one_take_is_heard_after_another_though_the_engine_still_tells_of_the_first(
    qtbot, desk, engine, three, open_page
):
    page = open_page()
    press(qtbot, page, Key.Key_Return)
    hear_in_engine(desk, engine, "river.flac", 0.2)
    press(qtbot, page, Key.Key_Down)
    assert page.detail.wave.cursor_at is None
    press(qtbot, page, Key.Key_Return)
    assert engine.commands[1:] == [Audition(three / "Rain.wav", 0.0)]
    desk.instrument.poll()
    assert page.hearing.file == str(three / "Rain.wav")
    hear_in_engine(desk, engine, "Rain.wav", 0.1)
    assert page.detail.wave.cursor_at == pytest.approx(0.1)


def test_a_take_that_cannot_be_heard_is_not_shown_as_heard(desk, engine, three, open_page):
    page = open_page()
    page.hear(0.0)
    desk.instrument.say("error", "it cannot be read")
    assert page.hearing.file == ""


def test_space_is_for_the_instrument_and_the_arrow_keys_move_through_the_list(qtbot, desk, engine, three, open_page):
    page = open_page()
    temperature = desk.instrument.controls.temperature
    desk.actions["play"].triggered.connect(desk.instrument.toggle)
    desk.actions["cooler"].triggered.connect(lambda: pytest.fail("the arrow keys are the list's"))
    press(qtbot, page, Key.Key_Space)
    assert engine.commands == [Start()]
    press(qtbot, page, Key.Key_Down)
    assert selected(page) == ["Rain"]
    press(qtbot, page, Key.Key_End)
    assert selected(page) == ["bells"]
    press(qtbot, page, Key.Key_Up, SHIFT)
    assert selected(page) == ["Rain", "bells"]
    press(qtbot, page, Key.Key_A, CTRL)
    assert len(selected(page)) == 3
    assert page.detail.name.text() == "3 takes"
    assert desk.instrument.controls.temperature == temperature


def test_a_click_into_the_waveform_hears_it_from_there(qtbot, desk, engine, three, open_page):
    page = open_page()
    wave = page.detail.wave
    qtbot.waitUntil(lambda: wave.seconds == 0.5)
    qtbot.mouseClick(wave, Qt.MouseButton.LeftButton, pos=QPoint(wave.width() // 2, 10))
    command = engine.commands[-1]
    assert isinstance(command, Audition)
    assert command.start == pytest.approx(0.25, abs=0.005)
    hear_in_engine(desk, engine, "river.flac", 0.1)
    assert wave.cursor_at == pytest.approx(0.35, abs=0.005)


def test_the_keyboard_hears_it_from_anywhere_as_well(qtbot, engine, three, open_page):
    page = open_page()
    wave = page.detail.wave
    qtbot.waitUntil(lambda: wave.seconds == 0.5)
    wave.setFocus()
    for _ in range(10):
        press(qtbot, page, Key.Key_Right)
    assert wave.start == pytest.approx(0.1)
    press(qtbot, page, Key.Key_Left, SHIFT)
    assert wave.start == pytest.approx(0.099)
    assert wave.accessibleDescription() == "from 0:00.1 of 0:00.5"
    press(qtbot, page, Key.Key_Return)
    assert engine.commands == [Audition(three / "river.flac", wave.start)]
    press(qtbot, page, Key.Key_Home)
    assert wave.start == 0


def test_the_large_waveform_is_more_than_the_thumbnail(qtbot, three, open_page):
    page = open_page()
    qtbot.waitUntil(lambda: len(page.detail.wave._peaks) > 1000)
    assert page.detail.wave._peaks.high.max() == pytest.approx(0.5, abs=0.01)


def test_a_damaged_take_says_why_and_cannot_be_heard(qtbot, desk, three, open_page):
    make_take(three / "torn.flac", 4.0, day=9)
    (three / "torn.flac").write_bytes((three / "torn.flac").read_bytes()[:90_000])
    (three / "broken.flac").write_bytes(b"nonsense")
    page = open_page()
    page.list.select(page.model.row(str(three / "torn.flac")))
    qtbot.waitUntil(lambda: page.detail.wave.remark.startswith("Damaged: only 0:0"))
    page.list.select(page.model.row(str(three / "broken.flac")))
    assert page.detail.facts[0].text() == "It is damaged, or no sound."
    for name in ("take-play", "take-prime", "take-longer", "take-export"):
        assert not desk.actions[name].isEnabled()
    for name in ("take-rename", "take-delete", "take-reveal", "take-copy"):
        assert desk.actions[name].isEnabled()


def paint(page: TakesPage) -> QImage:
    return page.list.viewport().grab().toImage()


def colours_in(image: QImage, left: int, top: int, width: int, height: int) -> set[str]:
    return {QColor(image.pixel(left + x, top + y)).name() for x in range(width) for y in range(height)}


def test_thumbnails_are_painted_in_the_colours_in_force(qtbot, qapp, three, open_page):
    page = open_page()
    qtbot.waitUntil(lambda: len(page.list._looks._images) >= 3)
    for scheme in ("dark", "light"):
        theme.apply(qapp, scheme)
        picture = colours_in(paint(page), 20, 55, 120, 40)
        assert theme.colours().muted in picture
        assert theme.colours().well in picture


def test_the_take_that_is_heard_is_marked_in_the_list_with_its_cursor(qtbot, desk, engine, three, open_page):
    page = open_page()
    qtbot.waitUntil(lambda: len(page.list._looks._images) >= 3)
    assert theme.colours().second not in colours_in(paint(page), 10, 8, 130, 34)
    page.hear(0.0)
    hear_in_engine(desk, engine, "river.flac", 0.25)
    where = [x for x in range(10, 140) if theme.colours().second in colours_in(paint(page), x, 12, 1, 4)]
    assert where
    assert where[0] == pytest.approx(8 + 4 + 62, abs=2)


def rename_to(qtbot: QtBot, page: TakesPage, name: str, end: Qt.Key = Key.Key_Return) -> None:
    press(qtbot, page, Key.Key_F2)
    editor = page.list.viewport().findChild(QLineEdit)
    assert editor is not None
    assert editor.text() == selected(page)[0]
    assert editor.selectedText() == editor.text()
    qtbot.keyClicks(editor, name)
    qtbot.keyClick(editor, end)


def test_f2_renames_the_take_and_its_recipe_and_ctrl_z_takes_it_back(qtbot, engine, three, open_page):
    page = open_page()
    rename_to(qtbot, page, "stream")
    qtbot.waitUntil(lambda: names(page) == ["stream", "Rain", "bells"])
    assert selected(page) == ["stream"]
    assert engine.commands == []  # Return in the field is not the shortcut
    assert read_header(three / "stream.flac").style == "Glass"
    assert not recipe_beside(three / "river.flac").exists()
    press(qtbot, page, Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: names(page) == ["river", "Rain", "bells"])
    assert recipe_beside(three / "river.flac").exists()


def test_escape_leaves_the_name_as_it_was(qtbot, desk, three, open_page):
    page = open_page()
    rename_to(qtbot, page, "stream", Key.Key_Escape)
    assert not desk.jobs.running
    assert names(page)[0] == "river"


@pytest.mark.parametrize(("name", "said"), [("bells", "There is a take named bells already."), ("a/b", "/ in it")])
def test_a_name_that_cannot_be_is_said(qtbot, desk, three, open_page, name, said):
    page = open_page()
    before = sorted(path.name for path in three.iterdir())
    if name == "bells":
        (three / "bells.flac").rename(three / "aside")
        (three / "aside").rename(three / "bells.flac")
    rename_to(qtbot, page, name)
    qtbot.waitUntil(lambda: any(said in text for text in lines(page)))
    assert line(page, lines(page)[0]).text.property("role") == "bad"
    assert sorted(path.name for path in three.iterdir()) == before
    assert names(page) == ["river", "Rain", "bells"]


def test_a_take_is_renamed_while_it_is_heard(qtbot, desk, engine, three, open_page):
    page = open_page()
    page.hear(0.0)
    hear_in_engine(desk, engine, "river.flac", 0.1)
    rename_to(qtbot, page, "stream")
    qtbot.waitUntil(lambda: names(page)[0] == "stream")
    hear_in_engine(desk, engine, "river.flac", 0.3)
    assert page.detail.wave.cursor_at == pytest.approx(0.3)


def test_delete_moves_to_the_trash_and_undo_brings_back(qtbot, tmp_path, three, open_page):
    page = open_page()
    press(qtbot, page, Key.Key_Down)
    press(qtbot, page, Key.Key_Delete)
    qtbot.waitUntil(lambda: names(page) == ["river", "bells"])
    assert selected(page) == ["bells"]  # what came after it
    assert (tmp_path / "data" / "Trash" / "files" / "Rain.wav").exists()
    line(page, "Deleted Rain").button.click()
    qtbot.waitUntil(lambda: names(page) == ["river", "Rain", "bells"])
    assert selected(page) == ["Rain"]
    assert recipe_beside(three / "Rain.wav").exists()
    assert lines(page) == []


def test_many_are_deleted_at_once_and_ctrl_z_brings_all_back_step_by_step(qtbot, three, open_page):
    page = open_page()
    press(qtbot, page, Key.Key_Delete)
    qtbot.waitUntil(lambda: names(page) == ["Rain", "bells"])
    press(qtbot, page, Key.Key_A, CTRL)
    press(qtbot, page, Key.Key_Delete)
    qtbot.waitUntil(lambda: names(page) == [])
    assert "Deleted 2 takes" in lines(page)
    press(qtbot, page, Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: names(page) == ["Rain", "bells"])
    press(qtbot, page, Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: names(page) == ["river", "Rain", "bells"])
    assert len(list(three.glob("*.recipe.jsonl"))) == 3
    assert lines(page) == []  # what was taken back is no longer told


def test_deleting_what_is_heard_ends_it(qtbot, engine, three, open_page):
    page = open_page()
    page.hear(0.0)
    press(qtbot, page, Key.Key_Delete)
    qtbot.waitUntil(lambda: len(names(page)) == 2)
    assert engine.commands[-1] == EndAudition()


def test_a_take_that_cannot_be_deleted_is_said_and_stays(qtbot, three, open_page, monkeypatch):
    def refuse(path: Path) -> list[object]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(deeds, "delete", refuse)
    page = open_page()
    press(qtbot, page, Key.Key_Delete)
    qtbot.waitUntil(lambda: lines(page) == ["river cannot be deleted: Permission denied."])
    assert len(names(page)) == 3


def test_p_shows_it_as_the_prime_on_the_play_page(qtbot, desk, three, open_page):
    wishes: list[object] = []
    desk.wishes.prime.connect(wishes.append)
    desk.wishes.page.connect(wishes.append)
    page = open_page()
    press(qtbot, page, Key.Key_P)
    assert wishes == [three / "river.flac", "play"]


def test_ctrl_e_shows_the_folder(qtbot, three, open_page, monkeypatch):
    shown: list[Path] = []
    monkeypatch.setattr(deeds, "reveal", shown.append)
    page = open_page()
    press(qtbot, page, Key.Key_E, CTRL)
    assert shown == [three / "river.flac"]


def urls(data: QMimeData) -> list[str]:
    return [url.toLocalFile() for url in data.urls()]


def test_the_files_are_copied_or_dragged_into_other_programs(qtbot, three, open_page):
    page = open_page()
    press(qtbot, page, Key.Key_A, CTRL)
    press(qtbot, page, Key.Key_C, CTRL)
    want = [str(three / name) for name in ("river.flac", "Rain.wav", "bells.flac")]
    assert urls(QApplication.clipboard().mimeData()) == want
    assert urls(page.model.mimeData(page.list.selectedIndexes())) == want
    assert page.model.flags(page.model.index(0, 0)) & Qt.ItemFlag.ItemIsDragEnabled
    assert page.list.dragEnabled()
    assert page.model.supportedDragActions() == Qt.DropAction.CopyAction


def test_the_menu_of_a_take_has_what_can_be_done_with_it(qtbot, three, open_page):
    page = open_page()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0))
    page.list.contextMenuEvent(event)
    menu = page.list.findChild(QMenu)
    assert menu is not None
    texts = [action.text().replace("&", "") for action in menu.actions() if action.text()]
    assert texts[0] == "Hear the take"
    assert texts[-1] == "Delete"
    menu.close()


def dialog(qtbot: QtBot, page: TakesPage, kind: type[QDialog]) -> Any:
    found = page.findChild(kind)
    assert found is not None
    qtbot.waitUntil(found.isVisible)
    return found


def test_a_take_is_exported_by_the_keyboard_alone(qtbot, tmp_path, three, open_page):
    page = open_page()
    press(qtbot, page, Key.Key_E, CTRL | SHIFT)
    export = dialog(qtbot, page, ExportDialog)
    assert export.name.text() == "river"
    export.folder.setText(str(tmp_path / "nowhere"))
    assert not export.go.isEnabled()
    assert export.said.text() == "There is no such folder."
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "river.wav").write_bytes(b"mine")
    export.folder.setText(str(tmp_path / "out"))
    assert export.said.text() == f"Will be {tmp_path / 'out' / 'river 2.wav'}"
    export.form.setFocus()
    qtbot.keyClicks(export.form, "F")
    assert export.form.currentText() == "FLAC, 24 bit"
    qtbot.keyClick(export.form, Key.Key_Home)
    qtbot.keyClick(export, Key.Key_Return)
    qtbot.waitUntil(lambda: lines(page) == [f"Exported river 2.wav to {tmp_path / 'out'}"])
    want, made = (
        soundfile.read(path, dtype="int32")[0] for path in (three / "river.flac", tmp_path / "out" / "river 2.wav")
    )
    assert (want == made).all()
    assert (tmp_path / "out" / "river.wav").read_bytes() == b"mine"


def test_several_are_exported_into_a_folder_and_one_that_fails_does_not_stop_the_rest(
    qtbot, tmp_path, three, open_page
):
    page = open_page()
    (three / "Rain.wav").write_bytes((three / "Rain.wav").read_bytes()[:5000])
    press(qtbot, page, Key.Key_A, CTRL)
    press(qtbot, page, Key.Key_E, CTRL | SHIFT)
    export = dialog(qtbot, page, ExportDialog)
    export.folder.setText(str(tmp_path))
    export.form.setCurrentIndex([form.title for form in FORMATS].index("MP3"))
    (three / "river.flac").write_bytes(b"nonsense")
    export.go.click()
    qtbot.waitUntil(lambda: f"Exported 2 takes to {tmp_path}" in lines(page))
    assert sorted(path.name for path in tmp_path.glob("*.mp3")) == ["Rain.mp3", "bells.mp3"]
    assert any("river.flac cannot be written as MP3" in text for text in lines(page))


def test_an_export_shows_how_far_it_is_and_can_be_stopped(qtbot, desk, tmp_path, folder, open_page, monkeypatch):
    def slow(source, target, form, progress):
        """As slow as it takes to be stopped: half done it says so until then."""

        def hold(fraction):
            progress(fraction)
            while fraction > 0.5:
                progress(fraction)
                time.sleep(0.005)

        convert(source, target, form, hold)

    monkeypatch.setattr("studio.takes.export.convert", slow)
    make_take(folder / "long.flac", 30.0)
    page = open_page()
    press(qtbot, page, Key.Key_E, CTRL | SHIFT)
    export = dialog(qtbot, page, ExportDialog)
    export.folder.setText(str(tmp_path))
    export.form.setCurrentIndex(len(FORMATS) - 1)
    export.go.click()
    shown = line(page, "Exporting long…")
    assert not desk.actions["take-export"].isEnabled()
    qtbot.waitUntil(lambda: shown.bar.value() > 0)
    shown.button.click()
    qtbot.waitUntil(lambda: lines(page) == [])
    assert list(tmp_path.glob("*.mp3")) == []
    assert list(tmp_path.glob(".*.part")) == []
    assert desk.actions["take-export"].isEnabled()


MAKES = """
import json, pathlib, shutil, sys, time
take, out = (pathlib.Path(sys.argv[sys.argv.index(name) + 1]) for name in ("--recipe", "-o"))
assert sys.argv[sys.argv.index("--seconds") + 1] == "4"
shutil.copy(take, out)
shutil.copy(f"{take}.recipe.jsonl", f"{out}.recipe.jsonl")
while pathlib.Path(sys.argv[-1]).exists():
    time.sleep(0.01)
print(json.dumps({"file": str(out)}))
"""
FAILS = """import sys
print('Error: the style Glass that this was played with is not here; install it', file=sys.stderr)
sys.exit(2)
"""


@pytest.fixture
def render(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Path]:
    """A function that has a program stand in for the render; it waits for as long as the file that is returned is
    there."""

    def stand_in(program: str) -> Path:
        waits = tmp_path / "waits"
        waits.touch()

        def command(*arguments: str, nice: int) -> list[str]:
            assert nice == 10
            return [sys.executable, "-c", program, *arguments, str(waits)]

        monkeypatch.setattr(longer, "command", command)
        return waits

    return stand_in


def ask_longer(qtbot: QtBot, page: TakesPage, seconds: int) -> None:
    press(qtbot, page, Key.Key_L)
    asked = dialog(qtbot, page, LongerDialog)
    assert asked.seconds.value() == 10
    qtbot.keyClicks(asked.seconds, str(seconds))
    qtbot.keyClick(asked.seconds, Key.Key_Return)


def test_a_take_is_made_again_longer_and_joins_the_takes_when_it_is_whole(qtbot, desk, three, open_page, render):
    waits = render(MAKES)
    page = open_page()
    ask_longer(qtbot, page, 4)
    shown = line(page, "Rendering river again")
    assert not desk.actions["take-longer"].isEnabled()
    qtbot.waitUntil(lambda: shown.bar.value() > 0)
    page.library.look()
    qtbot.waitUntil(lambda: not desk.jobs.running)
    assert names(page) == ["river", "Rain", "bells"]
    waits.unlink()
    qtbot.waitUntil(lambda: names(page)[0] == "river (longer)")
    assert selected(page) == ["river (longer)"]
    assert lines(page) == ["Rendered river (longer)"]
    assert read_header(three / "river (longer).flac").style == "Glass"
    assert [path.name for path in three.iterdir() if path.name.startswith(".")] == []


def test_a_render_can_be_stopped_and_leaves_nothing(qtbot, desk, three, open_page, render):
    render(MAKES)
    page = open_page()
    before = sorted(three.iterdir())
    ask_longer(qtbot, page, 4)
    shown = line(page, "Rendering river again")
    qtbot.waitUntil(lambda: shown.bar.value() > 0)
    shown.button.click()
    assert lines(page) == []
    assert sorted(three.iterdir()) == before
    assert desk.actions["take-longer"].isEnabled()


def test_a_render_that_fails_says_why(qtbot, three, open_page, render):
    render(FAILS)
    page = open_page()
    before = sorted(three.iterdir())
    ask_longer(qtbot, page, 4)
    qtbot.waitUntil(lambda: any("install it" in text for text in lines(page)))
    assert sorted(three.iterdir()) == before


def test_what_has_no_recipe_cannot_be_made_longer(desk, three, open_page, fixtures):
    (three / "found.flac").write_bytes((fixtures / "cc0_ambi_piano.flac").read_bytes())
    page = open_page()
    page.list.select(page.model.row(str(three / "found.flac")))
    assert desk.actions["take-play"].isEnabled()
    assert not desk.actions["take-longer"].isEnabled()


def test_two_thousand_takes_are_shown_in_few_steps_and_only_what_is_seen_is_looked_into(
    qtbot, folder, open_page, monkeypatch
):
    folder.mkdir()
    soundfile.write(folder / "0000.wav", [[0.1, 0.2]] * 100, 48_000)
    for number in range(1, 2000):
        os.link(folder / "0000.wav", folder / f"{number:04}.wav")
    looked_into: list[Path] = []
    real = pictures.file_peaks

    def count(path: Path, *rest):
        looked_into.append(path)
        return real(path, *rest)

    monkeypatch.setattr("studio.takes.thumbnails.file_peaks", count)
    put: list[tuple[int, bool]] = []
    arranged: list[int] = []
    watch = library.Library.put

    def put_and_watch(self, takes, gone):
        put.append((len(takes), bool(takes and takes[0].header)))
        watch(self, takes, gone)

    monkeypatch.setattr(library.Library, "put", put_and_watch)
    arrange = TakesPage._look

    def look(self):
        arranged.append(len(names(self)))
        arrange(self)

    monkeypatch.setattr(TakesPage, "_look", look)
    page = open_page()
    assert len(names(page)) == 2000
    listed = [count for count, headers in put if not headers]
    assert listed == [500, 1000, 500]
    headers = [count for count, headers in put if headers]
    assert max(headers) <= library.READ_AT_ONCE
    assert headers[0] <= page.list.viewport().height() // 48 + 2  # what is seen comes first
    assert len(looked_into) <= 2 * (page.list.viewport().height() // 48 + 2)
    page.list.verticalScrollBar().setValue(page.list.verticalScrollBar().maximum())
    seen = len(looked_into)
    qtbot.waitUntil(lambda: len(looked_into) > seen)
    qtbot.waitUntil(lambda: page.list._looks._thumbnails.peaks(page.model.take(1999)) is not None)
    assert len(looked_into) <= 4 * (page.list.viewport().height() // 48 + 2)
    page.list.selectAll()
    assert page.detail.name.text() == "2,000 takes"


def test_thumbnails_are_kept_for_the_next_time_until_the_take_changes_and_are_not_too_many(tmp_path, monkeypatch):
    made: list[Path] = []
    real = pictures.file_peaks

    def count(path: Path, *rest):
        made.append(path)
        return real(path, *rest)

    monkeypatch.setattr("studio.takes.thumbnails.file_peaks", count)
    monkeypatch.setattr(thumbnails, "MOST_FILES", 3)
    monkeypatch.setattr(thumbnails, "TIDIED_EVERY", 2)
    path = make_take(tmp_path / "take.flac", level=0.5)
    cache = tmp_path / "cache"
    first = thumbnails.Store(cache).peaks(take_at(path))
    again = thumbnails.Store(cache).peaks(take_at(path))
    assert len(made) == 1
    assert again.high.tolist() == pytest.approx(first.high.tolist(), abs=0.01)
    assert again.rms.tolist() == pytest.approx(first.rms.tolist(), abs=0.01)
    make_take(path.with_name("louder.flac"), level=0.9).replace(path)
    assert thumbnails.Store(cache).peaks(take_at(path)).high.max() == pytest.approx(0.9, abs=0.01)
    store = thumbnails.Store(cache)
    for number in range(8):
        store.peaks(take_at(make_take(tmp_path / f"{number}.wav")))
    assert len(list(cache.iterdir())) <= 5
    kept = max(cache.iterdir(), key=lambda file: file.stat().st_mtime_ns)
    kept.write_bytes(b"12")  # damaged
    assert len(thumbnails.Store(cache).peaks(take_at(tmp_path / "7.wav"))) == thumbnails.COLUMNS


def test_in_the_whole_window_the_keys_of_takes_are_theirs_on_their_page_alone(qtbot, desk, engine, three):
    window = Window(desk)
    qtbot.addWidget(window)
    show_active(qtbot, window)
    menu = next(action for action in window.menuBar().actions() if "Takes" in action.text())
    desk.actions["audition"].setEnabled(True)
    assert not menu.isVisible()
    qtbot.keyClick(window, Key.Key_Delete)
    qtbot.keyClick(window, Key.Key_2, CTRL)
    assert menu.isVisible()
    qtbot.waitUntil(lambda: len(window.takes.model.takes()) == 3)
    qtbot.waitUntil(lambda: desk.actions["take-play"].isEnabled())
    qtbot.keyClick(window, Key.Key_Return)
    assert engine.commands == [Audition(three / "river.flac", 0.0)]
    qtbot.keyClick(window, Key.Key_1, CTRL)
    assert not desk.actions["take-play"].isVisible()
    assert desk.actions["audition"].isVisible()
    qtbot.waitUntil(lambda: not desk.jobs.running)
