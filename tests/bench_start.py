"""`python -m tests.bench_start`: how long a musician waits: from the command to the window, from Space to the sound.

The real app in a process of its own, on a virtual screen, played through a virtual device; the best and the middle of
several starts.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import click

from tests.engine.sound import SoundServer
from tests.studio.display import Display

ONE = """
import json, sys, time
from PySide6.QtTest import QTest
from studio.app import Studio

begun = float(sys.argv[1])
studio = Studio()
def until(condition):
    while not condition():
        QTest.qWait(1)
    return time.time()
shown = until(lambda: studio.window.windowHandle().isExposed())
status = lambda: studio.desk.instrument.status
ready = until(lambda: status().style)
pressed = time.time()
studio.desk.actions["play"].trigger()
sounded = until(lambda: status().first_sound is not None)
studio.window.close()
studio.desk.instrument.close()
print(json.dumps({"window": shown - begun, "style": ready - begun, "sound": sounded - pressed}))
"""
FIGURES = {
    "window": "from the command to the window",
    "style": "... to a style that can play",
    "sound": "from Space to the first sound",
}


@click.command()
@click.option("--starts", default=7)
def main(starts: int) -> None:
    times: dict[str, list[float]] = {name: [] for name in FIGURES}
    with tempfile.TemporaryDirectory() as home, SoundServer(), Display():
        environment = {**os.environ, "SAMPLERNN_HOME": home}
        for _ in range(starts):
            line = [sys.executable, "-c", ONE, str(time.time())]
            done = subprocess.run(line, capture_output=True, text=True, check=True, timeout=60, env=environment)
            for name, seconds in json.loads(done.stdout.splitlines()[-1]).items():
                times[name].append(seconds)
    for name, what in FIGURES.items():
        click.echo(f"{what:34} {min(times[name]):5.2f} s at best, {statistics.median(times[name]):5.2f} s mostly")


if __name__ == "__main__":
    main()
