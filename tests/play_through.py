"""One sitting at the studio, with keys alone: `python -m tests.play_through HOME PRIME`. The caller sees to a screen,
a sound device and, in SAMPLERNN_STYLES, a second style.

Prints one JSON object: what was seen on the way, and the files that were made.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from studio.app import Studio
from studio.takes.export import ExportDialog

PATIENCE = 30.0
Key = Qt.Key
NONE, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def until(condition: Callable[[], Any], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(what)
        QTest.qWait(10)


def main(home: Path, prime: Path) -> None:
    os.environ["SAMPLERNN_HOME"] = str(home)
    (home / "out").mkdir(parents=True)
    studio = Studio()
    seen: dict[str, Any] = {}

    def scene() -> None:
        try:
            play(studio, home, prime, seen)
        except BaseException:  # the studio would show it, and wait
            traceback.print_exc()
            os._exit(1)

    QTimer.singleShot(0, scene)
    code = studio.run()
    print(json.dumps(seen | {"code": code, "torch": "torch" in sys.modules}))


def play(studio: Studio, home: Path, prime: Path, seen: dict[str, Any]) -> None:
    window, instrument = studio.window, studio.desk.instrument
    takes = window.takes

    def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE, times: int = 1) -> None:
        for _ in range(times):
            to: QWidget = QApplication.focusWidget() or window
            QTest.keyClick(to, key, modifiers)

    until(lambda: window.isActiveWindow() or window.isVisible(), "the window")
    window.activateWindow()
    until(lambda: instrument.status.style, "the first style")
    press(Key.Key_Space)
    until(lambda: instrument.status.played > 1, "the first sound")
    cool = instrument.status.temperature
    press(Key.Key_Up, times=3)
    until(lambda: instrument.status.temperature > cool + 0.1, "the temperature")
    seen["temperatures"] = [cool, instrument.status.temperature]
    seen["styles"] = [instrument.status.title]
    press(Key.Key_N)
    until(lambda: instrument.status.title != seen["styles"][0], "the other style")
    seen["styles"].append(instrument.status.title)
    press(Key.Key_N, SHIFT)
    until(lambda: instrument.status.title == seen["styles"][0], "the first style again")
    studio.desk.wishes.prime.emit(prime)
    until(lambda: studio.desk.actions["prime-go"].isEnabled(), "the prime")
    press(Key.Key_Return, CTRL)
    until(lambda: "prime" in kinds(instrument), "the prime's mark")
    press(Key.Key_Left, times=2)
    until(lambda: studio.desk.actions["branch"].isEnabled(), "something selected")
    press(Key.Key_B, CTRL)
    until(lambda: "rewind" in kinds(instrument), "the branch's mark")
    seen["marks"] = kinds(instrument)
    press(Key.Key_R)
    until(lambda: instrument.status.taking and instrument.status.taking.seconds >= 3, "three seconds of a take")
    press(Key.Key_R)
    until(lambda: not instrument.status.taking, "the take's end")
    press(Key.Key_Space)
    until(lambda: instrument.status.state == "stopped", "the stop")
    press(Key.Key_2, CTRL)
    until(lambda: takes.model.rowCount() == 1 and takes.list.selected(), "the take in the list")
    seen["take"] = takes.list.selected()[0].file
    press(Key.Key_Return)
    until(lambda: instrument.status.auditioning, "the take to be heard")
    press(Key.Key_Return)
    until(lambda: not instrument.status.auditioning, "the end of that")
    press(Key.Key_E, CTRL | SHIFT)
    until(lambda: export_dialog() is not None, "the export dialog")
    dialog = export_dialog()
    assert dialog is not None
    dialog.folder.setText(str(home / "out"))
    QTest.keyClick(dialog, Key.Key_Return)  # without a window manager no dialog gets the focus
    until(lambda: list((home / "out").iterdir()) and not studio.desk.jobs.running, "the exported file")
    seen["exported"] = str(next((home / "out").iterdir()))
    seen["underruns"] = instrument.status.underruns
    press(Key.Key_Q, CTRL)


def kinds(instrument: Any) -> list[str]:
    return [mark.why for mark in instrument.status.marks]


def export_dialog() -> ExportDialog | None:
    return next((widget for widget in QApplication.topLevelWidgets() if isinstance(widget, ExportDialog)), None)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
