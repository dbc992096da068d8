"""Play, begin again, record, keep."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from engine.controls import Command, Keep, Record, Status, StopRecording
from studio.desk import Desk
from studio.jobs import Job
from studio.settings import Settings
from studio.widgets.button import Button
from studio.widgets.panel import Panel, row, set_role

KEEP_SECONDS = (10.0, 30.0, 60.0, 300.0)
WIDTH = 190


class Transport(Panel):
    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("Transport", parent)
        self.title.hide()
        self._desk, self._instrument = desk, desk.instrument
        actions = desk.actions
        self._record_action = actions["record"]
        self.play = Button(actions["play"], "Play", "primary", pixels=20)
        self.reset = Button(actions["reset"], role="narrow", pixels=18)
        self.record = Button(self._record_action, "Record", "record")
        self.keep, self.length = (
            Button(actions["keep"], "Keep", "narrow"),
            Button(actions["keep-length"], role="narrow"),
        )
        self.reset.show_icon("ph.arrow-counter-clockwise")
        self.keep.show_icon("ph.bookmark-simple-fill")
        self.length.show_icon("ph.caret-down", "muted")
        self.menu = self._keep_menu()
        self._lay_out()
        actions["keep-length"].triggered.connect(self._open_menu)
        actions["keep"].triggered.connect(self._keep)
        self._record_action.triggered.connect(self._toggle_recording)
        self._instrument.updated.connect(self._show)
        desk.store.changed.connect(self._show_length)
        self._show_length(desk.store.value)
        self._show(self._instrument.status)

    def _lay_out(self) -> None:
        self.setFixedWidth(WIDTH)
        wide = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        for button in (self.play, self.record, self.keep):
            button.setSizePolicy(wide)
        for button, width in ((self.reset, 44), (self.length, 26)):
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
            button.setFixedWidth(width)
        first, last = row(6), row(2)
        first.addWidget(self.play, 1)
        first.addWidget(self.reset)
        last.addWidget(self.keep, 1)
        last.addWidget(self.length)
        self.body.addLayout(first, 4)
        self.body.addWidget(self.record, 3)
        self.body.addLayout(last, 3)

    def _keep_menu(self) -> QMenu:
        menu = QMenu(self)
        self._lengths = QActionGroup(menu)
        for seconds in KEEP_SECONDS:
            choice = menu.addAction(f"Keep the last {_span(seconds)}")
            choice.setCheckable(True)
            choice.setData(seconds)
            choice.triggered.connect(
                lambda checked=False, seconds=seconds: self._desk.store.change(keep_seconds=seconds)
            )
            self._lengths.addAction(choice)
        return menu

    def _open_menu(self) -> None:
        self.menu.popup(self.keep.mapToGlobal(QPoint(0, self.keep.height() + 2)))

    # takes

    def _toggle_recording(self) -> None:
        if self._instrument.status.taking:
            self._instrument.ask(StopRecording())
        else:
            if not self._instrument.playing:
                self._instrument.toggle()
            self._take(Record)
        self._show(self._instrument.status)

    def _keep(self) -> None:
        seconds = self._desk.store.value.keep_seconds
        self._take(lambda file: Keep(file, seconds))

    def _take(self, command: Callable[[Path], Command]) -> None:
        """Have a take made, under a name that is free, in the folder of takes."""
        folder, title = self._desk.store.takes, self._instrument.status.title
        suffix = f".{self._desk.store.value.take_format}"

        def name(job: Job) -> Path:
            # it brings libsndfile, which a start does not need
            from engine.takes import new_take_path

            folder.mkdir(parents=True, exist_ok=True)
            return new_take_path(folder, title, suffix)

        def refused(error: Exception) -> None:
            if not isinstance(error, OSError):
                raise error
            text = f"The folder for takes, {folder}, cannot be made ({error.strerror}): choose another in the settings."
            self._instrument.say("error", text)

        self._desk.jobs.run("Naming the take", name, lambda file: self._instrument.ask(command(file)), refused)

    # what is shown

    def _show(self, status: Status) -> None:
        words, sign = (
            ("Stop", "ph.stop-fill") if status.state in ("playing", "reconnecting") else ("Play", "ph.play-fill")
        )
        if status.state == "starting":
            words, sign = "Starting…", "ph.stop-fill"
        idle = words == "Play"
        set_role(self.play, "primary" if idle else "stop")
        self.play.show_icon(sign, "on_accent" if idle else "text")
        self.play.say(words)

        taking = status.taking
        self._record_action.setChecked(taking is not None)
        self.record.setChecked(taking is not None)
        self.record.show_icon("ph.stop-fill" if taking else "ph.record-fill", "on_accent" if taking else "bad")
        self.record.say(f"{_clock(taking.seconds)}  {_size(taking.bytes)}" if taking else "Record")

    def _show_length(self, settings: Settings) -> None:
        self.keep.say(f"Keep the last {_span(settings.keep_seconds)}")
        for choice in self._lengths.actions():
            choice.setChecked(choice.data() == settings.keep_seconds)


def _span(seconds: float) -> str:
    return f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds:g} s"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _size(size: int) -> str:
    """In powers of ten, as file managers count."""
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"
