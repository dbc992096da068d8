"""What is done with trainings: each deed is an action of the table (studio/actions.py)."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from models.errors import InputError
from models.run import manifest as read_manifest
from models.style import Style
from studio.desk import Desk
from studio.takes.lines import Lines
from studio.takes.reveal import reveal
from studio.train.install import LICENCES, Install, InstallDialog
from studio.train.longer import LongerDialog
from studio.train.run_list import RunList
from studio.train.run_view import RunView
from studio.training.run import Run
from studio.training.runs import Runs


class Deeds(QObject):
    """GUI thread; what touches the disk is done on another. What went wrong is said in a line."""

    def __init__(
        self, desk: Desk, runs: Runs, trainings: RunList, view: RunView, lines: Lines, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._desk, self._runs, self._list, self._view, self._lines = desk, runs, trainings, view, lines
        self._window = parent
        self._installing = False
        for name, deed in (
            ("train-pause", self._pause), ("train-stop", self._stop), ("train-longer", self._ask_longer),
            ("train-delete", self._delete), ("train-undo", runs.undo), ("train-reveal", self._reveal),
        ):  # fmt: skip
            desk.actions[name].triggered.connect(deed)
        view.auditions.install.connect(self._ask_install)
        view.auditions.troubled.connect(lambda text: lines.say(text, "bad"))
        trainings.unwanted.connect(desk.actions["train-delete"].trigger)
        trainings.asked.connect(desk.actions["train-hear"].trigger)
        runs.failed.connect(lambda text: lines.say(text[:1].upper() + text[1:], "bad"))
        runs.deleted.connect(self._deleted)
        runs.restored.connect(trainings.select)
        self.refresh()

    @property
    def run(self) -> Run | None:
        """The one that is selected."""
        return self._runs.find(self._list.folder)

    def refresh(self) -> None:
        """What can be done with what is selected."""
        run, actions = self.run, self._desk.actions
        ending = run is not None and run.active and run.plan.wanted != "train"
        goes_on = run is not None and run.state in ("paused", "failed")
        goes_on = goes_on or (run is not None and run.state == "done" and run.step < run.steps)
        waits = run is not None and (run.active or run.state == "waiting")
        actions["train-pause"].setEnabled((goes_on or waits) and not ending)
        actions["train-pause"].setText("&Resume" if goes_on else "&Pause")
        actions["train-stop"].setEnabled(run is not None and run.active and not ending)
        actions["train-longer"].setEnabled(run is not None and run.complete and run.can_resume)
        for name in ("train-delete", "train-reveal", "train-log"):
            actions[name].setEnabled(run is not None)
        actions["train-undo"].setEnabled(self._runs.can_undo)
        if run is None:
            for name in ("train-hear", "train-install"):
                actions[name].setEnabled(False)

    def _pause(self) -> None:
        if run := self.run:
            if run.active or run.state == "waiting":
                self._runs.pause(run)
            else:
                self._runs.enqueue(run)

    def _stop(self) -> None:
        if run := self.run:
            self._runs.stop(run)

    def _ask_longer(self) -> None:
        if run := self.run:
            dialog = LongerDialog(run, self._window)
            dialog.accepted_with.connect(partial(self._runs.go_further, run))
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()

    def _delete(self) -> None:
        if run := self.run:
            self._runs.delete(run)

    def _deleted(self, run: Run) -> None:
        self._lines.say(f"Deleted {run.name}", button="Undo", act=self._runs.undo)
        self.refresh()

    def _reveal(self) -> None:
        if run := self.run:
            reveal(run.folder)

    def _ask_install(self, step: int, temperature: float) -> None:
        run, file = self.run, self._view.auditions.style_of(step)
        if run is None or file is None or self._installing:
            return
        if there := self._view.auditions.installed(step):
            self._offer(f"It is among the styles of the Play page already, as {there.info.name}.", there)
            return
        proposed = Install(
            file, run.name, self._desk.store.value.author, LICENCES[0],
            f"What it was after {step:,} steps of training", _trained_on(run), temperature,
        )  # fmt: skip
        goes_on = " The training goes on." if run.active else ""
        dialog = InstallDialog(proposed, f"{run.name} as it was after {step:,} steps.{goes_on}", self._window)
        dialog.accepted_with.connect(self._install)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _install(self, wanted: Install) -> None:
        def done(style: Style) -> None:
            self._installing = False
            self._desk.wishes.styles.emit()
            self._offer(f"{style.info.name} is among the styles of the Play page.", style)

        def failed(error: Exception) -> None:
            self._installing = False
            if not isinstance(error, InputError):
                raise error
            self._lines.say(str(error), "bad")

        self._installing = True
        self._desk.store.change(author=wanted.author)
        self._desk.jobs.run(f"Installing {wanted.name}", lambda job: wanted.run(), done, failed)

    def _offer(self, text: str, style: Style) -> None:
        self._lines.say(text, button="Play it", act=partial(self._play, style.path))

    def _play(self, style: Path) -> None:
        self._desk.instrument.load(style)
        self._desk.wishes.page.emit("play")


def _trained_on(run: Run) -> str:
    """Its recordings, in a line."""
    if (manifest := read_manifest(run.folder)) is None:
        return ""
    recordings = [recording.name for found in manifest.splits.values() for recording in found]
    minutes = sum(manifest.seconds(split) for split in manifest.splits) / 60
    count = "1 recording" if len(recordings) == 1 else f"{len(recordings):,} recordings"
    return f"{count}, {minutes:.0f} minutes" if minutes >= 1.5 else f"{count}, {minutes * 60:.0f} seconds"
