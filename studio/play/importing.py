"""A checkpoint of samplernn-pytorch made a style: what it does not say is asked, the work is another process's."""

from __future__ import annotations

import json
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QLineEdit, QWidget

from engine.library import install_style
from models.errors import InputError
from models.style import SUFFIX, Style
from studio.desk import Desk
from studio.program import Program, command
from studio.takes.changes import refused
from studio.widgets.answers import answers
from studio.widgets.drops import CHECKPOINT_SUFFIXES
from studio.widgets.panel import column, label
from studio.widgets.said import say_if_any

RATES = (8000, 16_000, 22_050, 32_000, 44_100, 48_000)
"""Hz, that are proposed."""
LEAST_RATE, MOST_RATE = 4000, 96_000
"""Hz, as `import --rate` has it."""
USUAL_RATE = "16000"
"""What samplernn-pytorch trains at unless it is told otherwise."""
QUANTIZERS = (("Linear", "linear"), ("Mu-law", "mu-law"), ("A-law", "a-law"))
"""As `import --quantizer` has them; what is usual there comes first."""
DESCRIPTION = "A checkpoint of samplernn-pytorch"
ABOUT = (
    "A checkpoint of samplernn-pytorch becomes a style. It does not say at which sample rate it was trained, nor what "
    "its numbers mean; leave both as they are unless you changed them then."
)


@dataclass(frozen=True)
class Import:
    """What is wanted."""

    checkpoint: Path
    name: str
    rate: int
    quantizer: str


class Importing(QObject):
    """One at a time. GUI thread; nothing blocks. What plays is left alone: such a network may be too slow for it."""

    progressed = Signal(float)
    """Fraction, of the end of it that takes longest: before, nobody knows."""
    done = Signal(object)
    """Style, installed."""
    failed = Signal(str)
    """Why not, in one line."""
    ended = Signal()
    """After either, and after `cancel`."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = desk.jobs
        self.now: Import | None = None
        """What is being made a style of."""
        self._folder = Path()
        self._program = Program(self)
        self._program.said.connect(self._listen)
        self._program.answered.connect(lambda answer: self._install())
        self._program.failed.connect(self._fail)
        app = QCoreApplication.instance()
        assert app is not None
        app.aboutToQuit.connect(self.cancel)

    def begin(self, wanted: Import) -> None:
        """Only while nothing is being imported."""
        self.now = wanted
        try:
            self._folder = Path(tempfile.mkdtemp(prefix="samplernn-import-"))
        except OSError as error:
            self._fail(str(error.strerror or error))
            return
        line = [
            "import", str(wanted.checkpoint.absolute()), "-o", str(self._made), "--name", wanted.name,
            "--rate", str(wanted.rate), "--quantizer", wanted.quantizer, "--description", DESCRIPTION,
        ]  # fmt: skip
        self._program.begin(command(*line, nice=10))

    def cancel(self) -> None:
        self._program.end()
        self._end()

    @property
    def _made(self) -> Path:
        assert self.now is not None
        return self._folder / f"{self.now.name}{SUFFIX}"

    def _listen(self, line: str) -> None:
        with suppress(ValueError, KeyError, TypeError):
            self.progressed.emit(float(json.loads(line)["done"]))

    def _install(self) -> None:
        wanted, made = self.now, self._made

        def done(style: Style) -> None:
            if self.now is wanted:
                self.done.emit(style)
                self._end()

        def failed(error: Exception) -> None:
            if not isinstance(error, InputError):
                raise error
            if self.now is wanted:
                self._fail(str(error))

        self._jobs.run(f"Installing {made.stem}", lambda job: install_style(made), done, failed)

    def _fail(self, reason: str) -> None:
        assert self.now is not None
        path = self.now.checkpoint
        self.failed.emit(reason.replace(str(path.absolute()), path.name).replace(str(self._made), self.now.name))
        self._end()

    def _end(self) -> None:
        if self.now is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self.now = None
            self.ended.emit()


class ImportDialog(QDialog):
    accepted_with = Signal(object)
    """Import"""

    def __init__(self, checkpoint: Path, parent: QWidget) -> None:
        super().__init__(parent)
        self._checkpoint = checkpoint
        self.setWindowTitle("Import a checkpoint")
        self.setMinimumWidth(480)
        # of "best-ep12-it3400" nothing is an ending
        proposed = checkpoint.stem if checkpoint.suffix.lower() in CHECKPOINT_SUFFIXES else checkpoint.name
        self.name, self.quantizer = QLineEdit(proposed), QComboBox()
        self.rate = QComboBox(editable=True)
        self.rate.addItems([str(rate) for rate in RATES])
        self.rate.setCurrentText(USUAL_RATE)
        for title, value in QUANTIZERS:
            self.quantizer.addItem(title, value)
        self.trouble = label("", "bad")
        outer = column(14, (18, 16, 18, 16), self)
        for text, role in ((checkpoint.name, "name"), (ABOUT, "muted")):
            told = label(text, role)
            told.setTextFormat(Qt.TextFormat.PlainText)
            told.setWordWrap(True)
            outer.addWidget(told)
        fields = QFormLayout()
        fields.setSpacing(10)
        fields.addRow("&Name", self.name)
        fields.addRow("Sample &rate (Hz)", self.rate)
        fields.addRow("&Quantiser", self.quantizer)
        fields.addRow("", self.trouble)
        outer.addLayout(fields)
        buttons, self.go = answers(self, "Import", lambda: self.accepted_with.emit(self.wanted))
        outer.addLayout(buttons)
        self.name.textChanged.connect(self._look)
        self.rate.editTextChanged.connect(self._look)
        self.name.selectAll()
        self._look()

    @property
    def wanted(self) -> Import:
        rate, quantizer = int(self.rate.currentText()), str(self.quantizer.currentData())
        return Import(self._checkpoint, self.name.text().strip(), rate, quantizer)

    def _look(self) -> None:
        rate = self.rate.currentText().strip()
        trouble = refused(self.name.text(), SUFFIX, "A style")
        if not trouble and not (rate.isdecimal() and LEAST_RATE <= int(rate) <= MOST_RATE):
            trouble = f"The sample rate is a number from {LEAST_RATE} to {MOST_RATE}."
        say_if_any(self.trouble, trouble)
        self.go.setEnabled(not trouble)
