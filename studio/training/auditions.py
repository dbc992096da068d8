"""What a training has learned so far, to be heard: of each kept checkpoint a style and three clips, made in the
background, one process at a time, behind everything else.

    auditions/step-N/style.samplernn     what is installed
    auditions/step-N/t80.flac            8 seconds at a temperature of 0.8, always with the same seed
    auditions/ratings.json               stars by step and clip
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.library import installed_styles
from models.errors import InputError
from models.files import written_aside
from models.lock import Held, held, holder
from models.style import Style, open_style
from studio.program import Program, command
from studio.training.plan import DATA
from studio.training.run import Kept, Run
from studio.training.runs import Runs

FOLDER = "auditions"
STYLE = "style.samplernn"
RATINGS = "ratings.json"
LOCK = ".auditions"
TEMPERATURES = (0.8, 0.9, 1.0)
SECONDS = 8
MEASURED = 20
"""Seconds of the recordings it never heard. All of them take nine tenths of the work, which the training is to have."""
SEED = 1
"""The same chance for all: what differs is what was learned."""


def clip_name(temperature: float) -> str:
    return f"t{round(temperature * 100)}.flac"


def place(run: Path, step: int) -> Path:
    return run / FOLDER / f"step-{step}"


@dataclass(frozen=True)
class Piece:
    """Something to be made."""

    run: Path
    kept: Kept
    target: Path
    title: str


class Auditions(QObject):
    """Makes what is missing while the app runs. GUI thread; looks at a few files."""

    changed = Signal(object)
    """Path of the run's folder: there is more to be heard, or something could not be made."""

    def __init__(self, runs: Runs, parent: QObject) -> None:
        super().__init__(parent)
        self._runs = runs
        self.now: Piece | None = None
        """What is being made."""
        self.refused: dict[Path, str] = {}
        """What could not be made, and why; tried again at the next start."""
        self.first: Path | None = None
        """The run that is looked at: its own come before all others."""
        self._program = Program(self)
        self._program.answered.connect(lambda answer: self._made())
        self._program.failed.connect(self._fail)
        self._turn = ExitStack()
        runs.changed.connect(self.go_on)

    def go_on(self) -> None:
        """Make the next, if there is one and nothing is being made."""
        if self.now is not None:
            return
        piece = self._missing()
        if piece is None or holder(piece.run / LOCK) is not None:
            return
        try:
            piece.target.parent.mkdir(parents=True, exist_ok=True)
            self._turn.enter_context(held(piece.run / LOCK))
        except (Held, OSError):
            return
        _tidy(piece.target.parent)
        self.now = piece
        self._program.begin(command(*_work(piece), nice=19))
        self.changed.emit(piece.run)

    def end(self) -> None:
        """Make no more."""
        self._program.end()
        self._over()

    def _missing(self) -> Piece | None:
        """The next: of the run that is looked at, of a moment that is begun, else of the latest."""
        runs = sorted(self._runs.runs, key=lambda run: run.folder != self.first)
        for run in runs:
            pieces = [list(filter(self._is_missing, _pieces(run, kept))) for kept in run.kept]
            missing = sorted(filter(None, pieces), key=lambda each: each[0].target.name == STYLE)
            if missing:
                return missing[0][0]
        return None

    def _is_missing(self, piece: Piece) -> bool:
        if piece.target in self.refused or piece.target.parent / STYLE in self.refused:
            return False
        return not piece.target.exists()

    def _made(self) -> None:
        piece = self.now
        assert piece is not None
        try:
            _aside(piece.target).replace(piece.target)
        except OSError as error:
            self.refused[piece.target] = str(error.strerror or error)
        self._over()
        self.changed.emit(piece.run)
        self.go_on()

    def _fail(self, reason: str) -> None:
        piece = self.now
        assert piece is not None
        if piece.run.exists():
            self.refused[piece.target] = reason
        self._over()
        self.changed.emit(piece.run)
        self.go_on()

    def _over(self) -> None:
        if self.now is not None:
            with suppress(OSError):
                _aside(self.now.target).unlink()
        self.now = None
        self._turn.close()


def _pieces(run: Run, kept: Kept) -> list[Piece]:
    """Of one checkpoint, in their order: the clips are played from the style."""
    folder = place(run.folder, kept.step)
    names = [STYLE, *map(clip_name, TEMPERATURES)]
    return [Piece(run.folder, kept, folder / name, f"{run.name} after {kept.step:,} steps") for name in names]


def _work(piece: Piece) -> list[str]:
    out = str(_aside(piece.target))
    if piece.target.name == STYLE:
        line = ["export", str(piece.run), "-o", out, "--checkpoint", piece.kept.name, "--name", piece.title]
        line += ["--measure", str(MEASURED)]
        data = piece.run / DATA
        return [*line, "--data", str(data)] if data.is_dir() else line
    temperature = next(each for each in TEMPERATURES if clip_name(each) == piece.target.name)
    style = str(piece.target.parent / STYLE)
    line = ["render", style, "-o", out, "--seconds", str(SECONDS), "--temperature", str(temperature)]
    return [*line, "--seed", str(SEED), "--provider", "cpu"]


def _aside(target: Path) -> Path:
    """Where it is made. An app that was killed leaves a process behind that still makes it: not at the same place."""
    return target.with_name(f".{target.stem}.{os.getpid()}{target.suffix}")


def _tidy(folder: Path) -> None:
    """Take away what apps that were killed have left behind; the turn is this app's."""
    for part in folder.glob(".*"):
        with suppress(OSError):
            part.unlink()


def find_installed(made: Iterable[Path]) -> dict[Path, Style]:
    """Of these style files those that are installed, each with the style that it has become: what it plays is the same,
    whatever it is called there. Blocks."""
    styles = {style.sha256: style for style in installed_styles()}
    found = {}
    for path in made:
        with suppress(InputError):  # gone since
            if style := styles.get(open_style(path).sha256):
                found[path] = style
    return found


def read_ratings(run: Path) -> dict[str, dict[str, int]]:
    """Stars, 1 to 5, by step and clip, both as texts; none where there are none. Blocks."""
    try:
        found = json.loads((run / FOLDER / RATINGS).read_text(encoding="utf-8"))
        return {step: {clip: int(stars) for clip, stars in clips.items()} for step, clips in found.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def rate(run: Path, step: int, clip: str, stars: int) -> dict[str, dict[str, int]]:
    """Keep a rating; 0 takes it back. Returns all. Blocks. Raises OSError."""
    ratings = read_ratings(run)
    clips = ratings.setdefault(str(step), {})
    if stars:
        clips[clip] = stars
    else:
        clips.pop(clip, None)
    ratings = {key: value for key, value in ratings.items() if value}
    (run / FOLDER).mkdir(parents=True, exist_ok=True)
    with written_aside(run / FOLDER / RATINGS) as aside:
        aside.write_text(json.dumps(ratings, indent=1), encoding="utf-8")
    return ratings
