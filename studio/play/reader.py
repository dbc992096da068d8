"""Opens recordings one at a time, in the background."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from models.audio import AudioError
from studio.jobs import Job, Jobs
from studio.play.recording import Recording, read_recording


class Reader(QObject):
    """GUI thread."""

    progressed = Signal(object, float)
    """Recording, so far as it is read, and the fraction that is; 0 where that is not known."""
    opened = Signal(object)
    """Recording"""
    failed = Signal(object, str)
    """Path, and why in words."""

    def __init__(self, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self.path: Path | None = None
        """What is being read."""
        self._jobs = jobs
        self._job: Job | None = None
        self._so_far: Recording | None = None

    def open(self, path: Path) -> None:
        """... instead of what was being read."""
        self.cancel()

        def work(job: Job) -> Recording:
            def report(fraction: float | None, so_far: Recording) -> None:
                self._so_far = so_far  # swapped whole, by the thread that reads
                job.report(fraction or 0.0)

            return read_recording(path, report)

        job = self._jobs.run(
            f"Reading {path.name}",
            work,
            lambda found: self._finish(job, found),
            lambda error: self._fail(job, path, error),
        )
        job.progressed.connect(self._progress)
        self.path, self._job, self._so_far = path, job, None

    def cancel(self) -> None:
        if self._job is not None:
            self._job.progressed.disconnect(self._progress)
            self._job.cancel()
        self.path = self._job = None

    def _progress(self, fraction: float) -> None:
        if self._so_far is not None:
            self.progressed.emit(self._so_far, fraction)

    def _finish(self, job: Job, found: Recording) -> None:
        if job is self._job:
            self.path = self._job = None
            self.opened.emit(found)

    def _fail(self, job: Job, path: Path, error: Exception) -> None:
        if job is self._job:
            self.path = self._job = None
            if not isinstance(error, AudioError):
                raise error
            self.failed.emit(path, f"{path.name}: {error.reason}")
