"""The window as a whole, with a fake engine."""

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.controls import Start, Stop
from studio.desk import Desk
from studio.window import Window
from tests.fakes import FakeEngine


def test_space_plays_and_stops(qtbot: QtBot, desk: Desk, engine: FakeEngine) -> None:
    window = Window(desk)
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert engine.commands == [Start()]
    desk.instrument.poll()
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert engine.commands == [Start(), Stop()]
