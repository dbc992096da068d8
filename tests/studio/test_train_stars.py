"""A rating by mouse and by keys."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio import theme
from studio.settings import Scheme
from studio.train.stars import GAP, PAD, SIZE, Stars

Key = Qt.Key


@pytest.fixture
def stars(qtbot: QtBot) -> Iterator[Stars]:
    made = Stars("Rating of step 1,000")
    qtbot.addWidget(made)
    made.show()
    yield made
    made.close()


@pytest.fixture
def told(stars: Stars) -> list[int]:
    """What the stars have told."""
    heard: list[int] = []
    stars.rated.connect(heard.append)
    return heard


def star(count: int) -> QPoint:
    """The middle of one, from 1."""
    return QPoint(PAD + SIZE // 2 + (count - 1) * (SIZE + GAP), PAD + SIZE // 2)


def test_a_click_rates_and_a_second_one_takes_it_back(stars: Stars, told: list[int]) -> None:
    for count in (1, 5, 3, 3):
        QTest.mouseClick(stars, Qt.MouseButton.LeftButton, pos=star(count))
    assert told == [1, 5, 3, 0]
    assert stars.value == 0


@pytest.mark.parametrize(
    ("key", "value"),
    [(Key.Key_0, 0), (Key.Key_5, 5), (Key.Key_Right, 3), (Key.Key_Left, 1), (Key.Key_Home, 0), (Key.Key_End, 5)],
)
def test_digits_and_arrows_rate(stars: Stars, told: list[int], key: Qt.Key, value: int) -> None:
    stars.set_value(2)
    assert not told  # only what is done by hand is told
    QTest.keyClick(stars, key)
    assert (stars.value, told) == (value, [value])


def test_keys_end_at_the_ends_and_others_are_left_to_the_window(stars: Stars, told: list[int]) -> None:
    stars.set_value(5)
    QTest.keyClick(stars, Key.Key_Right)
    assert not told
    for key, ours in ((Key.Key_Right, True), (Key.Key_3, True), (Key.Key_6, False), (Key.Key_Space, False)):
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.NoModifier)
        event.ignore()
        stars.event(event)
        assert event.isAccepted() == ours


def test_its_value_is_in_its_name_for_those_who_do_not_see_it(stars: Stars) -> None:
    names = []
    for value in (0, 1, 4):
        stars.set_value(value)
        names.append(stars.accessibleName())
    assert names == [f"Rating of step 1,000: {said}" for said in ("not rated", "1 star", "4 stars")]


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_each_value_looks_different(qapp: QApplication, stars: Stars, scheme: Scheme) -> None:
    theme.apply(qapp, scheme)
    seen = []
    for value in range(6):
        stars.set_value(value)
        seen.append(stars.grab().toImage())
    assert all(one != other for k, one in enumerate(seen) for other in seen[:k])
