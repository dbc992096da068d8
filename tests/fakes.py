"""Stand-ins for what a test of one panel does not need to be real."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.controls import Command, Controls, Load, Start, Status, Stop
from models.config import ModelConfig
from models.style import ENTRIES, StyleInfo, write_style

RATE = 48_000


def write_hollow_style(path: Path, **changes: object) -> None:
    """A style file that says all that a style says of itself, but holds no network. changes: of its StyleInfo."""
    runs: dict[str, int | None] = {name: None for name in ENTRIES if name.endswith(".onnx")}
    info = StyleInfo("Hollow", "Nothing.", "Nobody", "CC0-1.0", "nothing", 1, 1.0, 1, 0.75, -20.0, runs, ModelConfig())
    write_style(path, replace(info, **changes), dict.fromkeys(ENTRIES, b""))  # type: ignore[arg-type]


class FakeEngine:
    """Of studio.instrument.Engine: remembers what it is told, shows the status it is given, and was playing a tone of
    220 Hz at -6 dBFS left and -12 dBFS right since ever."""

    def __init__(self) -> None:
        self.controls = Controls()
        self.commands: list[Command] = []
        self.shown = Status(rate=RATE, title="Piano", provider="cpu", style=Path("piano.samplernn"), voices=1, seed=7)
        self.closed = False

    def show(self, **changes: object) -> None:
        """Change the status."""
        self.shown = replace(self.shown, **changes)  # type: ignore[arg-type]

    def start(self, device: str | None = None, seconds: float | None = None) -> None:
        self.commands.append(Start(device, seconds))
        self.show(state="playing", device=device or "Speakers")

    def stop(self) -> None:
        self.commands.append(Stop())
        self.show(state="stopped")

    def load(self, style: Path, seed: int | None = None) -> None:
        self.send(Load(style, seed))

    def set(self, controls: Controls) -> None:
        self.controls = controls

    def send(self, command: Command) -> None:
        self.commands.append(command)

    def status(self) -> Status:
        return self.shown

    def heard(self, start: int, end: int) -> npt.NDArray[np.float32]:
        tone = np.sin(2 * np.pi * 220 * np.arange(max(0, start), end) / RATE)
        return np.stack([tone * 0.5, tone * 0.25], 1).astype(np.float32)

    def close(self) -> None:
        self.closed = True
