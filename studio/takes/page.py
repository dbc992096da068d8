"""The recordings."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from studio.desk import Desk


class TakesPage(QWidget):
    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
