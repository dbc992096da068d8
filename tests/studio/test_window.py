"""The window as a whole, with a fake engine."""

from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from engine.controls import Start, Stop
from studio import theme
from studio.about import About
from studio.actions import TABLE
from studio.desk import Desk
from studio.settings_dialog import SettingsDialog
from studio.widgets.hint import Hint
from studio.window import LEAST, Window
from tests.fakes import FakeEngine
from tests.studio.hands import show_active


@pytest.fixture
def window(qtbot: QtBot, desk: Desk) -> Window:
    made = Window(desk)
    qtbot.addWidget(made)
    show_active(qtbot, made)
    return made


def test_space_plays_and_stops(qtbot: QtBot, desk: Desk, engine: FakeEngine, window: Window) -> None:
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert engine.commands == [Start()]
    desk.instrument.poll()
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert engine.commands == [Start(), Stop()]


def test_every_action_has_a_key_of_its_own(qtbot: QtBot, desk: Desk) -> None:
    """What each then does is its panel's affair, and tested there."""
    bare = QWidget()
    qtbot.addWidget(bare)
    actions, done = desk.actions, list[str]()
    for spec in TABLE:
        bare.addAction(actions[spec.name])
        actions[spec.name].setEnabled(True)
        actions[spec.name].triggered.connect(partial(done.append, spec.name))
    show_active(qtbot, bare)
    for spec in TABLE:
        actions.show_page(spec.page or "play")
        QTest.keySequence(bare, QKeySequence(spec.shortcut))
    assert done == [spec.name for spec in TABLE]


def test_the_window_has_all_actions_in_its_menus_and_under_their_keys(desk: Desk, window: Window) -> None:
    every = {spec.name for spec in TABLE}
    assert {action.objectName() for action in window.actions()} >= every
    menus = [action.menu() for action in window.menuBar().actions()]
    assert {action.objectName() for menu in menus if isinstance(menu, QMenu) for action in menu.actions()} >= every


@pytest.mark.qt_log_ignore("This plugin does not support")  # what needs a screen
def test_the_settings_open_again_and_again_and_are_one_dialog(qtbot: QtBot, window: Window) -> None:
    for _ in range(2):
        qtbot.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
        dialogs = window.findChildren(SettingsDialog)
        assert [dialog.isVisible() for dialog in dialogs] == [True]
        dialogs[0].close()


def test_the_hint_is_there_until_space_is_pressed(qtbot: QtBot, desk: Desk, window: Window) -> None:
    hint = window.findChild(Hint)
    assert isinstance(hint, Hint)
    assert hint.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert not hint.isVisible()
    assert desk.store.value.hint_seen


def test_the_pages_are_called_what_they_are(window: Window) -> None:
    tabs = [tab.text() for tab in window.findChildren(QToolButton) if tab.property("role") == "tab"]
    assert tabs == ["Play", "Takes", "Train"]


def drop(window: Window, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    action, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    for event in (
        QDragEnterEvent(QPoint(9, 9), action, mime, left, none),
        QDropEvent(QPointF(9, 9), action, mime, left, none),
    ):
        QApplication.sendEvent(window, event)
        assert event.isAccepted()


def test_what_is_dropped_anywhere_on_the_window_goes_where_it_belongs(
    qtbot: QtBot, desk: Desk, window: Window, tmp_path: Path
) -> None:
    """A style to the styles, all else to the prime panel; each says what is wrong with what is no such thing."""

    def says(text: str) -> bool:
        return any(text in label.text() for label in window.findChildren(QLabel))

    for name, trouble in (("organ.samplernn", "not a style file"), ("organ.wav", "organ.wav")):
        (tmp_path / name).write_bytes(b"nothing")
        window.show_page("takes")
        drop(window, tmp_path / name)
        assert window.pages.currentWidget() is window.play
        qtbot.waitUntil(partial(says, trouble))
    qtbot.waitUntil(lambda: not desk.jobs.running)


def test_a_locked_seed_is_kept_for_the_next_start(desk: Desk, window: Window) -> None:
    desk.actions["lock-seed"].trigger()
    assert desk.store.value.seed == 7
    desk.instrument.reseed(9)
    assert desk.store.value.seed == 9
    desk.actions["lock-seed"].trigger()
    assert desk.store.value.seed is None


def test_all_that_may_lie_over_the_page_leaves_the_window_as_small_as_it_may_be(desk: Desk, window: Window) -> None:
    window.resize(*LEAST)
    desk.instrument.say("error", "A long story of what went wrong and what is to be done about it. " * 4)
    assert (window.width(), window.height()) == LEAST
    assert window.minimumSizeHint().height() <= LEAST[1]


def test_icons_of_menus_follow_the_theme(desk: Desk, window: Window) -> None:
    def ink() -> set[str]:
        image = desk.actions["settings"].icon().pixmap(64, 64).toImage()
        colours = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
        return {colour.name() for colour in colours if colour.alpha() == 255}

    assert theme.DARK.text in ink()
    desk.store.change(scheme="light")
    assert theme.LIGHT.text in ink()


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_about_says_what_it_is_made_of(qtbot: QtBot, desk: Desk, window: Window) -> None:
    desk.actions["about"].trigger()
    (about,) = window.findChildren(About)
    assert any("Mehri" in part.text() for part in about.findChildren(QLabel))
    about.close()
