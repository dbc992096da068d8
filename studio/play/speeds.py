"""How fast each style runs on this machine, as far as it is known; remembered from one start to the next."""

from __future__ import annotations

import logging
import os
import platform
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal

from models.files import written_aside
from studio import paths
from studio.desk import Desk
from studio.settings import Settings

log = logging.getLogger("studio")

EASY = 1.2
"""From here on other programs may want the processor, too."""

Known = dict[str, dict[str, float]]
"""By machine and choice of provider, by a style's hash: seconds of sound made in one second."""


class Speeds(QObject):
    """GUI thread; nothing blocks."""

    changed = Signal()

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._provider = desk.store.value.provider
        self._known: Known = {}
        self.read = False
        """Whether what was remembered is here."""
        desk.jobs.run("reading the measured speeds", lambda job: _read(), self._recall)
        desk.store.changed.connect(self._follow)

    def of(self, sha256: str) -> float | None:
        """Seconds of sound made in one second, or none while it is not known."""
        return self._here.get(sha256)

    def learn(self, sha256: str, factor: float) -> None:
        self._here[sha256] = factor
        self._changed()

    def forget(self, sha256: str) -> None:
        if self._here.pop(sha256, None) is not None:
            self._changed()

    @property
    def _here(self) -> dict[str, float]:
        machine = f"{platform.node()}, {platform.machine()}, {os.cpu_count()} cores"
        return self._known.setdefault(f"{machine}, {self._provider}", {})

    def _recall(self, known: Known) -> None:
        self._known, self.read = known, True
        self.changed.emit()

    def _follow(self, settings: Settings) -> None:
        if settings.provider != self._provider:
            self._provider = settings.provider
            self.changed.emit()

    def _changed(self) -> None:
        content = msgspec.json.format(msgspec.json.encode(self._known))
        self._desk.jobs.run("remembering a speed", lambda job: _write(content))
        self.changed.emit()


def in_words(factor: float | None, measuring: bool) -> tuple[list[str], str]:
    """What to say of a speed, at length and shorter, and the role of its colour."""
    if factor is None:
        return (["measuring…"] if measuring else ["speed not measured yet", "not measured"]), "faint"
    times = f"{factor:.1f}×" if factor < 9.95 else f"{factor:.0f}×"
    if factor < 1:
        return [f"{times}, too heavy: render only", f"{times}, render only"], "warning"
    if factor < EASY:
        return [f"{times}, only just plays live", f"{times}, just live"], "warning"
    return [f"{times}, plays live"], "good"


def _file() -> Path:
    return paths.cache_folder() / "speeds.json"


def _read() -> Known:
    try:
        return msgspec.json.decode(_file().read_bytes(), type=Known)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        log.warning("the measured speeds could not be read: %s", error)
        return {}


def _write(content: bytes) -> None:
    try:
        _file().parent.mkdir(parents=True, exist_ok=True)
        with written_aside(_file()) as aside:
            aside.write_bytes(content)
    except OSError as error:
        log.warning("the measured speeds could not be kept: %s", error)
