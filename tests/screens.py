"""Pictures of the studio at work: `python -m tests.screens FOLDER` (see --help).

The real window on a virtual screen, the real engine, real sound through a virtual device; in a home of its own, so
that nothing of the user's is shown or changed.
"""

from __future__ import annotations

import itertools
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click

from tests.engine.sound import SoundServer
from tests.studio.display import Display

PAGES = ["play", "takes", "train", "train-report", "train-empty"]
PATIENCE = 400.0
"""Seconds until the training that is shown has clips."""
FIXTURES = Path(__file__).parent / "fixtures"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--size", "sizes", multiple=True, default=["1280x800", "960x600"])
@click.option("--scheme", "schemes", multiple=True, default=["dark", "light"])
@click.option("--page", "pages", multiple=True, default=PAGES)
@click.option("--seconds", default=12.0, help="To play before the pictures.")
def main(
    folder: Path, sizes: tuple[str, ...], schemes: tuple[str, ...], pages: tuple[str, ...], seconds: float
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, SoundServer(), Display():
        os.environ["SAMPLERNN_HOME"] = home
        sys.argv = ["studio"]
        _film(folder, sizes, schemes, pages, seconds)


def _film(
    folder: Path, sizes: tuple[str, ...], schemes: tuple[str, ...], pages: tuple[str, ...], seconds: float
) -> None:
    from PySide6.QtCore import QTimer

    from engine.controls import Keep
    from studio.app import Studio
    from studio.widgets.notices import Notices

    studio = Studio()
    app, window, desk = studio.app, studio.window, studio.desk

    def scene() -> None:
        def wait(until: Callable[[], bool], most: float = 20.0) -> None:
            end = time.monotonic() + most
            while not until() and time.monotonic() < end:
                app.processEvents()
                time.sleep(0.005)

        def rest(length: float) -> None:
            end = time.monotonic() + length
            wait(lambda: time.monotonic() > end, length + 1)

        wait(lambda: desk.instrument.status.style is not None)
        desk.actions["play"].trigger()
        wait(lambda: desk.instrument.status.played > 1)
        desk.wishes.prime.emit(FIXTURES / "cc0_ambi_piano.flac")
        rest(seconds / 2)
        desk.actions["prime-go"].trigger()
        rest(seconds / 4)
        for k, name in enumerate(("first light", "second thoughts")):
            desk.store.takes.mkdir(parents=True, exist_ok=True)
            desk.instrument.ask(Keep(desk.store.takes / f"{name}.flac", 3.0 + 2 * k))
            desk.instrument.turn(temperature=0.85 + 0.2 * k)
            rest(seconds / 8)
        draft = window.train.draft

        def read() -> None:
            draft.add([FIXTURES])
            wait(lambda: not draft.busy)

        if any(page.startswith("train") for page in pages):
            window.show_page("train")
            read()
            wait(lambda: window.train.new.estimating.found is not None, PATIENCE)
            window.train.new.form.minutes_field.setValue(2)
            desk.actions["train-start"].trigger()
            clips = window.train.view.auditions.clips
            wait(lambda: any(cell.clip.path for cell in clips.cells), PATIENCE)
        for notice in window.findChildren(Notices):
            notice.hide()
        for scheme, size, page in itertools.product(schemes, sizes, pages):
            desk.store.change(scheme=scheme)
            window.resize(*map(int, size.split("x")))
            window.show_page(page.partition("-")[0])
            if page == "train":
                window.train.list.setCurrentRow(0)
            elif page.startswith("train"):
                desk.actions["train-new"].trigger()
                draft.cancel()
                if page == "train-report":
                    read()
            rest(1.5)
            path = folder / f"{page}-{size}-{scheme}.png"
            window.grab().save(str(path))
            click.echo(f"{path}: {window.width()}x{window.height()}")
        window.close()

    QTimer.singleShot(0, scene)
    studio.run()


if __name__ == "__main__":
    main()
