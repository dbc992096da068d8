"""What a training has learned so far, to be heard, rated and installed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollArea
from pytestqt.qtbot import QtBot

from studio.desk import Desk
from studio.train.clips import Clip, Clips

RATE = 16_000


@pytest.fixture
def clips(qtbot: QtBot, desk: Desk) -> Iterator[Clips]:
    page, made = QScrollArea(widgetResizable=True), Clips(desk.jobs)
    page.setWidget(made)
    qtbot.addWidget(page)
    page.resize(436, 400)
    page.show()
    yield made
    page.close()


@pytest.fixture
def told(clips: Clips) -> list[Any]:
    heard: list[Any] = []
    clips.play.connect(heard.append)
    clips.stop.connect(lambda: heard.append("stop"))
    clips.rated.connect(lambda *what: heard.append(what))
    clips.install.connect(lambda step: heard.append(f"install {step}"))
    return heard


def sound(path: Path) -> Path:
    soundfile.write(path, 0.5 * np.sin(np.arange(RATE) / 9), RATE)
    return path


def test_the_latest_moment_is_first_with_what_is_known_of_it(clips: Clips) -> None:
    assert clips.empty.isVisible()
    clips.show_clips([Clip(1000, 0.7), Clip(1000, 0.9), Clip(12_000, 0.7)], {12_000: 2.9}, {1000})
    assert not clips.empty.isVisible()
    first, second = clips.moments
    assert (first.title.text(), first.bits.text(), first.install.text()) == (
        "Step 12,000", "2.900 bits", "Install as style",
    )  # fmt: skip
    assert (second.title.text(), second.bits.text(), second.install.text()) == ("Step 1,000", "", "Installed")
    assert [cell.clip.temperature for cell in clips.cells] == [0.7, 0.7, 0.9]
    clips.show_clips([])
    assert clips.empty.isVisible()


def test_a_clip_that_is_being_made_waits(clips: Clips, told: list[Any], tmp_path: Path) -> None:
    clips.show_clips([Clip(1000, 0.7)])
    [cell] = clips.cells
    assert not cell.button.isEnabled()
    assert not cell.stars.isEnabled()
    assert cell.wave.message == "being made…"
    path = tmp_path / "clip.flac"
    clips.show_clips([Clip(1000, 0.7, path, 3)])
    assert clips.cells == [cell]  # in its place, so that the focus stays
    assert (cell.button.isEnabled(), cell.stars.value, cell.wave.message) == (True, 3, "")
    cell.button.click()
    clips.show_playing(path)
    cell.button.click()
    assert told == [path, "stop"]
    assert cell.button.accessibleName() == "Stop step 1,000 at temperature 0.7"


def test_only_the_one_that_is_heard_shows_it(clips: Clips, tmp_path: Path) -> None:
    paths = [tmp_path / "a.flac", tmp_path / "b.flac"]
    both = [Clip(1000, 0.7, paths[0]), Clip(1000, 0.9, paths[1])]
    clips.show_clips(both)
    clips.show_playing(paths[1])
    clips.show_clips(both)
    names = [cell.button.accessibleName().split()[0] for cell in clips.cells]
    assert names == ["Play", "Stop"]
    clips.show_playing(None)
    assert clips.cells[1].button.accessibleName().startswith("Play")


def test_it_tells_what_is_rated_and_what_is_to_be_installed(clips: Clips, told: list[Any], tmp_path: Path) -> None:
    clips.show_clips([Clip(k, t, tmp_path / f"{k} {t}") for k in (1000, 2000) for t in (0.7, 0.9)])
    QTest.keyClick(clips.cells[3].stars, Qt.Key.Key_4)
    clips.moments[0].install.click()
    assert told == [(1000, 0.9, 4), "install 2000"]


def test_what_is_gone_is_gone(clips: Clips, tmp_path: Path) -> None:
    clips.show_clips([Clip(1000, 0.7), Clip(2000, 0.7), Clip(2000, 0.9)])
    clips.show_clips([Clip(2000, 0.9)])
    assert [(cell.clip.step, cell.clip.temperature) for cell in clips.cells] == [(2000, 0.9)]


def test_sounds_are_seen_where_there_are_any(qtbot: QtBot, clips: Clips, tmp_path: Path) -> None:
    good, broken = sound(tmp_path / "good.flac"), tmp_path / "broken.flac"
    broken.write_bytes(b"no sound")
    clips.show_clips([Clip(1000, 0.7, good), Clip(1000, 0.9, broken), Clip(1000, 1.1, tmp_path / "gone.flac")])
    qtbot.waitUntil(lambda: len(clips.cells[0].wave.peaks) > 0)
    assert clips.cells[0].wave.peaks.high.max() == pytest.approx(0.5, abs=0.01)
    assert [len(cell.wave.peaks) for cell in clips.cells[1:]] == [0, 0]


def test_three_fit_into_a_narrow_page(clips: Clips) -> None:
    clips.show_clips([Clip(1_200_000, t) for t in (0.7, 0.85, 1.0)], {1_200_000: 2.9})
    assert clips.minimumSizeHint().width() <= 420
