"""Which take is being heard, and where in it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.controls import Audition, EndAudition, Notice, Status
from studio.desk import Desk

GONE, NEVER = 4, 300
"""Looks at the status, 30 a second: when one audition takes the place of another there may be none for a moment, and
to read a long file takes a while."""


class Hearing(QObject):
    """GUI thread. `file` is the take that was asked for, until it was heard, could not be or gave way to something
    else, and otherwise nothing; the live music waits meanwhile."""

    changed = Signal()
    """Another take, or none."""
    moved = Signal()

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._instrument = desk.instrument
        self.file = ""
        self.position = 0.0
        """Seconds into it."""
        self._what = ""
        self._start = 0.0
        self._begun = False
        self._absent = 0
        """Looks at the status since it was there."""
        desk.instrument.updated.connect(self._update)
        desk.instrument.noticed.connect(self._notice)

    def hear(self, path: Path, start: float = 0.0) -> None:
        """From so many seconds on."""
        self.file, self.position, self._what, self._start = str(path), start, path.name, start
        self._begun, self._absent = False, 0
        self._instrument.ask(Audition(path, start, device=self._instrument.device))
        self.changed.emit()

    def end(self) -> None:
        if self.file:
            self._instrument.ask(EndAudition())
            self._forget()

    def follow(self, old: str, new: str) -> None:
        """It was renamed."""
        if self.file == old:
            self.file = new

    def _update(self, status: Status) -> None:
        if not self.file:
            return
        now = status.auditioning
        if now is not None and now.start is None and self._what.startswith(now.what.rstrip("…")):
            self._begun, self._absent = True, 0
            position = self._start + now.position
            if position != self.position:
                self.position = position
                self.moved.emit()
            return
        self._absent += 1
        if self._absent > (GONE if self._begun else NEVER):
            self._forget()

    def _notice(self, notice: Notice) -> None:
        if notice.kind == "error" and not self._begun:
            self._forget()

    def _forget(self) -> None:
        if self.file:
            self.file = ""
            self.changed.emit()
