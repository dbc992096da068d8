"""What is to be trained: presets, minutes, and all that can be set, checked as it is typed."""

import dataclasses
import subprocess
import sys
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QScrollArea
from pytestqt.qtbot import QtBot

from models.config import ModelConfig, TrainingConfig, with_settings
from models.presets import PRESETS, preset
from studio.train import words
from studio.train.settings_form import SettingsForm
from tests.studio.hands import wheel


@pytest.fixture
def form(qtbot: QtBot) -> Iterator[SettingsForm]:
    page, made = QScrollArea(widgetResizable=True), SettingsForm()
    page.setWidget(made)
    qtbot.addWidget(page)
    made.unfold(True)
    page.show()
    yield made
    page.close()


def write(form: SettingsForm, key: str, text: str) -> None:
    editor = form.rows[key].editor
    assert not isinstance(editor, QComboBox)
    editor.selectAll()
    QTest.keyClick(editor, Qt.Key.Key_Delete)
    QTest.keyClicks(editor, text)


def pick(form: SettingsForm, key: str, said: str) -> None:
    editor = form.rows[key].editor
    assert isinstance(editor, QComboBox)
    editor.setCurrentText(said)
    editor.activated.emit(editor.currentIndex())


def told(form: SettingsForm, key: str) -> str:
    row = form.rows[key]
    return row.told.text() if row.told.isVisible() else ""


def test_everything_that_can_be_set_is_there_in_words() -> None:
    fields = {field.name for kind in (ModelConfig, TrainingConfig) for field in dataclasses.fields(kind)}
    assert {*words.MODEL_FIELDS, *words.TRAINING_FIELDS} == fields
    assert list(words.PRESETS) == list(PRESETS)


def test_it_begins_with_an_hour_of_what_the_shipped_styles_are(form: SettingsForm) -> None:
    assert (form.preset, form.minutes, form.valid, form.settings()) == ("resonant", 60, True, [])
    assert (form.model, form.training) == (preset("resonant").model, preset("resonant").training)
    assert form.fold.text() == "Advanced settings"


def test_what_is_typed_is_what_the_command_would_take(form: SettingsForm) -> None:
    write(form, "learning_rate", "0.0005")
    write(form, "frame_sizes", "2,4")
    pick(form, "rnn", "LSTM")
    pick(form, "weight_norm", "Yes")
    write(form, "keep_every", "0")  # as in the preset
    assert form.settings() == ["learning_rate=0.0005", "frame_sizes=2,4", "rnn=lstm", "weight_norm=true"]
    chosen = preset("resonant")
    assert with_settings(chosen.model, chosen.training, form.settings()) == (form.model, form.training)
    assert form.fold.text() == "Advanced settings, 4 changed"
    form.reset.click()
    assert (form.settings(), form.rows["frame_sizes"].text, form.rows["rnn"].text) == ([], "16", "gru")


def test_what_cannot_be_is_said_beside_its_field_as_it_is_typed(form: SettingsForm, qtbot: QtBot) -> None:
    with qtbot.waitSignal(form.changed):
        write(form, "batch", "0")
    write(form, "units", "many")
    write(form, "chunk", "1024")
    assert not form.valid
    assert told(form, "batch") == "batch is 0; it must be at least 1"
    assert told(form, "units") == "units is 'many'; expected a whole number"
    assert not told(form, "chunk")
    assert form.settings() == ["chunk=1024"]
    write(form, "batch", "8")
    write(form, "units", "128")
    assert form.valid
    assert not told(form, "batch") + told(form, "units")


def test_what_is_possible_only_together_is_possible_together(form: SettingsForm) -> None:
    pick(form, "mlp_first_relu", "No")
    assert told(form, "mlp_first_relu") == "mlp_hidden=0 needs mlp_first_relu=true, or nothing in it is non-linear"
    write(form, "mlp_hidden", "2")
    assert form.valid
    assert form.settings() == ["mlp_first_relu=false", "mlp_hidden=2"]


def test_another_preset_keeps_what_was_typed(form: SettingsForm) -> None:
    write(form, "units", "512")
    form.choices["two-tier-2017"].click()
    assert (form.preset, form.settings()) == ("two-tier-2017", ["units=512"])
    assert (form.rows["batch"].text, form.rows["quantizer"].text) == ("64", "linear")
    write(form, "units", "1024")  # what this preset says anyway
    assert form.settings() == []


def test_a_style_that_is_started_from_stays_what_it_is(form: SettingsForm) -> None:
    write(form, "units", "512")
    write(form, "batch", "4")
    form.choices["paper-3tier"].click()
    form.starting_from(ModelConfig(units=96, rnn_layers=1))
    assert (form.preset, form.settings()) == ("live", ["batch=4"])
    assert form.rows["units"].text == "96"
    assert not form.rows["units"].editor.isEnabled()
    assert form.rows["batch"].editor.isEnabled()
    assert "96 units, 1 layer of GRU, 16 kHz" in form.based_on.text()
    form.starting_from(preset("resonant").model)
    assert (form.preset, form.training.input_noise) == ("resonant", preset("resonant").training.input_noise)
    assert not form.choices["live"].isVisible()
    form.starting_from(None)
    assert (form.preset, form.settings(), form.rows["units"].text) == ("paper-3tier", ["units=512", "batch=4"], "512")


def test_the_wheel_scrolls_the_page_and_changes_nothing(form: SettingsForm) -> None:
    for widget in (form.minutes_field, form.rows["rnn"].editor):
        wheel(widget, -120)
    assert (form.minutes, form.settings()) == (60, [])


def test_it_needs_no_torch() -> None:
    code = "import sys, studio.train.settings_form; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
