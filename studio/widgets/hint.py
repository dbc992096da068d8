"""The first thing that is read: three lines, until Space was pressed once or they were sent away."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QSizePolicy, QWidget

from studio.desk import Desk
from studio.icons import icon
from studio.settings import Settings
from studio.widgets.panel import label

LINES = (
    ("ph.play-fill", "Space", "plays and stops. All of it is made up as you listen."),
    ("ph.thermometer", "Temperature", "is the knob to begin with: higher is wilder."),
    ("ph.music-notes", "Drop a recording", "here, and the music goes on from it."),
)
"""Icon, what to do, what comes of it."""
ICON = 18
"""Pixels."""


class Hint(QFrame):
    """Hidden for good once `hint_seen` is among the settings."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.setProperty("role", "hint")
        self.setAccessibleName("How to begin")
        self.setAccessibleDescription(" ".join(f"{what} {comes}" for _, what, comes in LINES))
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 12, 12, 12)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        self._icons = [QLabel() for _ in LINES]
        for k, (_, what, comes) in enumerate(LINES):
            grid.addWidget(self._icons[k], k, 0)
            grid.addWidget(label(f"<span style='font-weight: 600'>{what}</span> {comes}"), k, 1)
        grid.setColumnStretch(1, 1)
        self.close_button = QPushButton("Got it")
        self.close_button.clicked.connect(self._seen)
        grid.addWidget(self.close_button, 0, 2, len(LINES), 1, Qt.AlignmentFlag.AlignVCenter)
        desk.actions["play"].triggered.connect(self._seen)
        desk.store.changed.connect(self._follow)
        self._colour()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setVisible(not desk.store.value.hint_seen)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()

    def _seen(self) -> None:
        self._desk.store.change(hint_seen=True)

    def _follow(self, settings: Settings) -> None:
        if settings.hint_seen:
            self.hide()

    def _colour(self) -> None:
        for sign, (name, _, _) in zip(self._icons, LINES, strict=True):
            sign.setPixmap(icon(name, "accent").pixmap(ICON, ICON))
