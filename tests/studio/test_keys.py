"""Who gets a key: the window's shortcuts, or what has the focus."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLineEdit,
    QListWidget,
    QMainWindow,
    QPlainTextEdit,
    QPushButton,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from studio.actions import Actions
from studio.keys import Keys
from tests.studio.hands import show_active

Key = Qt.Key

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
"""The platform without a screen: it cannot move windows."""


class Played(QMainWindow):
    """A window with all the actions: `done` are those that were triggered."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []
        self.actions_ = Actions(self)
        for title, made in self.actions_.by_menu().items():
            self.menuBar().addMenu(title).addActions(made)
            self.addActions(made)
            for action in made:
                action.triggered.connect(lambda checked=False, action=action: self.done.append(action.objectName()))
        self.body = QVBoxLayout()
        centre = QWidget()
        centre.setLayout(self.body)
        self.setCentralWidget(centre)


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> Iterator[Played]:
    keys, window = Keys(qapp), Played()
    qtbot.addWidget(window)
    show_active(qtbot, window)
    yield window
    qapp.focusChanged.disconnect(keys._follow)
    keys.deleteLater()


@pytest.fixture
def press(qtbot: QtBot, window: Played) -> Callable[..., None]:
    """Press keys while a widget has the focus."""

    def press(widget: QWidget, *keys: Qt.Key) -> None:
        window.body.addWidget(widget)
        widget.show()
        widget.setFocus()
        qtbot.waitUntil(widget.hasFocus)
        for key in keys:
            qtbot.keyClick(widget, key)

    return press


def test_without_a_widget_that_needs_them_keys_are_shortcuts(window, press) -> None:
    plain = QWidget(focusPolicy=Qt.FocusPolicy.StrongFocus)
    press(plain, Key.Key_Down, Key.Key_Left, Key.Key_Return, Key.Key_Space)
    assert window.done == ["cooler", "earlier", "audition", "play"]


def test_arrows_move_in_a_list_and_turn_nothing(window, press) -> None:
    names, chosen = QListWidget(), []
    names.addItems(["harp", "lute", "piano"])
    names.setCurrentRow(0)
    names.activated.connect(lambda index: chosen.append(index.row()))
    press(names, Key.Key_Down, Key.Key_Down, Key.Key_Up, Key.Key_Return, Key.Key_End, Key.Key_Right)
    assert names.currentRow() == 2
    assert chosen == [1]
    assert window.done == []


def test_space_plays_also_from_a_list(window, press) -> None:
    press(QListWidget(), Key.Key_Space)
    assert window.done == ["play"]


def test_letters_are_typed_in_a_line_and_space_and_arrows_too(window, press) -> None:
    line, entered = QLineEdit(), []
    line.returnPressed.connect(lambda: entered.append(line.text()))
    press(line, Key.Key_R, Key.Key_Space, Key.Key_K, Key.Key_Left, Key.Key_N, Key.Key_Up, Key.Key_Return)
    assert line.text() == "r nk"
    assert entered == ["r nk"]
    assert window.done == []


def test_lines_are_written_in_a_text(window, press) -> None:
    text = QPlainTextEdit()
    press(text, Key.Key_S, Key.Key_Return, Key.Key_M, Key.Key_Up, Key.Key_B)
    assert text.toPlainText() == "sb\nm"
    assert window.done == []


@pytest.mark.parametrize("key", [Key.Key_Left, Key.Key_Down, Key.Key_Home])
def test_a_slider_goes_down(window, press, key: Qt.Key) -> None:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setValue(50)
    press(slider, key)
    assert slider.value() < 50
    assert window.done == []


def test_a_number_is_stepped_and_typed(window, press) -> None:
    number = QSpinBox(value=5)
    press(number, Key.Key_Up, Key.Key_Up, Key.Key_End, Key.Key_Backspace, Key.Key_3, Key.Key_Return)
    assert number.value() == 3
    assert window.done == []


def test_arrows_choose_in_a_box_of_choices(window, press) -> None:
    box = QComboBox()
    box.addItems(["dark", "light", "system"])
    press(box, Key.Key_Down, Key.Key_End, Key.Key_Up)
    assert box.currentText() == "light"
    assert window.done == []


@pytest.mark.parametrize("kind", [QToolButton, QPushButton])
def test_return_presses_a_button_and_space_plays(window, press, kind: type[QToolButton | QPushButton]) -> None:
    button, pressed = kind(), []
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.clicked.connect(lambda: pressed.append(True))
    press(button, Key.Key_Return, Key.Key_Space)
    assert pressed == [True]
    assert window.done == ["play"]


def test_the_menu_bar_is_gone_through_by_keys(qtbot: QtBot, window: Played) -> None:
    bar = window.menuBar()
    qtbot.keyPress(window, Key.Key_Alt, Qt.KeyboardModifier.AltModifier)
    qtbot.keyRelease(window, Key.Key_Alt)
    qtbot.waitUntil(bar.hasFocus)
    qtbot.keyClick(bar, Key.Key_Right)
    assert window.done == []
    assert bar.activeAction() is bar.actions()[1]


def test_a_modifier_makes_a_shortcut_of_it_everywhere(qtbot: QtBot, window, press) -> None:
    line = QLineEdit()
    press(line)
    qtbot.keyClick(line, Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert QKeySequence("Ctrl+Return") == window.actions_["prime-go"].shortcut()
    assert window.done == ["prime-go"]


def test_what_has_lost_the_focus_is_let_go(qapp: QApplication, qtbot: QtBot, window, press) -> None:
    first, second = QListWidget(), QWidget(focusPolicy=Qt.FocusPolicy.StrongFocus)
    press(first)
    press(second)
    qtbot.keyClick(first, Key.Key_Down)  # as when a key is sent to it without the focus
    assert window.done == ["cooler"]
