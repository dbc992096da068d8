"""The settings: each holds from the moment it is changed."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from engine.controls import Load, Start, Stop
from engine.devices import Device
from studio import device_choice, paths
from studio.desk import Desk
from studio.settings_dialog import SettingsDialog
from studio.widgets.folder_field import likely_trouble, real_trouble
from tests.fakes import FakeEngine

Key = Qt.Key

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
"""The platform without a screen: it cannot move windows."""


class Devices:
    """In place of `main.py devices`: those that are there."""

    def __init__(self) -> None:
        self.asked = 0
        self.there = {"Speakers": 2, "Interface": 8, "Microphone": 0}
        """Name: channels that can be played on. The first is the default."""

    def __call__(self, *arguments: str) -> list[str]:
        assert arguments == ("devices",)
        self.asked += 1
        found = [
            asdict(Device(name, "ALSA", outputs, 0, 48_000, default_output=name == "Speakers"))
            for name, outputs in self.there.items()
        ]
        return [sys.executable, "-S", "-c", f"print({json.dumps(json.dumps({'devices': found}))})"]


@pytest.fixture
def devices(monkeypatch: pytest.MonkeyPatch) -> Devices:
    made = Devices()
    monkeypatch.setattr(device_choice, "command", made)
    return made


@pytest.fixture
def dialog(qtbot: QtBot, desk: Desk, devices: Devices) -> Callable[[], SettingsDialog]:
    """Opens it, and waits for the devices."""

    def open_it() -> SettingsDialog:
        made = SettingsDialog(desk)
        qtbot.addWidget(made)
        with qtbot.waitExposed(made):
            made.show()
        made.activateWindow()
        qtbot.waitUntil(lambda: made.device.told.text() != "Looking for devices…", timeout=15_000)
        return made

    return open_it


def choices(dialog: SettingsDialog) -> list[str]:
    return [dialog.device.box.itemText(k) for k in range(dialog.device.box.count())]


def press(qtbot: QtBot, widget: object, *keys: Qt.Key) -> None:
    widget.setFocus()  # type: ignore[attr-defined]
    qtbot.waitUntil(widget.hasFocus)  # type: ignore[attr-defined]
    for key in keys:
        qtbot.keyClick(widget, key)


# the device


def test_those_that_can_be_played_on_are_listed_the_default_first(dialog) -> None:
    made = dialog()
    assert choices(made) == ["System default: Speakers", "Speakers (ALSA)", "Interface (ALSA)"]
    assert made.device.box.currentIndex() == 0
    assert made.device.told.text() == ""


def test_a_device_is_remembered_by_its_name(qtbot: QtBot, desk: Desk, dialog) -> None:
    made = dialog()
    press(qtbot, made.device.box, Key.Key_Down, Key.Key_Down)
    assert desk.store.value.device == desk.instrument.device == "Interface (ALSA)"
    press(qtbot, made.device.box, Key.Key_Home)
    assert desk.store.value.device is desk.instrument.device is None


def test_they_are_looked_for_at_each_opening_and_when_asked(
    qtbot: QtBot, devices: Devices, dialog: Callable[[], SettingsDialog]
) -> None:
    made = dialog()
    devices.there = {"Speakers": 2}
    made.close()
    made.show()
    qtbot.waitUntil(lambda: choices(made) == ["System default: Speakers", "Speakers (ALSA)"], timeout=15_000)
    devices.there = {"Headphones": 2}
    press(qtbot, made.device.refresh, Key.Key_Space)
    qtbot.waitUntil(lambda: choices(made) == ["System default", "Headphones (ALSA)"], timeout=15_000)
    assert devices.asked == 3


def test_one_that_is_not_there_is_kept_and_said(desk: Desk, dialog: Callable[[], SettingsDialog]) -> None:
    desk.store.change(device="Old mixer (ALSA)")
    made = dialog()
    assert made.device.box.currentText() == "Old mixer (ALSA)"
    assert made.device.told.text().startswith("Old mixer (ALSA) is not there now.")
    assert made.device.told.property("role") == "warning"
    assert desk.store.value.device == "Old mixer (ALSA)"


def test_a_name_without_its_system_is_known_too(desk: Desk, dialog: Callable[[], SettingsDialog]) -> None:
    desk.store.change(device="Interface")
    made = dialog()
    assert made.device.box.currentText() == "Interface (ALSA)"
    assert made.device.told.text() == ""


def test_another_device_is_used_from_the_next_start_or_at_once(
    qtbot: QtBot, desk: Desk, engine: FakeEngine, dialog: Callable[[], SettingsDialog]
) -> None:
    engine.show(state="playing", device="Speakers")
    desk.instrument.poll()
    made = dialog()
    assert made.device.told.text() == "Playing on: Speakers"
    assert not made.device.use.isVisible()
    press(qtbot, made.device.box, Key.Key_End)
    assert engine.commands == []
    assert made.device.told.text() == "Speakers plays now; the choice holds from the next start on."
    press(qtbot, made.device.use, Key.Key_Space)
    assert engine.commands == [Stop(), Start("Interface (ALSA)")]
    engine.show(device="Interface")
    desk.instrument.poll()
    assert made.device.told.text() == "Playing on: Interface"
    assert not made.device.use.isVisible()


def test_no_device_at_all_and_none_to_be_found_out(
    qtbot: QtBot, devices: Devices, dialog: Callable[[], SettingsDialog], monkeypatch: pytest.MonkeyPatch
) -> None:
    devices.there = {"Microphone": 0}
    made = dialog()
    assert made.device.told.text() == "No sound device was found. Plug one in, then look again."
    script = "import sys; sys.exit('PortAudio is gone')"
    monkeypatch.setattr(device_choice, "command", lambda name: [sys.executable, "-S", "-c", script])
    made.device.look()
    qtbot.waitUntil(
        lambda: made.device.told.text() == "The devices cannot be listed: PortAudio is gone", timeout=15_000
    )
    assert made.device.told.property("role") == "bad"


# sound and network


def test_the_latency_is_the_knobs(qtbot: QtBot, desk: Desk, engine: FakeEngine, dialog) -> None:
    made = dialog()
    assert made.latency.value() == 100
    press(qtbot, made.latency, Key.Key_Up)
    assert engine.controls.latency == 0.11
    desk.instrument.turn(latency=0.2345)
    assert made.latency.value() == 234
    assert engine.controls.latency == 0.2345


def test_a_typed_latency_counts_when_it_is_complete(qtbot: QtBot, engine: FakeEngine, dialog) -> None:
    made = dialog()
    made.latency.selectAll()
    press(qtbot, made.latency, Key.Key_2, Key.Key_5)
    assert engine.controls.latency == 0.1
    press(qtbot, made.latency, Key.Key_0, Key.Key_Return)
    assert engine.controls.latency == 0.25
    assert made.isVisible()


def test_another_provider_takes_the_style_over(
    qtbot: QtBot, desk: Desk, engine: FakeEngine, dialog: Callable[[], SettingsDialog]
) -> None:
    made = dialog()
    assert made.in_use.text() == "In use: processor."
    press(qtbot, made.provider, Key.Key_End)
    assert desk.store.value.provider == desk.instrument.provider == "cuda"
    assert engine.commands == [Load(Path("piano.samplernn"), None, "cuda")]
    engine.show(work="opening piano")
    desk.instrument.poll()
    assert made.in_use.text() == "Opening piano…"
    engine.show(work="", remark="no CUDA here: playing on the CPU")
    desk.instrument.poll()
    assert made.in_use.text() == "In use: processor; no CUDA here: playing on the CPU."


# takes and the window


def test_the_format_what_is_kept_and_what_is_listened_to(qtbot: QtBot, desk: Desk, dialog) -> None:
    made = dialog()
    press(qtbot, made.take_format, Key.Key_Down)
    press(qtbot, made.keep, Key.Key_Up)
    press(qtbot, made.listen, Key.Key_Down)
    kept = desk.store.value
    assert (kept.take_format, kept.keep_seconds, kept.listen_seconds) == ("wav", 35.0, 4.0)


def test_the_theme(qtbot: QtBot, desk: Desk, dialog) -> None:
    made = dialog()
    press(qtbot, made.scheme, Key.Key_Down)
    assert desk.store.value.scheme == "light"


def test_what_is_changed_elsewhere_is_shown(desk: Desk, dialog: Callable[[], SettingsDialog]) -> None:
    made = dialog()
    desk.store.change(scheme="system", take_format="wav", keep_seconds=60.0, listen_seconds=9.0, provider="cpu")
    boxes = [box.currentData() for box in (made.scheme, made.take_format, made.provider)]
    assert boxes == ["system", "wav", "cpu"]
    assert (made.keep.value(), made.listen.value()) == (60, 9)


def test_it_is_closed_by_key_and_needs_no_ok(qtbot: QtBot, dialog: Callable[[], SettingsDialog]) -> None:
    made = dialog()
    qtbot.keyClick(made, Key.Key_Escape)
    assert not made.isVisible()


# the folder of the takes


def type_folder(qtbot: QtBot, made: SettingsDialog, path: object) -> None:
    made.folder.line.setFocus()
    made.folder.line.selectAll()
    qtbot.keyClicks(made.folder.line, str(path))


def test_a_folder_is_typed_and_made(qtbot: QtBot, desk: Desk, dialog, tmp_path: Path) -> None:
    made = dialog()
    assert made.folder.line.text() == str(paths.takes_folder())
    assert not made.folder.reset.isEnabled()
    type_folder(qtbot, made, tmp_path / "music" / "takes")
    qtbot.keyClick(made.folder.line, Key.Key_Return)
    qtbot.waitUntil(lambda: desk.store.value.takes == tmp_path / "music" / "takes")
    assert (tmp_path / "music" / "takes").is_dir()
    assert not made.folder.told.isVisible()
    press(qtbot, made.folder.reset, Key.Key_Space)
    qtbot.waitUntil(lambda: desk.store.value.takes is None)
    assert made.folder.line.text() == str(paths.takes_folder())


def test_a_folder_that_cannot_be_is_said_while_it_is_typed(qtbot: QtBot, desk: Desk, dialog, tmp_path: Path) -> None:
    (tmp_path / "song").write_text("a file")
    made = dialog()
    type_folder(qtbot, made, tmp_path / "song")
    qtbot.waitUntil(lambda: made.folder.told.text() == f"{tmp_path / 'song'} is a file, not a folder.")
    qtbot.keyClick(made.folder.line, Key.Key_Return)
    qtbot.waitUntil(lambda: not desk.jobs.running)
    assert desk.store.value.takes is None
    type_folder(qtbot, made, tmp_path)
    qtbot.waitUntil(lambda: not made.folder.told.isVisible())


def test_what_is_being_typed_is_left_alone(qtbot: QtBot, desk: Desk, dialog, tmp_path: Path) -> None:
    made = dialog()
    type_folder(qtbot, made, "/half a pa")
    desk.instrument.turn(temperature=0.5)
    desk.store.change(controls=desk.instrument.controls)
    assert made.folder.line.text() == "/half a pa"


def test_a_folder_is_chosen(qtbot: QtBot, desk: Desk, dialog, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *args: str(tmp_path))
    made = dialog()
    press(qtbot, made.folder.browse, Key.Key_Space)
    qtbot.waitUntil(lambda: desk.store.value.takes == tmp_path)
    assert made.folder.line.text() == str(tmp_path)


@pytest.mark.parametrize("look", [likely_trouble, real_trouble])
def test_troubles_of_folders(look: Callable[[Path], str], tmp_path: Path) -> None:
    assert look(Path("takes")) == "Give the whole path of a folder."
    assert look(tmp_path / "new" / "folder") == ""
    (tmp_path / "file").touch()
    assert "is a file" in look(tmp_path / "file" / "folder")


def test_a_disk_that_refuses_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, **rest: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert "cannot be written to (Permission denied)" in real_trouble(tmp_path / "takes")
