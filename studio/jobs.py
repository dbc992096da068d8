"""Work that takes long, off the GUI thread: with progress, a way to cancel, and the result back on the GUI thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, SignalInstance

Work = Callable[["Job"], Any]


class Cancelled(Exception):
    """Raised by `Job.report` in the work when nobody wants it any more."""


class Job(QObject):
    """One piece of work. The work itself runs on a thread of the pool and calls `report`; the signals arrive on the
    GUI thread."""

    progressed = Signal(float)
    """Fraction done."""
    done = Signal(object)
    """The result."""
    failed = Signal(object)
    """The exception."""
    ended = Signal()
    """After any of them, and after a cancel."""

    def __init__(
        self, title: str, parent: QObject, done: Callable[[Any], None], failed: Callable[[Exception], None]
    ) -> None:
        super().__init__(parent)
        self.title = title
        self._cancelled = threading.Event()
        self._then, self._else = done, failed
        # to methods, not to the functions themselves: with a function as its receiver a signal that is still under way
        # from the other thread when all is deleted ends the process
        self.done.connect(self._pass_on)
        self.failed.connect(self._pass_on_failure)

    def report(self, fraction: float) -> None:
        """Say how far it is; from the work's thread. Raises Cancelled."""
        if self._cancelled.is_set():
            raise Cancelled
        self.progressed.emit(fraction)

    def cancel(self) -> None:
        self._cancelled.set()

    def _pass_on(self, result: Any) -> None:
        if _is_there(self._then):
            self._then(result)

    def _pass_on_failure(self, error: Exception) -> None:
        if _is_there(self._else):
            self._else(error)

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()


class Jobs(QObject):
    """Runs them, a few at a time. One for the app; `close` waits for what is running."""

    started = Signal(object)
    """Job"""
    _over = Signal(object)
    """Job, when its own signals are all sent: one that is deleted while it sends them does not send the rest."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(2)
        self.running: list[Job] = []
        self._over.connect(self._forget)

    def run(
        self,
        title: str,
        work: Work,
        done: Callable[[Any], None] = lambda result: None,
        failed: Callable[[Exception], None] | None = None,
    ) -> Job:
        """Start work(job) on a thread; then `done` with its result or `failed` with what it raised, on the GUI thread.
        An exception nobody handles ends in the problem dialog."""
        job = Job(title, self, done, failed or _raise)
        self.running.append(job)
        self.started.emit(job)
        self._pool.start(_Runner(job, work, self._over))
        return job

    def close(self) -> None:
        for job in self.running:
            job.cancel()
        self._pool.waitForDone()

    def _forget(self, job: Job) -> None:
        self.running.remove(job)
        job.deleteLater()


class _Runner(QRunnable):
    def __init__(self, job: Job, work: Work, over: SignalInstance) -> None:
        super().__init__()
        self._job, self._work, self._over = job, work, over

    def run(self) -> None:
        job = self._job
        try:
            result = self._work(job)
            if not job.cancelled:
                job.done.emit(result)
        except Cancelled:
            pass
        except Exception as error:
            if not job.cancelled:
                job.failed.emit(error)
        finally:
            job.ended.emit()
            self._over.emit(job)


def _is_there(function: Callable[[Any], None]) -> bool:
    """Whether what it is a method of was not deleted meanwhile, as a page is at the end."""
    owner = getattr(function, "__self__", None)
    return not isinstance(owner, QObject) or shiboken6.isValid(owner)


def _raise(error: Exception) -> None:
    raise error
