"""Takes: sound recorded straight to disk, with the recipe that makes it again.

While it is recorded a take is a hidden file, `.NAME.part`, with its recipe beside it, `.NAME.part.recipe.jsonl`; both
are written out at least once a second. Closed, they are NAME and NAME.recipe.jsonl, and the recipe is also inside the
sound file: a WAV has it in a chunk behind the sound, a FLAC in its comment, if it fits into the room left for it.
"""

from __future__ import annotations

import errno
import json
import os
import queue
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import soundfile

from engine.soundfiles import WAV_FRAME, WAV_HEADER, flac_frame, set_flac_length, wav_header, wav_rate
from models.errors import InputError

Floats = npt.NDArray[np.float32]
Event = dict[str, Any]

PART = ".part"
RECIPE = ".recipe.jsonl"
CHUNK = b"srnn"
FLAC_ROOM = 1 << 16
"""Bytes left for the recipe in a FLAC file's comment."""
WRITE_OUT_SECONDS = 0.5
WAITING_SECONDS = 10.0
"""Of sound, that the disk may be behind."""
BLOCK_SECONDS = 0.005
"""The shortest block of sound that may come."""


class _Wav:
    """24 bits, any length."""

    def __init__(self, path: Path, rate: int) -> None:
        self._rate, self._data = rate, 0
        self._file = path.open("wb")
        self._file.write(wav_header(rate, 0))

    def write(self, sound: Floats) -> None:
        whole = np.clip(np.rint(sound * np.float64(1 << 23)), -(1 << 23), (1 << 23) - 1).astype("<i4")
        content = whole.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
        self._file.write(content)
        self._data += len(content)

    def flush(self) -> None:
        self._file.seek(0)
        self._file.write(wav_header(self._rate, self._data))
        self._file.seek(0, os.SEEK_END)
        self._file.flush()

    def close(self) -> None:
        try:
            self.flush()
        finally:
            with suppress(OSError):  # it flushes once more; on a full disk in vain
                self._file.close()


class _Flac:
    def __init__(self, path: Path, rate: int) -> None:
        self._file = soundfile.SoundFile(path, "w", rate, 2, "PCM_24", format="FLAC")
        self._file.comment = " " * FLAC_ROOM

    def write(self, sound: Floats) -> None:
        self._file.write(sound)

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.close()


FORMATS: dict[str, type[_Wav] | type[_Flac]] = {".wav": _Wav, ".flac": _Flac}


class TakeWriter:
    """A take being written: stereo, 24 bits, .wav or .flac by its name. One thread; blocks on the disk.

    Whatever happens, `close` leaves what was written as a whole file under its name. Raises InputError for a name that
    cannot be or is taken, and later OSError (also where libsndfile only says that it failed).
    """

    def __init__(self, path: Path, rate: int) -> None:
        """rate: Hz"""
        kind = FORMATS.get(path.suffix.lower())
        if kind is None:
            raise InputError(f"{path}: a take must end in {' or '.join(FORMATS)}")
        self.path, self.rate = path, rate
        self.frames = 0
        """Written so far; once closed, those that the file holds."""
        self._part = path.with_name(f".{path.name}{PART}")
        self._unwritten = 0
        try:
            if path.exists() or self._part.exists():
                raise InputError(f"{path} is there already; record under another name")
            self._recipe = recipe_beside(self._part).open("ab")
        except OSError as error:
            raise InputError(f"{path} cannot be recorded: {error.strerror}") from error
        try:
            if not _lock(self._recipe):
                raise InputError(f"{path} is being recorded already; record under another name")
            self._recipe.truncate(0)
            try:
                self._sound = kind(self._part, rate)
            except (OSError, soundfile.LibsndfileError) as error:
                recipe_beside(self._part).unlink()
                raise InputError(f"{path} cannot be recorded: the disk is full, or failing") from error
        except InputError:
            self._recipe.close()
            raise

    def __enter__(self) -> TakeWriter:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def bytes(self) -> int:
        """On disk so far."""
        return self._part.stat().st_size if self._part.exists() else 0

    def note(self, event: Event) -> None:
        """Add a line to the recipe."""
        self._recipe.write(json.dumps(event, separators=(",", ":")).encode() + b"\n")
        self._recipe.flush()

    def write(self, sound: Floats) -> None:
        """Add sound, float32 [frames, 2], full scale 1."""
        with _as_os_errors():
            self._sound.write(sound)
            self.frames += len(sound)
            self._unwritten += len(sound)
            if self._unwritten >= WRITE_OUT_SECONDS * self.rate:
                self._unwritten = 0
                self._sound.flush()

    def close(self) -> None:
        """Give the take its name."""
        trouble: OSError | None = None
        try:
            with _as_os_errors():
                self._sound.close()
        except OSError as error:
            trouble = error
        with suppress(OSError):
            self._recipe.close()
        self.frames = _finish(self._part, self.path)
        if trouble:
            raise trouble


