"""What a training has learned so far, to be heard, rated and installed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QWidget

from studio.desk import Desk
from studio.takes.hearing import Hearing
from studio.train.clips import Clip, Clips
from studio.training.auditions import STYLE, TEMPERATURES, Auditions, clip_name, place, rate, read_ratings
from studio.training.run import Kept, Run
from studio.widgets.button import Button
from studio.widgets.panel import Panel, label

NONE_YET = "The first clips come once a moment of the training was kept."


class AuditionsPanel(Panel):
    def __init__(self, desk: Desk, auditions: Auditions, parent: QWidget | None = None) -> None:
        super().__init__("What it has learned", parent)
        self._desk, self._auditions = desk, auditions
        self.run: Run | None = None
        self.hearing = Hearing(desk, self)
        self.clips, self.told = Clips(), label(NONE_YET, "muted")
        self.told.setWordWrap(True)
        self._ratings: dict[str, dict[str, int]] = {}
        self._rated: Path | None = None
        """The run whose ratings these are."""
        for name, text, sign in (("train-hear", "Hear", "ph.ear"), ("train-install", "Install…", "ph.download-simple")):
            button = Button(desk.actions[name], text, "small")
            button.show_icon(sign)
            self.head.addWidget(button)
        self.body.addWidget(self.told)
        self.body.addWidget(self.clips, 1)
        auditions.changed.connect(self._follow)
        self.clips.hear.connect(lambda clip: self.toggle())
        self.clips.rated.connect(self._rate)
        self.clips.chosen.connect(self.refresh)
        desk.actions["train-hear"].triggered.connect(self.toggle)

    @property
    def kept(self) -> Kept | None:
        """The moment that is selected."""
        clip = self.clips.clip
        return next((kept for kept in self.run.kept if clip and kept.step == clip.step), None) if self.run else None

    @property
    def style_file(self) -> Path | None:
        """Of that moment, once it is made."""
        kept = self.kept
        path = place(self.run.folder, kept.step) / STYLE if self.run and kept else None
        return path if path is not None and path.exists() else None

    def show_run(self, run: Run) -> None:
        self.run = run
        if self._rated != run.folder:
            self._ratings, self._rated = read_ratings(run.folder), run.folder
        clips = []
        for kept in run.kept:
            folder = place(run.folder, kept.step)
            stars = self._ratings.get(str(kept.step), {})
            for temperature in TEMPERATURES:
                path = folder / clip_name(temperature)
                clips.append(
                    Clip(kept.step, temperature, path if path.exists() else None, stars.get(clip_name(temperature), 0))
                )
        self.clips.show_clips(clips)
        self.told.setVisible(not clips)
        self.refresh()

    def refresh(self) -> None:
        """What can be done with what is selected."""
        clip = self.clips.clip
        self._desk.actions["train-hear"].setEnabled(clip is not None and clip.path is not None)
        self._desk.actions["train-install"].setEnabled(self.style_file is not None)

    def toggle(self) -> None:
        clip = self.clips.clip
        if clip is None or clip.path is None:
            return
        if self.hearing.file == str(clip.path):
            self.hearing.end()
        else:
            self.hearing.hear(clip.path)

    def _follow(self, folder: Path) -> None:
        if self.run is not None and self.run.folder == folder:
            self.show_run(self.run)

    def _rate(self, clip: Clip, stars: int) -> None:
        if self.run is not None:
            self._ratings = rate(self.run.folder, clip.step, clip_name(clip.temperature), stars)
            self.show_run(self.run)
