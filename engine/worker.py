"""The engine's worker: one thread for all that takes long, one thing after the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class Worker:
    """All methods: engine thread, and none waits but `close`."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "worker")
        self._jobs: deque[tuple[str, Future[Any], Callable[[Any], None], Callable[[Exception], None]]] = deque()

    def do(
        self, what: str, job: Callable[[], T], then: Callable[[T], None], failed: Callable[[Exception], None]
    ) -> None:
        """Run `job` on the worker thread; its result, or what it raised, is given to `then` or `failed` on the
        engine thread, by `deliver`. what: in words, for `busy`."""
        self._jobs.append((what, self._thread.submit(job), then, failed))

    def deliver(self) -> None:
        """Hand over what is done."""
        while self._jobs and self._jobs[0][1].done():
            _, future, then, failed = self._jobs.popleft()
            error = future.exception()
            if isinstance(error, Exception):
                failed(error)
            elif error is not None:
                raise error
            else:
                then(future.result())

    @property
    def busy(self) -> str:
        """What is being done, or nothing."""
        return self._jobs[0][0] if self._jobs else ""

    def close(self) -> None:
        """Finish what was begun. Blocks for it; what comes of it is not handed over."""
        self._thread.shutdown(wait=True)
