"""A training to be: its recordings, and how they are to be learned."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QWidget

from studio.desk import Desk
from studio.takes.changes import refused
from studio.takes.words import size
from studio.train.bases import BaseChoice
from studio.train.recordings import RecordingsPanel
from studio.train.saying import duration
from studio.train.settings_form import SettingsForm
from studio.training.draft import Draft
from studio.training.estimating import Estimating
from studio.training.moments import Pace, moments, steps_in
from studio.training.plan import Plan
from studio.widgets.button import Button
from studio.widgets.field import Field
from studio.widgets.panel import Panel, column, label, row
from studio.widgets.said import say, say_if_any

GAP = 8


class NewView(QWidget):
    """GUI thread. What is in the way of starting is said beside it."""

    def __init__(self, desk: Desk, draft: Draft, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk, self._draft = desk, draft
        self.recordings = RecordingsPanel(desk, draft)
        self.name, self.name_trouble = Field(), label("", "bad")
        self.bases, self.form = BaseChoice(desk), SettingsForm()
        self.estimate, self.told = label("", "muted"), label("", "bad")
        self.start = Button(desk.actions["train-start"], "Start", "primary")
        self._named = False
        """Whether a person gave the name."""
        self.estimating = Estimating(self)
        self._build()
        self._connect()
        self._look()

    def _build(self) -> None:
        outer: QHBoxLayout = row(GAP, parent=self)
        how = Panel("How it learns")
        inner = QWidget()
        fields = column(6, (0, 0, 8, 0), inner)
        self.name.describe("Name of the training", "What the training is called, and what it becomes")
        named, begun = label("&Name"), label("Start &from")
        named.setBuddy(self.name)
        begun.setBuddy(self.bases.box)
        for part in (named, self.name, self.name_trouble, begun, self.bases):
            fields.addWidget(part)
        fields.addWidget(self.form)
        fields.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inner)
        for told in (self.estimate, self.told, self.name_trouble):
            told.setWordWrap(True)
        self.start.show_icon("ph.graduation-cap", "on_accent")
        how.body.addWidget(scroll, 1)
        how.body.addWidget(self.estimate)
        how.body.addWidget(self.told)
        how.body.addWidget(self.start)
        outer.addWidget(self.recordings, 1)
        outer.addWidget(how, 1)

    def _connect(self) -> None:
        self._desk.actions["train-start"].triggered.connect(self._start)
        self._draft.changed.connect(self._look)
        self._draft.failed.connect(self.told.setText)
        self.name.textEdited.connect(self._name)
        self.bases.changed.connect(self._follow_base)
        self.form.changed.connect(self._look)
        self.estimating.changed.connect(self._tell)

    def look(self) -> None:
        """At what may have changed since it was last seen."""
        self.bases.look()

    @property
    def plan(self) -> Plan:
        base, found = self.bases.style_, self.estimating.found
        return Plan(
            self.name.text().strip(),
            preset=self.form.preset,
            base=str(base.path) if base else "",
            settings=moments(self.form.minutes, found.pace if found else Pace(), self.form.settings()),
            minutes=float(self.form.minutes),
        )

    def _name(self, text: str) -> None:
        self._named = bool(text.strip())
        self._look()

    def _follow_base(self) -> None:
        base = self.bases.style_
        self.form.starting_from(base.info.model if base else None)

    def _look(self) -> None:
        draft = self._draft
        if not draft.sources:
            self._named = False
        if not self._named:
            self.name.setText(_name_of(draft.sources))
        self._draft.set_rate(self.form.model.sample_rate)
        trouble = refused(self.name.text(), "", "A training") if draft.sources else ""
        say_if_any(self.name_trouble, trouble)
        say_if_any(self.told, "" if self.form.valid else "A setting is wrong: see the advanced settings.")
        self._desk.actions["train-start"].setEnabled(
            draft.data is not None and not draft.busy and not trouble and self.form.valid
        )

        self.estimating.want(draft.data if self.form.valid else None, self.plan)
        self._tell()

    def _tell(self) -> None:
        """What it will take."""
        estimating, minutes = self.estimating, self.form.minutes
        found = estimating.found
        if found is not None and self.form.valid:
            passes = found.passes * steps_in(minutes, found.pace, self.plan.settings)
            often = f"{passes:.0f} times" if passes >= 1.5 else "once" if passes >= 0.9 else "not even once"
            told = (
                f"In {duration(minutes * 60)} it hears all of this {often}. It needs {size(found.memory)} of memory "
                f"and {size(found.disk)} on the disk."
            )
        else:
            told = "Measuring what it will take here…" if estimating.busy else ""
        say(self.estimate, told or estimating.trouble, "muted" if told else "bad")
        self.estimate.setVisible(bool(self.estimate.text()))

    def _start(self) -> None:
        self._draft.launch(self.plan)


def _name_of(sources: tuple[Path, ...]) -> str:
    if not sources:
        return ""
    first = sources[0]
    return first.name if first.is_dir() or len(sources) == 1 else first.parent.name
