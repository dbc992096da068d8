"""Something in a panel that takes long: what it is, how far it is, and a way to stop it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QProgressBar, QPushButton, QWidget

from studio.widgets.elided import Elided
from studio.widgets.panel import column, row


class Working(QFrame):
    """Seen from `begin` until `hide`."""

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "news")
        self.text, self.bar, self.cancel = Elided("muted"), QProgressBar(textVisible=False), QPushButton("Cancel")
        outer, line = column(6, (10, 6, 8, 8), self), row(8)
        line.addWidget(self.bar, 1)
        line.addWidget(self.cancel)
        outer.addWidget(self.text)
        outer.addLayout(line)
        self.cancel.clicked.connect(self.cancelled)
        self.hide()

    def begin(self, text: str) -> None:
        self.text.setText(text)
        self.setAccessibleName(text)
        self.bar.setRange(0, 0)  # nobody knows yet
        self.show()

    def progress(self, fraction: float) -> None:
        self.bar.setRange(0, 1000)
        self.bar.setValue(round(1000 * fraction))