class Recorder:
    """A TakeWriter with a thread of its own. `write` and `note`: engine thread, and they never wait; `close` waits
    for the disk. A disk that is full, too slow or gone ends the take: what was written is kept, `failure` says why, and
    how much it was once the take is closed."""

    def __init__(self, writer: TakeWriter) -> None:
        self._writer = writer
        self.path = writer.path
        self._trouble = ""
        self._waiting: queue.Queue[Floats | Event | None] = queue.Queue(round(WAITING_SECONDS / BLOCK_SECONDS))
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    @property
    def seconds(self) -> float:
        """Of sound, written so far; once closed, those that the file holds."""
        return self._writer.frames / self._writer.rate

    @property
    def failure(self) -> str:
        """Why it ended, or nothing."""
        kept = (
            f"the {self.seconds:.1f} seconds before that are in it" if self._writer.frames else "nothing is kept of it"
        )
        return f"the take {self.path} ended: {self._trouble}; {kept}" if self._trouble else ""

    @property
    def bytes(self) -> int:
        return self._writer.bytes

    def write(self, sound: Floats) -> None:
        """Sound, float32 [frames, 2]; not to be changed any more."""
        self._put(sound)

    def note(self, event: Event) -> None:
        """A line of the recipe."""
        self._put(event)

    def close(self) -> None:
        """Finish the file. Blocks."""
        self._waiting.put(None)
        self._thread.join()

    def _put(self, item: Floats | Event) -> None:
        if self._trouble:
            return
        try:
            self._waiting.put_nowait(item)
        except queue.Full:
            self._trouble = "the disk is too slow"

    def _run(self) -> None:
        while (item := self._waiting.get()) is not None:
            if self._trouble:
                continue
            try:
                if isinstance(item, dict):
                    self._writer.note(item)
                else:
                    self._writer.write(item)
            except OSError as error:
                self._trouble = _in_words(error)
        try:
            self._writer.close()
        except OSError as error:
            self._trouble = self._trouble or _in_words(error)


def new_take_path(folder: Path, style: str, suffix: str) -> Path:
    """A name that is free: the time and the style's name."""
    safe = "".join(letter if letter.isalnum() or letter in " -_" else "_" for letter in style).strip() or "take"
    stem = f"{datetime.now():%Y-%m-%d %H.%M.%S} {safe[:60]}"
    return _free(folder / f"{stem}{suffix}", PART)


def recover_takes(folder: Path) -> list[Path]:
    """Finish the takes in a folder whose recording was cut off; those still being recorded are left alone. Returns
    their names now. Blocks. What cannot be opened, because nothing was recorded yet, is removed."""
    takes = []
    for part in sorted(folder.glob(f".*{PART}")):
        name = folder / part.name[1 : -len(PART)]
        sidecar = recipe_beside(part)
        if name.suffix.lower() not in FORMATS or not sidecar.exists():
            continue
        with sidecar.open("rb") as recipe:
            if not _lock(recipe):
                continue
            path = _free(name)
            if _finish(part, path):
                takes.append(path)
    return takes


def read_recipe(take: Path) -> list[Event]:
    """The events of a take's recipe (engine/recipe.py), from beside it or from within it. Raises InputError."""
    if not take.is_file():
        raise InputError(f"{take}: no such take")
    sidecar = recipe_beside(take)
    try:
        content = sidecar.read_bytes() if sidecar.exists() else _embedded(take)
        # of a recording that was cut off the last line may be half of one
        whole = content[: content.rindex(b"\n") + 1] if b"\n" in content else b""
        events = [json.loads(line) for line in whole.splitlines()]
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{take}: its recipe is damaged ({error})") from error
    if not events:
        raise InputError(f"{take} has no recipe: it was not recorded with this program, or its recipe was removed")
    if not all(isinstance(event, dict) and isinstance(event.get("event"), str) for event in events):
        raise InputError(f"{take}: its recipe is damaged")
    return events


