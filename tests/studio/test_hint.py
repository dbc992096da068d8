"""What a newcomer reads first."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.desk import Desk
from studio.widgets.hint import Hint

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
"""The platform without a screen: it cannot move windows."""


def shown(qtbot: QtBot, desk: Desk) -> Hint:
    hint = Hint(desk)
    qtbot.addWidget(hint)
    return hint


def test_it_is_there_until_something_was_played(qtbot: QtBot, desk: Desk) -> None:
    hint = shown(qtbot, desk)
    assert hint.isVisible()
    assert "Space" in hint.accessibleDescription()
    desk.actions["play"].trigger()
    assert not hint.isVisible()
    assert desk.store.value.hint_seen
    assert not shown(qtbot, desk).isVisible()


def test_it_can_be_sent_away_by_key(qtbot: QtBot, desk: Desk) -> None:
    hint = shown(qtbot, desk)
    with qtbot.waitActive(hint):
        hint.activateWindow()
    qtbot.keyClick(hint.close_button, Qt.Key.Key_Space)
    assert not hint.isVisible()
    assert desk.store.value.hint_seen
