"""What the style in use says of itself."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.controls import Status
from models.style import open_style
from studio.desk import Desk


class Loaded(QObject):
    """Reads it, off the GUI thread, whenever another style is in use."""

    changed = Signal(object)
    """models.style.StyleInfo"""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = desk.jobs
        self._seen = ""
        desk.instrument.updated.connect(self._look)

    def _look(self, status: Status) -> None:
        path = status.style
        if path is not None and status.style_sha256 != self._seen:
            self._seen = status.style_sha256
            # a file that was taken away meanwhile is no trouble: what plays is in memory
            self._jobs.run("Reading the style", lambda job: open_style(path).info, self._tell, lambda error: None)

    def _tell(self, info: object) -> None:
        self.changed.emit(info)
