"""Files that are dragged from elsewhere onto a part of the window."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget

from models.style import SUFFIX

CHECKPOINT_SUFFIXES = frozenset({".pt", ".pth", ".ckpt"})
"""What torch saves is usually called so (lower case)."""
HEAD = 128
"""Bytes of a file that are looked at."""
TORCH = re.compile(rb"PK.*/data\.pkl|\x80[\x02-\x05]", re.DOTALL)
"""What torch saves begins so: a zip, or until 2020 a pickle."""


def is_style(path: Path) -> bool:
    return path.suffix.lower() == SUFFIX


def is_checkpoint(path: Path) -> bool:
    """By its name, or by how it begins: samplernn-pytorch calls them best-ep12-it3400. Reads a few bytes."""
    if path.suffix.lower() in CHECKPOINT_SUFFIXES:
        return True
    if is_style(path):
        return False
    try:
        with path.open("rb") as file:
            begins = file.read(HEAD)
    except OSError:
        return False
    return bool(TORCH.match(begins))


def is_recording(path: Path) -> bool:
    """Or what is taken for one: what is wrong with it is said when it is read."""
    return not is_style(path) and not is_checkpoint(path)


class Drops(QObject):
    """Takes the files that are wanted; the widget has the property "dropping" while they are held over it. All other
    files are left to what is around it."""

    dropped = Signal(object)
    """list[Path], at least one"""

    def __init__(self, widget: QWidget, wanted: Callable[[Path], bool]) -> None:
        super().__init__(widget)
        self._widget, self._wanted = widget, wanted
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.DragLeave:
            self._light(False)
        if kind not in (QEvent.Type.DragEnter, QEvent.Type.Drop) or not isinstance(event, QDropEvent):
            return False
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        wanted = list(filter(self._wanted, paths))
        if not wanted:
            return False
        event.acceptProposedAction()
        self._light(kind == QEvent.Type.DragEnter)
        if kind == QEvent.Type.Drop:
            self.dropped.emit(wanted)
        return True

    def _light(self, on: bool) -> None:
        self._widget.setProperty("dropping", on)
        self._widget.style().polish(self._widget)
