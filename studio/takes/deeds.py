"""What is done with takes: each deed is an action of the table (studio/actions.py)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from models.errors import InputError
from studio.desk import Desk
from studio.jobs import Job
from studio.takes import words
from studio.takes.changes import Deleted, delete, refused, rename, restore
from studio.takes.export import Export, ExportDialog
from studio.takes.files import Take, take_at
from studio.takes.hearing import Hearing
from studio.takes.library import Library
from studio.takes.lines import Line, Lines
from studio.takes.list import TakesList
from studio.takes.longer import Longer, LongerDialog
from studio.takes.model import TakesModel, files
from studio.takes.reveal import reveal


class Deeds(QObject):
    """GUI thread; what touches the disk is done on another. What went wrong is said in a line."""

    def __init__(
        self, desk: Desk, library: Library, model: TakesModel, takes: TakesList, hearing: Hearing, lines: Lines,
        parent: QWidget,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._desk, self._library, self._model = desk, library, model
        self._list, self._hearing, self._lines = takes, hearing, lines
        self._window = parent
        self._undos: list[Callable[[], None]] = []
        self._exporting: Job | None = None
        self._last_export: Export | None = None
        self._longer: Longer | None = None
        for name, deed in (
            ("take-prime", self._prime), ("take-longer", self._ask_longer), ("take-rename", takes.rename),
            ("take-export", self._ask_export), ("take-copy", self._copy), ("take-reveal", self._reveal),
            ("take-delete", self._delete), ("take-undo", self.undo),
        ):  # fmt: skip
            desk.actions[name].triggered.connect(deed)
        model.renamed.connect(self._rename)
        takes.chosen.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """What can be done with what is selected."""
        takes = self._list.selected()
        sound = [take for take in takes if not take.trouble]
        one = len(takes) == 1
        for name, possible in (
            ("take-play", one and bool(sound)),
            ("take-prime", one and bool(sound)),
            ("take-longer", one and bool(sound) and bool(takes[0].style) and self._longer is None),
            ("take-rename", one),
            ("take-export", bool(sound) and self._exporting is None),
            ("take-copy", bool(takes)),
            ("take-delete", bool(takes)),
            ("take-undo", bool(self._undos)),
        ):
            self._desk.actions[name].setEnabled(possible)

    def undo(self) -> None:
        if self._undos:
            self._undos.pop()()
            self.refresh()

    def _prime(self) -> None:
        self._desk.wishes.prime.emit(self._list.selected()[0].path)
        self._desk.wishes.page.emit("play")

    def _copy(self) -> None:
        takes = self._list.selected()
        QApplication.clipboard().setMimeData(files([take.path for take in takes]))
        what = takes[0].path.name if len(takes) == 1 else words.takes(len(takes))
        self._lines.say(f"Copied {what}: paste it into a folder or another program.")

    def _reveal(self) -> None:
        takes = self._list.selected()
        reveal(takes[0].path if takes else self._library.folder)

    def _rename(self, take: Take, name: str, undoing: bool = False) -> None:
        if reason := refused(name, take.path.suffix):
            self._say_bad(f"{reason} It is still called {take.name}.")
            return

        def done(new: Path) -> None:
            renamed = replace(take, file=str(new), name=new.stem)
            self._hearing.follow(take.file, renamed.file)
            self._library.put([renamed], [take.file])
            self._list.select(self._model.row(renamed.file))
            if not undoing:
                self._undos.append(lambda: self._rename(renamed, take.name, undoing=True))
            self.refresh()

        self._run("Renaming", lambda job: rename(take.path, name), done)

    def _delete(self) -> None:
        takes = self._list.selected()
        row = self._model.row(takes[0].file)
        if self._hearing.file in [take.file for take in takes]:
            self._hearing.end()

        def work(job: Job) -> tuple[dict[str, list[Deleted]], list[str]]:
            gone, troubles = {}, []
            for take in takes:
                try:
                    gone[take.file] = delete(take.path)
                except OSError as error:
                    troubles.append(f"{take.name} cannot be deleted: {error.strerror or error}.")
            return gone, troubles

        def done(result: tuple[dict[str, list[Deleted]], list[str]]) -> None:
            gone, troubles = result
            self._library.put([], list(gone))
            self._list.select(row)
            for trouble in troubles[:1]:
                self._say_bad(trouble)
            if gone:
                what = Path(next(iter(gone))).stem if len(gone) == 1 else words.takes(len(gone))
                line = self._lines.say(f"Deleted {what}", button="Undo", act=self.undo)
                self._undos.append(partial(self._restore, [take for take in takes if take.file in gone], gone, line))
            self.refresh()

        self._run("Deleting", work, done)

    def _restore(self, takes: list[Take], gone: dict[str, list[Deleted]], line: Line) -> None:
        def work(job: Job) -> tuple[list[Take], list[str]]:
            back, troubles = [], []
            for take in takes:
                try:
                    files = restore(gone[take.file])
                    back.append(replace(take_at(files[0]), header=take.header))
                except (OSError, IndexError) as error:
                    troubles.append(f"{take.name} cannot be brought back: {error}.")
            return back, troubles

        def done(result: tuple[list[Take], list[str]]) -> None:
            back, troubles = result
            if line in self._lines.lines():  # its own button ends it, too
                line.end()
            self._library.put(back, [])
            for trouble in troubles[:1]:
                self._say_bad(trouble)
            if back:
                self._list.select(self._model.row(back[0].file))

        self._run("Bringing back", work, done)

    def _ask_export(self) -> None:
        sound = [take for take in self._list.selected() if not take.trouble]
        dialog = ExportDialog(sound, self._last_export, self._window)
        dialog.accepted_with.connect(self._export)
        _open(dialog)

    def _export(self, wanted: Export) -> None:
        self._last_export = wanted
        what = wanted.titles[0] if len(wanted.takes) == 1 else words.takes(len(wanted.takes))

        def done(result: tuple[list[Path], list[str]]) -> None:
            made, troubles = result
            for trouble in troubles[:1]:
                self._say_bad(trouble)
            if made:
                told = made[0].name if len(made) == 1 else f"{words.takes(len(made))}"
                show = partial(reveal, made[0])
                self._lines.say(f"Exported {told} to {wanted.folder}", button="Show", act=show)

        self._exporting = job = self._run(f"Exporting {what}", wanted.run, done)
        line = self._lines.work(f"Exporting {what}…", job.cancel)
        job.progressed.connect(line.progress)

        def end() -> None:
            self._exporting = None
            line.end()
            self.refresh()

        job.ended.connect(end)
        self.refresh()

    def _ask_longer(self) -> None:
        take = self._list.selected()[0]
        dialog = LongerDialog(take, self._window)
        dialog.accepted_with.connect(lambda seconds: self._make_longer(take, seconds))
        _open(dialog)

    def _make_longer(self, take: Take, seconds: float) -> None:
        self._longer = longer = Longer(take, seconds, self)
        line = self._lines.work(f"Rendering {take.name} again, {words.length(seconds)} of it…", longer.cancel)

        def end() -> None:
            self._longer = None
            line.end()
            longer.deleteLater()
            self.refresh()

        longer.progressed.connect(line.progress)
        longer.failed.connect(self._say_bad)
        longer.done.connect(self._add)
        longer.ended.connect(end)
        try:
            longer.begin()
        except OSError as error:
            longer.failed.emit(f"There is no room for it: {error.strerror or error}.")
            end()
        self.refresh()

    def _add(self, path: Path) -> None:
        """A take that was just made."""
        self._library.put([take_at(path)], [])
        self._list.select(self._model.row(str(path)))
        self._lines.say(f"Rendered {path.stem}")

    def _run(self, title: str, work: Callable[[Job], Any], done: Callable[[Any], None]) -> Job:
        return self._desk.jobs.run(title, work, done, lambda error: self._failed(error))

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, InputError):
            raise error
        self._say_bad(str(error))

    def _say_bad(self, text: str) -> None:
        self._lines.say(text, "bad")


def _open(dialog: QDialog) -> None:
    """Without waiting for it."""
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
