"""One training: how far it is, its curves and its log, what it has learned so far."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QProgressBar, QStackedWidget, QWidget

from studio.desk import Desk
from studio.train import saying
from studio.train.auditions_panel import AuditionsPanel
from studio.training.auditions import Auditions
from studio.training.run import Run
from studio.widgets.button import Button
from studio.widgets.elided import Elided
from studio.widgets.panel import Panel, column, label, row, set_role
from studio.widgets.said import say, say_if_any

if TYPE_CHECKING:
    from studio.train.curves import Curves

GAP = 8
BAR = 8
BUTTONS = (
    ("train-pause", "Pause", "ph.pause"),
    ("train-stop", "Stop here", "ph.stop"),
    ("train-longer", "Train longer…", "ph.graduation-cap"),
    ("train-reveal", "Folder", "ph.folder-open"),
    ("train-delete", "Delete", "ph.trash"),
)
UNDER_WAY = ("train-pause", "train-stop")
"""What can be done with one that is not done to its last step; with one that is, it can be made longer."""


class RunView(QWidget):
    """GUI thread."""

    def __init__(self, desk: Desk, auditions: Auditions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = desk.actions
        self.run: Run | None = None
        self.name, self.state, self.progress = Elided("heading"), label(), Elided("muted")
        self.trouble, self.bar = label("", "bad"), QProgressBar(textVisible=False, maximum=1000)
        self.buttons = {name: Button(desk.actions[name], text) for name, text, _ in BUTTONS}
        self.log = QPlainTextEdit(readOnly=True)
        self.auditions = AuditionsPanel(desk, auditions)
        self._stack = QStackedWidget()
        self._build()
        desk.actions["train-log"].toggled.connect(lambda on: self._stack.setCurrentIndex(int(on)))

    def _build(self) -> None:
        head = Panel("")
        head.title.hide()
        first = row(10)
        first.addWidget(self.name, 1)
        first.addWidget(self.state)
        for name, _, sign in BUTTONS:
            self.buttons[name].show_icon(sign)
            first.addWidget(self.buttons[name])
        self.trouble.setWordWrap(True)
        self.bar.setFixedHeight(BAR)
        self.bar.setAccessibleName("How far it is")
        for part in (self.bar, self.progress, self.trouble):
            head.body.addWidget(part)
        head.body.insertLayout(0, first)
        learning = Panel("How it goes")
        learning.head.addWidget(Button(self._actions["train-log"], "Log", "small"))
        self.log.setAccessibleName("Log of the training")
        self._stack.addWidget(self.log)
        learning.body.addWidget(self._stack, 1)
        both = row(GAP)
        both.addWidget(learning, 3)
        both.addWidget(self.auditions, 2)
        outer = column(GAP, parent=self)
        outer.addWidget(head)
        outer.addLayout(both, 1)

    @cached_property
    def curves(self) -> Curves:
        """Made for the first training that is seen: what draws them takes a third of the whole start to load."""
        from studio.train.curves import Curves

        made = Curves()
        self._stack.insertWidget(0, made)
        self._stack.setCurrentIndex(int(self._actions["train-log"].isChecked()))
        return made

    def show_run(self, run: Run) -> None:
        """Also again and again, as it goes on."""
        self.run = run
        self.name.setText(run.name)
        say(self.state, saying.state(run), saying.LABELS[run.state])
        self.progress.setText(saying.progress(run))
        say_if_any(self.trouble, run.trouble)
        self.bar.setValue(round(1000 * run.fraction))
        set_role(self.bar, "done" if run.state == "done" else "")
        pause = self.buttons["train-pause"]
        on = run.active or run.state == "waiting"
        pause.say("Pause" if on else "Resume")
        pause.show_icon("ph.pause" if on else "ph.play-fill")
        for name, button in self.buttons.items():
            if name in UNDER_WAY or name == "train-longer":
                button.setVisible(run.complete == (name == "train-longer"))
        self.curves.show_lines(run.lines)
        if run.log != self.log.toPlainText():
            self.log.setPlainText(run.log)
            self.log.moveCursor(QTextCursor.MoveOperation.End)
        self.auditions.show_run(run)
