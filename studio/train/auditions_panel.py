"""What a training has learned so far, to be heard, rated and installed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from models.style import Style
from studio.desk import Desk
from studio.takes.hearing import Hearing
from studio.train.clips import Clip, Clips
from studio.training.auditions import (
    STYLE,
    TEMPERATURES,
    Auditions,
    clip_name,
    find_installed,
    place,
    rate,
    read_ratings,
)
from studio.training.run import Run
from studio.widgets.button import Button
from studio.widgets.panel import Panel, label
from studio.widgets.said import say_if_any

USUAL = TEMPERATURES[1]
"""What is heard where a person has rated nothing yet."""
WIDTH = 372
"""Pixels, at least: the clips of a moment side by side."""


class AuditionsPanel(Panel):
    """GUI thread. The actions are of the moment that has the focus, or else of the latest that is made."""

    install = Signal(int, float)
    """Step, and the temperature that is best there."""
    troubled = Signal(str)

    def __init__(self, desk: Desk, auditions: Auditions, parent: QWidget | None = None) -> None:
        super().__init__("What it has learned", parent)
        self._desk, self._auditions = desk, auditions
        self.run: Run | None = None
        self.hearing = Hearing(desk, self)
        self.clips, self.told = Clips(desk.jobs), label("", "muted")
        self._ratings: dict[str, dict[str, int]] = {}
        self._rated: Path | None = None
        """The run whose ratings these are."""
        self._made: set[Path] = set()
        """Styles of the moments that are shown."""
        self._installed: dict[Path, Style] = {}
        """Those of them that are among the styles, with what they have become."""
        self.buttons = [Button(desk.actions["train-hear"], "Hear", "small")]
        self.buttons.append(Button(desk.actions["train-install"], "Install…", "small"))
        for button, sign in zip(self.buttons, ("ph.ear", "ph.download-simple"), strict=True):
            button.show_icon(sign)
            self.head.addWidget(button)
        self.setMinimumWidth(WIDTH)
        self.told.setWordWrap(True)
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.clips)
        self.body.addWidget(self.told)
        self.body.addWidget(scroll, 1)
        self._connect()

    def _connect(self) -> None:
        self._auditions.changed.connect(self._follow)
        self.hearing.changed.connect(self._show_heard)
        self.clips.play.connect(self.hearing.hear)
        self.clips.stop.connect(self.hearing.end)
        self.clips.rated.connect(self._rate)
        self.clips.install.connect(self._ask)
        self._desk.wishes.styles.connect(self._look)
        self._desk.actions["train-hear"].triggered.connect(self.toggle)
        self._desk.actions["train-install"].triggered.connect(self._ask_current)

    def style_of(self, step: int) -> Path | None:
        """The style file of a moment, once it is made."""
        path = place(self.run.folder, step) / STYLE if self.run else None
        return path if path is not None and path.exists() else None

    def installed(self, step: int) -> Style | None:
        """What a moment has become among the styles, if it is there."""
        path = self.style_of(step)
        return self._installed.get(path) if path else None

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look()  # it may have been removed from the styles

    def show_run(self, run: Run) -> None:
        """Also again and again, as it goes on."""
        self.run = run
        if self._rated != run.folder:
            self._ratings, self._rated = read_ratings(run.folder), run.folder
        bits = {line["step"]: line["bits_valid"] for line in run.lines if line.get("bits_valid") is not None}
        made = {path for kept in run.kept if (path := self.style_of(kept.step))}
        if made != self._made:
            self._made = made
            self._look()
        installed = [kept.step for kept in run.kept if self.installed(kept.step)]
        self.clips.show_clips([clip for kept in run.kept for clip in self._clips_of(kept.step)], bits, installed)
        for moment in self.clips.moments:
            moment.install.setEnabled(self.style_of(moment.cells[USUAL].clip.step) is not None)
        refused = next((why for path, why in self._auditions.refused.items() if run.folder in path.parents), "")
        say_if_any(self.told, f"Some could not be made: {refused}" if refused else "")
        self.refresh()

    def _look(self) -> None:
        """See which moments are among the styles."""
        made = frozenset(self._made)
        self._desk.jobs.run("", lambda job: find_installed(made), self._show_installed)

    def _show_installed(self, found: dict[Path, Style]) -> None:
        self._installed = found
        if self.run is not None:
            self.show_run(self.run)

    def refresh(self) -> None:
        """What can be done."""
        heard = bool(self.hearing.file)
        self._desk.actions["train-hear"].setEnabled(heard or self._current(clip=True) is not None)
        self._desk.actions["train-install"].setEnabled(self._current() is not None)

    def toggle(self) -> None:
        """Hear the best clip of the current moment, or no more."""
        step = self._current(clip=True)
        if self.hearing.file:
            self.hearing.end()
        elif step is not None and (clip := self._best(step)) and clip.path is not None:
            self.hearing.hear(clip.path)

    def _clips_of(self, step: int) -> list[Clip]:
        if self.run is None:
            return []
        folder, stars = place(self.run.folder, step), self._ratings.get(str(step), {})
        made = [(temperature, folder / clip_name(temperature)) for temperature in TEMPERATURES]
        return [Clip(step, each, path if path.exists() else None, stars.get(path.name, 0)) for each, path in made]

    def _best(self, step: int) -> Clip | None:
        """Of its clips the one with the most stars, else the usual one."""
        clips = [clip for clip in self._clips_of(step) if clip.path is not None]
        return max(clips, key=lambda clip: (clip.rating, clip.temperature == USUAL), default=None)

    def _current(self, clip: bool = False) -> int | None:
        """The step that the actions are of. clip: it is to be heard, not installed."""
        steps = [kept.step for kept in self.run.kept] if self.run else []
        ready = [step for step in steps if (self._best(step) if clip else self.style_of(step)) is not None]
        focused = next(
            (moment for moment in self.clips.moments if moment.isAncestorOf(self.focusWidget() or self)), None
        )
        if focused is not None and (step := focused.cells[USUAL].clip.step) in ready:
            return step
        return ready[0] if ready else None

    def _ask_current(self) -> None:
        if (step := self._current()) is not None:
            self._ask(step)

    def _ask(self, step: int) -> None:
        best = self._best(step)
        self.install.emit(step, best.temperature if best else USUAL)

    def _follow(self, folder: Path) -> None:
        if self.run is not None and self.run.folder == folder:
            self.show_run(self.run)

    def _show_heard(self) -> None:
        self.clips.show_playing(Path(self.hearing.file) if self.hearing.file else None)
        self.buttons[0].say("Stop" if self.hearing.file else "Hear")
        self.refresh()

    def _rate(self, step: int, temperature: float, stars: int) -> None:
        if self.run is not None:
            try:
                self._ratings = rate(self.run.folder, step, clip_name(temperature), stars)
            except OSError as error:
                self.troubled.emit(f"The rating cannot be kept: {error.strerror or error}")
            self.show_run(self.run)
