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


def command(*arguments: str, nice: int = 0) -> list[str]:
    """What to run. nice: how far everything else goes first, where the system has a way to say so: to 19, where only
    what nobody else needs is left."""
    program = shutil.which("nice") if nice else None
    return [*([program, "-n", str(nice)] if program else []), sys.executable, str(MAIN), *arguments, "--json"]


class Program(QObject):
    """One such process at a time. GUI thread; nothing blocks."""

    answered = Signal(object)
    """dict: the JSON object it printed."""
    failed = Signal(str)
    """Its own words, one line."""
    said = Signal(str)
    """Each line on its standard error, as it comes: how far it is."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._process = self._made()
        self._rest, self._last = b"", ""
        """Of its standard error: what is no whole line yet, and the last line that was."""
        app = QCoreApplication.instance()
        assert app is not None
        app.aboutToQuit.connect(self.end)

    @property
    def running(self) -> bool:
        return self._process.state() != QProcess.ProcessState.NotRunning

    def begin(self, line: list[str]) -> None:
        """Run a command; what was running is ended."""
        self.end()
        self._rest, self._last = b"", ""
        self._process.start(line[0], line[1:])

    def end(self) -> None:
        """Kill it, if it runs: no answer comes any more, also of one that does not go in time."""
        if not self.running:
            return
        killed, self._process = self._process, self._made()
        killed.blockSignals(True)
        killed.kill()
        if killed.waitForFinished(PATIENCE):
            killed.deleteLater()

    def _made(self) -> QProcess:
        process = QProcess(self)
        process.readyReadStandardError.connect(self._listen)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._broken)
        return process

    def _listen(self) -> None:
        *lines, self._rest = (self._rest + bytes(self._process.readAllStandardError().data())).split(b"\n")
        for line in lines:
            self._last = line.decode(errors="replace").strip() or self._last
            self.said.emit(line.decode(errors="replace"))

    def _finished(self, code: int, how: QProcess.ExitStatus) -> None:
        output = bytes(self._process.readAllStandardOutput().data()).decode(errors="replace")
        self._listen()
        last = self._rest.decode(errors="replace").strip() or self._last or "it gave no answer"
        try:
            answer = json.loads(output.strip().splitlines()[-1])
        except (IndexError, ValueError):
            answer = None
        if code == 0 and how == QProcess.ExitStatus.NormalExit and isinstance(answer, dict):
            self.answered.emit(answer)
        else:
            self.failed.emit(last.removeprefix("Error: "))

    def _broken(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:  # of all others `finished` tells
            self.failed.emit(self._process.errorString())
