"""The recordings of a data set as a table; those that were left out come first, with the reason."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from models.dataset import SPLITS, Manifest, Recording, Skipped, Split
from studio.theme import colour
from studio.widgets.scale import MINUS
from studio.words import clock

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
ROOT = QModelIndex()


class Column(IntEnum):
    NAME = 0
    REMARKS = 1
    LENGTH = 2
    LOUDNESS = 3
    PEAK = 4
    SPLIT = 5


TITLES = ("Recording", "Remarks", "Length", "Loudness", "Peak", "Is for")
USES: dict[Split, str] = {"train": "learning", "valid": "checking", "test": "the last word"}
TEXTS: tuple[Callable[[Recording, Split], str], ...] = (
    lambda recording, split: Path(recording.name).name,
    lambda recording, split: "; ".join(recording.warnings),
    lambda recording, split: clock(recording.seconds, tenths=recording.seconds < 60),
    lambda recording, split: decibels(recording.rms_dbfs),
    lambda recording, split: decibels(recording.peak_dbfs),
    lambda recording, split: USES[split],
)
KEYS: tuple[Callable[[tuple[Recording, Split]], Any], ...] = (
    lambda row: row[0].name.casefold(),
    lambda row: not row[0].warnings,
    lambda row: row[0].seconds,
    lambda row: row[0].rms_dbfs,
    lambda row: row[0].peak_dbfs,
    lambda row: SPLITS.index(row[1]),
)


class RecordingsModel(QAbstractTableModel):
    """GUI thread. As in the manifest until it is sorted; what has remarks comes first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._skipped: tuple[Skipped, ...] = ()
        self._rows: list[tuple[Recording, Split]] = []

    def show_manifest(self, manifest: Manifest) -> None:
        self.beginResetModel()
        self._skipped = manifest.skipped
        rows = [(recording, split) for split in SPLITS for recording in manifest.splits[split]]
        self._rows = sorted(rows, key=KEYS[Column.REMARKS])
        self.endResetModel()

    @property
    def remarks(self) -> bool:
        """Whether there are any."""
        return bool(self._skipped) or bool(self._rows and self._rows[0][0].warnings)

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._skipped) + len(self._rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(Column)

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = index.row(), Column(index.column())
        skipped = self._skipped[row] if row < len(self._skipped) else None
        if role == Role.TextAlignmentRole:
            return _side(column)
        if role == Role.ForegroundRole:
            return self._ink(skipped, column)
        if role in (Role.DisplayRole, Role.ToolTipRole):
            told = role == Role.ToolTipRole
            if skipped is not None:
                return f"{skipped.source}: {skipped.reason}" if told else _of_skipped(skipped, column)
            recording, split = self._rows[row - len(self._skipped)]
            return _everything(recording, split) if told else TEXTS[column](recording, split)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Role.DisplayRole:
            return TITLES[section]
        return _side(Column(section)) if role == Role.TextAlignmentRole else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Those that were left out stay first."""
        if column < 0:
            return
        self.layoutAboutToBeChanged.emit()
        self._rows.sort(key=KEYS[column], reverse=order == Qt.SortOrder.DescendingOrder)
        self.layoutChanged.emit()

    def _ink(self, skipped: Skipped | None, column: Column) -> Any:
        if column == Column.REMARKS:
            return colour("bad" if skipped else "warning")
        return colour("muted" if skipped or column != Column.NAME else "text")


def decibels(level: float) -> str:
    """level: dBFS"""
    return f"{level:.1f} dB".replace("-", MINUS)


def _side(column: Column) -> Qt.AlignmentFlag:
    right = column in (Column.LENGTH, Column.LOUDNESS, Column.PEAK)
    return Qt.AlignmentFlag.AlignVCenter | (Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft)


def _of_skipped(skipped: Skipped, column: Column) -> str:
    if column == Column.NAME:
        return Path(skipped.source).name
    return f"left out: {skipped.reason}" if column == Column.REMARKS else ""


def _everything(recording: Recording, split: Split) -> str:
    return "\n".join(
        (
            recording.source,
            f"{clock(recording.seconds, tenths=True)}, for {USES[split]}",
            f"loudness {decibels(recording.rms_dbfs)}, peak {decibels(recording.peak_dbfs)}",
            *recording.warnings,
        )
    )
