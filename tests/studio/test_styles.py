"""The styles as cards: chosen, installed, removed, told of."""

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from engine import library
from engine.controls import Load, Notice
from studio.desk import Desk
from studio.play.about_style import AboutStyle
from studio.play.styles import StylesPanel
from tests.fakes import FakeEngine
from tests.studio.made import made_style

Key = Qt.Key

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
"""The platform without a screen: it cannot move windows."""


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program's own styles: harp and lute. A trash is there, too."""
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(library, "INSTALLED", tmp_path / "shipped")
    made_style(tmp_path / "shipped" / "harp.samplernn", "Harp", 0.8)
    made_style(tmp_path / "shipped" / "lute.samplernn", "Lute", 1.1)
    return tmp_path / "shipped"


@pytest.fixture
def own() -> Path:
    """A style of the user's own."""
    return made_style(library.users_folder() / "zither.samplernn", "Zither", 0.7)


@pytest.fixture
def panel(qtbot: QtBot, desk: Desk, engine: FakeEngine, shipped: Path) -> StylesPanel:
    """The harp is in use."""
    return opened(qtbot, desk, engine, shipped / "harp.samplernn")


def opened(qtbot: QtBot, desk: Desk, engine: FakeEngine, in_use: Path) -> StylesPanel:
    engine.show(style=in_use, title=in_use.stem)
    desk.instrument.poll()
    panel = StylesPanel(desk)
    qtbot.addWidget(panel)
    panel.resize(250, 600)
    with qtbot.waitExposed(panel):
        panel.show()
    qtbot.waitUntil(lambda: panel.empty.text() != "Looking for styles…")
    panel.activateWindow()
    if panel.list.isVisible():
        panel.list.setFocus()
        qtbot.waitUntil(panel.list.hasFocus)
    return panel


def names(panel: StylesPanel) -> list[str]:
    return [said(panel, k) for k in range(panel.list.cards.rowCount())]


def said(panel: StylesPanel, k: int, role: Qt.ItemDataRole = Qt.ItemDataRole.DisplayRole) -> str:
    return str(panel.list.cards.index(k).data(role))


def click(qtbot: QtBot, panel: StylesPanel, k: int) -> None:
    spot = panel.list.visualRect(panel.list.cards.index(k)).center()
    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=spot)


def loaded(engine: FakeEngine) -> list[str]:
    return [command.style.stem for command in engine.commands if isinstance(command, Load)]


def come(desk: Desk, engine: FakeEngine, path: Path) -> None:
    """The engine has opened it."""
    engine.show(style=path, work="")
    desk.instrument.poll()


# what is shown


def test_each_style_is_a_card(panel: StylesPanel) -> None:
    assert names(panel) == ["Harp", "Lute"]
    assert panel.list.isVisible()
    assert not panel.empty.isVisible()
    tip = said(panel, 1, Qt.ItemDataRole.ToolTipRole)
    assert tip == "Lute<br>What Lute sounds like<br>16 kHz, speed not measured yet"


def test_a_card_says_how_fast_the_style_is_here(panel: StylesPanel) -> None:
    sha256 = panel.shelf.found.entries[1].sha256
    panel.speeds.learn(sha256, 0.72)
    assert "0.7×, too heavy: render only" in said(panel, 1, Qt.ItemDataRole.ToolTipRole)
    panel.speeds.learn(sha256, 4.12)
    assert "4.1×, plays live" in said(panel, 1, Qt.ItemDataRole.ToolTipRole)


def test_the_one_in_use_and_the_one_being_opened_are_shown_as_such(
    desk: Desk, engine: FakeEngine, panel: StylesPanel, shipped: Path
) -> None:
    def read() -> list[str]:
        return [said(panel, k, Qt.ItemDataRole.AccessibleTextRole) for k in range(2)]

    assert read() == ["Harp, in use", "Lute"]
    engine.show(work="opening lute")
    desk.instrument.poll()
    assert read() == ["Harp, in use", "Lute, opening"]
    before = panel.list.viewport().grab().toImage()
    come(desk, engine, shipped / "lute.samplernn")
    assert read() == ["Harp", "Lute, in use"]
    assert panel.list.viewport().grab().toImage() != before


