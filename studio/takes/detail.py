"""The take that is selected: what it is, its waveform, and what can be done with it."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QWidget

from studio.actions import Actions
from studio.jobs import Cancelled, Job, Jobs
from studio.peaks import Peaks
from studio.takes import words
from studio.takes.files import Take
from studio.takes.hearing import Hearing
from studio.takes.pictures import file_peaks
from studio.takes.thumbnails import Thumbnails
from studio.takes.wave import TakeWave
from studio.widgets.button import Button
from studio.widgets.elided import Elided
from studio.widgets.panel import column, row, set_role
from studio.words import channels, in_kilohertz

HEIGHT = 152
FACTS_WIDTH = 232
COLUMNS = 4096
FRAMES = 4096
"""At most looked at for one column."""
SETTLE = 150
"""Milliseconds that a take is selected before all of it is looked at."""
BUTTONS = (
    ("take-play", "Hear", "ph.play-fill"),
    ("take-prime", "Prime with it", "ph.arrow-bend-down-right"),
    ("take-longer", "Longer", "ph.arrows-out-line-horizontal"),
    ("take-export", "Export", "ph.export"),
    ("take-rename", "Rename", "ph.pencil-simple"),
    ("take-reveal", "Folder", "ph.folder-open"),
    ("take-delete", "Delete", "ph.trash"),
)


class Detail(QFrame):
    """GUI thread. Of several takes it tells what they are together."""

    hear = Signal(float)
    """Seconds from which the take is to be heard."""

    def __init__(
        self, jobs: Jobs, actions: Actions, thumbnails: Thumbnails, hearing: Hearing, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._jobs, self._thumbnails, self._hearing = jobs, thumbnails, hearing
        self._take: Take | None = None
        self._job: Job | None = None
        self._whole = False
        """Whether the waveform is more than the thumbnail's."""
        self.setProperty("role", "panel")
        self.setAccessibleName("Selected take")
        self.setFixedHeight(HEIGHT)
        self.name = Elided("name")
        self.facts = Elided("muted"), Elided("muted"), Elided("muted")
        self.wave = TakeWave()
        self.buttons = {name: Button(actions[name], text) for name, text, _ in BUTTONS}
        self._build()
        self._soon = QTimer(self, singleShot=True, interval=SETTLE)
        self._soon.timeout.connect(self._look)
        self.wave.wanted.connect(lambda: self.hear.emit(self.wave.start))
        thumbnails.made.connect(self._sketch)
        hearing.changed.connect(self._follow)
        hearing.moved.connect(self._follow)

    def show_takes(self, takes: list[Take]) -> None:
        """Those that are selected."""
        if len(takes) == 1:
            self._show_one(takes[0])
        else:
            self._forget()
            known = sum(take.seconds or 0.0 for take in takes)
            facts = words.length(known), words.size(sum(take.size for take in takes)), ""
            self._tell(words.takes(len(takes)) if takes else "No take is selected", facts if takes else ("", "", ""))

    def _build(self) -> None:
        facts = column(4)
        for part in (self.name, *self.facts):
            facts.addWidget(part)
        facts.addStretch(1)
        holder = QWidget()
        holder.setFixedWidth(FACTS_WIDTH)
        holder.setLayout(facts)
        buttons = row(6)
        for name, _, sign in BUTTONS:
            self.buttons[name].show_icon(sign)
            buttons.addWidget(self.buttons[name])
        buttons.insertStretch(len(BUTTONS) - 1, 1)
        right = column(8)
        right.addWidget(self.wave, 1)
        right.addLayout(buttons)
        outer = row(14, (14, 10, 10, 10), self)
        outer.addWidget(holder)
        outer.addLayout(right, 1)

    def _show_one(self, take: Take) -> None:
        before, self._take = self._take, take
        header = take.header
        first = [words.length(take.seconds), take.style or ("Unknown style" if header else "")]
        second = [in_kilohertz(header.rate), channels(header.channels), header.coding] if header and header.rate else []
        third = [words.date(take.changed), words.size(take.size)]
        facts = (first, second, third)
        self._tell(take.name, ("  ·  ".join(filter(None, fact)) for fact in facts))
        if take.trouble:
            self.facts[0].setText(f"{take.trouble}.")
        set_role(self.facts[0], "bad" if take.trouble else "muted")
        same = before and (before.file, before.size, before.changed) == (take.file, take.size, take.changed)
        if same and before and before.header == header:
            return
        if not same:
            self._drop()
        self.wave.remark = "Nothing can be heard of it" if take.trouble else ""
        self._sketch()
        self._soon.start()

    def _tell(self, name: str, facts: Iterable[str]) -> None:
        self.name.setText(name)
        for part, text in zip(self.facts, facts, strict=True):
            part.setText(text)

    def _forget(self) -> None:
        self._take = None
        set_role(self.facts[0], "muted")
        self._drop()

    def _drop(self) -> None:
        """Of the waveform."""
        self._soon.stop()
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self._whole = False
        self.wave.remark = ""
        self.wave.clear()
        self.wave.put(0.0)

    def _sketch(self) -> None:
        """What is known so far: the thumbnail."""
        take = self._take
        if take is not None and take.seconds and not self._whole and (peaks := self._thumbnails.peaks(take)):
            self.wave.show_peaks(peaks, take.seconds / len(peaks), take.seconds)
            self._follow()

    def _look(self) -> None:
        take = self._take
        if take is None or not take.seconds or self._whole or self._job is not None or not self.isVisible():
            return

        def work(job: Job) -> tuple[Take, Peaks, float]:
            def go_on() -> None:
                if job.cancelled:
                    raise Cancelled

            return take, *file_peaks(take.path, COLUMNS, FRAMES, go_on)

        self._job = self._jobs.run("", work, self._show_peaks)

    def _show_peaks(self, found: tuple[Take, Peaks, float]) -> None:
        take, peaks, share = found
        self._job = None
        if self._take is None or self._take.file != take.file or not take.seconds:
            return
        self._whole = True
        if share < 1:
            self.wave.remark = f"Damaged: only {words.length(take.seconds * share)} of it can be read"
        if len(peaks):
            self.wave.show_peaks(peaks, take.seconds / len(peaks), take.seconds)
        self._follow()

    def _follow(self) -> None:
        """Where it is heard."""
        heard = self._take is not None and self._take.file == self._hearing.file
        self.wave.set_cursor(self._hearing.position if heard else None)
        button = self.buttons["take-play"]
        button.say("Stop" if heard else "Hear")
        button.show_icon("ph.stop-fill" if heard else "ph.play-fill")
