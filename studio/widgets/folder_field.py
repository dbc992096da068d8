"""A folder that is typed or chosen, and whether files can be written there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton, QWidget

from studio.jobs import Jobs
from studio.widgets.panel import column, label, row

REST = 200
"""Milliseconds without typing before a folder is looked at."""


class FolderField(QWidget):
    """What is wrong is said beside it at once; only a folder that can be written to is taken."""

    chosen = Signal(object)
    """Path"""

    def __init__(self, jobs: Jobs, usual: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs, self._usual = jobs, usual
        self._folder = Path()
        self._asked = 0
        """How often the disk was asked: only the last answer counts."""
        self.line = QLineEdit()
        self.browse, self.reset = QPushButton("Choose…"), QPushButton("Reset")
        self.told = label("", "bad")
        self.told.setWordWrap(True)
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.hide()
        outer, first = column(4, parent=self), row(6)
        first.addWidget(self.line, 1)
        first.addWidget(self.browse)
        first.addWidget(self.reset)
        outer.addLayout(first)
        outer.addWidget(self.told)
        self._timer = QTimer(self, singleShot=True, interval=REST)
        self._timer.timeout.connect(lambda: self._check(likely_trouble))
        self.line.textEdited.connect(self._timer.start)
        self.line.editingFinished.connect(self._take)
        self.browse.clicked.connect(self._browse)
        self.reset.setToolTip(f"Back to {usual}")
        self.reset.clicked.connect(lambda: self._take(str(self._usual)))

    def show_folder(self, folder: Path) -> None:
        """The one that is in use."""
        if folder != self._folder:
            self._folder = folder
            self.line.setText(str(folder))
        self.reset.setEnabled(folder != self._usual)

    def _browse(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Choose a folder", str(self._folder))
        if chosen:
            self._take(chosen)

    def _take(self, text: str | None = None) -> None:
        if text is not None:
            self.line.setText(text)
        if self._path != self._folder:
            self._check(real_trouble, self.chosen.emit)

    @property
    def _path(self) -> Path:
        return Path(self.line.text().strip()).expanduser()

    def _check(self, look: Callable[[Path], str], then: Callable[[Path], None] = lambda path: None) -> None:
        path = self._path
        self._timer.stop()
        self._asked += 1
        number = self._asked

        def answered(trouble: str) -> None:
            if number == self._asked:
                self.told.setText(trouble)
                self.told.setVisible(bool(trouble))
                if not trouble:
                    then(path)

        self._jobs.run("looking at a folder", lambda job: look(path), answered)


def likely_trouble(path: Path) -> str:
    """What seems to be in the way of writing to a folder, which need not be there yet; or nothing. Blocks."""
    if not path.is_absolute():
        return "Give the whole path of a folder."
    there = next((each for each in (path, *path.parents) if each.exists()), path)
    if not there.is_dir():
        return f"{there} is a file, not a folder."
    return "" if os.access(there, os.W_OK | os.X_OK) else f"{there} cannot be written to; choose another folder."


def real_trouble(path: Path) -> str:
    """As `likely_trouble`, by trying: the folder is there afterwards."""
    if trouble := likely_trouble(path):
        return trouble
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            return ""
    except OSError as error:
        return f"{path} cannot be written to ({error.strerror}); choose another folder."