def test_the_one_in_use_is_in_view_in_a_low_window_too(
    qtbot: QtBot, desk: Desk, engine: FakeEngine, shipped: Path
) -> None:
    for name in ("oboe", "rebec", "shawm", "zither"):
        made_style(shipped / f"{name}.samplernn", name.title(), 0.7)
    panel = opened(qtbot, desk, engine, shipped / "zither.samplernn")
    panel.resize(250, 300)
    cards = panel.list
    qtbot.waitUntil(lambda: cards.viewport().rect().contains(cards.visualRect(cards.cards.index(5)).center()))
    assert not cards.viewport().rect().intersects(cards.visualRect(cards.cards.index(0)))


def test_what_a_style_says_is_never_taken_for_markup(
    qtbot: QtBot, desk: Desk, engine: FakeEngine, shipped: Path
) -> None:
    made_style(shipped / "odd.samplernn", "<b>Odd</b>", description="<img src=x>")
    panel = opened(qtbot, desk, engine, shipped / "harp.samplernn")
    assert said(panel, 2, Qt.ItemDataRole.ToolTipRole).startswith("&lt;b&gt;Odd&lt;/b&gt;<br>&lt;img src=x&gt;<br>")


def test_where_there_are_no_styles_it_says_how_to_get_one(
    qtbot: QtBot, desk: Desk, engine: FakeEngine, shipped: Path
) -> None:
    shutil.rmtree(shipped)
    panel = opened(qtbot, desk, engine, shipped / "harp.samplernn")
    assert panel.empty.isVisible()
    assert "Drop a .samplernn file here" in panel.empty.text()


def test_a_file_that_is_no_style_is_said_with_the_reason(
    qtbot: QtBot, desk: Desk, engine: FakeEngine, shipped: Path
) -> None:
    (shipped / "torn.samplernn").write_bytes(b"torn")
    panel = opened(qtbot, desk, engine, shipped / "harp.samplernn")
    assert panel.refused.isVisible()
    assert "torn.samplernn is not a style file" in panel.refused.text()
    # it was still being copied
    made_style(shipped / "whole.samplernn", "Whole")
    (shipped / "torn.samplernn").write_bytes((shipped / "whole.samplernn").read_bytes())
    qtbot.waitUntil(lambda: names(panel) == ["Harp", "Lute", "Whole", "Whole"])
    assert not panel.refused.isVisible()


def test_files_that_come_and_go_are_noticed(qtbot: QtBot, panel: StylesPanel, shipped: Path) -> None:
    made_style(shipped / "viol.samplernn", "Viol")
    qtbot.waitUntil(lambda: names(panel) == ["Harp", "Lute", "Viol"])
    (shipped / "lute.samplernn").unlink()
    qtbot.waitUntil(lambda: names(panel) == ["Harp", "Viol"])


# choosing


def test_a_click_crossfades_to_a_style(qtbot: QtBot, engine: FakeEngine, panel: StylesPanel, shipped: Path) -> None:
    click(qtbot, panel, 1)
    assert engine.commands == [Load(shipped / "lute.samplernn")]


def test_the_one_in_use_is_not_loaded_again(qtbot: QtBot, engine: FakeEngine, panel: StylesPanel) -> None:
    click(qtbot, panel, 0)
    assert engine.commands == []


def test_arrows_move_and_return_plays(qtbot: QtBot, engine: FakeEngine, panel: StylesPanel) -> None:
    assert panel.list.current is not None
    assert panel.list.current.path.stem == "harp"
    qtbot.keyClick(panel.list, Key.Key_Down)
    assert engine.commands == []
    qtbot.keyClick(panel.list, Key.Key_Return)
    assert loaded(engine) == ["lute"]


def test_its_temperature_comes_with_a_style_once_it_is_in_use(
    qtbot: QtBot, desk: Desk, engine: FakeEngine, panel: StylesPanel, shipped: Path
) -> None:
    click(qtbot, panel, 1)
    engine.show(work="opening lute")
    desk.instrument.poll()
    assert (engine.controls.temperature, desk.store.value.style) == (0.9, "")
    come(desk, engine, shipped / "lute.samplernn")
    assert (engine.controls.temperature, desk.store.value.style) == (1.1, "lute")
    desk.instrument.turn(temperature=0.6)
    desk.instrument.poll()
    assert engine.controls.temperature == 0.6


def test_a_style_that_does_not_open_changes_nothing(
    qtbot: QtBot, desk: Desk, engine: FakeEngine, panel: StylesPanel, shipped: Path
) -> None:
    click(qtbot, panel, 1)
    engine.show(notices=(Notice(1, "error", "lute: its graph is damaged"),))
    desk.instrument.poll()
    click(qtbot, panel, 0)
    assert loaded(engine) == ["lute"]
    come(desk, engine, shipped / "lute.samplernn")  # by another way, later
    assert (engine.controls.temperature, desk.store.value.style) == (0.9, "")


