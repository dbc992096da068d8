"""How a training goes, as curves and in words."""

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio import theme
from studio.settings import Scheme
from studio.train.axis import round_logarithmic, round_values, short
from studio.train.curves import Curves
from studio.train.metrics import Metrics, smoothed, thinned


def line(step: int, steps: int = 1000, **others: Any) -> dict[str, Any]:
    """Of a training that takes 0.6 s a step."""
    values = {"bits": 3 + 100 / step, "bits_valid": None, "learning_rate": 0.001, "samples_per_second": 30_000.0}
    return {"step": step, "steps": steps, "seconds_left": 0.6 * (steps - step), **values, **others}


def lines(count: int, steps: int = 1000) -> list[dict[str, Any]]:
    return [line(25 * k, steps, bits_valid=3.1 if k % 4 == 0 else None) for k in range(1, count + 1)]


@pytest.fixture
def curves(qtbot: QtBot) -> Iterator[Curves]:
    made = Curves()
    qtbot.addWidget(made)
    made.setFixedSize(420, 400)
    made.show()
    yield made
    made.close()


def told(curves: Curves) -> str:
    return "  ".join(each.text() for each in curves.told)


def test_before_the_first_report_it_says_what_will_be_here(curves: Curves) -> None:
    curves.show_lines([])
    assert curves.empty.isVisible()
    curves.show_lines(lines(1))
    assert not curves.empty.isVisible()
    assert told(curves).startswith("Step 25 of 1,000  ·  after 0:15  ·  train 7.000 bits")


def test_the_first_report_alone_is_seen(curves: Curves) -> None:
    curves.show_lines(lines(1))
    image = curves.plots.grab().toImage()
    inks = [image.pixelColor(x, y) for x in range(60, image.width()) for y in range(image.height())]
    for wanted in (theme.colour("accent"), theme.colour("good")):
        assert any(
            abs(ink.red() - wanted.red()) + abs(ink.green() - wanted.green()) + abs(ink.blue() - wanted.blue()) < 60
            for ink in inks
        )


def test_the_last_line_is_told_and_any_other_by_mouse_and_keys(curves: Curves) -> None:
    curves.show_lines(lines(40))
    assert told(curves) == (
        "Step 1,000 of 1,000  ·  after 10:00  ·  train 3.100, valid 3.100 bits  "
        "Learning rate 0.001  ·  30,000 samples a second"
    )
    QTest.keyClick(curves.plots, Qt.Key.Key_Left)
    assert told(curves).startswith("Step 975  ·  after 9:45")
    QTest.keyClick(curves.plots, Qt.Key.Key_Home)
    assert told(curves).startswith("Step 25  ·  after 0:15  ·  train 7.000 bits")
    curves.plots.hovered.emit(510.0)
    assert told(curves).startswith("Step 500  ")
    assert curves.plots.accessibleDescription().startswith("Step 500  ")
    curves.plots.hovered.emit(None)
    assert told(curves).startswith("Step 1,000 of 1,000")


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_every_choice_draws_something_else(qapp: QApplication, curves: Curves, scheme: Scheme) -> None:
    theme.apply(qapp, scheme)
    curves.show_lines(lines(40))
    seen = [curves.plots.grab().toImage()]
    for box, value in (
        (curves.over, "minutes"),
        (curves.scale, "log"),
        (curves.scale, "both"),
        (curves.other, "samples_per_second"),
    ):
        box.setCurrentIndex(box.findData(value))
        seen.append(curves.plots.grab().toImage())
        assert all(seen[-1] != before for before in seen[:-1])


def test_another_scheme_recolours(qapp: QApplication, curves: Curves) -> None:
    curves.show_lines(lines(40))
    dark = curves.plots.grab().toImage().pixelColor(2, 2).lightness()
    theme.apply(qapp, "light")
    assert dark < 30 < 225 < curves.plots.grab().toImage().pixelColor(2, 2).lightness()


def test_a_hundred_thousand_lines_do_not_hold_it_up(curves: Curves) -> None:
    many = lines(100_000, 2_500_000)
    curves.show_lines(many)
    started = time.process_time()
    curves.show_lines([*many, line(2_500_001, 2_500_001)])
    assert time.process_time() - started < 0.5  # 0.09 here
    assert told(curves).startswith("Step 2,500,001")


def test_what_was_done_again_counts_once() -> None:
    metrics = Metrics()
    first = lines(20)
    metrics.take(first)
    again = [*first, line(425, bits=9.0), line(450, bits=8.0)]
    metrics.take(again)
    assert metrics["step"].tolist() == [*range(25, 401, 25), 425, 450]
    assert metrics["bits"][-2:].tolist() == [9.0, 8.0]
    metrics.take(lines(3))  # another run
    assert metrics["step"].tolist() == [25, 50, 75]


def test_time_goes_on_where_the_estimate_is_not_known() -> None:
    metrics = Metrics()
    metrics.take([line(500), line(1000, seconds_left=0.0)])
    assert metrics.minutes.tolist() == [5.0, 10.0]
    metrics.take([line(500, 500, seconds_left=0.0)])
    assert metrics.minutes.tolist() == [0.0]


def test_time_is_that_of_all_sessions_however_the_pace_changes() -> None:
    metrics = Metrics()
    told = [line(100, seconds=60.0), line(200, seconds=600.0), line(300, seconds=30.0), line(400, seconds=90.0)]
    metrics.take(told)
    assert metrics.minutes.tolist() == [1.0, 10.0, 10.5, 11.5]
    metrics.take([*told, line(500)])  # by an earlier version
    assert metrics.minutes[-1] == 12.5


def test_smoothing_is_a_mean_and_keeps_a_slope() -> None:
    slope = np.arange(400.0)
    assert smoothed(slope, 0.0) is slope
    assert np.allclose(smoothed(slope, 1.0)[:300], slope[:300])
    noise = np.random.default_rng(1).normal(0, 1, 2000)
    assert smoothed(noise, 1.0)[300:-300].std() < 0.1


def test_thinning_keeps_what_stands_out() -> None:
    y = np.zeros(50_000)
    y[[12_345, 40_000]] = 5, -3
    x, few = thinned(np.arange(50_000.0), y, 500)
    assert len(few) <= 1000
    assert (few.max(), few.min()) == (5, -3)
    assert x[few.argmax()] == pytest.approx(12_345, abs=100)


def test_figures_are_few_and_round() -> None:
    assert round_values(2.31, 4.4, 5) == [2.5, 3.0, 3.5, 4.0]
    assert round_values(0, 100_000, 4) == [0, 50_000, 100_000]
    assert round_logarithmic(25, 1_000_000, 8) == [100, 1000, 10_000, 100_000, 1_000_000]
    assert round_logarithmic(2.4, 4.6, 6) == [2.5, 3.0, 3.5, 4.0, 4.5]
    assert [short(value) for value in (0, 0.00025, 0.005, 2.5, 9000, 12_000, 2.5e6)] == [
        "0", "2.5e-4", "0.005", "2.5", "9000", "12k", "2.5M",
    ]  # fmt: skip
