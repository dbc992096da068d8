"""How fast styles are here: measured while it is quiet, and remembered."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from studio import paths
from studio.desk import Desk
from studio.play import measuring
from studio.play.measuring import Measuring
from studio.play.speeds import Speeds, in_words
from tests.fakes import FakeEngine

HARP, LUTE = "aa" * 32, "bb" * 32
STYLES = {HARP: Path("/styles/harp.samplernn"), LUTE: Path("/styles/lute.samplernn")}


class Bench:
    """In place of `main.py bench`: tells the factors it is given, one after the other, and 0 seconds later."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.factors = iter([4.0, 3.0])
        self.script = "import json; print(json.dumps({'real_time_factor': %s}))"

    def __call__(self, *arguments: str, nice: int) -> list[str]:
        name, style, *rest = arguments
        assert (name, rest, nice) == ("bench", ["--provider", "auto"], 10)
        self.asked.append(Path(style).stem)
        script = self.script % next(self.factors) if "%s" in self.script else self.script
        return [sys.executable, "-S", "-c", script]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    made = Bench()
    monkeypatch.setattr(measuring, "command", made)
    monkeypatch.setattr(measuring, "QUIET_SECONDS", 0.0)
    monkeypatch.setattr(measuring, "PAUSE_SECONDS", 0.0)
    return made


@pytest.fixture
def measured(qtbot: QtBot, desk: Desk, bench: Bench) -> Callable[[], tuple[Speeds, Measuring]]:
    """Speeds and what measures them, as at a start of the app."""

    def start() -> tuple[Speeds, Measuring]:
        parent = QObject(desk.instrument)
        speeds = Speeds(desk, parent)
        qtbot.waitUntil(lambda: speeds.read)
        made = Measuring(desk, speeds, parent)
        made.want(STYLES)
        return speeds, made

    return start


def until(qtbot: QtBot, desk: Desk, condition: Callable[[], bool]) -> None:
    """Poll the engine until then."""

    def look() -> bool:
        desk.instrument.poll()
        return condition()

    qtbot.waitUntil(look, timeout=15_000)


def test_each_style_is_measured_once_and_remembered(
    qtbot: QtBot, desk: Desk, bench: Bench, measured: Callable[[], tuple[Speeds, Measuring]]
) -> None:
    speeds, now = measured()
    seen: list[str] = []
    now.changed.connect(lambda: seen.append(now.now))
    until(qtbot, desk, lambda: speeds.of(LUTE) is not None)
    assert (speeds.of(HARP), speeds.of(LUTE)) == (4.0, 3.0)
    assert seen == [HARP, "", LUTE, ""]
    file = paths.cache_folder() / "speeds.json"
    qtbot.waitUntil(lambda: file.exists() and LUTE in file.read_text())
    again, now = measured()
    assert (again.of(HARP), again.of(LUTE)) == (4.0, 3.0)
    desk.instrument.poll()
    assert now.now == ""
    assert bench.asked == ["harp", "lute"]


def test_speeds_are_of_one_choice_of_provider(qtbot: QtBot, desk: Desk, measured) -> None:
    speeds, _ = measured()
    speeds.learn(HARP, 4.0)
    with qtbot.waitSignal(speeds.changed):
        desk.store.change(provider="cuda")
    assert speeds.of(HARP) is None
    desk.store.change(provider="auto")
    assert speeds.of(HARP) == 4.0


def test_nothing_is_measured_while_it_plays(
    qtbot: QtBot, desk: Desk, engine: FakeEngine, bench: Bench, measured: Callable[[], tuple[Speeds, Measuring]]
) -> None:
    bench.script = "import time; time.sleep(60)"
    speeds, now = measured()
    engine.show(state="playing")
    desk.instrument.poll()
    assert bench.asked == []
    engine.show(state="stopped")
    until(qtbot, desk, lambda: now.now == HARP)
    engine.show(state="starting")
    desk.instrument.poll()
    assert now.now == ""
    assert not now._program.running
    bench.script = Bench().script
    engine.show(state="stopped")
    until(qtbot, desk, lambda: speeds.of(LUTE) is not None)
    assert bench.asked == ["harp", "harp", "lute"]


def test_nothing_is_measured_while_a_style_is_opened(desk: Desk, engine: FakeEngine, bench: Bench, measured) -> None:
    measured()
    engine.show(work="opening piano")
    for _ in range(3):
        desk.instrument.poll()
    assert bench.asked == []