def test_back_to_the_one_in_use_while_another_is_being_opened(
    qtbot: QtBot, desk: Desk, engine: FakeEngine, panel: StylesPanel
) -> None:
    click(qtbot, panel, 1)
    engine.show(work="opening lute")
    desk.instrument.poll()
    click(qtbot, panel, 0)
    assert loaded(engine) == ["lute", "harp"]


def test_the_next_style_and_the_one_before_round_and_round(
    qtbot: QtBot, desk: Desk, engine: FakeEngine, panel: StylesPanel, shipped: Path
) -> None:
    desk.actions["next-style"].trigger()
    qtbot.waitUntil(lambda: loaded(engine) == ["lute"])
    come(desk, engine, shipped / "lute.samplernn")
    desk.actions["next-style"].trigger()
    qtbot.waitUntil(lambda: loaded(engine) == ["lute", "harp"])
    come(desk, engine, shipped / "harp.samplernn")
    desk.actions["previous-style"].trigger()
    qtbot.waitUntil(lambda: loaded(engine) == ["lute", "harp", "lute"])


def test_what_is_stepped_over_is_not_opened(
    qtbot: QtBot, desk: Desk, engine: FakeEngine, own: Path, panel: StylesPanel
) -> None:
    for _ in range(2):
        desk.actions["next-style"].trigger()
    assert panel.list.current is not None
    assert panel.list.current.path == own
    qtbot.waitUntil(lambda: engine.commands != [])
    assert loaded(engine) == ["zither"]


# installing


def test_a_file_that_is_refused_is_said_in_one_line(
    qtbot: QtBot, engine: FakeEngine, panel: StylesPanel, tmp_path: Path
) -> None:
    (tmp_path / "song.samplernn").write_bytes(b"no style")
    panel.install(tmp_path / "song.samplernn")
    assert "Checking song.samplernn" in panel.news.text.text()
    qtbot.waitUntil(lambda: "song.samplernn is not a style file" in panel.news.text.text())
    assert panel.news.text.property("role") == "bad"
    assert names(panel) == ["Harp", "Lute"]
    assert engine.commands == []


def test_a_style_is_chosen_installed_and_played(
    qtbot: QtBot, desk: Desk, engine: FakeEngine, panel: StylesPanel, tiny_style: Path, monkeypatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: (str(tiny_style), ""))
    desk.actions["open-style"].trigger()
    qtbot.waitUntil(lambda: names(panel) == ["Harp", "Lute", "Tiny"], timeout=20_000)
    assert panel.list.current is not None
    assert panel.list.current.entry.own
    assert panel.news.text.text() == "Tiny is installed."
    assert loaded(engine) == ["tiny"]


