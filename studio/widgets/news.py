"""A line in a panel that says what has become of something, with one thing that can be done about it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtWidgets import QFrame, QPushButton, QSizePolicy, QToolButton, QWidget

from studio.icons import icon
from studio.widgets.panel import column, label, row
from studio.widgets.said import say

SHOWN_SECONDS = 15.0


class News(QFrame):
    """The latest; an error stays until it is closed or the next thing is said, all else goes by itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "news")
        outer = column(4, (10, 6, 4, 6), self)
        first = row(4)
        self.text = label()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._close = QToolButton()
        self._close.setProperty("role", "plain")
        self._close.setToolTip("Close")
        self._close.setAccessibleName("Close the message")
        self._close.clicked.connect(self.hide)
        first.addWidget(self.text, 1)
        first.addWidget(self._close)
        outer.addLayout(first)
        self.button = QPushButton()
        self.button.clicked.connect(self._do)
        second = row()
        second.addWidget(self.button)
        second.addStretch(1)
        outer.addLayout(second)
        self._action: Callable[[], None] = self.hide
        self._timer = QTimer(self, singleShot=True, interval=int(SHOWN_SECONDS * 1000))
        self._timer.timeout.connect(self.hide)
        self._colour()
        self.hide()

    def say(self, text: str, role: str = "muted", do: str = "", action: Callable[[], None] | None = None) -> None:
        """role: of the text, "muted" or "bad"; do: what the button says, and `action` what it does."""
        say(self.text, text, role)
        self.setAccessibleName(text)
        self.button.setText(do)
        self.button.setVisible(action is not None)
        self._action = action or self.hide
        self.show()
        self._timer.stop()
        if role != "bad":
            self._timer.start()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()

    def _colour(self) -> None:
        self._close.setIcon(icon("ph.x", "muted"))

    def _do(self) -> None:
        self.hide()
        self._action()
