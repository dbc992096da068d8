"""Which styles there are: read again when their folders change; installed, removed, brought back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal
from PySide6.QtGui import QImage

from engine import library
from models.errors import InputError
from models.style import SUFFIX, Style, open_style
from studio.desk import Desk
from studio.play.picture import read_picture
from studio.trash import from_trash, to_trash

SETTLE = 300
"""Milliseconds without a change before the folders are read: a file that is copied changes many times."""


@dataclass(frozen=True)
class Entry:
    """A style that is there."""

    style: Style
    name: str
    """What finds it (engine/library.py): its file's name, or its path."""
    sha256: str
    size: int
    """Bytes of the file."""
    own: bool
    """The user's: it can be removed."""
    picture: QImage | None = field(default=None, compare=False)
    """That it carries, if it can be read; its hash is the style's to tell."""

    @property
    def path(self) -> Path:
        return self.style.path


@dataclass(frozen=True)
class Found:
    entries: tuple[Entry, ...] = ()
    refused: tuple[tuple[Path, str], ...] = ()
    """What is among them and does not open, and why."""


class Shelf(QObject):
    """GUI thread; the disk is read and written off it."""

    changed = Signal(object)
    """Found"""
    installed = Signal(object)
    """Entry"""
    removed = Signal(object)
    """Entry; `undo` brings it back."""
    restored = Signal(object)
    """Entry"""
    failed = Signal(str)
    """What could not be done, and why."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = desk.jobs
        self.found = Found()
        self._looked = False
        self._removed: list[tuple[Entry, Path]] = []
        """With where it lies in the trash."""
        self._watcher = QFileSystemWatcher(self)
        self._timer = QTimer(self, singleShot=True, interval=SETTLE)
        self._timer.timeout.connect(self.look)
        self._watcher.directoryChanged.connect(lambda path: self._timer.start())
        self._watcher.fileChanged.connect(lambda path: self._timer.start())

    def look(self) -> None:
        """Read the folders."""
        self._run("looking for styles", lambda: None, lambda nothing: None)

    def install(self, path: Path) -> None:
        """Take a style file in, if it is one."""

        def done(style: Style) -> None:
            self.installed.emit(next(entry for entry in self.found.entries if entry.path == style.path))

        self._run(f"installing {path.name}", partial(library.install_style, path), done)

    def remove(self, entry: Entry) -> None:
        """One of the user's own, into the trash."""

        def done(where: Path) -> None:
            self._removed.append((entry, where))
            self.removed.emit(entry)

        self._run(f"removing {entry.style.info.name}", partial(to_trash, entry.path), done)

    def undo(self) -> None:
        """Bring back what was removed last."""
        if self._removed:
            entry, where = self._removed.pop()
            work = partial(from_trash, where, entry.path)
            self._run(f"bringing {entry.style.info.name} back", work, lambda nothing: self.restored.emit(entry))

    def _run(self, title: str, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Do something off the GUI thread, show what there is then, and tell."""

        def finished(result: tuple[Any, Found]) -> None:
            self._show(result[1])
            done(result[0])

        def failed(error: Exception) -> None:
            if not isinstance(error, InputError | OSError):
                raise error
            self.failed.emit(str(error))

        self._jobs.run(title, lambda job: (work(), _look()), finished, failed)

    def _show(self, found: Found) -> None:
        # a folder tells of files that come and go, not of one that is still being written
        wanted = {str(folder) for folder in _folders() if folder.is_dir()}
        wanted |= {str(path) for path, why in found.refused}
        watched = {*self._watcher.directories(), *self._watcher.files()}
        if watched - wanted:
            self._watcher.removePaths(sorted(watched - wanted))
        if wanted - watched:
            self._watcher.addPaths(sorted(wanted - watched))
        if found != self.found or not self._looked:
            self.found, self._looked = found, True
            self.changed.emit(found)


def _look() -> Found:
    entries, refused = [], []
    for style in library.installed_styles():
        with suppress(OSError):  # gone since
            size, own = style.path.stat().st_size, library.is_users(style.path)
            entries.append(Entry(style, library.name_of(style), style.sha256, size, own, read_picture(style)))
    opened = {entry.path for entry in entries}
    for folder in _folders():
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            if path not in opened:
                try:
                    open_style(path)
                except InputError as error:
                    # among the cards the name says enough; the whole path is in the tool tip
                    refused.append((path, str(error).replace(str(path), path.name)))
    return Found(tuple(entries), tuple(refused))


def _folders() -> tuple[Path, Path]:
    return library.INSTALLED, library.users_folder()
