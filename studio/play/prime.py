"""A recording to go on from."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QMenu, QStackedWidget, QWidget

from engine.controls import LONGEST_NAME, Audition, EndAudition, Prime, Status
from studio.desk import Desk
from studio.play.microphone import Microphone
from studio.play.prime_pages import Beginning, Listening, Opened
from studio.play.reader import Reader
from studio.play.recent import Recent
from studio.play.recording import Recording
from studio.settings import Settings
from studio.widgets.button import Button
from studio.widgets.drops import Drops, is_recording
from studio.widgets.panel import Panel
from studio.widgets.region import Region

LISTEN_SECONDS = (2.0, 3.0, 5.0, 10.0, 20.0, 30.0)
"""To choose from."""


class PrimePanel(Panel):
    """`open` shows a recording; so do a drop, the menu, and `Wishes.prime`."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("Prime", parent)
        self._desk = desk
        self.recording: Recording | None = None
        self._region: Region | None = None
        """Of that, while another is opened."""
        self._trouble = ""
        """Why the last one cannot be used."""
        self._heard_from: float | None = None
        """The second of the recording from which on it was last asked to be heard."""
        self._reader = Reader(desk.jobs, self)
        self._microphone = Microphone(desk.instrument, self)
        self._recent = Recent(desk.store, self)
        actions = desk.actions
        self.beginning, self.opened, self.listening = Beginning(actions), Opened(actions), Listening()
        self._pages = QStackedWidget()
        for page in (self.beginning, self.opened, self.listening):
            self._pages.addWidget(page)
        self.body.addWidget(self._pages)
        self._build_head()
        self._connect()
        Drops(self, is_recording).dropped.connect(lambda paths: self.open(paths[0]))
        self._show()

    def _build_head(self) -> None:
        actions = self._desk.actions
        self._open = Button(None, "", "plain")
        self._open.show_icon("ph.folder-open")
        self._open.setMenu(self._recent.menu(actions["open-prime"]))
        self._open.setToolTip(
            f"Open a recording (Ctrl+P), or one of the last ({actions['recent-primes'].shortcut().toString()})"
        )
        self._open.setAccessibleName("Open a recording")
        listen = Button(actions["listen"], "", "plain")
        listen.show_icon("ph.microphone-fill")
        self.seconds = Button(None, "", "plain")
        self.seconds.setMenu(self._seconds_menu())
        self.seconds.setToolTip("How long to listen to the microphone")
        for part in (self._open, listen, self.seconds):
            self.head.addWidget(part)

    def _seconds_menu(self) -> QMenu:
        menu = QMenu(self)
        for seconds in LISTEN_SECONDS:
            action = menu.addAction(f"Listen for {seconds:g} s")
            action.triggered.connect(
                lambda checked=False, seconds=seconds: self._desk.store.change(listen_seconds=seconds)
            )
        return menu

    def _connect(self) -> None:
        desk, actions, opened = self._desk, self._desk.actions, self.opened
        actions["open-prime"].triggered.connect(self._recent.choose)
        actions["recent-primes"].triggered.connect(self._open.showMenu)
        actions["listen"].triggered.connect(lambda: self._microphone.listen(desk.store.value.listen_seconds))
        actions["prime-audition"].triggered.connect(self._hear)
        actions["prime-go"].triggered.connect(self._go_on)
        self._recent.chosen.connect(self.open)
        desk.wishes.prime.connect(self._wished)
        self._reader.progressed.connect(opened.show_so_far)
        self._reader.opened.connect(self._read)
        self._reader.failed.connect(self._fail)
        opened.cancelled.connect(self._settle)
        self.beginning.back.connect(self._settle)
        self._microphone.changed.connect(self._show)
        desk.store.changed.connect(self._follow_settings)
        self._follow_settings(desk.store.value)
        desk.instrument.updated.connect(self._follow)

    # recordings

    def open(self, path: Path) -> None:
        """Show a recording, and let it be gone on from; what is wrong with it is said."""
        if self._settled:
            self._region = self.opened.view.region
        self._trouble = ""
        self._reader.open(path)
        self.opened.begin(path.name)
        self._show()

    def _wished(self, path: Path) -> None:
        self._desk.wishes.page.emit("play")
        self.open(path)

    def _read(self, recording: Recording) -> None:
        self.recording, self._region = recording, None
        self._recent.add(recording.path)
        self._settle()

    def _fail(self, path: Path, trouble: str) -> None:
        self._trouble = trouble
        self._recent.forget(path)
        self._show()

    def _settle(self) -> None:
        """To the recording that there is, if there is one."""
        self._reader.cancel()
        self._trouble = ""
        if self.recording is not None:
            self.opened.show_whole(self.recording, self._region)
        self._show()

    @property
    def _settled(self) -> bool:
        """Whether there is a recording, and no other is opened or was refused."""
        return self.recording is not None and self._reader.path is None and not self._trouble

    # what is done with them

    @property
    def _auditioned(self) -> float | None:
        """The second of the recording that is just heard."""
        now = self._desk.instrument.status.auditioning
        if now is None or now.start is not None or self.recording is None or self._heard_from is None:
            return None
        return self._heard_from + now.position if now.what == self.recording.path.name[:LONGEST_NAME] else None

    def _hear(self) -> None:
        instrument = self._desk.instrument
        if self._auditioned is not None:
            instrument.ask(EndAudition())
        elif self.recording is not None:
            start, end = self.opened.view.region
            self._heard_from = start
            instrument.ask(Audition(self.recording.path, start, end - start, instrument.device))

    def _go_on(self) -> None:
        instrument = self._desk.instrument
        if self.recording is None:
            return
        start, end = self.opened.view.region
        instrument.ask(Prime(self.recording.path, start, end - start))
        if instrument.status.auditioning:
            instrument.ask(EndAudition())
        if not instrument.playing:
            instrument.toggle()

    # what is shown

    def _follow(self, status: Status) -> None:
        heard = self._auditioned
        self.opened.view.set_cursor(heard)
        self.opened.hear.show_icon("ph.ear-fill" if heard is None else "ph.stop-fill")
        self._enable()

    def _follow_settings(self, settings: Settings) -> None:
        self.seconds.say(f"{settings.listen_seconds:g} s")

    def _show(self) -> None:
        page: QWidget = self.opened
        if self._microphone.busy:
            self.listening.show_left(self._microphone.left)
            page = self.listening
        elif self._reader.path is None and not self._settled:
            self.beginning.explain(self._trouble, self.recording is not None)
            page = self.beginning
        self._pages.setCurrentWidget(page)
        self._enable()

    def _enable(self) -> None:
        status, actions = self._desk.instrument.status, self._desk.actions
        alive, loaded = status.state != "failed", status.style is not None
        ready = alive and self._settled and not self._microphone.busy
        actions["prime-audition"].setEnabled(ready)
        actions["prime-go"].setEnabled(ready and loaded)
        actions["listen"].setEnabled(alive and loaded and not self._microphone.busy)