def _finish(part: Path, path: Path) -> int:
    """Put right what is there, put the recipe in it and give both their names. Returns the frames that it holds; if
    there were none, nothing is left."""
    sidecar = recipe_beside(part)
    recipe = sidecar.read_bytes()
    put_right = _finish_wav if path.suffix.lower() == ".wav" else _finish_flac
    frames = put_right(part, recipe) if part.exists() else 0
    if not frames:
        part.unlink(missing_ok=True)
        sidecar.unlink()
        return 0
    # the sound first: without it the recipe is nothing
    part.replace(path)
    if recipe:
        sidecar.replace(recipe_beside(path))
    else:
        sidecar.unlink()
    return frames


def _finish_wav(part: Path, recipe: bytes) -> int:
    with part.open("rb+", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        frames = max(0, size - WAV_HEADER) // WAV_FRAME
        data = frames * WAV_FRAME
        if not frames:
            return 0
        rate = wav_rate(file)
        file.seek(0)
        file.write(wav_header(rate, data))
        file.truncate(WAV_HEADER + data)
        file.seek(0, os.SEEK_END)
        chunk = struct.pack("<4sI", CHUNK, len(recipe)) + recipe + b"\0" * (len(recipe) % 2)
        written = 0
        with suppress(OSError):
            written = file.write(chunk)
        if written == len(chunk):
            file.seek(0)
            file.write(wav_header(rate, data, len(chunk)))
        else:  # no room: it stays beside it
            file.truncate(WAV_HEADER + data)
    return frames


def _finish_flac(part: Path, recipe: bytes) -> int:
    frames = _decodable(part)
    if not frames:
        return 0
    set_flac_length(part, frames)
    with part.open("rb+") as file:
        at = file.read(2 * FLAC_ROOM).find(b" " * FLAC_ROOM)
        if at >= 0 and len(recipe) <= FLAC_ROOM:
            file.seek(at)
            file.write(recipe)
    return frames


def _decodable(path: Path) -> int:
    """How many frames of a FLAC file can be read."""
    frames = 0
    with suppress(soundfile.LibsndfileError), soundfile.SoundFile(path) as file:
        if file.frames < 1 << 40:
            return int(file.frames)
        file.seekable = lambda: False  # else soundfile seeks after each read, which the end of such a file refuses
        # a frame of the format at a time: of one that is not whole nothing can be read
        while count := len(file.read(flac_frame(path), "float32")):
            frames += count
    return frames


def _embedded(take: Path) -> bytes:
    with take.open("rb") as file:
        if take.suffix.lower() != ".wav":
            with soundfile.SoundFile(file) as sound:
                return str(sound.comment).strip(" ").encode()
        head = file.read(WAV_HEADER)
        data = struct.unpack("<Q", head[28:36])[0] if head[:4] == b"RF64" else struct.unpack("<I", head[-4:])[0]
        file.seek(WAV_HEADER + data)
        name, size = struct.unpack("<4sI", file.read(8).ljust(8, b"\0"))
        return file.read(size) if name == CHUNK else b""


def recipe_beside(take: Path) -> Path:
    """Where a take's recipe is."""
    return take.with_name(take.name + RECIPE)


def _free(path: Path, *besides: str) -> Path:
    """The path, or with a number where there is such a file, or a hidden one with one of these endings."""
    number, free = 1, path
    while free.exists() or any(free.with_name(f".{free.name}{ending}").exists() for ending in besides):
        number += 1
        free = path.with_stem(f"{path.stem} {number}")
    return free


def _lock(file: BinaryIO) -> bool:
    """Mark a file as in use by this process until it is closed; False if it is in use by another."""
    try:
        import fcntl
    except ImportError:  # Windows: an open file cannot be renamed by another
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _in_words(error: OSError) -> str:
    full = error.errno in (None, errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # libsndfile does not say which
    return "the disk is full" if full else f"the disk is failing ({error.strerror})"


@contextmanager
def _as_os_errors() -> Iterator[None]:
    """libsndfile's errors, and soundfile's own check of how much was written, as OSError."""
    try:
        yield
    except (soundfile.LibsndfileError, AssertionError) as error:
        raise OSError(str(error)) from error
