"""Listening to the microphone, and going on from that."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Signal

from engine.controls import Listen, Notice, Status
from studio.instrument import Instrument

WORK = "listening"
"""What the engine says that it does meanwhile."""
PATIENCE = 10.0
"""Seconds that it may take to begin."""


class Microphone(QObject):
    """GUI thread. The engine listens, and goes on from what it heard by itself; here is what can be known of it."""

    changed = Signal()
    """Whether it listens, or for how long yet."""

    def __init__(self, instrument: Instrument, parent: QObject) -> None:
        super().__init__(parent)
        self._instrument = instrument
        self._seconds = 0.0
        self._asked: float | None = None
        self._began: float | None = None
        """By time.monotonic, as the other."""
        instrument.updated.connect(self._follow)
        instrument.noticed.connect(self._notice)

    @property
    def busy(self) -> bool:
        return self._asked is not None

    @property
    def left(self) -> float | None:
        """Seconds that it still listens; none before it has begun."""
        return None if self._began is None else max(0.0, self._began + self._seconds - time.monotonic())

    def listen(self, seconds: float) -> None:
        if not self.busy:
            self._seconds, self._asked, self._began = seconds, time.monotonic(), None
            self._instrument.ask(Listen(seconds))
            self.changed.emit()

    def _follow(self, status: Status) -> None:
        if self._asked is None:
            return
        listening = status.work == WORK
        if listening and self._began is None:
            self._began = time.monotonic()
        late = self._began is None and time.monotonic() > self._asked + PATIENCE
        if late or status.state == "failed":
            self._end()
        elif self._began is not None and not listening:
            self._end()
            if not self._instrument.playing:
                self._instrument.toggle()
        self.changed.emit()

    def _notice(self, notice: Notice) -> None:
        """An error meanwhile is most likely that there is no microphone; the engine has said it in words."""
        if self.busy and notice.kind == "error":
            self._end()
            self.changed.emit()

    def _end(self) -> None:
        self._asked = self._began = None
