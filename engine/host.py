"""The engine's own process.

The engine does not live in the app's process, because there its thread would have to wait for the GIL, which a
window that paints, or any library that holds on to it, takes for longer than sound can wait. It also keeps a crash
of a graphics driver, and the memory of a GPU, out of the app.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from engine.controls import Controls

if TYPE_CHECKING:
    from engine.engine import Engine

PRIORITY = -10
"""Of the process, where that may be asked for: what is late is heard."""


def main(board_name: str, connection: Connection) -> None:
    """Runs until told to close, or until the app is gone. connection: Controls and Commands from it."""
    # here, because the app imports this module to name this function, and needs none of it
    from engine.engine import Engine
    from engine.memory import Board
    from engine.native import flush_denormals

    _quieten()
    if hasattr(os, "setpriority"):
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
    flush_denormals()
    board = Board(board_name)
    engine = Engine(board)
    threading.Thread(target=_receive, args=(connection, engine), daemon=True, name="receiver").start()
    # what is there now stays; cycles are few, and looking for them takes milliseconds at any moment
    gc.freeze()
    gc.disable()
    engine.run()
    board.close()
    # to take down all that was loaded takes long, and some of it complains
    os._exit(0)


def _quieten() -> None:
    """Let only Python write to standard error: ALSA and others tell there, in the middle of the app's own line, what
    the status says in words."""
    ours = os.dup(2)
    sys.stderr = os.fdopen(ours, "w", buffering=1, encoding="utf-8", errors="backslashreplace")
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    os.close(nothing)


def _receive(connection: Connection, engine: Engine) -> None:
    while True:
        try:
            message = connection.recv()
        except (EOFError, OSError):
            engine.tell(None)
            return
        if isinstance(message, Controls):
            engine.controls = message
        else:
            engine.tell(message)
