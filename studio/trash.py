"""To the system's trash, and back."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QFile, QStandardPaths


def to_trash(path: Path) -> Path:
    """Move a file to the trash. Returns where it is there. Any thread; blocks. Raises OSError."""
    data = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)
    with suppress(OSError):  # Qt makes the trash, but not the folder for it
        Path(data).mkdir(parents=True, exist_ok=True)
    file = QFile(str(path))
    if not file.moveToTrash():
        path.stat()  # raises what is wrong where the file is not there
        raise OSError(f"the system has no trash for {path}")
    return Path(file.fileName())


def from_trash(where: Path, path: Path) -> None:
    """Move what `to_trash` gave back to where it was. Any thread; blocks. Raises OSError."""
    if path.exists():
        raise FileExistsError(f"there is another {path} by now")
    where.rename(path)
    # what the desktop's trash knew of it (freedesktop.org)
    with suppress(OSError):
        (where.parent.parent / "info" / f"{where.name}.trashinfo").unlink()
