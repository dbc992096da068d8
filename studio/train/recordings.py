"""The recordings of a training that is being thought out: chosen or dropped, read, and told of."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QStackedWidget, QWidget

from models.audio import AUDIO_SUFFIXES
from studio.desk import Desk
from studio.train.beginning import Beginning
from studio.train.report import DataReport
from studio.training.draft import Draft
from studio.widgets.button import Button
from studio.widgets.drops import Drops, is_recording
from studio.widgets.elided import Elided
from studio.widgets.panel import Panel, row


class RecordingsPanel(Panel):
    """GUI thread."""

    def __init__(self, desk: Desk, draft: Draft, parent: QWidget | None = None) -> None:
        super().__init__("Recordings", parent)
        self._desk, self._draft = desk, draft
        self.sources = Elided("muted")
        self.cancel = Button(desk.actions["train-cancel"], "Forget them", "small")
        self.beginning, self.report = Beginning(), DataReport()
        self._stack, self._chosen = QStackedWidget(), QWidget()
        self._build()
        self._connect()
        self._look()

    def _build(self) -> None:
        for name, text in (("train-files", "Files…"), ("train-folder", "Folder…")):
            self.head.addWidget(Button(self._desk.actions[name], text, "small"))
        line = row(8, parent=self._chosen)
        line.addWidget(self.sources, 1)
        line.addWidget(self.cancel)
        for part in (self.beginning, self.report):
            self._stack.addWidget(part)
        self.body.addWidget(self._chosen)
        self.body.addWidget(self._stack, 1)

    def _connect(self) -> None:
        actions = self._desk.actions
        actions["train-files"].triggered.connect(self._choose_files)
        actions["train-folder"].triggered.connect(self._choose_folder)
        actions["train-cancel"].triggered.connect(self._draft.cancel)
        Drops(self, is_recording).dropped.connect(self._draft.add)
        self._draft.changed.connect(self._look)
        self._draft.progressed.connect(self.report.show_progress)

    def _choose_files(self) -> None:
        kinds = " ".join(f"*{suffix}" for suffix in sorted(AUDIO_SUFFIXES))
        chosen, _ = QFileDialog.getOpenFileNames(self, "Recordings to learn", "", f"Sound files ({kinds})")
        if chosen:
            self._draft.add(list(map(Path, chosen)))

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "A folder of recordings to learn")
        if chosen:
            self._draft.add([Path(chosen)])

    def _look(self) -> None:
        draft = self._draft
        self._desk.actions["train-cancel"].setEnabled(bool(draft.sources))
        self._chosen.setVisible(bool(draft.sources))
        self.sources.setText(", ".join(map(str, draft.sources)))
        self.cancel.say("Cancel" if draft.busy else "Forget them")
        self._stack.setCurrentWidget(self.report if draft.sources else self.beginning)
        if draft.trouble:
            self.report.show_trouble(draft.trouble)
        elif draft.manifest is not None:
            self.report.show_manifest(draft.manifest)
