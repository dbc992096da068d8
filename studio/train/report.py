"""What is in the recordings that are to be learned from, and whether it is enough."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QStackedWidget,
    QTableView,
    QWidget,
)

from models.dataset import Manifest
from studio.train.recordings_model import Column, RecordingsModel
from studio.train.verdict import facts, verdict
from studio.widgets.elided import Elided
from studio.widgets.panel import column, label, set_role

ROW_HEIGHT = 26
WIDTHS = {Column.LENGTH: 68, Column.LOUDNESS: 84, Column.PEAK: 80, Column.SPLIT: 106}
NAME_SHARE = 0.4
"""Of what the other columns leave to the name and the remarks."""
ROOM = {Column.LOUDNESS: 560, Column.PEAK: 640, Column.SPLIT: 720}
"""Pixels from which on there is room for what the tool tips also tell."""
NOTHING = "What is in your recordings, and whether it is enough to learn from, is told here before anything starts."


class DataReport(QWidget):
    """GUI thread."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.said = _paragraph("drop")
        self.said.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.bar, self.working, self.file = QProgressBar(textVisible=False), label(""), Elided("muted")
        self.verdict, self.text, self.facts, self.notes = label("", "heading"), *map(_paragraph, ("", "muted", "muted"))
        self.left_out = _paragraph("warning")
        self.model, self.table = RecordingsModel(self), QTableView()
        self._stack = QStackedWidget(self)
        column(0, parent=self).addWidget(self._stack)
        self._said, self._progress, self._report = self._pages()
        self._dress_table()
        self.show_manifest(None)

    def show_manifest(self, manifest: Manifest | None) -> None:
        """None: there are no recordings yet."""
        if manifest is None:
            self._say(NOTHING, "drop")
            return
        judged = verdict(manifest)
        self.verdict.setText(judged.title)
        self.text.setText(judged.text)
        set_role(self.text, judged.role)
        self.facts.setText(facts(manifest))
        count = len(manifest.skipped)
        self._tell(
            self.left_out, f"{'1 file was' if count == 1 else f'{count:,} files were'} left out." if count else ""
        )
        self._tell(self.notes, "\n".join(f"{note[:1].upper()}{note[1:]}." for note in manifest.notes))
        self.model.show_manifest(manifest)
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.table.scrollToTop()
        self._fit()
        self._stack.setCurrentWidget(self._report)

    def show_progress(self, done: int, total: int, name: str) -> None:
        """While they are prepared: files, and the one that is next. total: 0 where it is not known."""
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.working.setText(
            f"Listening to the recordings: {done:,} of {total:,}" if total else "Looking for recordings…"
        )
        self.file.setText(Path(name).name)
        self._stack.setCurrentWidget(self._progress)

    def show_trouble(self, text: str) -> None:
        """Why there is nothing to learn from, in a line."""
        self._say(text, "bad")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _say(self, text: str, role: str) -> None:
        self.said.setText(text)
        set_role(self.said, role)
        self._stack.setCurrentWidget(self._said)

    @staticmethod
    def _tell(told: QLabel, text: str) -> None:
        told.setText(text)
        told.setVisible(bool(text))

    def _pages(self) -> tuple[QWidget, QWidget, QWidget]:
        progress, report = QWidget(), QWidget()
        inner = column(6, parent=progress)
        self.bar.setAccessibleName("Listening to the recordings")
        inner.addStretch(1)
        for part in (self.working, self.bar, self.file):
            inner.addWidget(part)
        inner.addStretch(1)
        inner = column(4, parent=report)
        for part in (self.verdict, self.text, self.facts, self.notes, self.left_out):
            inner.addWidget(part)
        inner.addSpacing(4)
        inner.addWidget(self.table, 1)
        for page in (self.said, progress, report):
            self._stack.addWidget(page)
        return self.said, progress, report

    def _dress_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setAccessibleName("Recordings")
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setProperty("role", "recordings")
        table.setWordWrap(False)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setMinimumHeight(5 * ROW_HEIGHT)
        table.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(40)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        for each, width in WIDTHS.items():
            table.setColumnWidth(each, width)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        table.setSortingEnabled(True)

    def _fit(self) -> None:
        """Show what there is room for, and remarks where there are any."""
        for each, room in ROOM.items():
            self.table.setColumnHidden(each, self.width() < room)
        remarks, mode = self.model.remarks, QHeaderView.ResizeMode
        self.table.setColumnHidden(Column.REMARKS, not remarks)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(Column.NAME, mode.Fixed if remarks else mode.Stretch)
        header.setSectionResizeMode(Column.REMARKS, mode.Stretch)
        if remarks:
            rest = self.width() - sum(width for each, width in WIDTHS.items() if not self.table.isColumnHidden(each))
            self.table.setColumnWidth(Column.NAME, round(NAME_SHARE * rest))


def _paragraph(role: str) -> QLabel:
    made = label("", role)
    made.setWordWrap(True)
    made.setTextFormat(Qt.TextFormat.PlainText)
    return made
