"""Recordings in, data set out: check, mix, resample, split, write.

What is decided here, and the constants that decide it:

* A recording is left out, with its reason, if it cannot be read, holds NaN or infinity, is shorter than
  MIN_SECONDS, peaks below SILENCE_DBFS (models/staging.py), or is the same file as another.
* An offset (DC) above DC_LIMIT is removed and reported: silence must be the middle code.
* Runs of CLIP_RUN samples at full scale are reported; the recording is kept.
* A source folder with a sub-folder `train` is split already: its train, valid and test are taken as they
  are, and whatever else was given goes to train. Otherwise files are drawn in the order of their content's
  hash: HELD_OUT of the time for valid, then for test. valid is never empty: if need be it gets the shortest
  file, or the last tenth of the only one.
"""

import errno
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from models.audio import BLOCK, find_audio
from models.dataset import FORMAT, MANIFEST, SAMPLE, SPLITS, Manifest, Recording, Skipped, Split
from models.errors import InputError
from models.lock import Held, held, holder
from models.staging import Refused, Staged, stage, to_pcm

HELD_OUT = 0.1
RATES = range(4000, 96001)


@dataclass(frozen=True)
class _Candidate:
    path: Path
    name: str
    split: Split | None
    """Where the folder it lies in says that it belongs."""


@dataclass(frozen=True)
class _Whole:
    """A checked recording, whole, in a file of its own: where it goes is known when all lengths are."""

    recording: Recording
    file: Path
    offset: int
    """To subtract, in .pcm steps."""
    split: Split | None


@dataclass(frozen=True)
class _Part:
    whole: _Whole
    first: int
    samples: int


def prepare(
    sources: Sequence[Path],
    out: Path,
    rate: int,
    progress: Callable[[int, int, str], None] | None = None,
    jobs: int = 1,
) -> Manifest:
    """Makes the data set `out` from sound files and folders of them; see models.dataset for what it holds.

    `rate` is in Hz. `progress` is called with (files done, files in all, the file that is next).

    jobs: processes that read at once; with more than one, the program that calls must be importable.

    The data set is built beside `out` and takes its place when complete: until then an existing one stays
    as it is. A failure leaves nothing behind; stopped or killed, it leaves what it has read in a hidden folder, where
    the next call for `out` finds it. Blocks; the data set is the same whatever `jobs` is and however often it was
    stopped.

    Raises InputError if a source does not exist, nothing usable remains, `out` is something else than a data
    set, the rate is out of RATES, the data set cannot be written (disk full, no permission), or another process is
    making it.
    """
    if rate not in RATES:
        raise InputError(f"a rate of {rate} Hz: give one between {RATES[0]} and {RATES[-1]}")
    out = out.resolve()
    candidates = list(_candidates(sources))
    if not candidates:
        raise InputError(f"no sound files in {', '.join(map(str, sources)) or 'nothing'}")
    with _workspace(out) as folder:
        usable, skipped = _check(candidates, folder, rate, jobs, progress or (lambda done, total, name: None))
        splits, notes = _split(usable)
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
    """A folder beside `out`, on the same disk, gone at the end unless it is stopped. What the disk refuses is told in
    one line."""
    folder = out.with_name(f".{out.name}.staged")
    try:
        _check_replaceable(out)
        folder.mkdir(parents=True, exist_ok=True)
        with held(folder / "lock"):
            try:
                _take_up(out, folder)
                yield folder
            except Exception:
                shutil.rmtree(folder, ignore_errors=True)
                raise
            shutil.rmtree(folder, ignore_errors=True)
    except Held:
        process = holder(folder / "lock") or "unknown"
        raise InputError(f"{out} is being prepared already, by process {process}; wait for it") from None
    except OSError as error:
        advice = ": free some space or choose another disk" if error.errno == errno.ENOSPC else ""
        raise InputError(f"cannot write the data set {out}: {error.strerror or error}{advice}") from error


