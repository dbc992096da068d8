"""The knobs turn the controls and show them; the seed is shown, typed, locked and thrown."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.controls import RANGES, Controls, NewSeed
from studio.desk import Desk
from studio.play.knobs import SPECS, TEMPERATURE, KnobsPanel, Spec
from studio.play.seed import SeedRow
from studio.widgets.field import Field
from tests.fakes import FakeEngine, write_hollow_style
from tests.studio.hands import drag, show_active

Key = Qt.Key


@pytest.fixture
def panel(qtbot: QtBot, desk: Desk) -> KnobsPanel:
    made = KnobsPanel(desk)
    qtbot.addWidget(made)
    made.setMinimumSize(420, 132)
    show_active(qtbot, made)
    return made


@pytest.fixture
def seed(panel: KnobsPanel) -> SeedRow:
    found = panel.findChild(SeedRow)
    assert isinstance(found, SeedRow)
    return found


@pytest.mark.parametrize("spec", [TEMPERATURE, *SPECS], ids=lambda spec: spec.control)
def test_a_knob_reaches_all_of_its_control(panel: KnobsPanel, engine: FakeEngine, spec: Spec) -> None:
    knob, ends = panel.knobs[spec.control], []
    for pixels in (-400, 400):
        drag(knob, pixels)
        ends.append(getattr(engine.controls, spec.control))
    assert ends == list(RANGES[spec.control])
    assert isinstance(ends[1], type(RANGES[spec.control][1]))


def test_units_are_those_of_the_control(qtbot: QtBot, panel: KnobsPanel, engine: FakeEngine) -> None:
    for control, typed in (("latency", "250"), ("spread", "35"), ("voices", "3"), ("gain", "-6"), ("crossfade", "0.5")):
        knob = panel.knobs[control]
        qtbot.keyClicks(knob, typed[0])
        field = knob.findChild(Field)
        qtbot.keyClicks(field, typed[1:])
        qtbot.keyClick(field, Key.Key_Return)
    assert engine.controls == Controls(latency=0.25, spread=0.35, voices=3, gain=-6.0, crossfade=0.5)


def test_voices_are_whole(qtbot: QtBot, panel: KnobsPanel, engine: FakeEngine) -> None:
    qtbot.keyClick(panel.knobs["voices"], Key.Key_Up)
    qtbot.keyClick(panel.knobs["voices"], Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert engine.controls.voices == 3
    assert isinstance(engine.controls.voices, int)


def test_what_is_turned_elsewhere_is_shown(panel: KnobsPanel, desk: Desk) -> None:
    desk.instrument.turn(temperature=1.25, latency=0.3)
    assert panel.knobs["temperature"].accessibleName() == "Temperature 1.25"
    assert panel.knobs["latency"].accessibleName() == "Latency 300 ms"


def test_the_temperature_goes_back_to_the_one_of_the_style(
    qtbot: QtBot, panel: KnobsPanel, desk: Desk, engine: FakeEngine, tmp_path: Path
) -> None:
    knob, path = panel.knobs["temperature"], tmp_path / "cold.samplernn"
    write_hollow_style(path, default_temperature=0.75)
    assert "Default: 0.90" in knob.toolTip()
    engine.show(style=path, style_sha256="cold")
    desk.instrument.poll()
    qtbot.waitUntil(lambda: "Default: 0.75" in knob.toolTip())
    assert engine.controls.temperature == 0.9
    qtbot.mouseDClick(knob, Qt.MouseButton.LeftButton)
    assert engine.controls.temperature == 0.75


def test_a_style_that_is_gone_from_the_disk_is_no_trouble(panel: KnobsPanel, desk: Desk, engine: FakeEngine) -> None:
    engine.show(style=Path("gone.samplernn"), style_sha256="gone")
    desk.instrument.poll()
    desk.jobs.close()
    assert "Default: 0.90" in panel.knobs["temperature"].toolTip()


def test_the_seed_is_shown_and_can_be_typed(qtbot: QtBot, seed: SeedRow, desk: Desk, engine: FakeEngine) -> None:
    desk.instrument.poll()
    assert seed.field.text() == "7"
    seed.field.setFocus()
    seed.field.selectAll()
    qtbot.keyClicks(seed.field, "12")
    desk.instrument.poll()
    assert seed.field.text() == "12"  # not taken away while it is typed
    qtbot.keyClick(seed.field, Key.Key_Return)
    assert engine.commands == [NewSeed(12)]
    engine.show(seed=12)
    desk.instrument.poll()
    assert seed.field.text() == "12"


@pytest.mark.qt_log_ignore("does not support raise")
@pytest.mark.parametrize("typed", ["twelve", "-1", str(2**64), ""])
def test_a_seed_that_cannot_be_is_said(qtbot: QtBot, seed: SeedRow, engine: FakeEngine, typed: str) -> None:
    seed.field.setFocus()
    seed.field.selectAll()
    qtbot.keyClick(seed.field, Key.Key_Delete)
    qtbot.keyClicks(seed.field, typed)
    qtbot.keyClick(seed.field, Key.Key_Return)
    assert not engine.commands
    assert seed.field.text() == typed
    assert "whole number from 0 to 18446744073709551615" in seed.field.toolTip()
    qtbot.keyClick(seed.field, Key.Key_Escape)
    assert (seed.field.text(), seed.field.property("role")) == ("7", "")


def test_the_lock_and_the_dice_are_their_actions(qtbot: QtBot, seed: SeedRow, desk: Desk) -> None:
    thrown: list[str] = []
    desk.actions["dice"].triggered.connect(lambda: thrown.append("dice"))
    assert seed.dice.toolTip() == "Other chance from here on (S)"
    seed.dice.click()
    assert thrown == ["dice"]
    seed.lock.click()
    assert desk.actions["lock-seed"].isChecked()
    desk.actions["lock-seed"].trigger()
    assert not seed.lock.isChecked()