def test_the_style_that_plays_tells_its_speed_itself(
    qtbot: QtBot, desk: Desk, engine: FakeEngine, bench: Bench, measured: Callable[[], tuple[Speeds, Measuring]]
) -> None:
    speeds, _ = measured()
    settled = 20.0 + measuring.SETTLED_SECONDS + desk.instrument.controls.crossfade
    told = {"state": "playing", "style_sha256": HARP, "voices": 1, "real_time_factor": 2.5}
    engine.show(**told, played=20.0)
    desk.instrument.poll()
    engine.show(played=settled)
    desk.instrument.poll()
    assert speeds.of(HARP) is None  # the one before may still be heard
    engine.show(played=settled + 0.1)
    desk.instrument.poll()
    assert speeds.of(HARP) == 2.5
    engine.show(real_time_factor=2.0)  # slower may be the machine
    desk.instrument.poll()
    assert speeds.of(HARP) == 2.5
    engine.show(real_time_factor=4.0)  # faster is the style
    desk.instrument.poll()
    assert speeds.of(HARP) == 4.0


def test_several_voices_tell_nothing_of_one(desk: Desk, engine: FakeEngine, bench: Bench, measured) -> None:
    speeds, _ = measured()
    for played in (0.0, 100.0):
        engine.show(state="playing", style_sha256=HARP, voices=2, real_time_factor=2.5, played=played)
        desk.instrument.poll()
    assert speeds.of(HARP) is None


def test_one_that_seems_too_heavy_is_tried_again_and_the_best_counts(
    qtbot: QtBot, desk: Desk, bench: Bench, measured: Callable[[], tuple[Speeds, Measuring]]
) -> None:
    bench.factors = iter([0.8, 3.0, 0.5, 0.7, 9.0])
    speeds, now = measured()
    until(qtbot, desk, lambda: len(bench.asked) == 4 and not now.now)
    assert bench.asked == ["harp", "lute", "harp", "harp"]
    assert (speeds.of(HARP), speeds.of(LUTE)) == (0.8, 3.0)
    desk.instrument.poll()
    assert not now.now


def test_one_that_cannot_be_measured_is_left(
    qtbot: QtBot, desk: Desk, bench: Bench, measured: Callable[[], tuple[Speeds, Measuring]]
) -> None:
    bench.script = "import sys; sys.exit('its graph is damaged')"
    speeds, now = measured()
    until(qtbot, desk, lambda: len(bench.asked) == 2 and not now.now)
    desk.instrument.poll()
    assert bench.asked == ["harp", "lute"]
    assert speeds.of(HARP) is None


def test_measured_again_when_asked_to(qtbot: QtBot, desk: Desk, bench: Bench, measured) -> None:
    bench.factors = iter([4.0, 3.0, 5.0])
    speeds, now = measured()
    until(qtbot, desk, lambda: speeds.of(LUTE) is not None)
    now.again(HARP)
    assert speeds.of(HARP) is None
    until(qtbot, desk, lambda: speeds.of(HARP) == 5.0)


@pytest.mark.parametrize("content", ["{", "[]", json.dumps({"here": {HARP: "fast"}}), "\x00"])
def test_a_damaged_file_is_as_none(qtbot: QtBot, measured, content: str) -> None:
    paths.cache_folder().mkdir(parents=True)
    (paths.cache_folder() / "speeds.json").write_text(content)
    speeds, _ = measured()
    assert speeds.of(HARP) is None
    speeds.learn(HARP, 4.0)
    qtbot.waitUntil(lambda: HARP in (paths.cache_folder() / "speeds.json").read_text())


def test_a_disk_that_refuses_is_no_trouble(qtbot: QtBot, desk: Desk, measured) -> None:
    paths.cache_folder().parent.mkdir(parents=True, exist_ok=True)
    paths.cache_folder().write_text("a file where the folder should be")
    speeds, _ = measured()
    speeds.learn(HARP, 4.0)
    qtbot.waitUntil(lambda: not desk.jobs.running)
    assert speeds.of(HARP) == 4.0


@pytest.mark.parametrize(
    ("factor", "measuring_now", "text", "role"),
    [
        (None, False, "speed not measured yet", "faint"),
        (None, True, "measuring…", "faint"),
        (0.72, False, "0.7×, too heavy: render only", "warning"),
        (1.1, False, "1.1×, only just plays live", "warning"),
        (4.12, False, "4.1×, plays live", "good"),
        (31.4, False, "31×, plays live", "good"),
    ],
)
def test_a_speed_in_words(factor: float | None, measuring_now: bool, text: str, role: str) -> None:
    texts, told = in_words(factor, measuring_now)
    assert (texts[0], told) == (text, role)
    assert len(texts[-1]) <= len(texts[0])
