"""The model of the style that plays, for views that show more than sound."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.controls import Status
from models.config import ModelConfig
from models.errors import InputError
from models.style import open_style
from studio.desk import Desk


class KnownModel(QObject):
    """`model` is none until the style's file was read, and where it cannot be. GUI thread."""

    changed = Signal()

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self.model: ModelConfig | None = None
        self._desk = desk
        self._path: Path | None = None
        desk.instrument.updated.connect(self._follow)

    def _follow(self, status: Status) -> None:
        path = status.style
        if path is not None and path != self._path:
            self._path = path
            self._desk.jobs.run("Reading the style", lambda job: _read(path), self._know)

    def _know(self, known: tuple[Path, ModelConfig | None]) -> None:
        path, model = known
        if path == self._path and model != self.model:
            self.model = model
            self.changed.emit()


def _read(path: Path) -> tuple[Path, ModelConfig | None]:
    """What is wrong with a style is said where it is loaded; here it only means not to know."""
    try:
        return path, open_style(path).info.model
    except InputError:
        return path, None
