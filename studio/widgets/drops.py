"""Files that are dragged from elsewhere onto a part of the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget


class Drops(QObject):
    """Takes files with one of the suffixes; the widget has the property "dropping" while they are held over it. All
    other files are left to what is around it."""

    dropped = Signal(object)
    """Path, of each file."""

    def __init__(self, widget: QWidget, *suffixes: str) -> None:
        super().__init__(widget)
        self._widget, self._suffixes = widget, suffixes
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.DragLeave:
            self._light(False)
        if kind not in (QEvent.Type.DragEnter, QEvent.Type.Drop) or not isinstance(event, QDropEvent):
            return False
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        wanted = [path for path in paths if path.suffix.lower() in self._suffixes]
        if not wanted:
            return False
        event.acceptProposedAction()
        self._light(kind == QEvent.Type.DragEnter)
        if kind == QEvent.Type.Drop:
            for path in wanted:
                self.dropped.emit(path)
        return True

    def _light(self, on: bool) -> None:
        self._widget.setProperty("dropping", on)
        self._widget.style().polish(self._widget)
