"""Takes exported: what is asked, and the work."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QLineEdit,
    QPushButton,
    QWidget,
)

from models.errors import InputError
from studio.jobs import Job
from studio.takes import words
from studio.takes.changes import free, refused
from studio.takes.convert import FORMATS, Format, convert
from studio.takes.files import Take
from studio.widgets.answers import answers
from studio.widgets.panel import column, label, row, set_role


@dataclass(frozen=True)
class Export:
    """What is wanted."""

    takes: list[Take]
    folder: Path
    form: Format
    name: str = ""
    """Of a single one."""

    @property
    def titles(self) -> list[str]:
        return [self.name] if self.name else [take.name for take in self.takes]

    def run(self, job: Job) -> tuple[list[Path], list[str]]:
        """The files that were made, and what could not be; one that is there is never written over. Blocks."""
        made, troubles = [], []
        for i, (take, title) in enumerate(zip(self.takes, self.titles, strict=True)):
            target = free(self.folder / f"{title}{self.form.suffix}")

            def report(done: float, before: int = i) -> None:
                job.report((before + done) / len(self.takes))

            try:
                convert(take.path, target, self.form, report)
                made.append(target)
            except InputError as error:
                troubles.append(str(error))
        return made, troubles


class ExportDialog(QDialog):
    accepted_with = Signal(object)
    """Export"""

    def __init__(self, takes: list[Take], last: Export | None, parent: QWidget) -> None:
        """last: what was done before, whose folder and format are proposed again."""
        super().__init__(parent)
        self._takes = takes
        one = len(takes) == 1
        self.setWindowTitle("Export a take" if one else f"Export {words.takes(len(takes))}")
        self.setMinimumWidth(520)
        outer = column(14, (18, 16, 18, 16), self)
        fields = QFormLayout()
        fields.setSpacing(10)
        self.name = QLineEdit(takes[0].name if one else "")
        self.form = QComboBox()
        self.form.addItems([form.title for form in FORMATS])
        self.folder = QLineEdit(str(last.folder if last else _music()))
        browse = QPushButton("Choose…")
        browse.clicked.connect(self._browse)
        where = row(6)
        where.addWidget(self.folder, 1)
        where.addWidget(browse)
        if one:
            fields.addRow("&Name", self.name)
        fields.addRow("&Format", self.form)
        title = label("F&older")
        title.setBuddy(self.folder)
        fields.addRow(title, where)
        self.said = label("", "muted")
        self.said.setWordWrap(True)
        buttons, self.go = answers(self, "Export", lambda: self.accepted_with.emit(self.wanted))
        outer.addLayout(fields)
        outer.addWidget(self.said)
        outer.addLayout(buttons)
        for field in (self.name, self.folder):
            field.textChanged.connect(self._look)
        self.form.currentIndexChanged.connect(self._look)
        if last:
            self.form.setCurrentIndex(FORMATS.index(last.form))
        self._look()

    @property
    def wanted(self) -> Export:
        name = self.name.text().strip() if len(self._takes) == 1 else ""
        return Export(self._takes, Path(self.folder.text()).expanduser(), FORMATS[self.form.currentIndex()], name)

    def _trouble(self, wanted: Export) -> str:
        if len(self._takes) == 1 and (reason := refused(self.name.text(), wanted.form.suffix)):
            return reason
        if not self.folder.text().strip() or not wanted.folder.is_dir():
            return "There is no such folder."
        return ""

    def _look(self) -> None:
        wanted = self.wanted
        trouble = self._trouble(wanted)
        self.go.setEnabled(not trouble)
        set_role(self.said, "bad" if trouble else "muted")
        if trouble:
            self.said.setText(trouble)
        elif len(self._takes) == 1:
            self.said.setText(f"Will be {free(wanted.folder / f'{wanted.name}{wanted.form.suffix}')}")
        else:
            self.said.setText(f"Will be {len(self._takes):,} files in {wanted.folder}; none that is there is replaced.")

    def _browse(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Export to", self.folder.text())
        if folder:
            self.folder.setText(folder)


def _music() -> Path:
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MusicLocation)
    return Path(place) if Path(place).is_dir() else Path.home()
