"""What is told of the recordings before a training."""

import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from models.dataset import Manifest, Recording, Skipped
from studio import theme
from studio.settings import Scheme
from studio.train.recordings_model import Column
from studio.train.report import DataReport
from studio.train.verdict import length, verdict

RATE = 16_000


def recording(name: str, seconds: float = 60.0, rms: float = -20.0, warnings: tuple[str, ...] = ()) -> Recording:
    return Recording(
        f"session/{name}", f"/music/session/{name}", "0", 0, round(seconds * RATE), seconds, -3.04, rms, 0.0, warnings
    )


def manifest(minutes: float = 30.0, *others: Recording, skipped: tuple[Skipped, ...] = ()) -> Manifest:
    """So long to learn from, and the others with it."""
    rest = minutes * 60 - sum(each.seconds for each in others)
    train = (recording("long.wav", rest), *others)
    return Manifest(RATE, {"train": train, "valid": (recording("held.wav", 90.0),), "test": ()}, skipped)


BAD = (Skipped("/music/hum.wav", "silence: once mono, its peak is below -60 dBFS"),)


@pytest.fixture
def report(qtbot: QtBot) -> Iterator[DataReport]:
    made = DataReport()
    qtbot.addWidget(made)
    made.setMinimumSize(420, 400)
    made.resize(800, 400)
    made.show()
    yield made
    made.close()


def row(report: DataReport, k: int) -> list[str]:
    model = report.model
    return [model.data(model.index(k, column)) for column in Column]


@pytest.mark.parametrize(
    ("minutes", "title"),
    [
        (1, "Too little"),
        (4.9, "Too little"),
        (5, "A little thin"),
        (20, "Good"),
        (59, "Good"),
        (61, "Good, and plenty"),
    ],
)
def test_whether_it_is_enough_is_said_plainly(minutes: float, title: str) -> None:
    assert verdict(manifest(minutes)).title.startswith(title)


def test_it_tells_how_much_there_is_and_what_for(report: DataReport) -> None:
    assert report.said.isVisible()
    report.show_manifest(manifest(30))
    assert report.verdict.isVisible()
    assert report.facts.text() == "2 recordings, 32 min at 16 kHz: 30 min to learn from, 1.5 min to check with."
    assert not report.left_out.isVisible()
    assert report.table.isColumnHidden(Column.REMARKS)
    report.show_manifest(None)
    assert report.said.isVisible()


def test_what_was_left_out_comes_first_then_what_there_are_remarks_on(report: DataReport) -> None:
    odd = recording("odd.wav", 12.5, -31.0, ("an offset (DC) of 0.0100 was removed", "clipped: at least 9 samples"))
    report.show_manifest(manifest(30, odd, skipped=BAD))
    assert report.left_out.text() == "1 file was left out."
    assert row(report, 0) == ["hum.wav", f"left out: {BAD[0].reason}", "", "", "", ""]
    remarks = "an offset (DC) of 0.0100 was removed; clipped: at least 9 samples"
    assert row(report, 1) == ["odd.wav", remarks, "0:12.5", "−31.0 dB", "−3.0 dB", "learning"]
    assert [row(report, k)[0] for k in range(4)] == ["hum.wav", "odd.wav", "long.wav", "held.wav"]
    report.model.sort(Column.LENGTH, Qt.SortOrder.DescendingOrder)
    assert [row(report, k)[0] for k in range(4)] == ["hum.wav", "long.wav", "held.wav", "odd.wav"]
    tip = report.model.data(report.model.index(3, 0), Qt.ItemDataRole.ToolTipRole)
    assert "/music/session/odd.wav" in tip
    assert "loudness −31.0 dB, peak −3.0 dB" in tip


def test_a_narrow_one_leaves_to_the_tool_tips_what_has_no_room(report: DataReport) -> None:
    report.show_manifest(manifest(30, skipped=BAD))
    assert not any(report.table.isColumnHidden(column) for column in Column)
    report.resize(420, 400)
    assert [column for column in Column if report.table.isColumnHidden(column)] == [
        Column.LOUDNESS, Column.PEAK, Column.SPLIT,
    ]  # fmt: skip
    assert report.table.columnWidth(Column.REMARKS) > 180


def test_progress_and_trouble_are_told(report: DataReport) -> None:
    report.show_progress(0, 0, "")
    assert report.working.text() == "Looking for recordings…"
    report.show_progress(1200, 4000, "/music/session/long.wav")
    assert (report.working.text(), report.file.text()) == ("Listening to the recordings: 1,200 of 4,000", "long.wav")
    assert report.bar.isVisible()
    report.show_trouble("no sound files in /music")
    assert not report.bar.isVisible()
    assert (report.said.text(), report.said.property("role")) == ("no sound files in /music", "bad")


def test_ten_thousand_recordings_do_not_hold_it_up(report: DataReport) -> None:
    many = manifest(60_000, *(recording(f"{k}.wav") for k in range(10_000)))
    started = time.process_time()
    report.show_manifest(many)
    report.grab()
    report.model.sort(Column.LOUDNESS)
    assert time.process_time() - started < 1  # 0.15 here


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_remarks_stand_out_in_either_scheme(qapp: QApplication, report: DataReport, scheme: Scheme) -> None:
    theme.apply(qapp, scheme)
    report.show_manifest(manifest(30, skipped=BAD))
    ink = report.model.data(report.model.index(0, Column.REMARKS), Qt.ItemDataRole.ForegroundRole)
    assert ink.name() == theme.colours().bad


def test_lengths_are_said_as_people_say_them() -> None:
    assert [length(seconds) for seconds in (40, 59.7, 90, 300, 2580, 9000)] == [
        "40 s", "1 min", "1.5 min", "5 min", "43 min", "2.5 h",
    ]  # fmt: skip
