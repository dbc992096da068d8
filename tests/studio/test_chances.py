"""What the network thinks, as it moves."""

from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from models.config import ModelConfig
from models.quantizer import Quantizer
from studio import theme
from studio.desk import Desk
from studio.views import model as known
from studio.views.chances import Chances
from tests.fakes import RATE, FakeEngine

LEVELS = 256
STEP = RATE // 30


@pytest.fixture
def panel(qtbot: QtBot, desk: Desk) -> Iterator[Chances]:
    panel = Chances(desk)
    qtbot.addWidget(panel)
    panel.setMinimumSize(300, 260)
    panel.show()
    yield panel
    qtbot.waitUntil(lambda: not desk.jobs.running)


def peak(level: int, width: float = 2.0) -> npt.NDArray[np.float32]:
    """Most likely at a level."""
    chances = np.exp(-np.abs(np.arange(LEVELS) - level) / width)
    made: npt.NDArray[np.float32] = (chances / chances.sum()).astype(np.float32)
    return made


def think(desk: Desk, engine: FakeEngine, chances: npt.NDArray[np.float32], steps: int = 1) -> None:
    bits = -float(np.sum(chances * np.log2(np.maximum(chances, 1e-20))))
    written = engine.shown.written + steps * STEP
    engine.show(state="playing", temperature=0.9, written=written, distribution=chances, entropy=bits)
    desk.instrument.poll()


def test_the_distribution_moves_up_and_leaves_a_trail(panel: Chances, desk: Desk, engine: FakeEngine) -> None:
    for level in range(100, 200):
        think(desk, engine, peak(level))
    assert panel.plot.now.argmax() == 199
    rows = LEVELS - 1 - panel.plot.trail.levels[:, -100:].argmax(axis=0)
    assert rows.tolist() == list(range(100, 200))


def test_the_trail_keeps_time_though_frames_are_late(panel: Chances, desk: Desk, engine: FakeEngine) -> None:
    think(desk, engine, peak(50))
    for steps in (1, 3, 1, 5):
        think(desk, engine, peak(60 + steps), steps)
    rows = (LEVELS - 1 - panel.plot.trail.levels[:, -11:].argmax(axis=0)).tolist()
    assert rows == [50, 61, 63, 63, 63, 61, 65, 65, 65, 65, 65]


def test_what_was_not_seen_is_not_made_up(panel: Chances, desk: Desk, engine: FakeEngine) -> None:
    think(desk, engine, peak(50))
    panel.hide()
    for _ in range(100):
        think(desk, engine, peak(200))
    assert panel.plot.now.argmax() == 50
    panel.show()
    think(desk, engine, peak(90))
    assert (panel.plot.trail.levels.max(axis=0) > 0).sum() == 1
    assert np.isnan(panel.plot.bits).sum() == len(panel.plot.bits) - 1


def test_a_clock_that_begins_again_begins_a_trail(panel: Chances, desk: Desk, engine: FakeEngine) -> None:
    for _ in range(20):
        think(desk, engine, peak(50))
    engine.show(written=0)
    think(desk, engine, peak(70))
    assert (panel.plot.trail.levels.max(axis=0) > 0).sum() == 1


def test_it_stands_still_with_the_clock(panel: Chances, desk: Desk, engine: FakeEngine) -> None:
    think(desk, engine, peak(50))
    think(desk, engine, peak(80), steps=0)
    assert panel.plot.now.argmax() == 50


@pytest.mark.parametrize(
    ("width", "bits", "word"),
    [(0.05, "0.0", "sure"), (0.7, "1.8", "fairly sure"), (2, "3.4", "wavering"), (1e9, "8.0", "unsure")],
)
def test_the_entropy_is_told_in_bits_and_in_words(
    panel: Chances, desk: Desk, engine: FakeEngine, width: float, bits: str, word: str
) -> None:
    for _ in range(30):
        think(desk, engine, peak(128, width))
    assert panel.plot.told == (f"{bits} bits", word)
    assert panel.plot.accessibleDescription() == word


def test_any_number_of_levels_is_shown(panel: Chances, desk: Desk, engine: FakeEngine) -> None:
    for levels in (4, 64, 300, 65_536):
        chances = np.full(levels, 0.5 / levels, np.float32)
        chances[levels // 4] += 0.5
        think(desk, engine, chances)
        panel.plot.grab()
        rows = panel.plot.trail.rows
        assert panel.plot.trail.levels[::-1, -1].argmax() == pytest.approx(rows / 4, abs=1)


def test_nothing_to_show_is_explained(panel: Chances, desk: Desk, engine: FakeEngine) -> None:
    assert "Press Space" in panel.plot.message
    think(desk, engine, peak(50))
    assert panel.plot.message == ""
    engine.show(temperature=0.0)
    desk.instrument.poll()
    assert "temperature 0" in panel.plot.message
    think(desk, engine, peak(50))
    assert panel.plot.message == ""
    engine.show(state="stopped")
    desk.instrument.poll()
    assert "Press Space" in panel.plot.message


@pytest.mark.parametrize("emphasis", [0.0, 0.85])
def test_heights_are_those_of_the_styles_quantiser(
    qtbot: QtBot, panel: Chances, desk: Desk, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, emphasis: float
) -> None:
    """With pre-emphasis its levels are no heights."""
    model = ModelConfig(quantizer="mu-law", levels=LEVELS, emphasis=emphasis)
    style = SimpleNamespace(info=SimpleNamespace(model=model))
    monkeypatch.setattr(known, "open_style", lambda path: style)
    with qtbot.waitSignal(panel._known.changed):
        desk.instrument.poll()
    think(desk, engine, peak(50))
    field, _, _ = panel.plot.places()
    marks = panel.plot.marks(field)
    if emphasis:
        assert not marks
        return
    assert {level for level, _ in marks} == {0, -20, -40}
    upper = min(y for level, y in marks if level == -20)
    level = int(Quantizer("mu-law", LEVELS).encode(np.array(0.1)))
    assert upper == pytest.approx(field.bottom() - (level + 0.5) / LEVELS * field.height(), abs=1)


def test_another_scheme_recolours(qapp: QApplication, panel: Chances, desk: Desk, engine: FakeEngine) -> None:
    for level in range(200):
        think(desk, engine, peak(level))
    dark = panel.plot.grab().toImage()
    theme.apply(qapp, "light")
    assert mean_lightness(dark) < 60 < 180 < mean_lightness(panel.plot.grab().toImage())


def mean_lightness(image: QImage) -> float:
    points = ((x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7))
    return float(np.mean([image.pixelColor(x, y).lightness() for x, y in points]))
