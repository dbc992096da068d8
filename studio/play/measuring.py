"""Finds out how fast styles run here: one after the other, in a process that everything else goes before, and only
while nothing plays, since each would disturb the other. Of the style that plays the engine itself knows."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.controls import Status
from studio.desk import Desk
from studio.play.speeds import EASY, Speeds
from studio.program import Program, command

log = logging.getLogger("studio")

QUIET_SECONDS = 3.0
"""Without sound before anything is measured: no start is slowed down, nor a stop that is soon a start again."""
SETTLED_SECONDS = 4.0
"""Of one style alone before what the engine says is believed."""
FASTER = 1.25
"""What plays so much faster than was measured was measured on a busy machine."""
TRIES = 3
"""For a style that seems too heavy: a busy machine makes any slower, and nothing makes it faster than it is."""
PAUSE_SECONDS = 30.0
"""Between two tries: by then the machine may have calmed down."""


class Measuring(QObject):
    """GUI thread; nothing blocks. It looks at each status of the instrument."""

    changed = Signal()
    """Another style is being measured, or none."""

    def __init__(self, desk: Desk, speeds: Speeds, parent: QObject) -> None:
        super().__init__(parent)
        self._instrument, self._speeds = desk.instrument, speeds
        self._wanted: dict[str, Path] = {}
        self._tries: dict[str, int] = {}
        self._tried_at = 0.0
        self.now = ""
        """Hash of the style that is being measured."""
        self._quiet_since = time.monotonic()
        self._alone: tuple[str, float] = ("", 0.0)
        """The style that plays, and `Status.played` when it was alone at last."""
        self._program = Program(self)
        self._program.answered.connect(self._measured)
        self._program.failed.connect(self._refused)
        desk.instrument.updated.connect(self._look)

    def want(self, styles: dict[str, Path]) -> None:
        """Measure these, by their hashes, when there is time."""
        self._wanted = styles

    def again(self, sha256: str) -> None:
        """Forget what is known of a style, and measure it anew."""
        self._tries.pop(sha256, None)
        self._speeds.forget(sha256)

    def _look(self, status: Status) -> None:
        if not self._speeds.read:
            return
        if self._instrument.playing:
            if self.now:
                self._program.end()
                self._set("")
            self._believe(status)
            self._quiet_since = time.monotonic()
        elif status.work:
            self._quiet_since = time.monotonic()
        elif not self.now and time.monotonic() - self._quiet_since > QUIET_SECONDS:
            self._measure_next()

    def _measure_next(self) -> None:
        unknown_first = sorted(self._wanted, key=lambda sha256: self._speeds.of(sha256) is not None)
        if sha256 := next(filter(self._worth_a_try, unknown_first), None):
            self._set(sha256)
            path, provider = str(self._wanted[sha256]), self._instrument.provider
            self._program.begin(command("bench", path, "--provider", provider, nice=10))

    def _worth_a_try(self, sha256: str) -> bool:
        known, tries = self._speeds.of(sha256), self._tries.get(sha256, 0)
        if known is None:
            return tries == 0
        return known < EASY and tries < TRIES and time.monotonic() - self._tried_at > PAUSE_SECONDS

    def _measured(self, answer: dict[str, Any]) -> None:
        sha256 = self._tried()
        self._speeds.learn(sha256, max(float(answer["real_time_factor"]), self._speeds.of(sha256) or 0.0))

    def _refused(self, text: str) -> None:
        log.warning("how fast a style is could not be measured: %s", text)
        self._tried()

    def _tried(self) -> str:
        sha256 = self.now
        self._tries[sha256] = self._tries.get(sha256, 0) + 1
        self._tried_at = time.monotonic()
        self._set("")
        return sha256

    def _set(self, sha256: str) -> None:
        self.now = sha256
        self.changed.emit()

    def _believe(self, status: Status) -> None:
        sha256 = status.style_sha256
        alone = status.state == "playing" and status.voices == 1 and not status.work
        if not alone or sha256 != self._alone[0] or status.played < self._alone[1]:
            self._alone = (sha256, status.played)
        settled = status.played - self._alone[1] > SETTLED_SECONDS + self._instrument.controls.crossfade
        factor, known = status.real_time_factor, self._speeds.of(sha256)
        if sha256 and settled and factor > 0 and (known is None or factor > FASTER * known):
            self._speeds.learn(sha256, factor)
