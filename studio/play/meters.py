"""The stereo meter."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from studio.desk import Desk
from studio.widgets.panel import Panel


class Meters(Panel):
    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("Level", parent)
