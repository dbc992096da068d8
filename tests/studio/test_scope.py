"""The scope: a steady tone stands still, silence is a calm line."""

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio import theme
from studio.desk import Desk
from studio.views.scope import Scope, ScopePlot
from studio.views.tap import Piece
from tests.fakes import RATE, FakeEngine


@pytest.fixture
def plot(qtbot: QtBot) -> ScopePlot:
    plot = ScopePlot()
    qtbot.addWidget(plot)
    return plot


def stereo(wave: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    return np.stack([wave, wave], 1).astype(np.float32)


def pieces(wave: npt.NDArray[np.float64], seed: int = 0) -> list[Piece]:
    """A wave as it arrives: in steps of 0 to 60 ms."""
    random = np.random.default_rng(seed)
    cuts = np.cumsum(random.integers(1, 6, len(wave)) * 480)
    parts = np.split(stereo(wave), cuts[cuts < len(wave)])
    return [Piece(part, RATE, k == 0) for k, part in enumerate(parts)]


def pictures(plot: ScopePlot, wave: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """What is seen at each frame, float64 [pictures, points]: the mixture at the plot's points of time."""
    seen = []
    for piece in pieces(wave):
        plot.hear(piece)
        if len(plot.picture):
            at = np.arange(round(0.025 * RATE)) + plot.shift
            seen.append(np.interp(at, np.arange(len(plot.picture)), plot.picture.mean(axis=1)))
    return np.array(seen[3:])


@pytest.mark.parametrize("frequency", [31.0, 110.0, 220.0, 441.7, 1318.5])
def test_a_tone_stands_still(plot: ScopePlot, frequency: float) -> None:
    wave = 0.5 * np.sin(2 * np.pi * frequency * np.arange(2 * RATE) / RATE)
    seen = pictures(plot, wave)
    half_a_sample = 0.5 * 2 * np.pi * frequency / RATE * 0.5
    assert np.abs(seen - seen[0]).max() < half_a_sample + 1e-3
    # a little above the middle, and rising
    assert 0.05 < seen[0][0] < 0.1
    assert seen[0][2] > seen[0][0]


def test_a_wave_that_rises_three_times_a_period_stands_still(plot: ScopePlot) -> None:
    phase = 2 * np.pi * 130.8 * np.arange(2 * RATE) / RATE
    seen = pictures(plot, 0.15 * np.sin(phase) + 0.5 * np.sin(3 * phase + 0.5))
    assert np.abs(seen - seen[0]).max() < 0.05


@pytest.mark.parametrize("sharpness", [1, 15])
def test_trembling_about_the_middle_is_no_edge(plot: ScopePlot, sharpness: int) -> None:
    """A sine, and pulses between which the wave rests at the middle."""
    clean = 0.5 * np.sin(2 * np.pi * 60 * np.arange(2 * RATE) / RATE) ** sharpness
    noise = np.random.default_rng(2).normal(0, 0.02, 2 * RATE)
    seen = pictures(plot, clean + noise)
    highest = seen.argmax(axis=1) % (RATE / 60)
    assert highest.max() - highest.min() < (RATE / 60) * (0.15 if sharpness == 1 else 0.03)


def test_silence_is_a_calm_line(plot: ScopePlot) -> None:
    plot.hear(Piece(stereo(np.zeros(RATE)), RATE, True))
    assert not plot.message
    assert not len(plot.picture)


def test_the_scale_follows_the_wave(plot: ScopePlot) -> None:
    wave = np.sin(2 * np.pi * 220 * np.arange(RATE) / RATE)
    for piece in pieces(0.9 * wave):
        plot.hear(piece)
    assert plot.edge == 0
    for piece in pieces(np.tile(0.02 * wave, 12))[1:]:
        plot.hear(piece)
    assert plot.edge == -30
    plot.hear(Piece(stereo(0.9 * wave[:1600]), RATE, False))
    assert plot.edge == 0


def test_left_and_right_are_told_apart_where_they_differ(
    qtbot: QtBot, desk: Desk, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = Scope(desk)
    qtbot.addWidget(panel)
    panel.setMinimumSize(400, 160)
    panel.show()
    assert "Press Space" in panel.plot.message
    engine.show(heard=RATE)
    desk.instrument.poll()
    assert all(side.isVisible() for side in panel.sides)
    both = engine.heard(0, 4 * RATE)[:, :1].repeat(2, axis=1)
    monkeypatch.setattr(engine, "heard", lambda start, end: both[start:end])
    engine.show(heard=3 * RATE)
    desk.instrument.poll()
    assert not any(side.isVisible() for side in panel.sides)


def test_a_hidden_scope_looks_at_nothing(qtbot: QtBot, desk: Desk, engine: FakeEngine) -> None:
    panel = Scope(desk)
    qtbot.addWidget(panel)
    engine.show(heard=RATE)
    desk.instrument.poll()
    assert not len(panel.plot.picture)


def test_another_scheme_recolours(qapp: QApplication, qtbot: QtBot, plot: ScopePlot) -> None:
    plot.hear(Piece(stereo(0.5 * np.sin(np.arange(RATE) / 20)), RATE, True))
    plot.show()
    dark = plot.grab().toImage()
    theme.apply(qapp, "light")
    assert mean_lightness(dark) < 60 < 200 < mean_lightness(plot.grab().toImage())


def mean_lightness(image: QImage) -> float:
    points = ((x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7))
    return float(np.mean([image.pixelColor(x, y).lightness() for x, y in points]))
