"""What a training will take here: measured by a few real steps, in another process, as gently as it will train."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from studio.program import Program, command
from studio.training.launch import SPARE
from studio.training.moments import MOMENTS, Pace
from studio.training.plan import Plan

REST = 1000
"""Milliseconds without a change before it is measured."""
STEPS = 1000
"""Of which it is measured; how many there will be depends on the minutes."""
UNTOLD = ("keep_every", "valid_every", "seed")
"""Settings that a step and a validation do not depend on."""


@dataclass(frozen=True)
class Estimate:
    pace: Pace
    passes: float
    """Of all the recordings, in a step."""
    memory: int
    """Bytes."""
    disk: int
    """Bytes, of all that is kept."""


class Estimating(QObject):
    """GUI thread; nothing blocks."""

    changed = Signal()
    """`found`, `busy`, `trouble`"""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.found: Estimate | None = None
        """Of what was wanted last; none: not known yet."""
        self.trouble = ""
        self._wanted: list[str] = []
        self._program = Program(self)
        self._program.answered.connect(self._answered)
        self._program.failed.connect(self._failed)
        self._timer = QTimer(self, singleShot=True, interval=REST)
        self._timer.timeout.connect(self._begin)

    @property
    def busy(self) -> bool:
        """Whether it is being measured, or about to be."""
        return self._timer.isActive() or self._program.running

    def want(self, data: Path | None, plan: Plan) -> None:
        """Of this training; data: none: of nothing."""
        wanted = [str(data), "--preset", plan.preset, *(["--from", plan.base] if plan.base else [])]
        wanted += [part for setting in _telling(plan.settings) for part in ("--set", setting)]
        wanted = wanted if data is not None else []
        if wanted == self._wanted:
            return
        self._wanted, self.found, self.trouble = wanted, None, ""
        self._program.end()
        if wanted:
            self._timer.start()
        else:
            self._timer.stop()
        self.changed.emit()

    def _begin(self) -> None:
        self._program.begin(command("estimate", *self._wanted, "--steps", str(STEPS), "--spare", SPARE, nice=19))
        self.changed.emit()

    def _answered(self, told: dict[str, float]) -> None:
        # two checkpoints are there in any case; the style that a moment's clips are played from is half as large
        disk = int(told["disk"] / 2 * (2 + 1.5 * MOMENTS))
        memory = int(told["memory"] + told["graphics_memory"])
        pace = Pace(told["step_seconds"], told["validation_seconds"])
        self.found = Estimate(pace, told["passes"] / told["steps"], memory, disk)
        self.changed.emit()

    def _failed(self, reason: str) -> None:
        self.trouble = reason
        self.changed.emit()


def _telling(settings: Iterable[str]) -> list[str]:
    return [setting for setting in settings if setting.partition("=")[0] not in UNTOLD]
