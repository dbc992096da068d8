"""The settings while the app runs: changed in one place, saved a moment later."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from studio import paths, settings
from studio.settings import Settings

SAVE_AFTER = 500
"""Milliseconds: a knob that is turned is not saved at each of its steps."""


class Store(QObject):
    """GUI thread. A disk that refuses is said once in `troubled`, and the app goes on."""

    changed = Signal(object)
    """Settings"""
    troubled = Signal(str)

    def __init__(self, value: Settings, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.value = value
        self._path = path
        self._timer = QTimer(self, singleShot=True, interval=SAVE_AFTER)
        self._timer.timeout.connect(self.save)
        self._refused = False

    def change(self, **changes: Any) -> None:
        value = replace(self.value, **changes)
        if value != self.value:
            self.value = value
            self._timer.start()
            self.changed.emit(value)

    def save(self) -> None:
        self._timer.stop()
        try:
            settings.save(self.value, self._path)
            self._refused = False
        except OSError as error:
            if not self._refused:
                self.troubled.emit(f"The settings cannot be saved ({error}); they will be forgotten at the end.")
            self._refused = True

    @property
    def takes(self) -> Path:
        """The folder that takes go to."""
        return self.value.takes or paths.takes_folder()

    @property
    def training(self) -> Path:
        """The folder that trainings go to."""
        return self.value.training or paths.training_folder()
