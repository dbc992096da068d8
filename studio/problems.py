"""What nobody expected: one dialog with a report that can be copied, and a log file; the music plays on."""

from __future__ import annotations

import logging
import platform
import sys
import threading
import traceback
from logging.handlers import RotatingFileHandler
from types import TracebackType

import PySide6
from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication, QDialog, QPlainTextEdit, QPushButton, QWidget

from studio import paths
from studio.widgets.panel import column, label, row

log = logging.getLogger("studio")

LARGEST_LOG = 1_000_000


def open_log() -> str:
    """Let the log be written. Returns what to tell if it cannot be."""
    path = paths.log_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=LARGEST_LOG, backupCount=1, encoding="utf-8", delay=True)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        log.addHandler(handler)
        log.setLevel(logging.INFO)
        log.info(
            "started: Python %s, PySide %s, %s", platform.python_version(), PySide6.__version__, platform.platform()
        )
        return ""
    except OSError as error:
        return f"The log cannot be written ({error})."


class Problems(QObject):
    """Takes over sys.excepthook, threading.excepthook and Qt's own messages. `restore` gives them back."""

    _happened = Signal(str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._dialog: ProblemDialog | None = None
        self._before = sys.excepthook, threading.excepthook
        sys.excepthook = self._caught
        threading.excepthook = lambda args: self._caught(args.exc_type, args.exc_value, args.exc_traceback)
        qInstallMessageHandler(_log_qt)
        # a thread may be the one that failed: the dialog belongs to the GUI's
        self._happened.connect(self._show)

    def restore(self) -> None:
        sys.excepthook, threading.excepthook = self._before
        qInstallMessageHandler(None)

    def _caught(self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        text = "".join(traceback.format_exception(kind, error, trace))
        log.error("unexpected:\n%s", text)
        self._happened.emit(text)

    def _show(self, text: str) -> None:
        if self._dialog is None:
            self._dialog = ProblemDialog(self._window)
            self._dialog.finished.connect(self._closed)
        self._dialog.add(text)
        self._dialog.show()

    def _closed(self) -> None:
        assert self._dialog is not None
        self._dialog.deleteLater()
        self._dialog = None


class ProblemDialog(QDialog):
    """One for all that happens until it is closed. Not modal: what still works can be used."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Something went wrong")
        self.resize(640, 400)
        layout = column(10, (20, 16, 20, 16), self)
        layout.addWidget(label("Something went wrong in the window. The music plays on.", "name"))
        layout.addWidget(label(f"This report is also in {paths.log_file()}.", "muted"))
        self.report = QPlainTextEdit(readOnly=True)
        self.report.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        layout.addWidget(self.report, 1)
        buttons = row()
        buttons.addStretch(1)
        copy = QPushButton("Copy the report")
        copy.clicked.connect(lambda: QApplication.clipboard().setText(self.report.toPlainText()))
        close = QPushButton("Close")
        close.clicked.connect(self.accept)
        close.setDefault(True)
        for button in (copy, close):
            buttons.addWidget(button)
        layout.addLayout(buttons)
        self.report.setPlainText(f"{_versions()}\n")

    def add(self, text: str) -> None:
        self.report.appendPlainText(text)


def _versions() -> str:
    return f"{paths.NAME}, Python {platform.python_version()}, PySide {PySide6.__version__}, {platform.platform()}"


def _log_qt(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    log.log(logging.INFO if kind in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) else logging.WARNING, "Qt: %s", text)
