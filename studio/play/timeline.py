"""The last five minutes, and the way back into them."""

from __future__ import annotations

import secrets

from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from engine.controls import Branch, EndAudition, Replay, Status
from studio.desk import Desk
from studio.play.heard import Heard
from studio.play.timeline_view import TimelineView
from studio.widgets.button import Button
from studio.widgets.panel import Panel

MUCH = 10.0
"""Seconds."""
SELECTING = ("earlier", "later", "much-earlier", "much-later", "mark-before", "mark-after")


class Timeline(Panel):
    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("Timeline", parent)
        self.desk = desk
        self._showing = False
        self.view = TimelineView(Heard(desk.instrument.heard))
        self.view.selected_changed.connect(lambda frame: self._enable())
        self.view.audition.connect(self._listen)
        actions = desk.actions
        self._hear = Button(actions["audition"], "Hear it", "small")
        self._hear.show_icon("ph.ear-fill")
        self._stops = False
        """Whether that button ends what it began."""
        branch = Button(actions["branch"], "Branch from here", "small")
        repeat = Button(actions["repeat"], "Same again", "small")
        back = Button(actions["back"], "Back 10 s", "small")
        branch.show_icon("ph.git-branch")
        repeat.show_icon("ph.repeat")
        back.show_icon("ph.rewind-fill")
        for button in (self._hear, branch, repeat, back):
            self.head.addWidget(button)
        self.body.addWidget(self.view)
        for name, seconds in (("earlier", -1.0), ("later", 1.0), ("much-earlier", -MUCH), ("much-later", MUCH)):
            actions[name].triggered.connect(lambda checked=False, seconds=seconds: self._step(seconds))
        actions["mark-before"].triggered.connect(self._to_mark_before)
        actions["mark-after"].triggered.connect(self._to_mark_after)
        actions["audition"].triggered.connect(self._toggle)
        actions["end-audition"].triggered.connect(lambda: desk.instrument.ask(EndAudition()))
        actions["branch"].triggered.connect(lambda: self._branch(secrets.randbits(32)))
        actions["repeat"].triggered.connect(lambda: self._branch(None))
        desk.instrument.updated.connect(self._follow)
        self._follow(desk.instrument.status)

    def _follow(self, status: Status) -> None:
        self.view.show_status(status)
        self._enable()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._showing = True
        self._enable()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._showing = False
        self._enable()

    @property
    def _replaying(self) -> bool:
        """Whether what was heard is auditioned."""
        now = self.desk.instrument.status.auditioning
        return now is not None and now.start is not None

    def _enable(self) -> None:
        """Let the actions be such that can work; keys select nothing that is not seen."""
        status, view, actions = self.desk.instrument.status, self.view, self.desk.actions
        alive = status.state != "failed"
        some = view.scale is not None
        chosen = self._showing and alive and view.selected is not None
        for name in SELECTING:
            actions[name].setEnabled(self._showing and some)
        actions["branch"].setEnabled(chosen)
        actions["repeat"].setEnabled(chosen)
        actions["audition"].setEnabled(chosen or self._replaying)
        actions["end-audition"].setEnabled(status.auditioning is not None)
        actions["back"].setEnabled(alive and some)
        if self._replaying != self._stops:
            self._stops = self._replaying
            self._hear.say("Stop" if self._stops else "Hear it")
            self._hear.show_icon("ph.stop-fill" if self._stops else "ph.ear-fill")

    # what is selected

    def _step(self, seconds: float) -> None:
        heard = self.view.heard
        now = heard.end if self.view.selected is None else self.view.selected
        self.view.select(now + round(seconds * heard.rate))

    def _to_mark_before(self) -> None:
        start = self.view.heard.start
        now = self.view.heard.end if self.view.selected is None else self.view.selected
        before = [mark.position for mark in self.view.marks if start <= mark.position < now]
        if before:
            self.view.select(max(before))

    def _to_mark_after(self) -> None:
        now = self.view.selected
        after = [mark.position for mark in self.view.marks if now is not None and mark.position > now]
        self.view.select(min(after, default=None))

    # what is done with it

    def _toggle(self) -> None:
        if self._replaying:
            self.desk.instrument.ask(EndAudition())
        else:
            self._listen()

    def _listen(self) -> None:
        """Hear what was heard from what is selected to now."""
        instrument = self.desk.instrument
        if self.view.selected is not None and instrument.status.state != "failed":
            instrument.ask(Replay(self.view.selected, instrument.status.heard, instrument.device))

    def _branch(self, seed: int | None) -> None:
        instrument, selected = self.desk.instrument, self.view.selected
        if selected is None:
            return
        instrument.ask(Branch(selected, seed))
        if instrument.status.auditioning:
            instrument.ask(EndAudition())
        if not instrument.playing:
            instrument.toggle()
        self.view.select(None)
