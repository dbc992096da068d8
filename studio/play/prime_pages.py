"""What the prime panel shows: how to begin, a recording, or that it listens."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QProgressBar, QStackedWidget, QWidget

from engine.controls import MOST_PRIME_SECONDS
from studio.actions import Actions
from studio.play.recording import Recording
from studio.widgets.button import Button
from studio.widgets.elided import Elided
from studio.widgets.panel import column, label, row, set_role
from studio.widgets.region import Region, RegionView
from studio.words import channels, clock, in_kilohertz

USUAL_SECONDS = 10.0
"""Of a region at first: more is hardly remembered by a network, less says little."""
HOW = (
    "Drop a recording here, and the music goes on from it: a riff, a voice, one of your takes. Or let it listen to you."
)


class Beginning(QWidget):
    """How to begin, or why a file cannot be used."""

    back = Signal()

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        inner = column(6, parent=self)
        self.text = label("", "drop")
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inner.addWidget(self.text, 1)
        buttons = row(6)
        choose = Button(actions["open-prime"], "Open…", "small")
        choose.show_icon("ph.folder-open")
        self._listen = Button(actions["listen"], "Listen", "small")
        self._listen.show_icon("ph.microphone-fill")
        self._back = Button(None, "Back", "small")
        self._back.clicked.connect(self.back)
        for button in (choose, self._listen, self._back):
            buttons.addWidget(button)
        buttons.addStretch(1)
        inner.addLayout(buttons)
        self.explain("", False)

    def explain(self, trouble: str, may_go_back: bool) -> None:
        """trouble: none to say how to begin; may_go_back: whether there is a recording from before."""
        self.text.setText(trouble or HOW)
        set_role(self.text, "bad" if trouble else "drop")
        self._listen.setVisible(not may_go_back)
        self._back.setVisible(may_go_back)


class Opened(QWidget):
    """A recording, while it is read and after that."""

    cancelled = Signal()

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        inner = column(3, parent=self)
        self.name, self.facts, self.numbers = Elided("name"), Elided("muted"), Elided("muted")
        self.view = RegionView(MOST_PRIME_SECONDS)
        self.view.region_changed.connect(self._show_region)
        self.hear = Button(actions["prime-audition"])
        go = Button(actions["prime-go"], "Continue from this", "primary")
        ready, reading = QWidget(), QWidget()
        line = row(6, parent=ready)
        line.addWidget(self.hear)
        line.addWidget(go, 1)
        line = row(8, parent=reading)
        self.progress = QProgressBar(textVisible=False)
        self.progress.setAccessibleName("Reading the recording")
        cancel = Button(None, "Cancel")
        cancel.clicked.connect(self.cancelled)
        line.addWidget(self.progress, 1)
        line.addWidget(cancel)
        self._below = QStackedWidget()
        self._below.addWidget(ready)
        self._below.addWidget(reading)
        for part, stretch in ((self.name, 0), (self.facts, 0), (self.view, 1), (self.numbers, 0), (self._below, 0)):
            inner.addWidget(part, stretch)

    def begin(self, name: str) -> None:
        """Say that it is being read."""
        self.name.setText(name)
        self.facts.setText("Reading…")
        self.numbers.setText("")
        self.view.clear()
        self.view.set_region(0.0, 0.0)
        self.progress.setRange(0, 0)
        self._below.setCurrentIndex(1)

    def show_so_far(self, so_far: Recording, fraction: float) -> None:
        """fraction: that is read; 0 where it is not known."""
        self.progress.setRange(0, 1000 if fraction else 0)
        self.progress.setValue(round(fraction * 1000))
        self._show(so_far)

    def show_whole(self, recording: Recording, region: Region | None) -> None:
        """region: none for what was chosen while it was read, or for its last seconds."""
        self._show(recording)
        self._below.setCurrentIndex(0)
        start, end = region or self.view.region
        self.view.set_region(*((start, min(end, recording.seconds)) if end else recording.ending(USUAL_SECONDS)))
        self._show_region(self.view.region)

    def _show(self, recording: Recording) -> None:
        self.name.setText(recording.path.name)
        seconds = recording.seconds
        facts = clock(seconds, seconds < 60), in_kilohertz(recording.rate), channels(recording.channels)
        self.facts.setText(" · ".join(facts))
        self.view.show_peaks(recording.peaks, recording.pace, seconds)

    def _show_region(self, region: Region) -> None:
        start, end = region
        self.numbers.setText(f"{clock(start, True)} – {clock(end, True)}, {end - start:.1f} s")


class Listening(QWidget):
    """How long it still listens."""

    def __init__(self) -> None:
        super().__init__()
        inner = column(4, parent=self)
        self.left, self.text = label("", "heading"), label("", "muted")
        inner.addStretch(1)
        for part in (self.left, self.text):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
            part.setWordWrap(True)
            inner.addWidget(part)
        inner.addStretch(1)

    def show_left(self, seconds: float | None) -> None:
        """seconds: none before it has begun."""
        listens = seconds is not None and seconds > 0
        self.left.setText(f"{seconds:.0f} s" if listens and seconds else "…")
        self.text.setText("Listening: play something" if listens or seconds is None else "Taking it in")
