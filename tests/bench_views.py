"""`python -m tests.bench_views`: what the moving views cost the app's process, with the real engine, on a virtual
screen and a virtual sound device.

In processor time, which a busy machine disturbs least: the share of one core while the play page is seen and while it
is not, and the longest that the GUI thread was at work between two rests.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time

import click

from tests.engine.sound import SoundServer
from tests.studio.display import Display


@click.command()
@click.option("--seconds", default=20.0, help="For each of the two figures.")
@click.option("--size", default="1280x800", help="Of the window.")
def main(seconds: float, size: str) -> None:
    with tempfile.TemporaryDirectory() as home, SoundServer(), Display():
        os.environ["SAMPLERNN_HOME"] = home
        sys.argv = ["studio"]
        _measure(seconds, *map(int, size.split("x")))


def _measure(seconds: float, width: int, height: int) -> None:
    from PySide6.QtCore import QAbstractEventDispatcher, QEventLoop, QTimer

    from engine.controls import Start
    from studio.app import Studio

    studio = Studio()
    window, instrument = studio.window, studio.desk.instrument
    window.resize(width, height)

    def rest(length: float) -> None:
        loop = QEventLoop()
        QTimer.singleShot(round(length * 1000), loop.quit)
        loop.exec()

    while not instrument.status.style:
        rest(0.1)
    instrument.ask(Start())
    rest(12.0)  # until the spectrogram is full
    stretches, last = [0.0], [time.thread_time()]

    def turn() -> None:
        """The event loop goes to sleep or wakes up; on which side of it the work lies is the platform's affair."""
        now = time.thread_time()
        stretches.append(now - last[0])
        last[0] = now

    # counted, not kept: to look through what is kept for garbage would take longer and longer
    frames = 0

    def count() -> None:
        nonlocal frames
        frames += 1

    instrument.updated.connect(count)
    dispatcher = QAbstractEventDispatcher.instance()
    assert dispatcher is not None
    dispatcher.awake.connect(turn)
    dispatcher.aboutToBlock.connect(turn)
    for page, what in (("play", "all views moving"), ("takes", "no view visible")):
        window.show_page(page)
        rest(1.0)
        stretches.clear()
        frames = 0
        before = instrument.status.underruns
        wall, processor = time.monotonic(), time.process_time()
        rest(seconds)
        wall, processor = time.monotonic() - wall, time.process_time() - processor
        click.echo(
            f"{what}: {processor / wall:6.1%} of a core at {frames / wall:.1f} frames a second; "
            f"the GUI thread was busy for {max(stretches) * 1000:.1f} ms at the longest; "
            f"{instrument.status.underruns - before} dropouts"
        )
    window.close()
    instrument.close()


if __name__ == "__main__":
    main()
