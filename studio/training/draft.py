"""A training that is being thought out: its recordings are made a data set of and looked at, nothing is trained yet."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from models.dataset import DataSet, Manifest
from models.errors import InputError
from studio.desk import Desk
from studio.program import Program, command
from studio.training.plan import DATA, Plan, write_plan

HIDDEN = ".new-"
"""How the folder of a draft begins."""
REST = 500
"""Milliseconds without another rate before all is read at it."""
KEPT_SECONDS = 86_400.0
"""What an app left behind that was killed stays so long."""
RATE = 16_000
"""Hz, where no style says another."""


class Draft(QObject):
    """One at a time. GUI thread; the recordings are read by another process."""

    changed = Signal()
    """Another state: `sources`, `manifest`, `trouble`, `busy`."""
    progressed = Signal(int, int, str)
    """Files that are read, files in all (0: it is not known), and the one that is next."""
    launched = Signal(object)
    """Path of the folder of a training that now waits for its turn."""
    failed = Signal(str)
    """Why it could not be launched."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self.sources: tuple[Path, ...] = ()
        self.rate = RATE
        self.manifest: Manifest | None = None
        """Of what was read; none: nothing yet."""
        self.trouble = ""
        """Why the recordings cannot be trained on."""
        self._folder: Path | None = None
        self._timer = QTimer(self, singleShot=True, interval=REST)
        self._timer.timeout.connect(self._prepare)
        self._program = Program(self)
        self._program.said.connect(self._listen)
        self._program.answered.connect(lambda answer: self._finish())
        self._program.failed.connect(self._fail)
        app = QCoreApplication.instance()
        assert app is not None
        app.aboutToQuit.connect(self._let_go)
        desk.jobs.run("", lambda job: _forget_old(desk.store.training))

    @property
    def busy(self) -> bool:
        """Whether recordings are being read."""
        return self._program.running or self._timer.isActive()

    @property
    def data(self) -> Path | None:
        """The data set, once it is whole."""
        return self._folder / DATA if self._folder is not None and self.manifest is not None else None

    def add(self, paths: Sequence[Path]) -> None:
        """More files and folders."""
        self.sources = tuple(dict.fromkeys((*self.sources, *paths)))
        self._prepare()

    def remove(self, path: Path) -> None:
        self.sources = tuple(each for each in self.sources if each != path)
        self._prepare()

    def set_rate(self, rate: int) -> None:
        """Of the network that is to learn them, Hz."""
        if rate != self.rate:
            self.rate = rate
            if self.sources:
                self._program.end()
                self.manifest, self.trouble = None, ""
                self._timer.start()  # it may still be being typed
                self.progressed.emit(0, 0, "")
                self.changed.emit()

    def cancel(self) -> None:
        """Stop reading, and forget the recordings."""
        self._clear()
        self.changed.emit()

    def launch(self, plan: Plan) -> None:
        """Let it wait for its turn. The draft is empty afterwards."""
        folder, sources = self._folder, self.sources
        if folder is None or self.manifest is None:
            return

        def work(job: object) -> Path:
            now = time.time()
            target = _free(self._desk.store.training, plan.name)
            write_plan(folder, replace(plan, sources=tuple(map(str, sources)), created=now, queued=now))
            folder.rename(target)
            return target

        def done(target: Path) -> None:
            self._folder = None
            self._clear()
            self.changed.emit()
            self.launched.emit(target)

        def failed(error: Exception) -> None:
            if not isinstance(error, InputError | OSError):
                raise error
            self.failed.emit(f"It cannot be started: {error}")

        self._desk.jobs.run(f"Starting {plan.name}", work, done, failed)

    def _prepare(self) -> None:
        self._timer.stop()
        self._program.end()
        self.manifest, self.trouble = None, ""
        if not self.sources:
            self._clear()
        else:
            try:
                if self._folder is None:
                    root = self._desk.store.training
                    root.mkdir(parents=True, exist_ok=True)
                    self._folder = Path(tempfile.mkdtemp(prefix=HIDDEN, dir=root))
                line = ["prepare", *map(str, self.sources), "-o", str(self._folder / DATA), "--rate", str(self.rate)]
                self._program.begin(command(*line, nice=5))
                self.progressed.emit(0, 0, "")
            except OSError as error:
                self.trouble = f"The folder for trainings cannot be written to: {error.strerror or error}"
        self.changed.emit()

    def _listen(self, line: str) -> None:
        with suppress(ValueError, KeyError, TypeError):
            told: dict[str, Any] = json.loads(line)
            self.progressed.emit(told["done"], told["total"], str(told["next"]))

    def _finish(self) -> None:
        assert self._folder is not None
        try:
            self.manifest = DataSet.open(self._folder / DATA).manifest
        except InputError as error:
            self.trouble = str(error)
        self.changed.emit()

    def _fail(self, reason: str) -> None:
        self.trouble = reason[:1].upper() + reason[1:]
        self.changed.emit()

    def _clear(self) -> None:
        self._let_go()
        self.sources, self.manifest, self.trouble = (), None, ""

    def _let_go(self) -> None:
        """Of what is on the disk."""
        self._timer.stop()
        self._program.end()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


def _free(root: Path, name: str) -> Path:
    """A folder for a training of that name, that is not there yet."""
    plain = (
        "".join(letter if letter.isalnum() or letter in " -_.," else "_" for letter in name).strip(" .") or "training"
    )
    candidate, number = root / plain[:100], 1
    while candidate.exists():
        number += 1
        candidate = root / f"{plain[:100]} {number}"
    return candidate


def _forget_old(root: Path) -> None:
    """Drafts of apps that were killed."""
    with suppress(OSError):
        for path in root.glob(f"{HIDDEN}*"):
            if path.stat().st_mtime < time.time() - KEPT_SECONDS:
                shutil.rmtree(path, ignore_errors=True)
