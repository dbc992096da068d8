"""The state of the engine in words, and what can be done about it."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.controls import Auditioning, Controls, Start, State, Status
from studio.desk import Desk
from studio.play import words
from studio.play.engine import CALM, EnginePanel
from tests.fakes import FakeEngine, write_hollow_style


@pytest.fixture
def panel(qtbot: QtBot, desk: Desk) -> EnginePanel:
    made = EnginePanel(desk)
    qtbot.addWidget(made)
    made.setMinimumSize(226, 132)
    made.show()
    return made


def show(desk: Desk, engine: FakeEngine, **changes: object) -> None:
    """A status, for as long as figures take to follow."""
    engine.show(**changes)
    for _ in range(CALM):
        desk.instrument.poll()


@pytest.mark.parametrize(
    ("state", "text"),
    [("stopped", "Stopped"), ("starting", "Starting…"), ("playing", "Playing"), ("reconnecting", "Device lost"),
     ("failed", "Failed")],
)  # fmt: skip
def test_the_state_is_said(panel: EnginePanel, desk: Desk, engine: FakeEngine, state: State, text: str) -> None:
    engine.show(state=state)
    desk.instrument.poll()
    assert panel.state.text() == text


def test_what_is_auditioned_is_said(panel: EnginePanel, desk: Desk, engine: FakeEngine) -> None:
    engine.show(state="playing", auditioning=Auditioning("first light.flac", 0.5, 3.0))
    desk.instrument.poll()
    assert (panel.state.text(), panel.work.text()) == ("Hearing", "first light.flac")
    engine.show(auditioning=None)
    desk.instrument.poll()
    assert panel.state.text() == "Playing"


def test_a_lost_device_and_that_the_music_goes_on(panel: EnginePanel, desk: Desk, engine: FakeEngine) -> None:
    show(desk, engine, state="reconnecting", reason="Speakers has vanished: playing on without sound until it is back.")
    assert panel.trouble.reason.isVisible()
    assert panel.trouble.reason.text() == "Speakers has vanished: playing on without sound until it is back."
    assert not panel.trouble.again.isVisible()
    show(desk, engine, state="playing", reason="")
    assert not panel.trouble.isVisible()


def test_a_failure_and_the_way_out_of_it(panel: EnginePanel, desk: Desk, engine: FakeEngine) -> None:
    desk.actions["play"].triggered.connect(desk.instrument.toggle)  # as the window does
    show(desk, engine, state="failed", reason="the engine's process ended (signal 9); start it again")
    assert panel.trouble.reason.text() == "The engine's process ended (signal 9); start it again."
    assert panel.trouble.again.text() == "Start again"
    assert "(Space)" in panel.trouble.again.toolTip()
    panel.trouble.again.click()
    assert engine.commands == [Start()]
    desk.instrument.poll()
    assert panel.state.text() == "Playing"
    assert panel.figures.isVisible()


def test_a_long_reason_is_cut_and_whole_in_the_tool_tip(panel: EnginePanel, desk: Desk, engine: FakeEngine) -> None:
    height = panel.sizeHint().height()
    show(desk, engine, state="failed", reason="Nothing works. " * 40)
    panel.grab()
    assert panel.sizeHint().height() == height
    assert panel.trouble.reason.toolTip() == panel.trouble.reason.text()


def test_figures(panel: EnginePanel, desk: Desk, engine: FakeEngine) -> None:
    show(
        desk, engine, state="playing", device="pulse", provider="cuda", rate=44_100, fill=0.098, delay=0.085,
        real_time_factor=4.13, played=3.0,
    )  # fmt: skip
    figures = panel.figures
    assert panel.work.text() == "GPU (CUDA)"
    assert figures.ready.text() == "98 of 100 ms"
    assert figures.speed.text() == "4.1× faster than it plays"
    assert figures.device.text() == "PulseAudio, 44.1 kHz"
    assert figures.delay.text() == "Heard 183 ms after it is made"
    assert figures.health.text() == "No dropouts"


def test_the_rate_of_the_style_is_shown_beside_the_devices(
    qtbot: QtBot, panel: EnginePanel, desk: Desk, engine: FakeEngine, tmp_path: Path
) -> None:
    path = tmp_path / "hollow.samplernn"
    write_hollow_style(path)
    show(desk, engine, state="playing", device="Speakers", style=path, style_sha256="hollow")
    qtbot.waitUntil(lambda: panel.figures.device.text() == "Speakers, 48 kHz; style 16 kHz")


def test_what_is_being_done_is_said(panel: EnginePanel, desk: Desk, engine: FakeEngine) -> None:
    engine.show(state="playing", work="opening guitar")
    desk.instrument.poll()
    assert (panel.work.text(), panel.busy.isVisible()) == ("opening guitar…", True)
    engine.show(work="")
    desk.instrument.poll()
    assert (panel.work.text(), panel.busy.isVisible()) == ("Processor", False)


def test_dropouts_and_the_latency_that_cures_them(panel: EnginePanel, desk: Desk, engine: FakeEngine) -> None:
    figures = panel.figures
    assert not figures.advice.isVisible()
    show(desk, engine, state="playing", real_time_factor=3.0, underruns=3, underrun_seconds=0.12)
    assert figures.delay.text() == "3 dropouts, 120 ms"
    assert figures.advice.isVisible()
    assert figures.advice.text() == "Raise the latency to 150 ms"
    figures.advice.click()
    assert engine.controls.latency == 0.15
    # those were of the old latency
    assert not figures.advice.isVisible()
    show(desk, engine, underruns=4, underrun_seconds=0.13)
    assert (figures.delay.text(), figures.advice.text()) == ("1 dropout, 10 ms", "Raise the latency to 200 ms")
    assert desk.actions["raise-latency"].shortcut().toString() == "Shift+L"
    desk.actions["raise-latency"].trigger()
    assert engine.controls.latency == 0.2


def test_dropouts_are_counted_anew_after_they_were_forgotten_and_after_a_start(
    panel: EnginePanel, desk: Desk, engine: FakeEngine
) -> None:
    show(desk, engine, state="playing", underruns=3, underrun_seconds=0.12)
    assert panel.figures.forget.isVisible()
    desk.actions["forget-dropouts"].trigger()
    assert not panel.figures.forget.isVisible()
    show(desk, engine, underruns=0, underrun_seconds=0.0)
    show(desk, engine, underruns=2, underrun_seconds=0.04)
    assert panel.figures.delay.text() == "2 dropouts, 40 ms"


def test_no_more_latency_than_there_is(panel: EnginePanel, desk: Desk, engine: FakeEngine) -> None:
    desk.instrument.turn(latency=0.48)
    show(desk, engine, state="playing", underruns=3, underrun_seconds=0.12)
    panel.figures.advice.click()
    assert engine.controls.latency == 0.5
    show(desk, engine, underruns=4)
    assert not panel.figures.advice.isVisible()
    assert panel.figures.health.text() == "Close other programs that work hard"


def test_more_latency_is_not_advised_where_it_does_not_help(panel: EnginePanel, desk: Desk, engine: FakeEngine) -> None:
    show(desk, engine, state="playing", real_time_factor=0.8, voices=3, underruns=3)
    assert panel.figures.speed.text() == "0.80× of the speed it needs"
    assert panel.figures.speed.property("role") == "warning"
    assert panel.figures.health.text() == "Too slow: turn down the voices"
    assert not panel.figures.advice.isVisible()


@pytest.mark.parametrize(
    ("changes", "rescue", "text"),
    [
        ({"verdict": "loop"}, True, "It repeats itself: bringing it back"),
        ({"verdict": "silence"}, False, "It has fallen silent"),
        ({"rescues": 2}, True, "Got stuck, brought back twice"),
    ],
)
def test_a_stream_that_is_stuck(
    panel: EnginePanel, desk: Desk, engine: FakeEngine, changes: dict[str, object], rescue: bool, text: str
) -> None:
    engine.controls = Controls(rescue=rescue)
    show(desk, engine, state="playing", **changes)
    assert panel.figures.health.text() == text


def test_before_anything_was_played(panel: EnginePanel) -> None:
    assert panel.figures.speed.text() == "Press Space to play"
    assert words.speed(Status()) == "Choose a style to play"


def test_all_that_has_no_room_is_in_the_tool_tip(panel: EnginePanel, desk: Desk, engine: FakeEngine) -> None:
    show(
        desk, engine, state="playing", remark="no GPU was found", processor=0.43, delay=0.09, underruns=1,
        underrun_seconds=0.01, rescues=1,
    )  # fmt: skip
    for part in ("Piano on the Processor. No GPU was found.", "43%", "90 ms", "1 dropout, 10 ms", "brought back once"):
        assert part in panel.toolTip()


def test_nothing_is_done_while_it_is_hidden_and_all_is_right_when_it_is_shown(
    panel: EnginePanel, desk: Desk, engine: FakeEngine
) -> None:
    panel.hide()
    show(desk, engine, state="playing")
    assert panel.state.text() == "Stopped"
    panel.show()
    assert panel.state.text() == "Playing"
