"""One knob under hands, wheel and keys."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from studio import theme
from studio.widgets.field import Field
from studio.widgets.knob import Knob
from studio.widgets.panel import row
from studio.widgets.scale import Scale
from tests.studio.hands import SHIFT, drag, show_active, wheel

Key = Qt.Key
CENTRE = QPoint(30, 30)


class Bench(QMainWindow):
    """A window whose arrow keys and Return are shortcuts, with a knob and another widget."""

    def __init__(self) -> None:
        super().__init__()
        scale = Scale(((0.0, 0.0), (100.0, 1.0)), "ms", digits=1, step=5.0)
        self.knob = Knob("Delay", scale, 40.0, "How late it is.")
        self.other = Field()
        self.turned: list[float] = []
        self.knob.turned.connect(self.turned.append)
        self.taken: list[str] = []
        for key in ("Up", "Down", "Left", "Right", "Return"):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.activated.connect(lambda key=key: self.taken.append(key))
        body = QWidget()
        line = row(parent=body)
        line.addWidget(self.knob)
        line.addWidget(self.other)
        self.setCentralWidget(body)
        self.setMinimumSize(300, 120)

    @property
    def field(self) -> Field:
        found = self.knob.findChild(Field)
        assert isinstance(found, Field)
        return found


@pytest.fixture
def bench(qtbot: QtBot) -> Bench:
    made = Bench()
    qtbot.addWidget(made)
    show_active(qtbot, made)
    made.knob.setFocus()
    return made


def test_two_hundred_pixels_are_the_full_range(bench: Bench) -> None:
    drag(bench.knob, -500)
    assert bench.knob.value == 0
    drag(bench.knob, 200)
    assert bench.knob.value == 100
    drag(bench.knob, -100)
    assert bench.knob.value == 50
    assert bench.turned[-1] == 50


def test_shift_turns_finely_also_in_many_small_moves(bench: Bench) -> None:
    drag(bench.knob, 100, SHIFT, moves=100)
    assert bench.knob.value == pytest.approx(45)


def test_a_drag_that_comes_back_from_beyond_the_end_turns_at_once(bench: Bench) -> None:
    drag(bench.knob, 400)
    drag(bench.knob, -20)
    assert bench.knob.value == 90


def test_the_wheel_goes_a_step_a_notch_and_sums_up_small_turns(bench: Bench) -> None:
    wheel(bench.knob, 120)
    assert bench.knob.value == 45
    for _ in range(4):
        wheel(bench.knob, -30)
    assert bench.knob.value == 40
    assert bench.turned == [45, 40]


def test_the_wheel_is_fine_with_shift_also_where_shift_turns_it_sideways(bench: Bench) -> None:
    wheel(bench.knob, 120, SHIFT, sideways=True)
    assert bench.knob.value == 40.5


@pytest.mark.parametrize(
    ("key", "value"),
    [(Key.Key_Up, 45), (Key.Key_Right, 45), (Key.Key_Down, 35), (Key.Key_Left, 35), (Key.Key_PageUp, 65),
     (Key.Key_PageDown, 15), (Key.Key_Home, 0), (Key.Key_End, 100)],
)  # fmt: skip
def test_a_focused_knob_has_the_keys_and_the_window_its_shortcuts_otherwise(
    qtbot: QtBot, bench: Bench, key: Qt.Key, value: float
) -> None:
    qtbot.keyClick(bench.knob, key)
    assert bench.knob.value == value
    assert not bench.taken
    qtbot.keyClick(bench.knob, Key.Key_Escape)
    assert not bench.knob.hasFocus()
    qtbot.keyClick(bench, Key.Key_Up)
    assert (bench.taken, bench.knob.value) == (["Up"], value)


def test_shift_and_an_arrow_is_a_fine_step(qtbot: QtBot, bench: Bench) -> None:
    qtbot.keyClick(bench.knob, Key.Key_Up, SHIFT)
    assert bench.knob.value == 40.5


def test_double_click_and_ctrl_click_reset(qtbot: QtBot, bench: Bench) -> None:
    left = Qt.MouseButton.LeftButton
    for reset in (
        lambda: qtbot.mouseDClick(bench.knob, left, pos=CENTRE),
        lambda: qtbot.mouseClick(bench.knob, left, Qt.KeyboardModifier.ControlModifier, CENTRE),
    ):
        qtbot.keyClick(bench.knob, Key.Key_End)
        reset()
        assert bench.knob.value == 40
    bench.knob.set_default(60)
    qtbot.mouseDClick(bench.knob, left, pos=CENTRE)
    assert bench.knob.value == 60


def test_a_digit_opens_a_field_and_return_sets_the_value(qtbot: QtBot, bench: Bench) -> None:
    qtbot.keyClicks(bench.knob, "7")
    qtbot.keyClicks(bench.field, "2.25 ms")
    qtbot.keyClick(bench.field, Key.Key_Enter)
    assert bench.knob.value == 72.25
    assert bench.turned == [72.25]
    assert bench.field.isHidden()
    assert bench.knob.hasFocus()


@pytest.mark.parametrize("key", [Key.Key_Return, Key.Key_Enter, Key.Key_F2])
def test_return_opens_the_field_with_the_value_selected(qtbot: QtBot, bench: Bench, key: Qt.Key) -> None:
    qtbot.keyClick(bench.knob, key)
    assert bench.field.selectedText() == "40.0"
    assert not bench.taken


def test_arrows_in_the_field_do_not_turn_the_knob(qtbot: QtBot, bench: Bench) -> None:
    qtbot.keyClicks(bench.knob, "7")
    qtbot.keyClick(bench.field, Key.Key_PageUp)
    assert (bench.knob.value, bench.field.text()) == (40, "7")


def test_escape_leaves_the_value_as_it_was(qtbot: QtBot, bench: Bench) -> None:
    qtbot.keyClicks(bench.knob, "7")
    qtbot.keyClick(bench.field, Key.Key_Escape)
    assert (bench.knob.value, bench.turned) == (40, [])
    assert bench.field.isHidden()


@pytest.mark.qt_log_ignore("does not support raise")  # of a tool tip, without a screen
def test_what_cannot_be_is_said_and_kept_to_be_mended(qtbot: QtBot, bench: Bench) -> None:
    qtbot.keyClicks(bench.knob, "7")
    qtbot.keyClicks(bench.field, "00")
    qtbot.keyClick(bench.field, Key.Key_Enter)
    assert bench.field.isVisible()
    assert bench.field.text() == "700"
    assert bench.field.toolTip() == "700 is out of range: type a number from 0.0 to 100.0 ms"
    assert bench.field.property("role") == "bad"
    assert bench.knob.value == 40
    qtbot.keyClick(bench.field, Key.Key_Backspace)
    assert bench.field.property("role") == ""
    qtbot.keyClick(bench.field, Key.Key_Enter)
    assert bench.knob.value == 70


def test_leaving_the_field_takes_what_can_be_read_and_drops_the_rest(qtbot: QtBot, bench: Bench) -> None:
    for typed, value in (("7", 7), ("-", 7)):
        qtbot.keyClicks(bench.knob, typed)
        bench.other.setFocus()
        assert bench.field.isHidden()
        assert bench.knob.value == value
        bench.knob.setFocus()


def test_its_name_for_screen_readers_tells_the_value(bench: Bench) -> None:
    assert bench.knob.accessibleName() == "Delay 40.0 ms"
    bench.knob.set_value(12.5)
    assert bench.knob.accessibleName() == "Delay 12.5 ms"
    assert not bench.turned
    assert "How late it is." in bench.knob.toolTip()


def test_a_disabled_knob_stays(bench: Bench) -> None:
    bench.knob.setEnabled(False)
    drag(bench.knob, 100)
    wheel(bench.knob, 120)
    assert bench.knob.value == 40


def test_it_is_painted_in_the_scheme_that_is_in_force(qapp: QApplication, bench: Bench) -> None:
    def colours() -> set[str]:
        image = bench.knob.grab().toImage()
        return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}

    bench.other.setFocus()
    assert theme.DARK.accent in colours()
    bench.knob.set_value(0)
    assert theme.DARK.accent not in colours()
    bench.knob.setFocus()  # its ring
    theme.apply(qapp, "light")
    assert theme.LIGHT.accent in colours()
    assert theme.DARK.accent not in colours()
