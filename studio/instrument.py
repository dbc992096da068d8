"""What the panels have of the engine: its status 30 times a second, what can be turned, what can be asked for.

Panels never write each other: a panel turns or asks here, and shows what comes back in `updated` and
`controls_changed`. No signal starts below the studio; the engine is polled.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from engine.controls import RANGES, Choice, Command, Controls, Load, NewSeed, Notice, Status

Floats = npt.NDArray[np.float32]

FRAMES_A_SECOND = 30


class Engine(Protocol):
    """What is used of engine.session.Session; tests have a fake of it (tests/fakes.py)."""

    controls: Controls

    def start(self, device: str | None = None, seconds: float | None = None) -> None: ...
    def stop(self) -> None: ...
    def set(self, controls: Controls) -> None: ...
    def send(self, command: Command) -> None: ...
    def status(self) -> Status: ...
    def heard(self, start: int, end: int) -> Floats: ...
    def close(self) -> None: ...


class Instrument(QObject):
    """GUI thread; nothing blocks but `close`."""

    updated = Signal(object)
    """Status, at each frame of the screen's views."""
    controls_changed = Signal(object)
    """Controls"""
    noticed = Signal(object)
    """Notice: something a person should know, once."""
    seed_locked = Signal(object)
    """bool: whether `locked_seed` holds; also when it is another."""

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.engine = engine
        self.status = engine.status()
        self.device: str | None = None
        """To play on, by name; none: the default."""
        self.provider: Choice = "auto"
        self.locked_seed: int | None = None
        self._noticed = 0
        self._timer = QTimer(self, interval=1000 // FRAMES_A_SECOND, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.poll)

    @property
    def controls(self) -> Controls:
        return self.engine.controls

    @property
    def playing(self) -> bool:
        """Whether it plays, or is about to."""
        return self.status.state in ("starting", "playing", "reconnecting")

    def watch(self) -> None:
        """Begin to poll."""
        self._timer.start()

    def poll(self) -> None:
        self.status = status = self.engine.status()
        for notice in status.notices:
            if notice.number > self._noticed:
                self._noticed = notice.number
                self.noticed.emit(notice)
        self.updated.emit(status)

    def say(self, kind: Any, text: str) -> None:
        """Show a notice of the studio's own among the engine's."""
        self.noticed.emit(Notice(0, kind, text))

    def turn(self, **changes: Any) -> None:
        """Turn controls, such as temperature=0.9; what is out of range goes as far as it can."""
        within = {name: min(max(value, RANGES[name][0]), RANGES[name][1]) for name, value in changes.items()}
        controls = replace(self.controls, **within)
        if controls != self.controls:
            self.engine.set(controls)
            self.controls_changed.emit(controls)

    def ask(self, command: Command) -> None:
        """Send a command (engine/controls.py)."""
        self.engine.send(command)

    def load(self, style: Path) -> None:
        """Play this style from now on."""
        self.ask(Load(style, self.locked_seed, self.provider))

    def toggle(self) -> None:
        """Play, or fade out and stop."""
        if self.playing:
            self.engine.stop()
        else:
            self.engine.start(self.device)

    def reseed(self, seed: int | None = None) -> None:
        """Other chance from here on. seed: none for a random one."""
        seed = secrets.randbits(32) if seed is None else seed
        if self.locked_seed is not None:
            self.locked_seed = seed
            self.seed_locked.emit(True)
        self.ask(NewSeed(seed))

    def lock_seed(self, locked: bool) -> None:
        """Whether the styles loaded next keep the seed of now."""
        self.locked_seed = self.status.seed if locked else None
        self.seed_locked.emit(locked)

    def heard(self, start: int, end: int) -> Floats:
        """What was heard between two frames of the engine's clock, float32 [frames, 2]."""
        return self.engine.heard(start, end)

    def close(self) -> None:
        """Fade out and end the engine. Blocks until what is being recorded is finished."""
        self._timer.stop()
        self.engine.close()
