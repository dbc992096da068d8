"""The Train page as it is seen and used: real recordings made a data set of, pretended networks, a fake engine."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from engine import library
from engine.controls import Audition, EndAudition
from models.style import change_info, open_style
from studio.actions import TABLE
from studio.desk import Desk
from studio.keys import Keys
from studio.program import command
from studio.train.clips import Moment
from studio.train.install import InstallDialog
from studio.train.longer import LongerDialog
from studio.train.page import TrainPage
from studio.training import auditions, draft, estimating, launch
from studio.training.plan import Plan, read_plan, write_plan
from studio.training.run import Run
from studio.window import LEAST, Window
from tests.fakes import FakeEngine
from tests.studio.hands import show_active
from tests.studio.made import made_style

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # what needs a screen

Key = Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier
PRETENDED = [sys.executable, "-m", "tests.studio.pretended"]


@pytest.fixture(autouse=True)
def pretended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_trainings_left: None) -> None:
    """All commands but `prepare` are quickly done, and no style is there but what a test installs."""

    def run(*arguments: str, **how: object) -> list[str]:
        return [*PRETENDED, *arguments]

    def train(folder: Path, plan: Plan) -> list[str]:
        steps = plan.steps or (20 if plan.minutes < 60 else 100_000)
        return run("train", str(folder), str(steps), "20")

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(library, "INSTALLED", tmp_path / "program")
    monkeypatch.setattr(estimating, "REST", 0)
    monkeypatch.setattr(draft, "command", lambda *arguments, **how: command(*arguments, "--jobs", "1"))
    for module in (auditions, estimating):
        monkeypatch.setattr(module, "command", run)
    monkeypatch.setattr(launch, "command_line", train)


@pytest.fixture
def recordings(tmp_path: Path, fixtures: Path) -> Path:
    """Two good ones, one that is silent, one that is no sound at all."""
    folder = tmp_path / "Harp"
    folder.mkdir()
    for name in ("cc0_ambi_piano", "cc0_guit_harmonics"):
        shutil.copy(fixtures / f"{name}.flac", folder)
    soundfile.write(folder / "silent.wav", np.zeros(32_000), 16_000)
    (folder / "broken.wav").write_text("no sound")
    return folder


@pytest.fixture
def open_page(qtbot: QtBot, qapp: QApplication, desk: Desk) -> Iterator[Callable[[], TrainPage]]:
    pages: list[TrainPage] = []
    keys = Keys(qapp)

    def make() -> TrainPage:
        window = Window(desk)
        qtbot.addWidget(window)
        show_active(qtbot, window)
        qtbot.keyClick(window, Key.Key_3, CTRL)
        page = window.train
        page.runs._timer.setInterval(20)
        pages.append(page)
        qtbot.waitUntil(lambda: page.runs.ready)
        return page

    yield make
    qapp.focusChanged.disconnect(keys._follow)
    keys.deleteLater()
    for page in pages:
        page.runs._timer.stop()
        page.auditions.end()
        page.new.estimating._program.end()
        page.draft._let_go()
    qtbot.waitUntil(lambda: not desk.jobs.running)


def press(qtbot: QtBot, page: TrainPage, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
    """As a person does: to whatever has the focus."""
    qtbot.keyClick(QApplication.focusWidget() or page, key, modifier)


def drop(page: TrainPage, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    action, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    for event in (
        QDragEnterEvent(QPoint(9, 9), action, mime, left, NONE),
        QDropEvent(QPointF(9, 9), action, mime, left, NONE),
    ):
        QApplication.sendEvent(page, event)


def only(page: TrainPage) -> Run:
    [run] = page.runs.runs
    return run


def wait_for_report(qtbot: QtBot, page: TrainPage) -> None:
    qtbot.waitUntil(lambda: page.draft.manifest is not None or bool(page.draft.trouble), timeout=20_000)


def begin(qtbot: QtBot, page: TrainPage, recordings: Path, minutes: int = 60) -> Path:
    """A training of these recordings, which is under way."""
    drop(page, recordings)
    wait_for_report(qtbot, page)
    page.new.form.minutes_field.setValue(minutes)
    press(qtbot, page, Key.Key_Return, CTRL | SHIFT)
    qtbot.waitUntil(lambda: bool(page.runs.runs) and page.view.run is not None and only(page).step > 0, timeout=20_000)
    return only(page).folder


def texts(page: TrainPage) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def made(moment: Moment) -> bool:
    return all(cell.clip.path for cell in moment.cells.values())


def lines(page: TrainPage) -> list[str]:
    return [line.text.text() for line in page.lines.lines()]


def test_at_first_three_lines_say_what_to_do(open_page) -> None:
    page = open_page()
    assert page.new.isVisible()
    assert page.new.recordings.beginning.isVisible()
    assert "Drop a folder of your recordings here." in texts(page)
    assert "None yet." in texts(page)
    assert not page.new.start.isEnabled()


def test_a_folder_is_read_reported_on_and_learned(qtbot: QtBot, open_page, recordings: Path) -> None:
    page = open_page()
    drop(page, recordings)
    assert page.draft.busy
    wait_for_report(qtbot, page)
    report = page.new.recordings.report
    assert report.isVisible()
    assert report.left_out.text() == "2 files were left out."
    assert page.new.name.text() == "Harp"
    qtbot.waitUntil(lambda: "hears all of this" in page.new.estimate.text())
    assert "700 MB of memory and 140 MB on the disk" in page.new.estimate.text()
    page.new.form.minutes_field.setValue(30)
    assert "In 30 min it hears all of this 6 times" in page.new.estimate.text()
    page.new.start.click()
    qtbot.waitUntil(lambda: bool(page.runs.runs) and only(page).state == "done", timeout=20_000)
    run = only(page)
    assert run.folder == page._desk.store.training / "Harp"
    assert (run.plan.sources, run.plan.minutes) == ((str(recordings),), 30)
    # 7200 steps an hour, an eighth of which is kept
    assert run.plan.settings == ("keep_every=450", "valid_every=450")
    assert (run.folder / "data" / "manifest.json").exists()
    assert page.view.name.text() == "Harp"
    assert page.view.state.text() == "Done"
    assert not page.draft.sources
    assert [path.name for path in page._desk.store.training.iterdir() if path.name.startswith(".new")] == []


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "no sound files in"),
        ({"notes.txt": b"no sound"}, "no sound files in"),
        ({"broken.wav": b"no sound"}, "nothing to train on: 1 of 1 files are unusable"),
        ({"short.wav": None}, "too short: 0.25 s, the least is 1 s"),
    ],
)
def test_what_cannot_be_learned_is_said_where_the_report_would_be(
    qtbot: QtBot, open_page, tmp_path: Path, files: dict[str, bytes | None], said: str
) -> None:
    folder = tmp_path / "recordings"
    folder.mkdir()
    for name, content in files.items():
        if content is None:
            soundfile.write(folder / name, np.sin(np.arange(4000) / 9), 16_000)
        else:
            (folder / name).write_bytes(content)
    page = open_page()
    drop(page, folder)
    wait_for_report(qtbot, page)
    told = page.new.recordings.report.said
    assert told.isVisible()
    assert said.casefold() in told.text().casefold()
    assert told.property("role") == "bad"
    assert not page.new.start.isEnabled()
    page.new.recordings.cancel.click()
    assert page.new.recordings.beginning.isVisible()


def test_reading_is_cancelled(qtbot: QtBot, open_page, recordings: Path) -> None:
    page = open_page()
    drop(page, recordings)
    press(qtbot, page, Key.Key_Backspace, CTRL)
    assert not page.draft.busy
    assert not page.draft.sources
    assert page.new.recordings.beginning.isVisible()
    assert list(page._desk.store.training.glob(".new*")) == []


def test_a_wrong_name_or_setting_is_said_beside_it(qtbot: QtBot, open_page, recordings: Path) -> None:
    page = open_page()
    drop(page, recordings)
    wait_for_report(qtbot, page)
    new = page.new
    assert new.start.isEnabled()
    new.name.setFocus()
    new.name.selectAll()
    qtbot.keyClicks(new.name, "a/b")
    assert new.name_trouble.isVisible()
    assert new.name_trouble.text() == "A name cannot have / in it."
    assert not new.start.isEnabled()
    new.name.selectAll()
    qtbot.keyClicks(new.name, "Lute")
    assert not new.name_trouble.isVisible()
    assert new.start.isEnabled()
    new.form.unfold(True)
    field = new.form.rows["learning_rate"]
    field.editor.selectAll()
    qtbot.keyClicks(field.editor, "fast")
    assert field.told.isVisible()
    assert not new.start.isEnabled()
    field.editor.selectAll()
    qtbot.keyClicks(field.editor, "0.002")
    assert new.start.isEnabled()
    assert "learning_rate=0.002" in new.plan.settings
    assert new.plan.name == "Lute"


def test_it_starts_from_the_style_in_use_unless_another_was_picked(
    qtbot: QtBot, open_page, desk: Desk, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.train.bases.WEIGHTS", "start.safetensors")
    made_style(library.users_folder() / "Lute.samplernn", "Lute")
    oboe = made_style(library.users_folder() / "Oboe.samplernn", "Oboe")
    engine.show(style=oboe)
    desk.instrument.poll()
    bases = open_page().new.bases
    qtbot.waitUntil(lambda: bases.style_ is not None)
    assert bases.box.currentText() == "Oboe, the style"
    bases.box.setFocus()
    qtbot.keyClick(bases.box, Key.Key_Down)
    assert bases.style_ is None
    made_style(library.users_folder() / "Rebec.samplernn", "Rebec")
    bases.look()
    qtbot.waitUntil(lambda: bases.box.count() == 4)
    assert bases.style_ is None


def test_an_installed_style_is_what_it_starts_from_and_decides_the_rate(
    qtbot: QtBot, open_page, recordings: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    style = made_style(library.users_folder() / "Lute.samplernn", "Lute")
    monkeypatch.setattr("studio.train.bases.WEIGHTS", "start.safetensors")  # it has no weights to train on from
    page = open_page()
    qtbot.waitUntil(lambda: page.new.bases.style_ is not None)
    assert page.new.bases.box.currentText() == "Lute, the style"
    drop(page, recordings)
    wait_for_report(qtbot, page)
    assert page.draft.manifest.rate == 16_000
    assert page.new.plan.base == str(style)
    page.new.bases.box.setFocus()
    press(qtbot, page, Key.Key_Down)
    assert page.new.plan.base == ""
    assert page.new.form.choices["live"].isVisible()
    page.new.form.unfold(True)
    field = page.new.form.rows["sample_rate"]
    field.editor.selectAll()
    qtbot.keyClicks(field.editor, "8000")
    qtbot.waitUntil(lambda: page.draft.manifest is not None and page.draft.manifest.rate == 8000, timeout=20_000)


def test_all_of_it_by_keyboard(
    qtbot: QtBot, open_page, recordings: Path, monkeypatch: pytest.MonkeyPatch, engine: FakeEngine
) -> None:
    page = open_page()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *args: str(recordings))
    press(qtbot, page, Key.Key_F, CTRL | SHIFT)
    wait_for_report(qtbot, page)
    press(qtbot, page, Key.Key_Return, CTRL | SHIFT)
    qtbot.waitUntil(lambda: bool(page.runs.runs) and page.view.isVisible() and only(page).step > 10, timeout=20_000)
    assert page.list.hasFocus()
    press(qtbot, page, Key.Key_P)
    qtbot.waitUntil(lambda: only(page).state == "paused", timeout=20_000)
    assert page.view.buttons["train-pause"].text() == "Resume"
    press(qtbot, page, Key.Key_P)
    qtbot.waitUntil(lambda: only(page).state == "training", timeout=20_000)
    press(qtbot, page, Key.Key_G)
    assert page.view.log.isVisible()
    press(qtbot, page, Key.Key_G)
    assert page.view.curves.isVisible()
    press(qtbot, page, Key.Key_Period, CTRL)
    qtbot.waitUntil(lambda: only(page).state == "done", timeout=20_000)
    assert page.view.state.text() == "Ended early"
    clips = page.view.auditions.clips
    qtbot.waitUntil(lambda: bool(clips.cells) and clips.cells[1].clip.path is not None, timeout=20_000)
    press(qtbot, page, Key.Key_Return)
    press(qtbot, page, Key.Key_Return)
    assert [type(command) for command in engine.commands[-2:]] == [Audition, EndAudition]
    press(qtbot, page, Key.Key_I)
    dialog = page.findChild(InstallDialog)
    assert dialog is not None
    dialog.reject()
    with qtbot.waitActive(page.window()):
        page.window().activateWindow()
    page.list.setFocus()
    press(qtbot, page, Key.Key_Delete)
    qtbot.waitUntil(lambda: not page.runs.runs, timeout=20_000)
    assert lines(page) == ["Deleted Harp"]
    press(qtbot, page, Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: bool(page.runs.runs))
    press(qtbot, page, Key.Key_N, CTRL)
    assert page.new.isVisible()


def test_every_deed_of_the_page_is_in_the_table_and_has_a_key() -> None:
    deeds = [spec for spec in TABLE if spec.page == "train"]
    assert {spec.menu for spec in deeds} == {"T&rain"}
    assert all(spec.shortcut for spec in deeds)


def test_a_moment_is_heard_rated_and_installed_while_the_training_goes_on(
    qtbot: QtBot, open_page, recordings: Path, engine: FakeEngine
) -> None:
    page = open_page()
    folder = begin(qtbot, page, recordings)
    clips = page.view.auditions.clips
    qtbot.waitUntil(lambda: any(made(moment) for moment in clips.moments), timeout=20_000)
    first = next(filter(made, clips.moments))
    cell = first.cells[0.9]
    step = cell.clip.step
    assert (first.title.text(), first.bits.text()) == (f"Step {step}", f"{3.9 - 0.01 * step:.3f} bits")
    cell.button.click()
    assert engine.commands[-1] == Audition(folder / "auditions" / f"step-{step}" / "t90.flac")
    cell.stars.setFocus()
    press(qtbot, page, Key.Key_4)
    assert auditions.read_ratings(folder) == {str(step): {"t90.flac": 4}}
    first.install.click()
    dialog = page.findChild(InstallDialog)
    assert isinstance(dialog, InstallDialog)
    assert (dialog.name.text(), dialog.temperature.value()) == ("Harp", 0.9)
    dialog.name.setText("")
    assert (dialog.trouble.text(), dialog.go.isEnabled()) == ("A style needs a name.", False)
    dialog.name.setText("My harp")
    dialog.author.setText("Ann Other")
    before = list(engine.commands)
    # its graphs are pretended too, and would be refused
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("models.graph_check.parse_graph", lambda *graph: None)
        dialog.go.click()
        qtbot.waitUntil(lambda: any("My harp" in line for line in lines(page)))
    shelf = page.window().play.styles.shelf
    qtbot.waitUntil(lambda: [entry.style.info.name for entry in shelf.found.entries] == ["My harp"])
    [entry] = shelf.found.entries
    assert (entry.style.info.author, entry.own) == ("Ann Other", True)
    assert page._desk.store.value.author == "Ann Other"
    assert lines(page) == ["My harp is among the styles of the Play page."]
    assert engine.commands == before, "what plays is left alone"
    qtbot.waitUntil(lambda: first.install.text() == "Installed")
    first.install.click()
    assert lines(page)[-1] == "It is among the styles of the Play page already, as My harp."
    assert only(page).active


def test_what_was_installed_is_known_at_the_next_start(qtbot: QtBot, open_page, desk: Desk) -> None:
    folder = desk.store.training / "Harp"
    moments = [folder / "auditions" / f"step-{step}" / "style.samplernn" for step in (1, 2)]
    for step, moment in enumerate(moments, 1):
        made_style(moment, f"Moment {step}")
        (folder / "checkpoints").mkdir(exist_ok=True)
        (folder / "checkpoints" / f"step-{step}.safetensors").touch()
    write_plan(folder, Plan("Harp", created=1.0, wanted="stop"))
    installed = library.users_folder() / "harp of old.samplernn"
    installed.parent.mkdir(parents=True)
    shutil.copy(moments[0], installed)
    change_info(open_style(installed), name="Harp of old")
    page = open_page()
    clips = page.view.auditions.clips
    qtbot.waitUntil(lambda: [each.install.text() for each in clips.moments] == ["Install as style", "Installed"])
    installed.unlink()
    qtbot.keyClick(page.window(), Key.Key_1, CTRL)
    qtbot.keyClick(page.window(), Key.Key_3, CTRL)
    qtbot.waitUntil(lambda: [each.install.text() for each in clips.moments] == ["Install as style"] * 2)


def test_what_a_killed_app_left_half_made_is_in_nobodys_way(qtbot: QtBot, open_page, desk: Desk) -> None:
    folder = desk.store.training / "Harp"
    moment = made_style(folder / "auditions" / "step-1" / "style.samplernn").parent
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "step-1.safetensors").touch()
    write_plan(folder, Plan("Harp", created=1.0, wanted="stop"))
    for name in (".style.1.samplernn", ".t90.1.flac"):
        (moment / name).write_bytes(b"half of it")
    page = open_page()
    clips = page.view.auditions.clips
    qtbot.waitUntil(lambda: bool(clips.moments) and all(map(made, clips.moments)), timeout=20_000)
    assert sorted(path.name for path in moment.iterdir()) == ["style.samplernn", "t100.flac", "t80.flac", "t90.flac"]


def test_one_that_is_done_is_trained_longer(qtbot: QtBot, open_page, recordings: Path) -> None:
    page = open_page()
    begin(qtbot, page, recordings, minutes=30)
    longer, pause = page.view.buttons["train-longer"], page.view.buttons["train-pause"]
    assert (longer.isVisible(), pause.isVisible()) == (False, True)
    qtbot.waitUntil(lambda: only(page).complete, timeout=20_000)
    qtbot.waitUntil(longer.isVisible)
    assert not pause.isVisible()
    press(qtbot, page, Key.Key_L)
    dialog = page.findChild(LongerDialog)
    assert isinstance(dialog, LongerDialog)
    assert (dialog.minutes.value(), dialog.told.text()) == (30, "About 90,000 more steps at the pace it had.")
    dialog.minutes.setValue(1)
    qtbot.keyClick(dialog, Key.Key_Return)
    qtbot.waitUntil(lambda: only(page).active and only(page).step > 20, timeout=20_000)
    assert (only(page).steps, longer.isVisible(), pause.isVisible()) == (3020, False, True)


def test_what_could_not_be_made_is_said(qtbot: QtBot, open_page, recordings: Path, monkeypatch) -> None:
    monkeypatch.setattr(auditions, "command", lambda *what, **how: command("export", "/no/run", "-o", "a.samplernn"))
    page = open_page()
    begin(qtbot, page, recordings, minutes=30)
    told = page.view.auditions.told
    qtbot.waitUntil(lambda: told.isVisible() and "no such run" in told.text(), timeout=20_000)


def test_the_next_start_shows_what_there_is(qtbot: QtBot, open_page, desk: Desk) -> None:
    for name, created in (("Old", 1.0), ("New", 2.0)):
        folder = desk.store.training / name
        folder.mkdir(parents=True)
        write_plan(folder, Plan(name, created=created, wanted="pause"))
    page = open_page()
    assert [page.list.item(k).data(Qt.ItemDataRole.AccessibleTextRole) for k in range(2)] == [
        "New: Paused", "Old: Paused",
    ]  # fmt: skip
    assert page.view.name.text() == "New"
    page.window().resize(*LEAST)
    qtbot.waitUntil(lambda: page.window().width() == LEAST[0])
    for part in (page.new, page.view):
        assert part.minimumSizeHint().width() <= page.stack.width()
    page.list.setFocus()
    press(qtbot, page, Key.Key_Down)
    assert page.view.name.text() == "Old"
    press(qtbot, page, Key.Key_P)
    qtbot.waitUntil(lambda: page.view.run.active)
    plan = read_plan(desk.store.training / "Old")
    assert plan is not None
    assert plan.wanted == "train"
