"""One process at a time: a file that says whose turn it is. The system lets go of it when the process ends, however."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

FAR = 1 << 30
"""Windows locks bytes, and nobody else may read those: one far behind the end of what is written."""
PATIENCE = 1.0
"""Seconds. `holder` takes a lock for a moment to see whether it can."""


class Held(Exception):
    """Another process holds the lock."""


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock while the block runs; the file then says which process does. It stays afterwards, empty: to
    delete it could take it from under the next. Blocks for PATIENCE at most. Raises Held, or OSError."""
    until = time.monotonic() + PATIENCE
    with path.open("ab+") as file:
        while not _take(file):
            if time.monotonic() > until:
                raise Held
            time.sleep(0.05)
        try:
            file.truncate(0)
            file.write(str(os.getpid()).encode())
            file.flush()
            yield
        finally:
            with suppress(OSError):
                file.truncate(0)
            _leave(file)


def holder(path: Path) -> int | None:
    """The id of the process that holds the lock, 0 if it does not say (yet), None if nobody does."""
    try:
        with path.open("rb+") as file:
            if _take(file):
                _leave(file)
                return None
            file.seek(0)
            said = file.read(20)
            return int(said) if said.isdigit() else 0
    except OSError:
        return None


def _take(file: BinaryIO) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(FAR)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _leave(file: BinaryIO) -> None:
    if sys.platform == "win32":
        import msvcrt

        file.seek(FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_UN)
