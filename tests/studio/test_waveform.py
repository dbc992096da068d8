"""Waveforms, and the region that is dragged on one."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from studio import theme
from studio.peaks import peaks
from studio.widgets.region import LEAST, RegionView
from studio.widgets.waveform import Waveform, wave_image
from tests.studio.hands import show_active

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # what needs a screen

RATE = 1000
SECONDS = 100.0
WIDTH, HEIGHT = 400, 80
Key, Modifier = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def view(qtbot: QtBot) -> RegionView:
    """Of a hundred seconds, loud in the second half; a pixel is a quarter of a second."""
    made = RegionView(most=60.0)
    qtbot.addWidget(made)
    sound = (np.sin(np.arange(int(SECONDS) * RATE)) * 0.1).astype(np.float32)
    sound[len(sound) // 2 :] *= 8
    made.show_peaks(peaks(sound[:, None], 10), 10 / RATE, SECONDS)
    made.set_region(20.0, 40.0)
    made.resize(WIDTH, HEIGHT)
    show_active(qtbot, made)
    return made


def drag(qtbot: QtBot, view: Waveform, start: float, end: float) -> None:
    """From one second to another."""
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(view, left, pos=at(view, start))
    qtbot.mouseMove(view, at(view, (start + end) / 2))
    qtbot.mouseMove(view, at(view, end))
    qtbot.mouseRelease(view, left, pos=at(view, end))


def at(view: Waveform, seconds: float) -> QPoint:
    return QPoint(round(view.x_of(seconds)), HEIGHT // 2)


def turn_wheel(view: Waveform, seconds: float, steps: int, held: Qt.KeyboardModifier = Modifier.NoModifier) -> None:
    place = QPointF(at(view, seconds))
    none = Qt.MouseButton.NoButton
    phase = Qt.ScrollPhase.NoScrollPhase
    turn = QWheelEvent(place, view.mapToGlobal(place), QPoint(), QPoint(0, 120 * steps), none, held, phase, False)
    QApplication.sendEvent(view, turn)


def height_of_wave(image: QImage, x: int) -> int:
    """Rows that are not background."""
    return sum(QImage.pixelColor(image, x, y).alpha() > 100 for y in range(image.height()))


# The picture


def test_the_picture_is_as_high_as_the_sound_is_loud() -> None:
    sound = np.repeat(np.array([[0.0], [0.5], [1.0]], np.float32), 10, axis=0) * np.tile([[1], [-1]], (15, 1))
    image = wave_image(peaks(sound.astype(np.float32), 10), 100)
    assert (image.width(), image.height()) == (3, 100)
    assert [height_of_wave(image, x) for x in range(3)] == [pytest.approx(high, abs=2) for high in (1, 50, 100)]


def test_silence_is_a_line_and_strength_is_brighter_than_peaks() -> None:
    spiky = np.zeros((100, 1), np.float32)
    spiky[::50] = 1.0
    spiky[1::50] = -1.0
    image = wave_image(peaks(spiky, 100), 101)
    assert image.pixelColor(0, 50).alpha() > 250
    assert 80 < image.pixelColor(0, 5).alpha() < 150
    assert height_of_wave(wave_image(peaks(spiky * 0, 100), 101), 0) == 1


# The view


def test_the_wheel_zooms_where_the_mouse_is_and_back(view: RegionView) -> None:
    turn_wheel(view, 75.0, 4)
    start, end = view.view
    assert end - start < 50
    assert view.x_of(75.0) == pytest.approx(WIDTH * 0.75, abs=1)
    turn_wheel(view, 75.0, 1, Modifier.ShiftModifier)
    assert view.view[0] < start
    turn_wheel(view, 75.0, -20)
    assert view.view == (0.0, SECONDS)
    turn_wheel(view, 75.0, 100)
    assert view.view[1] - view.view[0] == pytest.approx(0.5)


def test_what_is_zoomed_is_what_is_there(view: RegionView) -> None:
    view.set_region(0.0, SECONDS)
    view.clearFocus()
    accent = theme.colour("accent").hueF()

    def high(seconds: float) -> int:
        image = view.grab().toImage()
        column = [image.pixelColor(round(view.x_of(seconds)), y) for y in range(HEIGHT)]
        return sum(abs(each.hueF() - accent) < 0.03 and each.valueF() > 0.4 for each in column)

    assert high(49) < HEIGHT * 0.25 < HEIGHT * 0.7 < high(51)
    view.look(45.0, 10.0)
    assert high(49) < HEIGHT * 0.25 < HEIGHT * 0.7 < high(51)


def test_the_cursor_is_where_it_is_heard(view: RegionView) -> None:
    x = round(view.x_of(70.0))
    second = theme.colour("second").rgb()
    assert view.grab().toImage().pixelColor(x, 10).rgb() != second
    view.set_cursor(70.0)
    image = view.grab().toImage()
    assert {image.pixelColor(x + by, 10).rgb() for by in (-1, 0)} == {second}


# The region, by mouse


def test_dragging_it_moves_it(qtbot: QtBot, view: RegionView) -> None:
    with qtbot.waitSignal(view.region_changed):
        drag(qtbot, view, 30, 50)
    assert view.region == pytest.approx((40, 60))
    drag(qtbot, view, 50, 99)
    assert view.region == pytest.approx((80, 100))


@pytest.mark.parametrize(
    ("start", "end", "region"),
    [
        (20, 10, (10, 40)),
        (20, 39.99, (40 - LEAST, 40)),
        (20, 95, (40 - LEAST, 40)),
        (40, 50, (20, 50)),
        (40, 99, (20, 80)),  # no longer than a prime may be
        (40, 5, (20, 20 + LEAST)),
    ],
)
def test_dragging_an_edge_changes_it(
    qtbot: QtBot, view: RegionView, start: float, end: float, region: tuple[float, float]
) -> None:
    drag(qtbot, view, start, end)
    assert view.region == pytest.approx(region, abs=0.3)
    assert view.region[1] - view.region[0] >= LEAST * 0.999


@pytest.mark.parametrize(
    ("start", "end", "region"), [(60, 75, (60, 75)), (90, 80, (80, 90)), (10, 99, (10, 70)), (90, 1, (30, 90))]
)
def test_dragging_elsewhere_makes_another(
    qtbot: QtBot, view: RegionView, start: float, end: float, region: tuple[float, float]
) -> None:
    drag(qtbot, view, start, end)
    assert view.region == pytest.approx(region, abs=0.3)


def test_a_click_elsewhere_brings_it_there(qtbot: QtBot, view: RegionView) -> None:
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=at(view, 70))
    assert view.region == pytest.approx((60, 80))
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=at(view, 1))
    assert view.region == pytest.approx((0, 20))


def test_the_mouse_shows_what_it_would_do(qtbot: QtBot, view: RegionView) -> None:
    for seconds, shape in (
        (20, Qt.CursorShape.SplitHCursor),
        (30, Qt.CursorShape.OpenHandCursor),
        (40, Qt.CursorShape.SplitHCursor),
        (60, Qt.CursorShape.CrossCursor),
    ):
        qtbot.mouseMove(view, at(view, seconds))
        assert view.cursor().shape() == shape


def test_a_region_too_narrow_to_see_can_be_taken_hold_of(qtbot: QtBot, view: RegionView) -> None:
    view.set_region(50.0, 50.2)
    drag(qtbot, view, 50.9, 70)
    assert view.region == pytest.approx((50, 70), abs=0.3)


def test_where_there_is_nothing_nothing_happens(qtbot: QtBot, view: RegionView) -> None:
    view.clear()
    view.set_region(0.0, 0.0)
    drag(qtbot, view, 0, 0)
    qtbot.keyClick(view, Key.Key_Right)
    assert view.region == (0.0, 0.0)
    view.grab()


# ... and by keyboard


@pytest.mark.parametrize(
    ("key", "held", "region"),
    [
        (Key.Key_Right, Modifier.NoModifier, (21, 41)),
        (Key.Key_Left, Modifier.NoModifier, (19, 39)),
        (Key.Key_Right, Modifier.ShiftModifier, (20.1, 40.1)),
        (Key.Key_Right, Modifier.AltModifier, (20, 41)),
        (Key.Key_Left, Modifier.AltModifier | Modifier.ShiftModifier, (20, 39.9)),
        (Key.Key_Right, Modifier.ControlModifier, (21, 40)),
        (Key.Key_Left, Modifier.ControlModifier | Modifier.ShiftModifier, (19.9, 40)),
        (Key.Key_Home, Modifier.NoModifier, (0, 20)),
        (Key.Key_End, Modifier.NoModifier, (80, 100)),
    ],
)
def test_keys_move_it_and_its_ends(
    qtbot: QtBot, view: RegionView, key: Qt.Key, held: Qt.KeyboardModifier, region: tuple[float, float]
) -> None:
    with qtbot.waitSignal(view.region_changed):
        qtbot.keyClick(view, key, held)
    assert view.region == pytest.approx(region)


def test_keys_zoom_and_what_is_moved_stays_in_view(qtbot: QtBot, view: RegionView) -> None:
    for _ in range(6):
        qtbot.keyClick(view, Key.Key_Plus)
    length = view.view[1] - view.view[0]
    assert length < 30
    assert view.view[0] <= 20 <= 40 <= view.view[1]
    qtbot.keyClick(view, Key.Key_End)
    assert view.view[1] == SECONDS
    for _ in range(20):
        qtbot.keyClick(view, Key.Key_Minus)
    assert view.view == (0.0, SECONDS)


def test_the_arrow_keys_are_not_the_windows_while_it_has_the_focus(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    view, action = RegionView(60.0, window), QAction(window)
    action.setShortcut("Left")
    window.addAction(action)
    view.show_peaks(peaks(np.zeros((100, 1), np.float32), 1), 1.0, 100.0)
    view.set_region(20.0, 40.0)
    show_active(qtbot, window)
    view.setFocus()
    with qtbot.assertNotEmitted(action.triggered):
        qtbot.keyClick(view, Key.Key_Left)
    assert view.region == pytest.approx((19, 39))


def test_who_cannot_see_it_is_told(qtbot: QtBot, view: RegionView) -> None:
    assert view.accessibleName() == "Region of the recording"
    qtbot.keyClick(view, Key.Key_Right)
    assert view.accessibleDescription() == "from 0:21.0 to 0:41.0 of 1:40.0"


def test_its_colours_are_those_of_the_scheme(view: RegionView, qapp: QApplication) -> None:
    view.set_region(0.0, SECONDS)
    theme.apply(qapp, "light")
    view.clearFocus()
    shown, wanted = view.grab().toImage().pixelColor(round(view.x_of(75.0)), HEIGHT // 2), theme.colour("accent")
    assert shown.getRgb() == pytest.approx(wanted.getRgb(), abs=2)
