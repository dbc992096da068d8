"""What is shown before there are recordings: in three lines, how a style is made of them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from studio.icons import icon
from studio.widgets.panel import column, label

LINES = (
    ("ph.folder-open", "Drop a folder of your recordings here.", "Half an hour of one instrument in one room is good."),
    ("ph.graduation-cap", "Press Start.", "It learns in the background; play on meanwhile, or close the window."),
    ("ph.ear", "Hear what it has learned,", "and install the moment that you like best. It is a style then."),
)
"""Icon, what to do, what comes of it."""
ICON = 26
"""Pixels."""
WIDTH = 300
"""Pixels of the whole; of the texts what the icons leave."""
GAP = 14


class Beginning(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("How to begin")
        self.setAccessibleDescription(" ".join(f"{what} {comes}" for _, what, comes in LINES))
        inner = QWidget()
        inner.setFixedWidth(WIDTH)
        grid = QGridLayout(inner)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GAP)
        grid.setVerticalSpacing(18)
        grid.setColumnStretch(1, 1)
        self._icons = [QLabel() for _ in LINES]
        for k, (_, what, comes) in enumerate(LINES):
            told = column(1)
            for text, role in ((what, "name"), (comes, "muted")):
                told.addWidget(_told(text, role))
            grid.addWidget(self._icons[k], k, 0, Qt.AlignmentFlag.AlignTop)
            grid.addLayout(told, k, 1)
        outer = column(0, parent=self)
        title = label("Train a style of your own", "heading")
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        outer.addStretch(2)
        outer.addWidget(title)
        outer.addSpacing(14)
        outer.addWidget(inner, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(3)
        self._colour()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()

    def _colour(self) -> None:
        for part, (name, _, _) in zip(self._icons, LINES, strict=True):
            part.setPixmap(icon(name, "accent").pixmap(ICON, ICON))


def _told(text: str, role: str) -> QLabel:
    made = label(text, role)
    made.setWordWrap(True)
    made.ensurePolished()
    made.setMinimumHeight(made.heightForWidth(WIDTH - ICON - GAP))
    return made
