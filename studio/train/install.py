"""A moment of a training made a style of the instrument: what is asked, and the work."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDialog, QDoubleSpinBox, QFormLayout, QLineEdit, QWidget

from engine.library import install_style
from models.errors import InputError
from models.style import SUFFIX, Style, change_info, open_style
from studio.takes.changes import refused
from studio.widgets.answers import answers
from studio.widgets.panel import column, label
from studio.widgets.said import say_if_any

LICENCES = ("All rights reserved", "CC0-1.0", "CC BY 4.0", "CC BY-SA 4.0", "CC BY-NC 4.0")


@dataclass(frozen=True)
class Install:
    """What is wanted."""

    file: Path
    """The style as it was made for the audition."""
    name: str
    author: str
    licence: str
    description: str
    trained_on: str
    temperature: float

    def run(self) -> Style:
        """Put it among the styles. Blocks. Raises InputError."""
        try:
            with tempfile.TemporaryDirectory() as folder:
                copy = Path(folder) / f"{self.name}{SUFFIX}"
                shutil.copyfile(self.file, copy)
                change_info(
                    open_style(copy), name=self.name, author=self.author, licence=self.licence,
                    description=self.description, trained_on=self.trained_on, default_temperature=self.temperature,
                )  # fmt: skip
                return install_style(copy)
        except OSError as error:
            raise InputError(f"{self.name} cannot be installed: {error.strerror or error}") from error


class InstallDialog(QDialog):
    accepted_with = Signal(object)
    """Install"""

    def __init__(self, proposed: Install, about: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._file = proposed.file
        self.setWindowTitle("Install as a style")
        self.setMinimumWidth(520)
        self.name, self.author = QLineEdit(proposed.name), QLineEdit(proposed.author)
        self.description, self.trained_on = QLineEdit(proposed.description), QLineEdit(proposed.trained_on)
        self.licence = QComboBox(editable=True)
        self.licence.addItems(LICENCES)
        self.licence.setCurrentText(proposed.licence)
        self.temperature = QDoubleSpinBox(minimum=0.1, maximum=2.0, singleStep=0.05, value=proposed.temperature)
        self.temperature.lineEdit().setTextMargins(6, 0, 0, 0)
        self.trouble = label("", "bad")
        outer = column(14, (18, 16, 18, 16), self)
        told = label(about, "muted")
        told.setWordWrap(True)
        outer.addWidget(told)
        fields = QFormLayout()
        fields.setSpacing(10)
        fields.addRow("&Name", self.name)
        fields.addRow("", self.trouble)
        fields.addRow("&Description", self.description)
        fields.addRow("&Author", self.author)
        fields.addRow("&Licence", self.licence)
        fields.addRow("&Trained on", self.trained_on)
        fields.addRow("T&emperature", self.temperature)
        outer.addLayout(fields)
        buttons, self.go = answers(self, "Install", lambda: self.accepted_with.emit(self.wanted))
        outer.addLayout(buttons)
        self.name.textChanged.connect(self._look)
        self.name.selectAll()
        self._look()

    @property
    def wanted(self) -> Install:
        texts = (self.name, self.author, self.description, self.trained_on)
        name, author, description, trained_on = (field.text().strip() for field in texts)
        licence = self.licence.currentText().strip()
        return Install(self._file, name, author, licence, description, trained_on, round(self.temperature.value(), 3))

    def _look(self) -> None:
        trouble = refused(self.name.text(), SUFFIX, "A style")
        say_if_any(self.trouble, trouble)
        self.go.setEnabled(not trouble)
