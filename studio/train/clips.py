"""crude"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QListWidget


@dataclass(frozen=True)
class Clip:
    step: int
    temperature: float
    path: Path | None
    rating: int = 0


class Clips(QListWidget):
    chosen = Signal()
    rated = Signal(object, int)
    hear = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._clips: list[Clip] = []
        self.currentRowChanged.connect(lambda row: self.chosen.emit())
        self.activated.connect(lambda index: self.hear.emit(self._clips[index.row()]))

    @property
    def clip(self) -> Clip | None:
        return self._clips[self.currentRow()] if 0 <= self.currentRow() < len(self._clips) else None

    def show_clips(self, clips: list[Clip]) -> None:
        if clips != self._clips:
            row = self.currentRow()
            self._clips = clips
            self.clear()
            for clip in clips:
                self.addItem(f"step {clip.step}  T {clip.temperature}  {'ready' if clip.path else '…'}")
            self.setCurrentRow(min(max(row, 0), len(clips) - 1))
