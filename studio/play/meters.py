"""The stereo meter."""

from __future__ import annotations

import math

from PySide6.QtWidgets import QWidget

from engine.controls import Status
from studio.desk import Desk
from studio.widgets.level import Level
from studio.widgets.panel import Panel

WIDTH = 84
LONGEST = 0.5
"""Seconds of sound that are looked at, at most: after a pause only the last of it counts."""


class Meters(Panel):
    """Shows what leaves for the ear, not what was just made."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("Level", parent)
        self.title.hide()
        self.setFixedWidth(WIDTH)
        self._instrument = desk.instrument
        self._heard = self._instrument.status.heard
        self.level = Level()
        self.body.addWidget(self.level)
        self._instrument.updated.connect(self._show)
        desk.actions["clear-clip"].triggered.connect(self.level.clear)

    def _show(self, status: Status) -> None:
        start, self._heard = self._heard, status.heard
        if status.heard > start and status.rate:
            sound = self._instrument.heard(max(start, status.heard - round(LONGEST * status.rate)), status.heard)
            self.level.hear(sound)
        elif status.auditioning:  # not on the clock of what is heard
            self.level.show_peaks(*status.peak)
        else:
            self.level.show_peaks(-math.inf, -math.inf)
