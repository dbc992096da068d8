"""A training's process: started so that it outlives the studio, however that ends. Any thread; blocks for a moment."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from models import run as run_folder
from models.errors import InputError
from studio.program import MAIN
from studio.training.plan import DATA, Plan, change_plan

LOG = "log.txt"
STARTED = "— Started"
"""A line of the log begins so."""
NICE = "19"
"""Everything else goes first, the instrument before all."""
SPARE = "1"
"""Cores of the processor that are the instrument's."""
GRACE = 60.0
"""Seconds from the start until it must have taken the folder, where another app started it."""
DETACHED = sum(getattr(subprocess, name, 0) for name in ("DETACHED_PROCESS", "CREATE_NEW_PROCESS_GROUP"))
"""On Windows alone; elsewhere a session of its own does it."""
_children: dict[int, subprocess.Popen[bytes]] = {}
"""Those that this app started: the system keeps what is left of one until it was asked for."""


def command_line(folder: Path, plan: Plan) -> list[str]:
    """`main.py train`, going on where there is something to go on from."""
    data = [str(folder / DATA)] if (folder / DATA).is_dir() else []
    line = [sys.executable, str(MAIN), "train", *data, "-o", str(folder), "--nice", NICE, "--spare", SPARE]
    if (folder / "checkpoints" / "last.safetensors").exists():
        return [*line, "--resume", *(["--steps", str(plan.steps)] if plan.steps else [])]
    line += ["--preset", plan.preset, "--minutes", f"{plan.minutes:g}"]
    if plan.base:
        line += ["--from", plan.base]
    for setting in plan.settings:
        line += ["--set", setting]
    return line


def start(folder: Path, plan: Plan) -> Plan:
    """Begin or go on with it, in a session of its own. Raises InputError."""
    begun = time.time()
    try:
        with suppress(FileNotFoundError):
            (folder / "stop").unlink()
        with (folder / LOG).open("ab") as log:
            log.write(f"{STARTED} {datetime.now():%d %b %Y, %H:%M}\n".encode())
            log.flush()
            process = subprocess.Popen(
                command_line(folder, plan), cwd=MAIN.parent, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, creationflags=DETACHED,
            )  # fmt: skip
        _children[process.pid] = process
        return change_plan(folder, queued=None, wanted="train", pid=process.pid, begun=begun)
    except OSError as error:
        raise InputError(f"{plan.name} cannot be started: {error.strerror or error}") from error


def running(folder: Path, plan: Plan) -> bool:
    """Whether a process is at it, or is just being loaded for it."""
    if child := _children.get(plan.pid or 0):  # also one that has ended: of that it is known
        if child.poll() is None:
            return True
    elif plan.pid and time.time() - plan.begun < GRACE and changed_at(folder / "run.json") < plan.begun:
        return True
    return run_folder.is_running(folder)


def ask_to_stop(folder: Path, plan: Plan) -> None:
    """Let it save and end; returns at once. Raises OSError."""
    if run_folder.is_running(folder):
        if not (folder / "stop").exists():
            run_folder.ask_to_stop(folder)
    elif child := _children.get(plan.pid or 0):
        child.terminate()  # it is still being loaded: there is nothing to save


def changed_at(path: Path) -> float:
    """Seconds since 1970; 0 where there is nothing."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
