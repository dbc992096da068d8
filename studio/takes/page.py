"""The recordings."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from studio import paths
from studio.desk import Desk
from studio.takes import words
from studio.takes.deeds import Deeds
from studio.takes.detail import Detail
from studio.takes.empty import Empty
from studio.takes.hearing import Hearing
from studio.takes.library import Library
from studio.takes.lines import Lines
from studio.takes.list import TakesList
from studio.takes.model import TakesModel
from studio.takes.search import Search
from studio.takes.thumbnails import Thumbnails
from studio.widgets.panel import column, label, row

GAP = 8
SETTLE = 250
"""Milliseconds: while headers are read the sums change only so often."""


class TakesPage(QWidget):
    """The list, and below it the take that is selected."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.library = Library(desk, self)
        self.hearing = Hearing(desk, self)
        self.model = TakesModel(self.library, self)
        thumbnails = Thumbnails(desk.jobs, paths.cache_folder() / "thumbnails", self)
        self.list = TakesList(self.model, desk.actions, thumbnails, self.hearing)
        self.search, self.count = Search(self.list), label("", "muted")
        self.empty = Empty(desk.actions)
        self.lines = Lines()
        self.detail = Detail(desk.jobs, desk.actions, thumbnails, self.hearing)
        self.deeds = Deeds(desk, self.library, self.model, self.list, self.hearing, self.lines, self)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.list)
        self.stack.addWidget(self.empty)
        head = row(GAP, (4, 0, 0, 0))
        head.addWidget(self.count)
        head.addStretch(1)
        head.addWidget(self.search)
        outer = column(GAP, (GAP, 0, GAP, GAP), self)
        outer.addLayout(head)
        outer.addWidget(self.stack, 1)
        outer.addWidget(self.lines)
        outer.addWidget(self.detail)
        self._soon = QTimer(self, singleShot=True, interval=SETTLE)
        self._soon.timeout.connect(self._look)
        self._connect()
        self._look()

    def hear(self, start: float) -> None:
        """The selected take, from so many seconds on."""
        self.hearing.hear(self.list.selected()[0].path, start)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.library.wake(True)
        self.list.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.library.wake(False)

    def _connect(self) -> None:
        actions = self._desk.actions
        actions["take-play"].triggered.connect(self._toggle)
        actions["take-find"].triggered.connect(self._find)
        self.search.textChanged.connect(self.model.search)
        self.empty.cleared.connect(self.search.clear)
        self.list.chosen.connect(self._choose)
        self.list.seen.connect(self.library.read_first)
        self.detail.hear.connect(self.hear)
        self.model.arranged.connect(self._look)
        self.model.dataChanged.connect(self._soon.start)
        self.library.looked.connect(self._look)

    def _toggle(self) -> None:
        takes = self.list.selected()
        if len(takes) == 1 and takes[0].file != self.hearing.file:
            self.hear(self.detail.wave.start)
        else:
            self.hearing.end()

    def _find(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def _choose(self) -> None:
        self.detail.show_takes(self.list.selected())

    def _look(self) -> None:
        """What there is, in words, and what to do where there is nothing."""
        library, shown = self.library, self.model.rowCount()
        if library.trouble and not library.takes:
            self.empty.no_folder(library.trouble)
        elif not library.ready and not library.takes:
            self.empty.nothing()
        elif not library.takes:
            self.empty.no_takes(self._desk.store.value.keep_seconds)
        elif not shown:
            self.empty.no_match(self.search.text())
        focused = self.focusWidget()
        self.stack.setCurrentWidget(self.list if shown else self.empty)
        if shown and (focused is None or focused is self.list or not focused.isVisible()):
            self.list.setFocus()
        self.detail.setVisible(bool(shown))
        self.search.setEnabled(bool(library.takes))
        self.count.setText(self._summary(shown) if library.takes else "")
        if shown and not self.list.selected():
            self.list.select(0)

    def _summary(self, shown: int) -> str:
        takes, all_takes = self.model.takes(), len(self.library.takes)
        headers = [take.header for take in takes]
        known = [header for header in headers if header]
        parts = (
            f"{shown:,} of {words.takes(all_takes)}" if shown < all_takes else words.takes(shown),
            words.length(sum(header.seconds or 0.0 for header in known)) if 0 < len(known) == shown else "",
            words.size(sum(take.size for take in takes)) if takes else "",
        )
        return "  ·  ".join(filter(None, parts))
