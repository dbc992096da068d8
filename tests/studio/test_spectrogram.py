"""The scrolling spectrogram, and what it says of the place that is pointed at."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from models.config import ModelConfig
from studio import theme
from studio.desk import Desk
from studio.views import model as known
from studio.views.bands import COLUMNS_A_SECOND, LONG, ROWS, Bands, decibels, hertz, note
from studio.views.spectrogram import Spectrogram
from tests.fakes import RATE, FakeEngine


def tone(frequency: float, level: float, rate: int = RATE, seconds: float = 1.0) -> npt.NDArray[np.float32]:
    """level: dBFS"""
    wave = 10 ** (level / 20) * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)
    return np.stack([wave, wave], 1).astype(np.float32)


@pytest.fixture
def panel(qtbot: QtBot, desk: Desk) -> Iterator[Spectrogram]:
    panel = Spectrogram(desk)
    qtbot.addWidget(panel)
    panel.setMinimumSize(640, 300)
    panel.show()
    yield panel
    qtbot.waitUntil(lambda: not desk.jobs.running)


def hear(desk: Desk, engine: FakeEngine, seconds: float = 2.0) -> None:
    """Let the fake engine's tone sound."""
    start = engine.shown.heard
    for position in range(start, start + round(seconds * RATE) + 1, 1600):
        engine.show(heard=position)
        desk.instrument.poll()


@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("frequency", [41.2, 220.0, 440.0, 3000.0])
def test_a_tone_is_a_ridge_at_its_pitch_and_level(rate: int, frequency: float) -> None:
    bands = Bands(rate, 8000)
    column = bands.columns(tone(frequency, -6, rate))[-1][::-1]
    nearest = int(np.abs(np.log(bands.frequencies / frequency)).argmin())
    assert abs(int(column.argmax()) - nearest) <= 1
    assert decibels(int(column.max())) == pytest.approx(-6, abs=1)
    elsewhere = np.abs(np.log2(bands.frequencies / frequency)) > 1
    assert column[elsewhere].max() == 0


def test_two_bass_notes_and_the_partials_of_a_high_one_are_apart() -> None:
    for first, second in ((55.0, 73.4), (440.0, 523.3), (2793.8, 3520.0)):
        column = Bands(RATE, 16_000).columns(tone(first, -12) + tone(second, -12))[-1].astype(int)[::-1]
        frequencies = Bands(RATE, 16_000).frequencies
        rows = [int(np.abs(frequencies - each).argmin()) for each in (first, second)]
        valley = column[rows[0] : rows[1] + 1].min()
        assert all(decibels(int(column[row])) - decibels(int(valley)) > 12 for row in rows)


def test_columns_do_not_depend_on_the_pieces() -> None:
    sound = np.random.default_rng(0).normal(0, 0.1, (RATE, 2)).astype(np.float32)
    whole = Bands(RATE, 8000).columns(sound)
    assert len(whole) == (RATE - round(LONG * RATE)) // (RATE // COLUMNS_A_SECOND) + 1
    pieces, bands = [], Bands(RATE, 8000)
    for part in np.split(sound, [1, 500, 9000, 9000, 20_000, 47_000]):
        pieces.append(bands.columns(part))
    assert np.array_equal(np.concatenate(pieces), whole)


def test_what_is_heard_scrolls_in_from_the_right(panel: Spectrogram, desk: Desk, engine: FakeEngine) -> None:
    assert "press Space" in panel.plot.message
    hear(desk, engine)
    assert not panel.plot.message
    columns = panel.plot.trail.levels.max(axis=0)
    sounding = int((columns > 0).sum())
    assert sounding == pytest.approx((2 - LONG) * COLUMNS_A_SECOND, abs=2)
    assert (columns[-sounding:] > 0).all()


def test_more_than_the_picture_holds_goes_out_at_the_left(panel: Spectrogram, desk: Desk, engine: FakeEngine) -> None:
    hear(desk, engine, 13)
    assert (panel.plot.trail.levels.max(axis=0) > 0).all()


def test_the_mouse_reads_frequency_note_and_level(
    qtbot: QtBot, panel: Spectrogram, desk: Desk, engine: FakeEngine
) -> None:
    hear(desk, engine)
    plot = panel.plot
    row = int(plot.trail.levels[:, -1].argmax())
    at = QPoint(plot.width() - 60, round((row + 0.5) / ROWS * (plot.height() - 16)))
    qtbot.mouseMove(plot, at)
    frequency, pitch, level = panel.readout.text().split("  ·  ")
    assert float(frequency.removesuffix(" Hz")) == pytest.approx(220, rel=0.03)
    assert pitch == "A3"
    # the mixture of half and a quarter of full scale
    assert float(level.removesuffix(" dB").replace("−", "-")) == pytest.approx(-8.5, abs=1)
    qtbot.mouseMove(plot, QPoint(2, 2))
    assert panel.readout.text() == ""


def test_the_arrows_point_as_the_mouse_does(qtbot: QtBot, panel: Spectrogram, desk: Desk, engine: FakeEngine) -> None:
    hear(desk, engine)
    plot = panel.plot
    plot.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(plot.hasFocus)
    qtbot.keyClick(plot, Qt.Key.Key_Up)
    first = panel.readout.text()
    qtbot.keyClick(plot, Qt.Key.Key_Down)
    assert panel.readout.text() not in ("", first)
    qtbot.keyClick(plot, Qt.Key.Key_Up)
    assert panel.readout.text() == first == plot.accessibleDescription()
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Right):
        for _ in range(2 * ROWS):
            qtbot.keyClick(plot, key)
    highest = hertz(min(16_000, RATE / 2))
    assert panel.readout.text().startswith(highest)
    qtbot.keyClick(plot, Qt.Key.Key_Escape)
    assert panel.readout.text() == ""


def test_it_reaches_up_to_half_the_styles_rate(
    qtbot: QtBot, panel: Spectrogram, desk: Desk, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    style = SimpleNamespace(info=SimpleNamespace(model=ModelConfig(sample_rate=12_000)))
    monkeypatch.setattr(known, "open_style", lambda path: style)
    hear(desk, engine)
    with qtbot.waitSignal(panel._known.changed):
        engine.show(style=Path("other.samplernn"))
        desk.instrument.poll()
    hear(desk, engine)
    qtbot.mouseMove(panel.plot, QPoint(panel.plot.width() - 60, 0))
    assert panel.readout.text().startswith("6.00 kHz")


def test_another_scheme_colours_what_was_heard(
    qapp: QApplication, panel: Spectrogram, desk: Desk, engine: FakeEngine
) -> None:
    hear(desk, engine)
    dark = panel.plot.grab().toImage()
    theme.apply(qapp, "light")
    light = panel.plot.grab().toImage()
    # where nothing was heard, and where the tone is
    silent, row = QPoint(100, 100), int(panel.plot.trail.levels[:, -1].argmax())
    sounding = QPoint(panel.plot.width() - 60, round((row + 0.5) / ROWS * (panel.plot.height() - 16)))
    assert lightness(dark, silent) < 40 < 215 < lightness(light, silent)
    assert lightness(dark, sounding) > 120 > lightness(light, sounding)


def lightness(image: QImage, at: QPoint) -> int:
    return image.pixelColor(at * image.devicePixelRatio()).lightness()


def test_how_pitches_are_said() -> None:
    assert [note(frequency) for frequency in (27.5, 261.6, 440, 466.2)] == ["A0", "C4", "A4", "A♯4"]
    assert [hertz(frequency) for frequency in (61.7, 999, 1250)] == ["62 Hz", "999 Hz", "1.25 kHz"]
