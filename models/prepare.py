"""Recordings in, data set out: check, mix, resample, split, write.

What is decided here, and the constants that decide it:

* A recording is left out, with its reason, if it cannot be read, holds NaN or infinity, is shorter than
  MIN_SECONDS, peaks below SILENCE_DBFS, or is the same file as another.
* An offset (DC) above DC_LIMIT is removed and reported: silence must be the middle code.
* Runs of CLIP_RUN samples at full scale are reported; the recording is kept.
* A source folder with a sub-folder `train` is split already: its train, valid and test are taken as they
  are, and whatever else was given goes to train. Otherwise files are drawn in the order of their content's
  hash: HELD_OUT of the time for valid, then for test. valid is never empty: if need be it gets the shortest
  file, or the last tenth of the only one.
"""

import errno
import hashlib
import math
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from models.audio import BLOCK, AudioError, Samples, find_audio, stream_audio
from models.dataset import FORMAT, FULL_SCALE, MANIFEST, SAMPLE, SPLITS, Manifest, Recording, Skipped, Split
from models.errors import InputError

MIN_SECONDS = 1.0
SILENCE_DBFS = -60.0
DC_LIMIT = 0.003  # -50 dBFS: a hundred steps of 16 bits
CLIP_RUN = 4
CLIP_LEVEL = 32766.5 / 32768  # the highest value of 16 bits, and above
HELD_OUT = 0.1
RATES = range(4000, 96001)


@dataclass(frozen=True)
class _Candidate:
    path: Path
    name: str
    split: Split | None
    """Where the folder it lies in says that it belongs."""


@dataclass(frozen=True)
class _Staged:
    """A checked recording, whole, in a file of its own: where it goes is known when all lengths are."""

    recording: Recording
    file: Path
    offset: int
    """To subtract, in .pcm steps."""
    split: Split | None


@dataclass(frozen=True)
class _Part:
    staged: _Staged
    first: int
    samples: int


