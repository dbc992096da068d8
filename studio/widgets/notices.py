"""The line at the top of the window that says, once, what a person should know."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QLabel, QToolButton, QWidget

from engine.controls import Notice
from studio.icons import icon
from studio.instrument import Instrument
from studio.widgets.panel import label, row

SHOWN_SECONDS = 8.0


class Notices(QFrame):
    """The latest notice. News goes away by itself, an error when it is closed or the next thing is said."""

    def __init__(self, instrument: Instrument, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        line = row(8, (12, 1, 4, 1), self)
        self._sign, self.text = QLabel(), label()
        self.text.setWordWrap(True)
        close = QToolButton(autoRaise=True)
        close.setProperty("role", "plain")
        close.setIcon(icon("ph.x", "muted"))
        close.setToolTip("Close")
        close.setAccessibleName("Close the notice")
        close.clicked.connect(self.hide)
        line.addWidget(self._sign)
        line.addWidget(self.text, 1)
        line.addWidget(close)
        self._timer = QTimer(self, singleShot=True, interval=int(SHOWN_SECONDS * 1000))
        self._timer.timeout.connect(self.hide)
        self.hide()
        instrument.noticed.connect(self.show_notice)

    def show_notice(self, notice: Notice) -> None:
        error = notice.kind == "error"
        name, role = ("ph.warning-circle", "bad") if error else ("ph.info", "second")
        self._sign.setPixmap(icon(name, role).pixmap(18, 18))
        text = notice.text[:1].upper() + notice.text[1:]
        self.text.setText(text)
        self.setAccessibleName(text)
        self.show()
        self._timer.stop()
        if not error:
            self._timer.start()
