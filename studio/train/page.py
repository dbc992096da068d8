"""The page where styles are learned."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from studio.desk import Desk
from studio.takes.lines import Lines
from studio.train.deeds import Deeds
from studio.train.new_view import NewView
from studio.train.run_list import RunList
from studio.train.run_view import RunView
from studio.training.auditions import Auditions
from studio.training.draft import Draft
from studio.training.runs import Runs
from studio.widgets.button import Button
from studio.widgets.drops import Drops, is_recording
from studio.widgets.panel import Panel, column, label, row

GAP = 8
LIST_WIDTH = 180


class TrainPage(QWidget):
    """The trainings at the left; at the right the one that is selected, or a new one."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.runs, self.draft = Runs(desk, self), Draft(desk, self)
        self.auditions = Auditions(self.runs, self)
        self.list, self.lines = RunList(), Lines()
        self.none = label("None yet.", "muted")
        self.new, self.view = NewView(desk, self.draft), RunView(desk, self.auditions)
        self.deeds = Deeds(desk, self.runs, self.list, self.view, self.lines, self)
        self.stack = QStackedWidget()
        for part in (self.new, self.view):
            self.stack.addWidget(part)
        self._wanted: Path | None = None
        """To be selected once it is there."""
        self._build()
        self._connect()

    def _build(self) -> None:
        trainings = Panel("Trainings")
        trainings.setFixedWidth(LIST_WIDTH)
        new = Button(self._desk.actions["train-new"], "New", "small")
        new.show_icon("ph.plus")
        trainings.head.addWidget(new)
        trainings.body.addWidget(self.none)
        trainings.body.addWidget(self.list, 1)
        both = row(GAP)
        both.addWidget(trainings)
        both.addWidget(self.stack, 1)
        outer = column(GAP, (GAP, 0, GAP, GAP), self)
        outer.addLayout(both, 1)
        outer.addWidget(self.lines)

    def _connect(self) -> None:
        actions = self._desk.actions
        actions["train-new"].triggered.connect(lambda: self.list.select(None))
        for name in ("train-files", "train-folder"):
            actions[name].triggered.connect(lambda: self.list.select(None))
        Drops(self, is_recording).dropped.connect(self._drop)
        self.runs.changed.connect(self._look)
        self.list.chosen.connect(self._choose)
        self.draft.launched.connect(self._launched)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.new.look()
        self._choose()
        if self.list.count():
            self.list.setFocus()

    def _drop(self, paths: list[Path]) -> None:
        self.list.select(None)
        self.draft.add(paths)

    def _launched(self, folder: Path) -> None:
        self._wanted = folder
        self.runs.look()

    def _look(self) -> None:
        first = not self.list.count() and not self.draft.sources
        self.list.show_runs(self.runs.runs)
        self.none.setVisible(self.runs.ready and not self.runs.runs)
        if self._wanted is not None and self.runs.find(self._wanted):
            self.list.select(self._wanted)
            self.list.setFocus()
            self._wanted = None
        elif first and self.list.count():
            self.list.setCurrentRow(0)
        self._choose()

    def _choose(self) -> None:
        run = self.runs.find(self.list.folder)
        self.auditions.first = run.folder if run else None
        if run is not None and self.isVisible():  # it is shown when the page is: not at each second behind another
            self.view.show_run(run)
        self.stack.setCurrentWidget(self.view if run else self.new)
        self.deeds.refresh()
