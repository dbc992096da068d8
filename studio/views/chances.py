"""The distribution over the levels as it moves, and its entropy."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from studio.desk import Desk
from studio.widgets.panel import Panel


class Chances(Panel):
    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("What the network thinks", parent)
