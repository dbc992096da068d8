"""The settings: each holds from the moment it is changed; there is nothing to confirm."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QSpinBox, QWidget

from engine.controls import MEMORY_SECONDS, MOST_PRIME_SECONDS, RANGES, Choice, Controls, Status
from studio import paths
from studio.desk import Desk
from studio.device_choice import DeviceChoice
from studio.play.about_style import runs_on
from studio.settings import Settings
from studio.widgets.closing import closing
from studio.widgets.folder_field import FolderField
from studio.widgets.panel import column, label, row
from studio.widgets.said import say

PROVIDERS = {"auto": "Automatic: the faster one", "cpu": "Processor", "cuda": "Graphics card (NVIDIA)"}
SCHEMES = {"dark": "Dark", "light": "Light", "system": "As the system"}
FORMATS = {"flac": "FLAC: half the size, nothing lost", "wav": "WAV: opens everywhere"}
WIDTH = 620
NUMBER_WIDTH = 96
LATENCIES = (RANGES["latency"][0] * 1000, RANGES["latency"][1] * 1000)
"""Milliseconds."""
LEAST_KEPT, LEAST_HEARD = 5.0, 1.0
"""Seconds."""


class SettingsDialog(QDialog):
    """Not modal: what is changed is heard and seen behind it. One for the app; the devices are looked for each time
    it is shown."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.setWindowTitle("Settings")
        self.setMinimumWidth(WIDTH)
        self.device = DeviceChoice(desk)
        self.latency = _number(LATENCIES, "ms", 10)
        self.provider, self.scheme, self.take_format = _box(PROVIDERS), _box(SCHEMES), _box(FORMATS)
        self.in_use = label("", "muted")
        self.in_use.setWordWrap(True)
        self.folder = FolderField(desk.jobs, paths.takes_folder())
        self.trainings = FolderField(desk.jobs, paths.training_folder())
        self.keep = _number((LEAST_KEPT, MEMORY_SECONDS), "s", 5)
        self.listen = _number((LEAST_HEARD, MOST_PRIME_SECONDS), "s", 1)
        self._build()
        self._connect()
        self._show_settings(desk.store.value)
        self._show_controls(desk.instrument.controls)
        self._show_status(desk.instrument.status)

    def _build(self) -> None:
        outer = column(0, (20, 16, 20, 16), self)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        _section(form, "Sound")
        form.addRow("&Device", self.device)
        form.setAlignment(self.device, Qt.AlignmentFlag.AlignTop)
        _row(form, "&Latency", self.latency, "Less answers faster; more survives a busy machine.")
        _section(form, "Network")
        form.addRow("Computed b&y", self.provider)
        form.addRow("", self.in_use)
        _section(form, "Takes")
        form.addRow("&Folder", self.folder)
        form.addRow("For&mat", self.take_format)
        _row(form, "&Keep", self.keep, "of what was just heard become a take.")
        _row(form, "L&isten", self.listen, "to the microphone, then go on from that.")
        _section(form, "Trainings")
        form.addRow("F&older", self.trainings)
        _section(form, "Window")
        form.addRow("&Theme", self.scheme)
        outer.addLayout(form)
        outer.addStretch(1)
        outer.addSpacing(14)
        outer.addLayout(closing(self))

    def _connect(self) -> None:
        store, instrument = self._desk.store, self._desk.instrument
        self.latency.valueChanged.connect(lambda value: instrument.turn(latency=value / 1000))
        self.provider.activated.connect(lambda k: self._compute_by(self.provider.itemData(k)))
        self.scheme.activated.connect(lambda k: store.change(scheme=self.scheme.itemData(k)))
        self.take_format.activated.connect(lambda k: store.change(take_format=self.take_format.itemData(k)))
        self.folder.chosen.connect(self._keep_takes_in)
        self.trainings.chosen.connect(self._keep_trainings_in)
        self.keep.valueChanged.connect(lambda value: store.change(keep_seconds=float(value)))
        self.listen.valueChanged.connect(lambda value: store.change(listen_seconds=float(value)))
        store.changed.connect(self._show_settings)
        instrument.controls_changed.connect(self._show_controls)
        instrument.updated.connect(self._show_status)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.device.look()

    def _compute_by(self, provider: Choice) -> None:
        instrument = self._desk.instrument
        instrument.provider = provider
        self._desk.store.change(provider=provider)
        if instrument.status.style:
            instrument.load(instrument.status.style)

    def _keep_takes_in(self, folder: Path) -> None:
        self._desk.store.change(takes=None if folder == paths.takes_folder() else folder)

    def _keep_trainings_in(self, folder: Path) -> None:
        self._desk.store.change(training=None if folder == paths.training_folder() else folder)

    # what is shown

    def _show_settings(self, settings: Settings) -> None:
        for box, value in (
            (self.provider, settings.provider),
            (self.scheme, settings.scheme),
            (self.take_format, settings.take_format),
        ):
            box.setCurrentIndex(box.findData(value))
        _show(self.keep, settings.keep_seconds)
        _show(self.listen, settings.listen_seconds)
        self.folder.show_folder(self._desk.store.takes)
        self.trainings.show_folder(self._desk.store.training)

    def _show_controls(self, controls: Controls) -> None:
        _show(self.latency, controls.latency * 1000)

    def _show_status(self, status: Status) -> None:
        if status.work:
            text = f"{status.work[:1].upper()}{status.work[1:]}…"
        elif status.style:
            text = f"In use: {runs_on(status)}."
        else:
            text = "What is really in use is shown when a style is loaded."
        say(self.in_use, text, "muted")


def _section(form: QFormLayout, title: str) -> None:
    heading = label(title, "name")
    heading.setContentsMargins(0, 10 if form.rowCount() else 0, 0, 0)
    form.addRow(heading)


def _row(form: QFormLayout, title: str, number: QSpinBox, meaning: str) -> None:
    line = row(10)
    line.addWidget(number)
    line.addWidget(label(meaning, "muted"), 1)
    name = label(title)
    name.setBuddy(number)
    form.addRow(name, line)


def _box(choices: dict[str, str]) -> QComboBox:
    """What is remembered, and how it is said."""
    made = QComboBox()
    for value, text in choices.items():
        made.addItem(text, value)
    return made


def _number(within: tuple[float, float], unit: str, step: int) -> QSpinBox:
    made = QSpinBox()
    made.setRange(*map(round, within))
    made.setSuffix(f" {unit}")
    made.setSingleStep(step)
    made.setKeyboardTracking(False)  # 100 is not first 1, then 10
    made.setFixedWidth(NUMBER_WIDTH)
    made.lineEdit().setTextMargins(6, 0, 0, 0)
    return made


def _show(number: QSpinBox, value: float) -> None:
    with QSignalBlocker(number):
        number.setValue(round(value))
