"""A training's process: started so that it outlives the studio, however that ends. Any thread; blocks for a moment."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from models.errors import InputError
from studio.program import MAIN
from studio.training.plan import DATA, Plan, change_plan

DETACHED = sum(getattr(subprocess, name, 0) for name in ("DETACHED_PROCESS", "CREATE_NEW_PROCESS_GROUP"))
"""On Windows alone; elsewhere a session of its own does it."""
LOG = "log.txt"
STARTED = "— Started"
"""A line of the log begins so."""
_children: list[subprocess.Popen[bytes]] = []
"""Those that this app started: the system keeps what is left of one until it was asked for."""


def command_line(folder: Path, plan: Plan) -> list[str]:
    """`main.py train`, going on where there is something to go on from."""
    line = [sys.executable, str(MAIN), "train", str(folder / DATA), "-o", str(folder)]
    if (folder / "checkpoints" / "last.safetensors").exists():
        return [*line, "--resume"]
    line += ["--preset", plan.preset, "--minutes", f"{plan.minutes:g}"]
    if plan.base:
        line += ["--from", plan.base]
    for setting in plan.settings:
        line += ["--set", setting]
    return line


def start(folder: Path, plan: Plan) -> Plan:
    """Begin or go on with it, in a session of its own and behind everything else. Raises InputError."""
    nice = shutil.which("nice")
    line = [*([nice, "-n", "19"] if nice else []), *command_line(folder, plan)]
    log = folder / LOG
    try:
        with log.open("a", encoding="utf-8") as file:
            file.write(f"{STARTED} {datetime.now():%d %b %Y, %H:%M}\n")
    except OSError as error:
        raise InputError(f"cannot write to {folder}: {error.strerror or error}") from error
    begun = time.time()
    with log.open("ab") as file:
        process = subprocess.Popen(
            line, cwd=MAIN.parent, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True,
            creationflags=DETACHED,
        )  # fmt: skip
    _children.append(process)
    return change_plan(folder, queued=None, wanted="train", pid=process.pid, begun=begun)


def running(folder: Path, plan: Plan) -> bool:
    """Whether a process is at it."""
    return plan.pid is not None and _is_alive(plan.pid, folder)


def ask_to_stop(folder: Path, plan: Plan) -> None:
    """Let it save and end; returns at once."""
    if plan.pid is not None and running(folder, plan):
        with suppress(ProcessLookupError):
            os.kill(plan.pid, signal.SIGTERM)


def _is_alive(pid: int, folder: Path) -> bool:
    """Whether that process is there, and the one that was meant."""
    said = Path(f"/proc/{pid}/cmdline")
    try:
        if said.parent.parent.is_dir() and Path("/proc/self").exists():
            return os.fsencode(folder) in said.read_bytes().split(b"\0")
        os.kill(pid, 0)
    except OSError:
        return False
    return True
