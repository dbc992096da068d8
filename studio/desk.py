"""What every panel is given: the few things that all of the app shares."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from studio.actions import Actions
from studio.instrument import Instrument
from studio.jobs import Jobs
from studio.store import Store


class Wishes(QObject):
    """What one page asks of another."""

    prime = Signal(object)
    """Path: show this recording as the prime."""
    page = Signal(str)
    """Show this page: "play", "takes" or "train"."""
    styles = Signal()
    """Look which styles there are: one was installed."""


@dataclass(frozen=True)
class Desk:
    instrument: Instrument
    actions: Actions
    jobs: Jobs
    store: Store
    wishes: Wishes
