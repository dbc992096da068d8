"""Small waveforms of the takes that are seen, made in the background and kept on disk."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from studio.jobs import Jobs
from studio.peaks import NOTHING, Peaks
from studio.takes.files import Take
from studio.takes.pictures import file_peaks

COLUMNS = 160
FRAMES = 2048
"""At most looked at for one column."""
AT_ONCE = 4
WAITING = 64
"""What was wanted longer ago is out of sight by now."""
REMEMBERED = 1000
MOST_FILES = 4000
TIDIED_EVERY = 500
"""New ones."""

Key = tuple[str, int, int]


class Thumbnails(QObject):
    """GUI thread."""

    made = Signal()
    """There are some that were missing."""

    def __init__(self, jobs: Jobs, folder: Path, parent: QObject | None = None) -> None:
        """folder: where they are kept."""
        super().__init__(parent)
        self._jobs, self._store = jobs, Store(folder)
        self._known: dict[Key, Peaks] = {}
        self._wanted: dict[Key, Take] = {}
        self._making = False
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._make)

    def peaks(self, take: Take) -> Peaks | None:
        """None: to come, if somebody asks again after `made`."""
        key = _key(take)
        if key in self._known:
            return self._known[key]
        self._wanted.pop(key, None)
        self._wanted[key] = take
        while len(self._wanted) > WAITING:
            del self._wanted[next(iter(self._wanted))]
        if not self._making:
            self._soon.start()
        return None

    def _make(self) -> None:
        if self._making or not self._wanted:
            return
        self._making = True
        takes = [self._wanted.popitem()[1] for _ in range(min(AT_ONCE, len(self._wanted)))]
        self._jobs.run("", lambda job: [(_key(take), self._store.peaks(take)) for take in takes], self._add)

    def _add(self, found: list[tuple[Key, Peaks]]) -> None:
        self._making = False
        for key, peaks in found:
            self._known[key] = peaks
            self._wanted.pop(key, None)
        while len(self._known) > REMEMBERED:
            del self._known[next(iter(self._known))]
        self.made.emit()
        self._make()


class Store:
    """Thumbnails on disk, a small file each; the oldest go when there are too many. One thread at a time; blocks. A
    disk that refuses is not worth a word: they are made again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._written = 0

    def peaks(self, take: Take) -> Peaks:
        """Read, or made and kept. Of what cannot be read nothing."""
        name = hashlib.sha1(repr(_key(take)).encode()).hexdigest()
        path = self._folder / name
        with suppress(OSError):
            content = path.read_bytes()
            if len(content) % 3 == 0:
                return _unpack(content)
        made, _ = file_peaks(take.path, COLUMNS, FRAMES)
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._tidy()
            path.write_bytes(_pack(made))
        return made

    def _tidy(self) -> None:
        self._written += 1
        if self._written % TIDIED_EVERY != 1:
            return
        with os.scandir(self._folder) as entries:
            files = sorted((entry.stat().st_mtime_ns, entry.path) for entry in entries)
        for _, path in files[: max(0, len(files) - MOST_FILES)]:
            os.unlink(path)


def _key(take: Take) -> Key:
    return take.file, take.size, take.changed


def _pack(peaks: Peaks) -> bytes:
    """A byte a number is enough for a picture."""
    numbers = np.rint(np.stack([peaks.low, peaks.high, peaks.rms]).clip(-1, 1) * 127)
    return bytes(numbers.astype(np.int8).tobytes())


def _unpack(content: bytes) -> Peaks:
    if not content:
        return NOTHING
    low, high, rms = np.frombuffer(content, np.int8).reshape(3, -1).astype(np.float32) / 127
    return Peaks(low, high, rms * rms)
