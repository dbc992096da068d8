"""The lines of a run as TensorBoard events, in RUN/tensorboard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from models.errors import InputError


class Events:
    """Takes each line that metrics.jsonl gets. May block on the disk."""

    def __init__(self, run: Path) -> None:
        """Raises InputError if the tensorboard package, which is optional, is missing."""
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            raise InputError("--tensorboard needs a package that is not installed: pip install tensorboard") from None
        self._open: Any = SummaryWriter
        self._folder = run / "tensorboard"
        self._writer: Any = None

    def write(self, line: dict[str, Any]) -> None:
        step = line["step"]
        if self._writer is None:  # what a killed process wrote of later steps is not to be shown
            self._writer = self._open(str(self._folder), purge_step=step)
        for name, value in line.items():
            if name not in ("step", "steps") and value is not None:
                self._writer.add_scalar(name, value, step)
        self._writer.flush()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