def _take_up(out: Path, folder: Path) -> None:
    """Put in order what one left that was killed while the new data set took the place of the old."""
    if (folder / "old").exists() and not out.exists():
        (folder / "old").rename(out)
    for name in ("old", "new"):
        shutil.rmtree(folder / name, ignore_errors=True)


def _candidates(sources: Sequence[Path]) -> Iterator[_Candidate]:
    for source in sources:
        split_already = (source / "train").is_dir()
        for path in find_audio([source]):
            inside = path.relative_to(source)
            named = next((s for s in SPLITS if split_already and inside.parts[0:1] == (s,)), None)
            yield _Candidate(path, inside.as_posix() if source.is_dir() else path.name, named)


def _check(
    candidates: Sequence[_Candidate], folder: Path, rate: int, jobs: int, progress: Callable[[int, int, str], None]
) -> tuple[list[_Whole], list[Skipped]]:
    usable: list[_Whole] = []
    skipped: list[Skipped] = []
    seen: dict[str, Path] = {}
    # Held-out files first: a copy of one in train is the one to drop. (False sorts before True.)
    ordered = sorted(candidates, key=lambda candidate: candidate.split not in ("valid", "test"))
    found = stage([candidate.path for candidate in ordered], folder, rate, jobs, progress)
    for candidate, one in zip(ordered, found, strict=True):
        if isinstance(one, Refused):
            skipped.append(Skipped(str(candidate.path), one.reason))
        elif one.sha256 in seen:
            skipped.append(Skipped(str(candidate.path), f"the same file as {seen[one.sha256]}"))
        else:
            seen[one.sha256] = candidate.path
            usable.append(_Whole(_recording(candidate, one, rate), one.file(folder), one.offset, candidate.split))
    return usable, skipped


def _recording(candidate: _Candidate, one: Staged, rate: int) -> Recording:
    warnings = []
    if one.offset:
        warnings.append(f"an offset (DC) of {one.dc:.4f} was removed")
    if one.clipped:
        warnings.append(f"clipped: at least {one.clipped} samples in runs at full scale")
    return Recording(
        name=candidate.name,
        source=str(candidate.path),
        sha256=one.sha256,
        start=0,
        samples=one.samples,
        seconds=one.samples / rate,
        peak_dbfs=one.peak_dbfs,
        rms_dbfs=one.rms_dbfs,
        dc=one.dc,
        warnings=tuple(warnings),
        silence=one.silence,
        clipped=one.clipped,
    )


def _split(recordings: Sequence[_Whole]) -> tuple[dict[Split, list[_Part]], list[str]]:
    """Which part of which recording goes where, and remarks on that."""
    train, valid, test = ([one for one in recordings if (one.split or "train") == split] for split in SPLITS)
    given = any(one.split for one in recordings)
    target = HELD_OUT * sum(one.recording.samples for one in recordings)
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
        [only] = parts["train"]
        cut = only.samples - only.samples // 10
        parts["train"] = [_Part(only.whole, 0, cut)]
        parts["valid"] = [_Part(only.whole, cut, only.samples - cut)]
        notes.append(f"{only.whole.recording.name} is the only recording to train on: its last tenth is valid")
    return parts, notes


def _draw(recordings: Sequence[_Whole], target: float) -> tuple[list[_Whole], list[_Whole]]:
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
            whole, left = part.whole, part.samples
            with whole.file.open("rb") as source:
                source.seek(part.first * SAMPLE.itemsize)
                while left:
                    steps = np.frombuffer(source.read(min(left, BLOCK) * SAMPLE.itemsize), SAMPLE)
                    file.write(to_pcm(steps.astype(np.int32) - whole.offset))
                    left -= len(steps)
            if part.first + part.samples == whole.recording.samples:
                whole.file.unlink()  # that was the last of it: the disk need not hold everything twice
            recordings.append(replace(whole.recording, start=start, samples=part.samples, seconds=part.samples / rate))
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
