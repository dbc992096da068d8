"""A take made again from its recipe, and on from there: in a process of its own, gently."""

from __future__ import annotations

import math
import shutil
import tempfile
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QDialog, QFormLayout, QSpinBox, QWidget

from engine.takes import FORMATS, recipe_beside
from studio.program import Program, command
from studio.takes import words
from studio.takes.changes import free
from studio.takes.files import Take
from studio.widgets.answers import answers
from studio.widgets.panel import column, label

LONGEST = 3600
"""Seconds."""
LOOK = 500
"""Milliseconds."""


class Longer(QObject):
    """One such render. It is made in a hidden folder beside the take, and joins the takes when it is whole."""

    progressed = Signal(float)
    """About how much is done, by the size of what there is."""
    done = Signal(object)
    """Path of the new take."""
    failed = Signal(str)
    ended = Signal()
    """After either, and after `cancel`."""

    def __init__(self, take: Take, seconds: float, parent: QObject) -> None:
        super().__init__(parent)
        self._take = take
        self._bytes = take.size * seconds / (take.seconds or seconds)
        self._program = Program(self)
        self._program.answered.connect(self._finish)
        self._program.failed.connect(self._fail)
        self._timer = QTimer(self, interval=LOOK)
        self._timer.timeout.connect(self._look)
        self._seconds = seconds
        self._folder: Path | None = None

    def begin(self) -> None:
        """Raises OSError."""
        self._folder = Path(tempfile.mkdtemp(prefix=".longer.", dir=self._take.path.parent))
        line = ["render", "--recipe", str(self._take.path), "--seconds", f"{self._seconds:g}", "-o", str(self._output)]
        self._program.begin(command(*line, nice=10))
        self._timer.start()

    def cancel(self) -> None:
        self._program.end()
        self._end()

    @property
    def _output(self) -> Path:
        assert self._folder is not None
        suffix = self._take.path.suffix
        return self._folder / f"{self._take.name} (longer){suffix if suffix.lower() in FORMATS else '.flac'}"

    def _look(self) -> None:
        assert self._folder is not None
        made = max((file.stat().st_size for file in self._folder.iterdir()), default=0)
        self.progressed.emit(min(0.99, made / self._bytes))

    def _finish(self, answer: object) -> None:
        made = self._output
        new = free(self._take.path.with_name(made.name))
        try:
            made.rename(new)
            if recipe_beside(made).exists():
                recipe_beside(made).rename(recipe_beside(new))
        except OSError as error:
            self._fail(str(error.strerror or error))
            return
        self.done.emit(new)
        self._end()

    def _fail(self, reason: str) -> None:
        self.failed.emit(f"{self._take.name} could not be made longer: {reason}")
        self._end()

    def _end(self) -> None:
        self._timer.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
            self.ended.emit()


class LongerDialog(QDialog):
    accepted_with = Signal(float)
    """Seconds."""

    def __init__(self, take: Take, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Render it again, longer")
        self.setMinimumWidth(440)
        now = take.seconds or 0.0
        outer = column(14, (18, 16, 18, 16), self)
        outer.addWidget(label(take.name, "name"))
        about = label(
            f"It is {words.length(now)} long. It is made again from its recipe, note for note, and then goes on the "
            "way it would have. The new one is a take beside it.",
            "muted",
        )
        about.setWordWrap(True)
        self.seconds = QSpinBox(minimum=min(LONGEST, math.floor(now) + 1), maximum=LONGEST, suffix=" s")
        self.seconds.lineEdit().setTextMargins(6, 0, 0, 0)
        self.seconds.setValue(max(math.ceil(2 * now), 10))
        fields = QFormLayout()
        fields.addRow("&How long", self.seconds)
        buttons, _ = answers(self, "Render", lambda: self.accepted_with.emit(float(self.seconds.value())))
        outer.addWidget(about)
        outer.addLayout(fields)
        outer.addLayout(buttons)
        self.seconds.selectAll()
