"""The recordings of a training that is being thought out: chosen or dropped, read, and told of."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QProgressBar, QScrollArea, QWidget

from models.audio import AUDIO_SUFFIXES
from studio.desk import Desk
from studio.train.report import DataReport
from studio.training.draft import Draft
from studio.widgets.button import Button
from studio.widgets.drops import Drops, is_no_style
from studio.widgets.elided import Elided
from studio.widgets.panel import Panel, label, row

NONE_YET = "Drop a folder of recordings here, or files. Half an hour of one instrument in one room is a good beginning."


class RecordingsPanel(Panel):
    def __init__(self, desk: Desk, draft: Draft, parent: QWidget | None = None) -> None:
        super().__init__("Recordings", parent)
        self._desk, self._draft = desk, draft
        self.drop, self.sources = label(NONE_YET, "drop"), Elided("muted")
        self.trouble, self.reading = label("", "bad"), Elided("muted")
        self.bar = QProgressBar(textVisible=False, maximum=1000)
        self.cancel = Button(desk.actions["train-cancel"], "Cancel", "small")
        self.report = DataReport()
        self._scroll = QScrollArea()
        self._build()
        self._connect()
        self._look()

    def _build(self) -> None:
        actions = self._desk.actions
        for name, text in (("train-files", "Files…"), ("train-folder", "Folder…")):
            self.head.addWidget(Button(actions[name], text, "small"))
        for part in (self.drop, self.trouble):
            part.setWordWrap(True)
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(self.report)
        progress = row(8)
        progress.addWidget(self.bar, 1)
        progress.addWidget(self.cancel)
        self.body.addWidget(self.drop)
        self.body.addWidget(self.sources)
        self.body.addWidget(self.trouble)
        self.body.addWidget(self.reading)
        self.body.addLayout(progress)
        self.body.addWidget(self._scroll, 1)
        self.body.addStretch(0)

    def _connect(self) -> None:
        actions = self._desk.actions
        actions["train-files"].triggered.connect(self._choose_files)
        actions["train-folder"].triggered.connect(self._choose_folder)
        actions["train-cancel"].triggered.connect(self._draft.cancel)
        Drops(self, is_no_style).dropped.connect(self._draft.add)
        self._draft.changed.connect(self._look)
        self._draft.progressed.connect(self._progress)

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
        self.drop.setVisible(not draft.sources)
        self.sources.setVisible(bool(draft.sources))
        self.sources.setText(", ".join(map(str, draft.sources)))
        self.trouble.setText(draft.trouble)
        self.trouble.setVisible(bool(draft.trouble))
        for part in (self.bar, self.reading):
            part.setVisible(draft.busy)
        self.cancel.setVisible(bool(draft.sources))
        self.cancel.say("Cancel" if draft.busy else "Forget them")
        self._scroll.setVisible(draft.manifest is not None)
        if draft.manifest is not None:
            self.report.show_manifest(draft.manifest)

    def _progress(self, fraction: float | None, file: str) -> None:
        self.bar.setMaximum(0 if fraction is None else 1000)
        self.bar.setValue(round(1000 * (fraction or 0)))
        self.reading.setText(f"Reading {Path(file).name}" if file else "Reading…")
