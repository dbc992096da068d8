"""The one way to the engine, for the studio and the command line.

The engine runs in a process of its own (engine/host.py says why). Here are its strings: controls and commands go
down a pipe, the status and what was heard come back through shared memory (engine/memory.py). This module is light:
it imports neither ONNX Runtime nor PortAudio.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine import host
from engine.controls import Choice, Command, Controls, Load, Start, Status, Stop
from engine.memory import Board

Floats = npt.NDArray[np.float32]

CLOSING_SECONDS = 15.0
"""That a disk may take for what is being recorded."""


class Session:
    """An engine. Its process starts at once and is soon up; what is asked of it before waits, what is asked of it
    when it is closed is not done. All methods: any thread; none blocks but for `close` and `wait`."""

    def __init__(self) -> None:
        self._board = Board()
        self._lock = threading.Lock()
        self.controls = Controls()
        """As they were last set; to be turned by `set`."""
        self._loaded: Load | None = None
        """What was last asked for."""
        self._closed = False
        self._last = Status()
        self._process, self._connection = self._spawn()

    def load(self, style: Path, seed: int | None = None, provider: Choice = "auto") -> None:
        """Play this style (a file, or the name of an installed one): from the next start on, or crossfaded in if one
        plays. A style that does not open leaves all as it was; a notice in the status says why."""
        self.send(Load(style, seed, provider))

    def start(self, device: str | None = None, seconds: float | None = None) -> None:
        """Play, on the device of that name (none: the default; "null": no sound, but its clock). An engine that
        failed is started anew."""
        with self._lock:
            if not self._closed and not self._process.is_alive():
                last = self._board.latest()
                self._process, self._connection = self._spawn()
                self._connection.send(self.controls)
                if self._loaded:
                    # what it really played: what was asked for may be what it died of
                    played = replace(self._loaded, style=last.style, seed=last.seed) if last.style else self._loaded
                    self._connection.send(played)
        self.send(Start(device, seconds))

    def stop(self) -> None:
        """Fade out. The next start goes on from there."""
        self.send(Stop())

    def set(self, controls: Controls) -> None:
        """Turn the controls; heard after the sound that is ready (`Status.fill`, `Status.delay`)."""
        with self._lock:
            self.controls = controls
        self._send(controls)

    def send(self, command: Command) -> None:
        """Have something done, at the next boundary of a frame."""
        if isinstance(command, Load):
            self._loaded = command
        self._send(command)

    def status(self) -> Status:
        """The newest; of a closed session the last."""
        if self._closed:
            return self._last
        status = self._board.latest()
        code = self._process.exitcode
        if code is None:
            return status
        how = f"signal {-code}" if code < 0 else f"code {code}"
        return replace(
            status, state="failed", reason=f"the engine's process ended ({how}); start it again", taking=None,
            auditioning=None,
        )  # fmt: skip

    @property
    def process_id(self) -> int | None:
        """Of the engine's process."""
        return self._process.pid

    def heard(self, start: int, end: int) -> Floats:
        """A copy of what was heard from frame `start` of the engine's clock (`Status.heard`, `Status.oldest`) to
        `end`, float32 [frames, 2]; nothing of a closed session."""
        if self._closed:
            return np.zeros((0, 2), np.float32)
        return self._board.recall(start, end)

    def wait(self, condition: Callable[[Status], bool], seconds: float) -> Status:
        """Block until the status fulfils a condition, or for so long. Returns the last one."""
        end = time.monotonic() + seconds
        while not condition(status := self.status()) and time.monotonic() < end:
            time.sleep(0.005)
        return status

    def close(self) -> None:
        """Fade out, finish what is being recorded, and end. Blocks until that is done."""
        with self._lock:
            if self._closed:
                return
            self._last = self._board.latest()
            self._closed = True
            self._connection.close()
        self._process.join(CLOSING_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._last = self._board.latest()
        self._board.close()

    def _spawn(self) -> tuple[SpawnProcess, Connection]:
        context = multiprocessing.get_context("spawn")
        self._board.publish(Status())
        theirs, ours = context.Pipe(duplex=False)
        process = context.Process(target=host.main, args=(self._board.name, theirs), name="engine", daemon=True)
        with _interrupts_ignored():
            process.start()
        theirs.close()  # or its end would never be seen
        return process, ours

    def _send(self, message: Command | Controls) -> None:
        with self._lock, suppress(OSError):  # it has died: the status says so
            self._connection.send(message)


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """What is started meanwhile ignores the interrupt key from its first moment on: Ctrl+C is for the app, which then
    closes its engine."""
    if threading.current_thread() is not threading.main_thread():  # only it may change that
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
