"""From one style to another by hand: the crossfade, and what goes with it once it has come about."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from engine.controls import Notice, Status
from studio.desk import Desk
from studio.play.shelf import Entry

OPENING = "opening "
"""Begins Status.work; what follows is the file's name without its suffix."""

STEP = 200
"""Milliseconds without another step before a style is opened."""


class Switching(QObject):
    """GUI thread. The style's own temperature is turned, and the style remembered, when it is really in use: one that
    cannot be opened changes nothing."""

    changed = Signal()
    """Another style is in use or being opened."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._asked: Entry | None = None
        self._next: Entry | None = None
        """Stepped to, but not yet asked for."""
        self._stepping = QTimer(self, singleShot=True, interval=STEP)
        self._stepping.timeout.connect(self._stepped)
        self._shown = self._of(desk.instrument.status)
        desk.instrument.updated.connect(self._follow)
        desk.instrument.noticed.connect(self._hear)

    def to(self, entry: Entry) -> None:
        """Crossfade to a style; nothing happens if it is in use and no other is on the way."""
        if self._asked is None and self.in_use(entry):
            return
        self._asked = entry
        self._desk.instrument.load(entry.path)

    def in_use(self, entry: Entry) -> bool:
        return self._desk.instrument.status.style == entry.path

    def opening(self, entry: Entry) -> bool:
        work = self._desk.instrument.status.work
        return work == OPENING + entry.path.stem and self._asked in (None, entry)

    def step(self, entries: Sequence[Entry], by: int) -> Entry | None:
        """So many on, round and round. Returns the style that is gone to; those that are stepped over on the way are
        never opened."""
        if not entries:
            return None
        heading = self._next or self._asked or next(filter(self.in_use, entries), None)
        at = entries.index(heading) if heading in entries else min(-by, 0)
        self._next = entries[(at + by) % len(entries)]
        self._stepping.start()
        return self._next

    def _stepped(self) -> None:
        entry, self._next = self._next, None
        if entry:
            self.to(entry)

    def _follow(self, status: Status) -> None:
        asked = self._asked
        if asked and self.in_use(asked) and not status.work.startswith(OPENING):
            self._asked = None
            self._desk.instrument.turn(temperature=asked.style.info.default_temperature)
            self._desk.store.change(style=asked.name)
        if self._of(status) != self._shown:
            self._shown = self._of(status)
            self.changed.emit()

    def _hear(self, notice: Notice) -> None:
        if notice.kind == "error" and self._asked and not self.opening(self._asked):
            self._asked = None

    def _of(self, status: Status) -> tuple[object, str]:
        return status.style, status.work
