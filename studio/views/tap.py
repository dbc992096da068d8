"""What is newly heard, for one view of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from engine.controls import Status
from studio.instrument import Instrument

Floats = npt.NDArray[np.float32]

PIECE_SECONDS = 0.3
"""The most that is handed out at a frame of the screen: what is missed is caught up in haste, but not at once."""
BEHIND_SECONDS = 1.0
"""So much more than the view's past is still caught up."""
JITTER_SECONDS = 0.05
"""By which the clock may step back: it is the difference of what is made and what the ring holds."""


@dataclass(frozen=True)
class Piece:
    sound: Floats
    """float32 [frames, 2]"""
    rate: int
    """Hz"""
    fresh: bool
    """Whether it does not follow the piece before."""


class Tap(QObject):
    """Follows the clock of what is heard (Status.heard), which may stand still, leap, change its rate, and begin
    again with a new engine. A view that is not visible costs nothing; when it is seen (again) it is first given its
    past. Each view has its own, since each is elsewhere while it catches up; to read a piece takes microseconds.
    """

    heard = Signal(object)
    """Piece: none is lost, none comes twice."""

    def __init__(self, instrument: Instrument, view: QWidget, past: float) -> None:
        """past: seconds that the view shows."""
        super().__init__(view)
        self._instrument, self._view, self._past = instrument, view, past
        self._next: int | None = None
        self._rate = 0
        instrument.updated.connect(self._follow)

    def _follow(self, status: Status) -> None:
        rate, end = status.rate, status.heard
        if not rate or not self._view.isVisible():
            self._next = None
            return
        fresh = (
            self._next is None
            or rate != self._rate
            or not -JITTER_SECONDS * rate <= end - self._next <= (self._past + BEHIND_SECONDS) * rate
        )
        if self._next is None or fresh:
            self._rate, self._next = rate, max(status.oldest, end - round(self._past * rate))
        start, self._next = self._next, max(self._next, min(end, self._next + round(PIECE_SECONDS * rate)))
        if fresh or self._next > start:
            self.heard.emit(Piece(self._instrument.heard(start, self._next), rate, fresh))
