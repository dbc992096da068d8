"""What a training has learned so far, to be heard: of each kept moment a clip at each of some temperatures."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from studio.jobs import Jobs
from studio.peaks import NOTHING, Peaks
from studio.takes.pictures import file_peaks
from studio.train.stars import Stars
from studio.train.thumbnail import Thumbnail
from studio.widgets.button import Button
from studio.widgets.panel import Panel, column, label, row

COLUMNS, FRAMES = 160, 4096
"""Of a thumbnail, and what is looked at for one of its columns at the most."""
NOTHING_YET = "The first clips come once a moment of the training was kept."
INSTALL = "Make what it knew at this moment a style of the instrument. The training goes on."
INSTALLED = "It is among the styles of the Play page."


@dataclass(frozen=True)
class Clip:
    step: int
    """Of the checkpoint that it was made with."""
    temperature: float
    path: Path | None = None
    """None while it is being made."""
    rating: int = 0
    """Stars, 0 to 5."""


class Clips(QWidget):
    """The latest moment first. It plays and installs nothing itself. GUI thread."""

    play = Signal(object)
    """Path of a clip."""
    stop = Signal()
    """What is played."""
    rated = Signal(int, float, int)
    """Step, temperature, stars."""
    install = Signal(int)
    """Step."""

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._moments: dict[int, Moment] = {}
        self._peaks: dict[Path, Peaks] = {}
        """Of the clips that are shown; nothing while they are looked at."""
        self._playing: Path | None = None
        outer: QVBoxLayout = column(8, parent=self)
        self.empty = label(NOTHING_YET, "drop")
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        outer.addWidget(self.empty)
        self._list: QVBoxLayout = column(8)
        outer.addLayout(self._list)
        outer.addStretch(1)

    def show_clips(
        self, clips: Sequence[Clip], bits: Mapping[int, float] | None = None, installed: Collection[int] = ()
    ) -> None:
        """All that there are. bits: on the validation recordings, by step, as far as they are known; installed: steps
        of which there is a style."""
        by_step: dict[int, list[Clip]] = {}
        for clip in clips:
            by_step.setdefault(clip.step, []).append(clip)
        for step in self._moments.keys() - by_step.keys():
            moment = self._moments.pop(step)
            self._list.removeWidget(moment)
            moment.hide()
            moment.deleteLater()
        for place, step in enumerate(sorted(by_step, reverse=True)):
            if step not in self._moments:
                self._moments[step] = self._new(step)
                self._list.insertWidget(place, self._moments[step])
            self._moments[step].show_clips(by_step[step], (bits or {}).get(step), step in installed)
        self.empty.setVisible(not by_step)
        self._look({clip.path for clip in clips if clip.path})
        self.show_playing(self._playing)

    def show_playing(self, path: Path | None) -> None:
        """The clip that is heard now."""
        self._playing = path
        for cell in self.cells:
            cell.show_playing(path is not None and cell.clip.path == path)

    @property
    def moments(self) -> list[Moment]:
        return [self._moments[step] for step in sorted(self._moments, reverse=True)]

    @property
    def cells(self) -> list[Cell]:
        """Of all clips, in their order."""
        return [cell for moment in self.moments for cell in moment.cells.values()]

    def _new(self, step: int) -> Moment:
        made = Moment(step)
        made.play.connect(self._toggle)
        made.rated.connect(partial(self.rated.emit, step))
        made.install.clicked.connect(lambda: self.install.emit(step))
        return made

    def _toggle(self, path: Path) -> None:
        if path == self._playing:
            self.stop.emit()
        else:
            self.play.emit(path)

    def _look(self, paths: set[Path]) -> None:
        """Make the thumbnails that are missing."""
        self._peaks = {path: peaks for path, peaks in self._peaks.items() if path in paths}
        missing = sorted(paths - self._peaks.keys())
        if missing:
            self._peaks |= dict.fromkeys(missing, NOTHING)
            self._jobs.run(
                "", lambda job: [(path, file_peaks(path, COLUMNS, FRAMES)[0]) for path in missing], self._seen
            )
        self._show_peaks()

    def _seen(self, found: list[tuple[Path, Peaks]]) -> None:
        self._peaks |= {path: peaks for path, peaks in found if path in self._peaks}
        self._show_peaks()

    def _show_peaks(self) -> None:
        for cell in self.cells:
            cell.wave.show_peaks(self._peaks.get(cell.clip.path, NOTHING) if cell.clip.path else NOTHING)


class Moment(Panel):
    """A kept checkpoint and its clips."""

    play = Signal(object)
    rated = Signal(float, int)

    def __init__(self, step: int, parent: QWidget | None = None) -> None:
        super().__init__(f"Step {step:,}", parent)
        self._step = step
        self.cells: dict[float, Cell] = {}
        """By temperature."""
        self.bits = label("", "title")
        self.install = Button(None, "Install as style", "small")
        self.head.insertWidget(1, self.bits)
        self.head.addWidget(self.install)
        self._line = row(10)
        self.body.addLayout(self._line)

    def show_clips(self, clips: Sequence[Clip], bits: float | None, installed: bool) -> None:
        self.bits.setText("" if bits is None else f"{bits:.3f} bits")
        self.install.say("Installed" if installed else "Install as style")
        self.install.setToolTip(INSTALLED if installed else INSTALL)
        self.install.setAccessibleName(f"{self.install.text()}: step {self._step:,}")
        for temperature in self.cells.keys() - {clip.temperature for clip in clips}:
            gone = self.cells.pop(temperature)
            gone.hide()
            gone.deleteLater()
        for clip in clips:
            if clip.temperature not in self.cells:
                self.cells[clip.temperature] = self._new(clip)
            self.cells[clip.temperature].show_clip(clip)

    def _new(self, clip: Clip) -> Cell:
        made = Cell(clip)
        made.play.connect(self.play)
        made.stars.rated.connect(partial(self.rated.emit, clip.temperature))
        self._line.addWidget(made, 1)
        return made


class Cell(QWidget):
    """One clip."""

    play = Signal(object)

    def __init__(self, clip: Clip, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.clip = clip
        self._name = f"step {clip.step:,} at temperature {clip.temperature:g}"
        self.button = Button(None, "", "plain")
        self.wave = Thumbnail()
        self.stars = Stars(f"Rating of {self._name}")
        temperature: QLabel = label(f"temp. {clip.temperature:.2f}", "muted")
        temperature.setToolTip("Temperature: lower is safer, higher is wilder")
        self.button.clicked.connect(lambda: self.play.emit(self.clip.path))
        outer, line = column(4, parent=self), row(4)
        line.addWidget(self.button)
        line.addWidget(temperature)
        line.addStretch(1)
        outer.addLayout(line)
        outer.addWidget(self.wave)
        outer.addWidget(self.stars)
        self.show_playing(False)

    def show_clip(self, clip: Clip) -> None:
        self.clip = clip
        made = clip.path is not None
        self.button.setEnabled(made)
        self.stars.setEnabled(made)
        self.wave.say("" if made else "being made…")
        self.stars.set_value(clip.rating)

    def show_playing(self, playing: bool) -> None:
        self.button.show_icon("ph.stop-fill" if playing else "ph.play-fill", "accent" if playing else "text")
        self.button.setAccessibleName(f"{'Stop' if playing else 'Play'} {self._name}")
        self.button.setToolTip("Stop" if playing else "Play this clip; the music waits")
