"""All trainings there are, watched; one of them at a time has its turn."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from models.errors import InputError
from models.lock import Held, held
from studio.desk import Desk
from studio.settings import Settings
from studio.takes.changes import Deleted, delete, empty_own_trash, restore
from studio.training.launch import ask_to_stop, start
from studio.training.plan import change_plan
from studio.training.run import Reader, Run

LOOK = 1000
"""Milliseconds."""
QUEUE = ".queue"
"""Held while it is decided which has its turn: two apps do not start one twice, nor two at once."""
PATIENCE = 120.0
"""Seconds that one has to save and end before it is deleted."""


class Runs(QObject):
    """GUI thread; the disk is read and written off it. It goes on whatever page is seen: the next begins when one
    ends."""

    changed = Signal()
    """`runs`"""
    deleted = Signal(object)
    """Run; `undo` brings it back."""
    restored = Signal(object)
    """Path of its folder"""
    failed = Signal(str)
    """What could not be done, and why."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self.runs: list[Run] = []
        """The latest first."""
        self.ready = False
        """Whether the folder was looked at."""
        self._folder = desk.store.training
        self._reader = Reader()
        self._looking = self._again = False
        self._said = ""
        self._deleted: list[list[Deleted]] = []
        self._timer = QTimer(self, interval=LOOK)
        self._timer.timeout.connect(self.look)
        desk.store.changed.connect(self._follow)
        desk.jobs.run("", lambda job: empty_own_trash(self._folder))
        self.look()
        self._timer.start()

    def find(self, folder: Path | None) -> Run | None:
        return next((run for run in self.runs if run.folder == folder), None)

    def look(self) -> None:
        """See how far they are, and let the next begin if it is its turn."""
        if self._looking:
            self._again = True
            return
        self._looking, self._again = True, False
        folder = self._folder
        self._desk.jobs.run("", lambda job: (folder, *_look(self._reader, folder)), self._show, self._stumble)

    def enqueue(self, run: Run) -> None:
        """Let it go on when it is its turn."""
        self._change(run, queued=time.time(), wanted="train")

    def go_further(self, run: Run, minutes: float) -> None:
        """Let one that is done learn about so long on, when it is its turn. In steps, so that however often it is
        paused or killed on the way, it ends where it was meant to."""
        self._change(run, queued=time.time(), wanted="train", steps=run.step + run.steps_in(minutes))

    def pause(self, run: Run) -> None:
        """Save and end for now; or wait no longer."""
        self._change(run, queued=None, wanted="pause")

    def stop(self, run: Run) -> None:
        """Save and end for good."""
        self._change(run, queued=None, wanted="stop")

    def delete(self, run: Run) -> None:
        """Into the trash; one that trains ends first."""

        def work() -> list[Deleted]:
            plan = change_plan(run.folder, queued=None, wanted="pause")
            until = time.monotonic() + PATIENCE
            reader = Reader()
            while reader.read(run.folder).active:
                if time.monotonic() > until:
                    raise InputError(f"{run.name} does not end; it is not deleted")
                ask_to_stop(run.folder, plan)
                time.sleep(0.1)
            return delete(run.folder)

        def done(gone: list[Deleted]) -> None:
            self._deleted.append(gone)
            self.deleted.emit(run)

        self._run(f"Deleting {run.name}", work, done)

    def undo(self) -> None:
        """Bring back what was deleted last."""
        if self._deleted:
            gone = self._deleted.pop()
            self._run("Bringing it back", lambda: restore(gone), lambda paths: self.restored.emit(paths[0]))

    @property
    def can_undo(self) -> bool:
        return bool(self._deleted)

    def _change(self, run: Run, **changes: Any) -> None:
        def work() -> None:
            plan = change_plan(run.folder, **changes)
            if plan.wanted != "train":
                ask_to_stop(run.folder, plan)

        self._run(run.name, work, lambda nothing: None)

    def _run(self, title: str, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        def finished(result: Any) -> None:
            done(result)
            self.look()

        def failed(error: Exception) -> None:
            if not isinstance(error, InputError | OSError):
                raise error
            self.failed.emit(str(error))
            self.look()

        self._desk.jobs.run(title, lambda job: work(), finished, failed)

    def _show(self, found: tuple[Path, list[Run], str]) -> None:
        folder, runs, trouble = found
        self._looking = False
        if folder == self._folder and (runs != self.runs or not self.ready):
            self.runs, self.ready = runs, True
            self.changed.emit()
        self._tell(trouble)
        if self._again:
            self.look()

    def _stumble(self, error: Exception) -> None:
        self._looking = False
        if not isinstance(error, OSError):
            raise error
        self._tell(f"The trainings cannot be read: {error}")

    def _tell(self, trouble: str) -> None:
        """Once, not at each look."""
        if trouble and trouble != self._said:
            self.failed.emit(trouble)
        self._said = trouble

    def _follow(self, settings: Settings) -> None:
        folder = self._desk.store.training
        if folder != self._folder:
            self._folder, self.runs, self.ready = folder, [], False
            self.changed.emit()
            self.look()


def _look(reader: Reader, folder: Path) -> tuple[list[Run], str]:
    """What there is, and why the next could not begin."""
    runs = reader.look(folder)
    for run in runs:
        if run.active and run.plan.wanted != "train":
            ask_to_stop(run.folder, run.plan)  # again: while it is being loaded it does not hear
    waiting = [run for run in runs if run.state == "waiting"]
    if not waiting or any(run.active for run in runs):
        return runs, ""
    trouble = ""
    try:
        with held(folder / QUEUE):
            runs = reader.look(folder)  # another app may have been quicker
            waiting = [run for run in runs if run.state == "waiting"]
            if waiting and not any(run.active for run in runs):
                first = min(waiting, key=lambda run: run.plan.queued or 0.0)
                try:
                    start(first.folder, first.plan)
                except InputError as error:
                    trouble = str(error)
                    change_plan(first.folder, queued=None, wanted="pause")
                runs = reader.look(folder)
    except Held:
        pass  # at the next look
    return runs, trouble