def dropped(panel: StylesPanel, path: Path) -> bool:
    """Whether it was taken."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    action, button, modifier = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(panel.rect().center(), action, data, button, modifier)
    enter.ignore()
    QApplication.sendEvent(panel, enter)
    if enter.isAccepted():
        assert panel.property("dropping")
        QApplication.sendEvent(panel, QDropEvent(QPointF(panel.rect().center()), action, data, button, modifier))
        assert not panel.property("dropping")
    return enter.isAccepted()


def test_a_style_can_be_dropped_and_nothing_else(panel: StylesPanel, tmp_path: Path) -> None:
    assert not dropped(panel, tmp_path / "song.flac")
    assert not panel.news.isVisible()
    assert dropped(panel, tmp_path / "song.samplernn")
    assert panel.news.text.text() == "Checking song.samplernn…"


# removing


def test_delete_moves_ones_own_to_the_trash_and_undo_brings_it_back(
    qtbot: QtBot, own: Path, panel: StylesPanel
) -> None:
    panel.list.go_to(own)
    qtbot.keyClick(panel.list, Key.Key_Delete)
    qtbot.waitUntil(lambda: names(panel) == ["Harp", "Lute"])
    assert not own.exists()
    assert panel.news.text.text() == "Zither is in the trash."
    assert panel.news.button.text() == "Undo"
    qtbot.mouseClick(panel.news.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: names(panel) == ["Harp", "Lute", "Zither"])
    assert own.exists()


def test_undo_by_key(qtbot: QtBot, own: Path, panel: StylesPanel) -> None:
    panel.list.go_to(own)
    qtbot.keyClick(panel.list, Key.Key_Delete)
    qtbot.waitUntil(lambda: names(panel) == ["Harp", "Lute"])
    qtbot.keyClick(panel.list, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: names(panel) == ["Harp", "Lute", "Zither"])
    qtbot.keyClick(panel.list, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)  # there is nothing more to undo
    assert own.exists()


def test_the_programs_own_styles_stay(qtbot: QtBot, panel: StylesPanel, shipped: Path) -> None:
    qtbot.keyClick(panel.list, Key.Key_Delete)
    assert panel.news.text.text() == "Harp comes with the program and stays."
    assert (shipped / "harp.samplernn").exists()


def test_a_removed_style_plays_on_but_is_not_looked_for_at_the_next_start(
    qtbot: QtBot, desk: Desk, engine: FakeEngine, own: Path, panel: StylesPanel
) -> None:
    click(qtbot, panel, 2)
    come(desk, engine, own)
    assert desk.store.value.style == "zither"
    qtbot.keyClick(panel.list, Key.Key_Delete)
    qtbot.waitUntil(lambda: "plays on until you choose another" in panel.news.text.text())
    assert desk.store.value.style == ""
    panel.shelf.undo()
    qtbot.waitUntil(lambda: desk.store.value.style == "zither")


def test_a_style_that_cannot_be_removed_is_said(qtbot: QtBot, own: Path, panel: StylesPanel) -> None:
    panel.list.go_to(own)
    own.unlink()
    qtbot.keyClick(panel.list, Key.Key_Delete)
    qtbot.waitUntil(lambda: "No such file" in panel.news.text.text())
    assert panel.news.text.property("role") == "bad"


# more


def menu_of(panel: StylesPanel) -> QMenu:
    """As the menu key opens it."""
    spot = panel.list.rect().center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, spot, panel.list.mapToGlobal(spot))
    QApplication.sendEvent(panel.list.viewport(), event)
    return panel.findChildren(QMenu)[-1]


def test_the_menu_of_a_card(qtbot: QtBot, engine: FakeEngine, own: Path, panel: StylesPanel) -> None:
    menu = menu_of(panel)
    removable = {action.text(): action.isEnabled() for action in menu.actions() if action.text()}
    assert removable == {
        "Play this style": True,
        "Hear its preview": False,
        "About this style…": True,
        "Measure its speed again": True,
        "Move to the trash": False,
    }
    menu.close()
    panel.list.go_to(own)
    menu = menu_of(panel)
    assert menu.actions()[-1].isEnabled()
    menu.actions()[0].trigger()
    menu.close()
    assert loaded(engine) == ["zither"]


def about(panel: StylesPanel) -> AboutStyle:
    return panel.findChildren(AboutStyle)[-1]


def test_about_the_style_in_use(qtbot: QtBot, desk: Desk, engine: FakeEngine, panel: StylesPanel) -> None:
    engine.show(provider="cpu", remark="no CUDA here: playing on the CPU")
    desk.instrument.poll()
    panel.list.clearFocus()
    panel.list.setCurrentIndex(panel.list.cards.index(1))
    desk.actions["about-style"].trigger()
    text = about(panel).text.toPlainText()
    about(panel).close()
    for told in (
        "Ann Other",
        "CC0-1.0",
        "an hour of it",
        "3.250 bits a sample",
        "0.6 hours of sound (36,000,000 samples",
        "3 GRU layers of 1024",
        "prime.int8.onnx, step.int8.onnx",
        "processor; no CUDA here",
        "harp.samplernn",
        panel.shelf.found.entries[0].sha256,
    ):
        assert told in text


def test_about_the_card_that_has_the_focus(qtbot: QtBot, desk: Desk, panel: StylesPanel) -> None:
    qtbot.keyClick(panel.list, Key.Key_Down)
    desk.actions["about-style"].trigger()
    assert about(panel).windowTitle() == "About Lute"
    assert "not in use" in about(panel).text.toPlainText()
    qtbot.keyClick(about(panel), Key.Key_Escape)


def test_icons_follow_the_scheme(qapp: QApplication, panel: StylesPanel) -> None:
    from studio import theme

    before = panel.grab().toImage()
    theme.apply(qapp, "light")
    qapp.sendPostedEvents(None, QEvent.Type.PaletteChange.value)
    assert panel.grab().toImage() != before
