"""The takes that there are, kept up to date in the background: a batch at a time, so that neither the disk nor ten
thousand takes are waited for."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from engine.controls import Status
from engine.takes import recover_takes
from studio.desk import Desk
from studio.jobs import Job
from studio.settings import Settings
from studio.takes.changes import empty_own_trash
from studio.takes.files import Header, Take, read_header, scan

SCANNED_AT_ONCE = 500
"""At first; each time twice as many, since to show more of them takes longer."""
MOST_AT_ONCE = 4000
READ_AT_ONCE = 200
SETTLE = 300
"""Milliseconds from the first sign of a change to looking: changes come in flocks."""
RECOVER_AFTER = 2000
"""Milliseconds from the start, when there is time to look after takes that were cut off."""

Stamps = dict[str, tuple[int, int]]
"""Of each file its size and when it was changed."""


class Library(QObject):
    """GUI thread. It looks while it is `awake`, and otherwise remembers that it should."""

    changed = Signal(object, object)
    """list[Take] that are new or different, list[str] of the files that are gone."""
    looked = Signal()
    """A look at the folder is over."""

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.folder = desk.store.takes
        self.takes: dict[str, Take] = {}
        self.trouble = ""
        """Why the folder cannot be read."""
        self.ready = False
        """Whether all of the folder was seen."""
        self._awake = False
        self._stale = True
        self._scan: Scan | None = None
        self._unread: dict[str, Take] = {}
        self._first: list[str] = []
        self._reading = False
        self._was_taking = False
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(self._sense)
        self._there = False
        """Whether the folder was, at the last look."""
        # once all is shown it is known what is in sight
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._read_more)
        self._soon = QTimer(self, singleShot=True, interval=SETTLE)
        self._soon.timeout.connect(self.look)
        desk.store.changed.connect(self._follow)
        desk.instrument.noticed.connect(self.look_soon)
        desk.instrument.updated.connect(self._update)
        QTimer.singleShot(RECOVER_AFTER, self, self._recover)

    def wake(self, awake: bool) -> None:
        """Whether anybody sees it."""
        self._awake = awake
        if awake and self._stale:
            self.look()
        self._next.start()

    def look_soon(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def look(self) -> None:
        """See what is new, different or gone."""
        if not self._awake or self._scan:
            self._stale = True
            return
        self._stale = False
        stamps = {file: (take.size, take.changed) for file, take in self.takes.items()}
        self._scan = Scan(self.folder, stamps)
        self._scan_more()

    def read_first(self, takes: Iterable[Take]) -> None:
        """What is looked at is read before the rest."""
        self._first = [take.file for take in takes if take.file in self._unread]

    def put(self, takes: list[Take], gone: list[str]) -> None:
        """What was just changed here is known without a look at the disk."""
        for file in gone:
            self.takes.pop(file, None)
            self._unread.pop(file, None)
        for take in takes:
            self.takes[take.file] = take
            if take.header is None:
                self._unread[take.file] = take
        self.changed.emit(takes, gone)
        self._next.start()

    def _sense(self, folder: str) -> None:
        # what else happens beside the folder is nothing to us
        if Path(folder) == self.folder or self.folder.is_dir() != self._there:
            self.look_soon()

    def _follow(self, settings: Settings) -> None:
        folder = self._desk.store.takes
        if folder == self.folder:
            return
        self.folder, self._scan, self.ready = folder, None, False
        self.put([], list(self.takes))
        self.look()

    def _update(self, status: Status) -> None:
        if self._was_taking and status.taking is None:
            self.look_soon()
        self._was_taking = status.taking is not None

    def _scan_more(self) -> None:
        scan = self._scan
        assert scan is not None
        self._desk.jobs.run("", lambda job: (scan, *scan.batch()), self._scanned)

    def _scanned(self, batch: tuple[Scan, list[Take], list[str]]) -> None:
        scan, takes, gone = batch
        if scan is not self._scan:
            return
        if takes or gone:
            self.put(takes, gone)
        if not scan.over:
            self._scan_more()
            return
        self._scan, self.trouble, self.ready = None, scan.trouble, True
        self._there = scan.there
        watched = set(self._watcher.directories())
        if left := watched - scan.watch:
            self._watcher.removePaths(list(left))
        if new := scan.watch - watched:
            self._watcher.addPaths(list(new))
        self.looked.emit()
        if self._stale:
            self.look()

    def _read_more(self) -> None:
        if self._reading or not self._unread or not self._awake:
            return
        self._reading = True
        first = [self._unread[file] for file in self._first if file in self._unread]
        takes = first or list(itertools.islice(self._unread.values(), READ_AT_ONCE))

        def read(job: Job) -> list[tuple[Take, Header]]:
            return [(take, read_header(take.path)) for take in takes]

        self._desk.jobs.run("", read, self._read)

    def _read(self, headers: list[tuple[Take, Header]]) -> None:
        self._reading = False
        same = [(take, header) for take, header in headers if self._unread.get(take.file) is take]
        for take, _ in same:
            del self._unread[take.file]
        self.put([replace(take, header=header) for take, header in same], [])

    def _recover(self) -> None:
        if self._desk.instrument.status.taking is not None:
            return
        folder, say = self.folder, self._desk.instrument.say

        def recover(job: Job) -> list[Path]:
            empty_own_trash(folder)
            return recover_takes(folder)

        def tell(takes: list[Path]) -> None:
            for take in takes:
                say("info", f"A recording had been cut off; what there is of it is the take {take.stem}.")

        self._desk.jobs.run("", recover, tell, lambda error: say("error", f"The takes cannot be looked at ({error})."))


class Scan:
    """One look at a folder."""

    def __init__(self, folder: Path, known: Stamps) -> None:
        self._folder = folder
        self._known = known
        self._found = scan(folder)
        self._seen: set[str] = set()
        self._wanted = SCANNED_AT_ONCE
        self.over = False
        self.trouble = ""
        self.there = False
        self.watch: set[str] = set()
        """The folders that change when there is something new: this one, and the one that it is in, or will be."""

    def batch(self) -> tuple[list[Take], list[str]]:
        """The next takes that are new or different; at the end those that are gone as well. Any thread; blocks."""
        new, count, wanted = [], 0, self._wanted
        self._wanted = min(MOST_AT_ONCE, 2 * wanted)
        try:
            for take in itertools.islice(self._found, wanted):
                count += 1
                self._seen.add(take.file)
                if self._known.get(take.file) != (take.size, take.changed):
                    new.append(take)
        except OSError as error:
            self.trouble = f"The folder {self._folder} cannot be read: {error.strerror or error}."
        self.over = count < wanted
        if not self.over or self.trouble:
            return new, []
        self.there = self._folder.is_dir()
        around = next(parent for parent in self._folder.absolute().parents if parent.is_dir())
        self.watch = {str(around), *([str(self._folder)] if self.there else [])}
        return new, [file for file in self._known if file not in self._seen]
