"""A command of main.py in a process of its own, for what must not disturb the window."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QProcess, Signal

MAIN = Path(__file__).parent.parent / "main.py"
PATIENCE = 1000
"""Milliseconds that a process that is killed may take to go."""


def command(*arguments: str, gently: bool = False) -> list[str]:
    """What to run. gently: everything else goes first, where the system has a way to say so."""
    nice = shutil.which("nice") if gently else None
    return [*([nice, "-n", "10"] if nice else []), sys.executable, str(MAIN), *arguments, "--json"]


class Program(QObject):
    """One such process at a time. GUI thread; nothing blocks."""

    answered = Signal(object)
    """dict: the JSON object it printed."""
    failed = Signal(str)
    """Its own words, one line."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._process = QProcess(self)
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._broken)
        app = QCoreApplication.instance()
        assert app is not None
        app.aboutToQuit.connect(self.end)

    @property
    def running(self) -> bool:
        return self._process.state() != QProcess.ProcessState.NotRunning

    def begin(self, line: list[str]) -> None:
        """Run a command; what was running is ended."""
        self.end()
        self._process.start(line[0], line[1:])

    def end(self) -> None:
        """Kill it, if it runs: no answer comes any more."""
        self._process.blockSignals(True)
        self._process.kill()
        self._process.waitForFinished(PATIENCE)
        self._process.blockSignals(False)

    def _finished(self, code: int, how: QProcess.ExitStatus) -> None:
        output = bytes(self._process.readAllStandardOutput().data()).decode(errors="replace")
        said = bytes(self._process.readAllStandardError().data()).decode(errors="replace")
        try:
            answer = json.loads(output.strip().splitlines()[-1])
        except (IndexError, ValueError):
            answer = None
        if code == 0 and how == QProcess.ExitStatus.NormalExit and isinstance(answer, dict):
            self.answered.emit(answer)
        else:
            last = (said.strip().splitlines() or ["it gave no answer"])[-1]
            self.failed.emit(last.removeprefix("Error: "))

    def _broken(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:  # of all others `finished` tells
            self.failed.emit(self._process.errorString())
