"""Recordings checked and converted one by one, by several processes, into a folder where the next try finds them.

The folder holds a file of samples for each recording, named by the hash of its source, and a journal with a line for
each source: what was measured, or why it is left out. What is found there again is used if it is still what the
journal says. What comes out depends on the sources alone, not on how many processes there are or who stopped when.
"""

from __future__ import annotations

import hashlib
import json
import math
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from multiprocessing.connection import wait
from pathlib import Path

import numpy as np

from models.audio import AudioError, Samples, stream_audio
from models.dataset import FULL_SCALE, SAMPLE

MIN_SECONDS = 1.0
SILENCE_DBFS = -60.0
SILENCE_SECONDS = 0.05
"""What is looked at at once for the share of silence."""
DC_LIMIT = 0.003  # -50 dBFS: a hundred steps of 16 bits
CLIP_RUN = 4
CLIP_LEVEL = 32766.5 / 32768  # the highest value of 16 bits, and above
JOURNAL = "journal.jsonl"
VERSION = 1
AHEAD = 64
"""Files that are given out to each process before the first of them is done: a long one must not hold up the rest."""


@dataclass(frozen=True)
class Staged:
    """What was measured of a recording whose samples are staged."""

    sha256: str
    """Of the source file's bytes."""
    samples: int
    offset: int
    """To subtract, in .pcm steps."""
    peak_dbfs: float
    rms_dbfs: float
    dc: float
    silence: float
    """Share of it that is silent."""
    clipped: int
    """Samples in runs at full scale, at least."""
    staged: str
    """sha256 of the staged samples."""

    def file(self, folder: Path) -> Path:
        return folder / f"{self.sha256}.pcm"


@dataclass(frozen=True)
class Refused:
    """Why a source is left out."""

    reason: str
    sha256: str | None
    """None if it could not be read."""


Given = tuple[Path, int, dict[str, Staged | Refused]]
"""The folder, the rate in Hz, and what is known of earlier tries, by the sources' hashes."""


def stage(
    sources: Sequence[Path], folder: Path, rate: int, jobs: int, progress: Callable[[int, int, str], None]
) -> Iterator[Staged | Refused]:
    """Of each source, in their order, what it is. progress: called with (sources done, all of them, the next).

    Raises OSError if the folder cannot be written to."""
    journal = _Journal(folder / JOURNAL, rate)
    jobs = min(jobs, len(sources))
    given = folder, rate, journal.known
    progress(0, len(sources), str(sources[0]))
    with (
        journal.path.open("a", encoding="utf-8") as file,
        closing(
            (_staged(source, *given) for source in sources) if jobs == 1 else _in_parallel(sources, jobs, given)
        ) as all_found,
    ):
        for done, found in enumerate(all_found):
            if found.sha256 is not None and found.sha256 not in journal.known:
                file.write(json.dumps(asdict(found)) + "\n")
                file.flush()
            progress(done + 1, len(sources), str(sources[done + 1]) if done + 1 < len(sources) else "")
            yield found


class _Journal:
    def __init__(self, path: Path, rate: int) -> None:
        """Raises OSError."""
        self.path = path
        self.known: dict[str, Staged | Refused] = {}
        head = json.dumps({"version": VERSION, "rate": rate})
        lines = path.read_text(encoding="utf-8").split("\n") if path.exists() else []
        if lines[:1] != [head]:
            path.write_text(head + "\n", encoding="utf-8")
            return
        path.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")  # without the half of a line at its end
        for line in lines[1:-1]:
            with suppress(ValueError, TypeError, KeyError):
                values = json.loads(line)
                self.known[values["sha256"]] = Refused(**values) if "reason" in values else Staged(**values)


def _in_parallel(sources: Sequence[Path], jobs: int, given: Given) -> Generator[Staged | Refused, None, None]:
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, context, _begin, given)
    waiting: deque[Future[Staged | Refused]] = deque()
    try:
        for source in sources:
            waiting.append(pool.submit(_next, source))
            if len(waiting) >= AHEAD * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


_given: Given
"""Of a process of the pool."""


