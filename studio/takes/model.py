"""The takes as a table, sorted and searched."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from operator import itemgetter
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    QUrl,
    Signal,
)

from studio.takes import words
from studio.takes.files import Take
from studio.takes.library import Library

Index = QModelIndex | QPersistentModelIndex

SETTLE = 500
"""Milliseconds: while headers are read the order by what is in them changes only so often."""


class Column(IntEnum):
    NAME = 0
    STYLE = 1
    LENGTH = 2
    DATE = 3
    SIZE = 4


TITLES = ("Name", "Style", "Length", "Date", "Size")
TEXTS: tuple[Callable[[Take], str], ...] = (
    lambda take: take.name,
    lambda take: take.style,
    lambda take: words.length(take.seconds),
    lambda take: words.date(take.changed),
    lambda take: words.size(take.size),
)
KEYS: tuple[Callable[[Take], Any], ...] = (
    lambda take: take.name.casefold(),
    lambda take: take.style.casefold() or None,
    lambda take: take.seconds,
    lambda take: take.changed,
    lambda take: take.size,
)
"""By what they are sorted; none, for what is not known, comes last in either direction."""
ROOT = QModelIndex()
COLUMNS = len(Column)
FLAGS = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
NAME_FLAGS = FLAGS | Qt.ItemFlag.ItemIsEditable
OF_HEADERS = (Column.STYLE, Column.LENGTH)


class TakesModel(QAbstractTableModel):
    """GUI thread. The newest first until sorted otherwise. A name that is given to a cell is asked for in `renamed`,
    and shown once it is true."""

    renamed = Signal(object, str)
    """Take, and the name that it is to have."""
    arranged = Signal()
    """Other takes, or in another order."""

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._rows: list[Take] = []
        self._places: dict[str, int] = {}
        self._words: list[str] = []
        self._column, self._descending = Column.DATE, True
        self._soon = QTimer(self, singleShot=True, interval=SETTLE)
        self._soon.timeout.connect(self._arrange)
        library.changed.connect(self._follow)
        self._arrange()

    def take(self, row: int) -> Take:
        return self._rows[row]

    def takes(self) -> list[Take]:
        """Those that are shown, in their order; not to be changed."""
        return self._rows

    def row(self, file: str) -> int:
        """Where a take is shown, or -1."""
        return self._places.get(file, -1)

    def search(self, text: str) -> None:
        """Show only the takes with all these words in their name or style."""
        wanted = text.casefold().split()
        if wanted != self._words:
            self._words = wanted
            self._arrange()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else COLUMNS

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        take = self._rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return TEXTS[index.column()](take)
        if role == Qt.ItemDataRole.ToolTipRole:
            return take.trouble or take.path.name
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return take.trouble
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        take = self._rows[index.row()]
        if role != Qt.ItemDataRole.EditRole or value == take.name:
            return False
        self.renamed.emit(take, value)
        return True

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return TITLES[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return NAME_FLAGS if index.column() == 0 else FLAGS

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        wanted = Column(column), order == Qt.SortOrder.DescendingOrder
        if wanted != (self._column, self._descending):
            self._column, self._descending = wanted
            self._arrange()

    def mimeTypes(self) -> list[str]:
        return ["text/uri-list"]

    def mimeData(self, indexes: Any) -> QMimeData:
        """The files themselves, for other programs."""
        rows = sorted({index.row() for index in indexes})
        return files([self._rows[row].path for row in rows])

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction

    def _follow(self, takes: list[Take], gone: list[str]) -> None:
        shown = self._places
        if not gone and all(take.header and take.file in shown for take in takes):
            # only more is known of what is shown
            for take in takes:
                self._rows[shown[take.file]] = take
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, COLUMNS - 1))
            if self._column in OF_HEADERS and not self._soon.isActive():
                self._soon.start()
        elif self._words and not gone and all(take.header for take in takes):
            if not self._soon.isActive():
                self._soon.start()
        else:
            self._arrange()

    def _arrange(self) -> None:
        """Sort and search anew. What is selected stays so."""
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        files = [self._rows[index.row()].file for index in before]
        key = KEYS[self._column]
        known, unknown = [], []
        for take in self._library.takes.values():
            if self._words and not self._matches(take):
                continue
            by = key(take)
            if by is None:
                unknown.append(take)
            else:
                known.append((by, take))
        known.sort(key=itemgetter(0), reverse=self._descending)
        self._rows = [take for _, take in known] + unknown
        self._places = {take.file: row for row, take in enumerate(self._rows)}
        after = []
        for index, file in zip(before, files, strict=True):
            row = self._places.get(file, -1)
            after.append(self.index(row, index.column()) if row >= 0 else QModelIndex())
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()
        self.arranged.emit()

    def _matches(self, take: Take) -> bool:
        text = f"{take.name} {take.style}".casefold()
        return all(word in text for word in self._words)


def files(paths: list[Path]) -> QMimeData:
    """As they are dragged or copied to other programs."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data
