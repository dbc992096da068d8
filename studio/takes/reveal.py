"""Files shown where they are, in the system's file manager."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices


def reveal(path: Path) -> None:
    """A file in its folder, or a folder. Does not wait."""
    if path.is_file() and sys.platform == "darwin":
        QProcess.startDetached("open", ["-R", str(path)])
    elif path.is_file() and sys.platform == "win32":
        QProcess.startDetached("explorer", [f"/select,{path}"])
    else:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path if path.is_dir() else path.parent)))