def prepare(
    sources: Sequence[Path],
    out: Path,
    rate: int = 16000,
    progress: Callable[[int, int, str], None] | None = None,
) -> Manifest:
    """Makes the data set `out` from sound files and folders of them; see models.dataset for what it holds.

    `rate` is in Hz. `progress` is called with (files done, files in all, the file that is next).

    The data set is built beside `out` and takes its place when complete: until then an existing one stays
    as it is, and a failure of any kind leaves nothing behind.

    Raises InputError if a source does not exist, nothing usable remains, `out` is something else than a data
    set, the rate is out of RATES, or the data set cannot be written (disk full, no permission).
    """
    if rate not in RATES:
        raise InputError(f"a rate of {rate} Hz: give one between {RATES[0]} and {RATES[-1]}")
    out = out.resolve()
    candidates = list(_candidates(sources))
    if not candidates:
        raise InputError(f"no sound files in {', '.join(map(str, sources)) or 'nothing'}")
    with _workspace(out) as folder:
        staged, skipped = _stage(candidates, folder, rate, progress or (lambda done, total, name: None))
        splits, notes = _split(staged)
        if not splits["train"]:
            reasons = "; ".join(f"{skip.source}: {skip.reason}" for skip in skipped[:3])
            more = f"; and {len(skipped) - 3} more" if len(skipped) > 3 else ""
            raise InputError(
                f"nothing to train on: {len(skipped)} of {len(candidates)} files are unusable ({reasons}{more})"
            )
        new = folder / "new"
        new.mkdir()
        written = {split: _write(new / f"{split}.pcm", splits[split], rate) for split in SPLITS}
        manifest = Manifest(rate, written, tuple(skipped), tuple(notes))
        (new / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
        _replace(out, new, folder / "old")
    return manifest


def _check_replaceable(out: Path) -> None:
    """Refuses what must not be deleted: anything but an empty folder, or a data set and nothing beside it."""
    if not out.exists():
        return
    ours = {MANIFEST, *(f"{split}.pcm" for split in SPLITS)}
    names = {path.name for path in out.iterdir()} if out.is_dir() else {out.name}
    known = MANIFEST in names <= ours and FORMAT in (out / MANIFEST).read_text("utf-8", errors="replace")
    if names and not known:
        raise InputError(f"{out} exists and is not (only) a data set: choose another name, or remove it first")


@contextmanager
def _workspace(out: Path) -> Iterator[Path]:
    """A folder beside `out`, on the same disk, gone at the end. What the disk refuses is told in one line."""
    try:
        _check_replaceable(out)
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as folder:
            yield Path(folder)
    except OSError as error:
        advice = ": free some space or choose another disk" if error.errno == errno.ENOSPC else ""
        raise InputError(f"cannot write the data set {out}: {error.strerror or error}{advice}") from error


def _candidates(sources: Sequence[Path]) -> Iterator[_Candidate]:
    for source in sources:
        split_already = (source / "train").is_dir()
        for path in find_audio([source]):
            inside = path.relative_to(source)
            named = next((s for s in SPLITS if split_already and inside.parts[0:1] == (s,)), None)
            yield _Candidate(path, inside.as_posix() if source.is_dir() else path.name, named)


def _stage(
    candidates: Sequence[_Candidate], folder: Path, rate: int, progress: Callable[[int, int, str], None]
) -> tuple[list[_Staged], list[Skipped]]:
    staged: list[_Staged] = []
    skipped: list[Skipped] = []
    seen: dict[str, Path] = {}
    # Held-out files first: a copy of one in train is the one to drop. (False sorts before True.)
    ordered = sorted(candidates, key=lambda candidate: candidate.split not in ("valid", "test"))
    for done, candidate in enumerate(ordered):
        progress(done, len(ordered), str(candidate.path))
        try:
            sha256 = _hash(candidate.path)
            if sha256 in seen:
                raise AudioError(candidate.path, f"the same file as {seen[sha256]}")
            staged.append(_check(candidate, sha256, folder / f"{done}.pcm", rate))
            seen[sha256] = candidate.path
        except AudioError as error:
            skipped.append(Skipped(str(candidate.path), error.reason))
    progress(len(ordered), len(ordered), "")
    return staged, skipped


def _hash(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise AudioError(path, f"cannot be read: {error.strerror}") from error


def _check(candidate: _Candidate, sha256: str, file: Path, rate: int) -> _Staged:
    """Converts one recording into `file` and looks at every sample on the way."""
    samples = clipped = 0
    total = squares = 0.0
    low, high = math.inf, -math.inf

    def count_clipped(block: Samples) -> None:
        nonlocal clipped
        loud = np.abs(block) >= CLIP_LEVEL
        if len(loud) >= CLIP_RUN and loud.any():
            clipped += int(np.lib.stride_tricks.sliding_window_view(loud, CLIP_RUN, axis=0).all(axis=-1).sum())

    try:
        with file.open("wb") as pcm:
            for block in stream_audio(candidate.path, rate, inspect=count_clipped):
                if not len(block):
                    continue
                samples += len(block)
                total += float(block.sum(dtype=np.float64))
                squares += float(np.square(block, dtype=np.float64).sum())
                low, high = min(low, float(block.min())), max(high, float(block.max()))
                pcm.write(_to_pcm(np.rint(block * FULL_SCALE)))
        if samples < MIN_SECONDS * rate:
            raise AudioError(candidate.path, f"too short: {samples / rate:.2f} s, the least is {MIN_SECONDS:g} s")
        dc = total / samples
        # Silence is measured around the mean: an offset alone is not sound.
        peak = _dbfs(max(high - dc, dc - low))
        if peak < SILENCE_DBFS:
            raise AudioError(candidate.path, f"silence: once mono, its peak is below {SILENCE_DBFS:g} dBFS")
    except AudioError:
        file.unlink(missing_ok=True)
        raise
    warnings = []
    offset = round(dc * FULL_SCALE) if abs(dc) > DC_LIMIT else 0
    if offset:
        warnings.append(f"an offset (DC) of {dc:.4f} was removed")
    if clipped:
        warnings.append(f"clipped: at least {clipped} samples in runs at full scale")
    recording = Recording(
        name=candidate.name,
        source=str(candidate.path),
        sha256=sha256,
        start=0,
        samples=samples,
        seconds=samples / rate,
        peak_dbfs=round(peak, 2),
        rms_dbfs=round(_dbfs(math.sqrt(max(squares / samples - dc * dc, 0))), 2),
        dc=round(dc, 6),
        warnings=tuple(warnings),
    )
    return _Staged(recording, file, offset, candidate.split)


def _dbfs(level: float) -> float:
    return 20 * math.log10(max(level, 1e-10))


def _to_pcm(steps: np.ndarray) -> bytes:
    return steps.clip(-FULL_SCALE, FULL_SCALE - 1).astype(SAMPLE).tobytes()


def _split(staged: Sequence[_Staged]) -> tuple[dict[Split, list[_Part]], list[str]]:
    """Which part of which recording goes where, and remarks on that."""
    train, valid, test = ([one for one in staged if (one.split or "train") == split] for split in SPLITS)
    given = any(one.split for one in staged)
    target = HELD_OUT * sum(one.recording.samples for one in staged)
    notes: list[str] = []
    if len(train) > 1 and not valid:
        valid, train = _draw(train, target)
        if not valid:
            valid = [min(train, key=lambda one: one.recording.samples)]
            train.remove(valid[0])
        if given:
            notes.append("no usable recording was given for valid: it was drawn from train")
    if not given:
        test, train = _draw(train, target)
    parts = {
        split: [_Part(one, 0, one.recording.samples) for one in chosen]
        for split, chosen in zip(SPLITS, (train, valid, test), strict=True)
    }
    if len(train) == 1 and not valid:
        [whole] = parts["train"]
        cut = whole.samples - whole.samples // 10
        parts["train"] = [_Part(whole.staged, 0, cut)]
        parts["valid"] = [_Part(whole.staged, cut, whole.samples - cut)]
        notes.append(f"{whole.staged.recording.name} is the only recording to train on: its last tenth is valid")
    return parts, notes


def _draw(recordings: Sequence[_Staged], target: float) -> tuple[list[_Staged], list[_Staged]]:
    """In the order of their hashes, each that brings the time nearer to `target` samples; and the others."""
    drawn: set[str] = set()
    taken = 0
    for one in sorted(recordings, key=lambda one: one.recording.sha256):
        if taken + one.recording.samples / 2 <= target:
            drawn.add(one.recording.sha256)
            taken += one.recording.samples
    return (
        [one for one in recordings if one.recording.sha256 in drawn],
        [one for one in recordings if one.recording.sha256 not in drawn],
    )


def _write(pcm: Path, parts: Sequence[_Part], rate: int) -> tuple[Recording, ...]:
    recordings = []
    start = 0
    with pcm.open("wb") as file:
        for part in parts:
            staged, left = part.staged, part.samples
            with staged.file.open("rb") as source:
                source.seek(part.first * SAMPLE.itemsize)
                while left:
                    steps = np.frombuffer(source.read(min(left, BLOCK) * SAMPLE.itemsize), SAMPLE)
                    file.write(_to_pcm(steps.astype(np.int32) - staged.offset))
                    left -= len(steps)
            if part.first + part.samples == staged.recording.samples:
                staged.file.unlink()  # that was the last of it: the disk need not hold everything twice
            recordings.append(replace(staged.recording, start=start, samples=part.samples, seconds=part.samples / rate))
            start += part.samples
    return tuple(recordings)


def _replace(out: Path, new: Path, old: Path) -> None:
    """Puts `new` in the place of `out`, which goes to `old` if it is there, or comes back if that fails."""
    try:
        if out.exists():
            out.rename(old)
        new.rename(out)
    except BaseException:
        if old.exists() and not out.exists():
            old.rename(out)
        raise