def _begin(folder: Path, rate: int, known: dict[str, Staged | Refused]) -> None:
    global _given
    _given = folder, rate, known
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the interrupt key is for who gave out the work
    parent = multiprocessing.parent_process()
    assert parent is not None

    def end_with(sentinel: int) -> None:
        wait([sentinel])
        os._exit(1)

    threading.Thread(target=end_with, args=(parent.sentinel,), daemon=True).start()


def _next(source: Path) -> Staged | Refused:
    return _staged(source, *_given)


def _staged(source: Path, folder: Path, rate: int, known: dict[str, Staged | Refused]) -> Staged | Refused:
    try:
        sha256 = _hash(source)
    except OSError as error:
        return Refused(f"cannot be read: {error.strerror}", None)
    found = known.get(sha256)
    if isinstance(found, Refused) or (found and _is_intact(found, folder)):
        return found
    try:
        return _convert(source, sha256, folder, rate)
    except AudioError as error:
        return Refused(error.reason, sha256)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_intact(found: Staged, folder: Path) -> bool:
    try:
        return _hash(found.file(folder)) == found.staged
    except OSError:
        return False


def _convert(source: Path, sha256: str, folder: Path, rate: int) -> Staged:
    """Converts one recording and looks at every sample on the way. Raises AudioError, or OSError for the folder's."""
    samples = clipped = 0
    total = squares = 0.0
    low, high = math.inf, -math.inf
    quiet, digest = _Quiet(rate), hashlib.sha256()

    def count_clipped(block: Samples) -> None:
        nonlocal clipped
        loud = np.abs(block) >= CLIP_LEVEL
        if len(loud) >= CLIP_RUN and loud.any():
            clipped += int(np.lib.stride_tricks.sliding_window_view(loud, CLIP_RUN, axis=0).all(axis=-1).sum())

    aside = folder / f"{sha256}.{os.getpid()}.part"
    try:
        with aside.open("wb") as pcm:
            for block in stream_audio(source, rate, inspect=count_clipped):
                if not len(block):
                    continue
                samples += len(block)
                total += float(block.sum(dtype=np.float64))
                squares += float(np.square(block, dtype=np.float64).sum())
                low, high = min(low, float(block.min())), max(high, float(block.max()))
                quiet.add(block)
                steps = to_pcm(np.rint(block * FULL_SCALE))
                digest.update(steps)
                pcm.write(steps)
        if samples < MIN_SECONDS * rate:
            raise AudioError(source, f"too short: {samples / rate:.2f} s, the least is {MIN_SECONDS:g} s")
        dc = total / samples
        # Silence is measured around the mean: an offset alone is not sound.
        peak = _dbfs(max(high - dc, dc - low))
        if peak < SILENCE_DBFS:
            raise AudioError(source, f"silence: once mono, its peak is below {SILENCE_DBFS:g} dBFS")
        aside.replace(folder / f"{sha256}.pcm")
    finally:
        aside.unlink(missing_ok=True)
    return Staged(
        sha256=sha256,
        samples=samples,
        offset=round(dc * FULL_SCALE) if abs(dc) > DC_LIMIT else 0,
        peak_dbfs=round(peak, 2),
        rms_dbfs=round(_dbfs(math.sqrt(max(squares / samples - dc * dc, 0))), 2),
        dc=round(dc, 6),
        silence=round(quiet.share, 4),
        clipped=clipped,
        staged=digest.hexdigest(),
    )


class _Quiet:
    """The share of short stretches in which nothing moves by more than SILENCE_DBFS."""

    def __init__(self, rate: int) -> None:
        self._length = max(1, round(SILENCE_SECONDS * rate))
        self._rest = np.zeros(0, np.float32)
        self._quiet = self._all = 0

    def add(self, block: Samples) -> None:
        joined = np.concatenate([self._rest, block])
        count = len(joined) // self._length
        stretches = joined[: count * self._length].reshape(count, self._length)
        self._rest = joined[count * self._length :]
        self._quiet += int((np.ptp(stretches, axis=1) / 2 < 10 ** (SILENCE_DBFS / 20)).sum())
        self._all += count

    @property
    def share(self) -> float:
        return self._quiet / max(1, self._all)


def _dbfs(level: float) -> float:
    return 20 * math.log10(max(level, 1e-10))


def to_pcm(steps: np.ndarray) -> bytes:
    return steps.clip(-FULL_SCALE, FULL_SCALE - 1).astype(SAMPLE).tobytes()
