"""The previews that styles carry, heard as takes are: the live music stands still meanwhile."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from models.errors import InputError
from models.files import written_aside
from models.style import PREVIEW
from studio import paths
from studio.desk import Desk
from studio.play.shelf import Entry
from studio.takes.hearing import Hearing


class Previews(QObject):
    """GUI thread; the disk is read and written off it."""

    failed = Signal(str)
    """Why one cannot be heard."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs, self._hearing = desk.jobs, Hearing(desk, self)
        self.heard: Path | None = None
        """The style whose preview was asked for, until it was heard, could not be or gave way to something else."""
        self._hearing.changed.connect(self._follow)

    def toggle(self, entry: Entry) -> None:
        """Hear a style's preview, or no more of it."""
        if self.heard == entry.path:
            self._hearing.end()
            self.heard = None
        elif PREVIEW not in entry.style.hashes:
            self.failed.emit(f"{entry.style.info.name} carries no preview.")
        else:
            self.heard = entry.path
            self._jobs.run("", lambda job: (entry.path, taken_out(entry)), self._hear, self._fail)

    def _hear(self, taken: tuple[Path, Path]) -> None:
        style, sound = taken
        if self.heard == style:  # or something else was asked for meanwhile
            self._hearing.hear(sound)

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, InputError | OSError):
            raise error
        self.heard = None
        self.failed.emit(f"The preview cannot be heard: {error}")

    def _follow(self) -> None:
        if not self._hearing.file:
            self.heard = None


def taken_out(entry: Entry) -> Path:
    """A style's preview as a file by itself, which the engine can read: named as the style, since that is what is
    then shown as heard. Blocks. Raises InputError, OSError."""
    folder = paths.cache_folder() / "previews"
    folder.mkdir(parents=True, exist_ok=True)
    sound = folder / f"{entry.path.stem}.flac"
    with written_aside(sound) as aside:
        aside.write_bytes(entry.style.read(PREVIEW))
    return sound
