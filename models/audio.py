"""Reading sound: any file that people have, as mono samples at the rate that a model wants.

Everything streams: a file is read, mixed and resampled a block at a time, so its length costs no memory but
the result's. Samples are float32 in [-1, 1].
"""

import math
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from models.errors import InputError

Samples = NDArray[np.float32]

AUDIO_SUFFIXES = frozenset({".aif", ".aifc", ".aiff", ".flac", ".mp3", ".oga", ".ogg", ".opus", ".wav"})
"""What counts as sound inside a folder (lower case); a file named outright may be called anything."""

BLOCK = 1 << 16
"""Samples read at once, all channels together."""

QUIET = 10 ** (-50 / 20)
"""Of the loudest: what is below it at a sound's end is silence to go on from."""

RUN_UP = 1 << 13
"""Frames read ahead of a part, so that the resampler does not start cold inside it."""

SEEK_IS_EXACT = frozenset({"AIFF", "FLAC", "WAV", "WAVEX", "RF64", "W64"})
"""Formats (as libsndfile names them) in which it goes to the right sample. In MP3 and OGG it may land
elsewhere, or decode the first part wrongly; those are decoded from their beginning, at hundreds of times real time."""

FORMATS = "WAV, FLAC, OGG, MP3 and AIFF"

UNKNOWN = sys.maxsize
"""libsndfile's number of frames for a file that does not say, such as a FLAC that was written to a pipe."""


class _Forward(soundfile.SoundFile):  # type: ignore[misc]
    """A sound file that is read straight on.

    soundfile seeks to where it is after every read. That breaks the next samples of an MP3, which depend on
    the ones before, and fails at the end of a file of UNKNOWN length. It leaves it if told that it cannot.
    """

    def seekable(self) -> bool:
        return False


class AudioError(InputError):
    """A file that no sound can be read from. `reason` is the text without the file's name."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.reason = reason


@dataclass(frozen=True)
class Heading:
    """What a sound file says of itself."""

    rate: int
    """Hz"""
    channels: int
    frames: int | None
    """None where it does not say; and of a damaged file there may be fewer."""


def read_heading(path: Path) -> Heading:
    """Raises AudioError for a file that is missing, a folder or not sound."""
    with _opened(path) as sound:
        frames = None if sound.frames == UNKNOWN else sound.frames
        return Heading(sound.samplerate, sound.channels, frames)


def find_audio(sources: Sequence[Path]) -> list[Path]:
    """Every sound file in `sources`: files as given, folders searched recursively in sorted order.

    Inside folders, hidden files and folders and names without one of AUDIO_SUFFIXES are skipped. Links are
    followed, each folder is entered once.

    Raises InputError for a source that does not exist and for a folder that cannot be listed.
    """
    found: list[Path] = []
    for source in sources:
        if source.is_dir():
            found += sorted(_walk(source))
        elif source.exists():
            found.append(source)
        else:
            raise InputError(f"{source}: no such file or folder")
    return found


def _walk(folder: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        raise InputError(f"{error.filename}: {error.strerror}") from error

    entered = set()
    for parent, folders, files in os.walk(folder, onerror=refuse, followlinks=True):
        status = os.stat(parent)
        identity = (status.st_dev, status.st_ino)
        if identity in entered:  # a link back to where we have been
            folders.clear()
            continue
        entered.add(identity)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in files:
            path = Path(parent, name)
            if not name.startswith(".") and path.suffix.lower() in AUDIO_SUFFIXES and path.is_file():
                yield path


def read_audio(path: Path, rate: int) -> Samples:
    """A whole sound file as float32 [samples], mono at `rate` Hz. Raises AudioError (an InputError) as stream_audio
    does."""
    joined = bytearray()  # grows in place: joining a list of blocks would hold everything twice
    for block in stream_audio(path, rate):
        joined += block.tobytes()
    return np.frombuffer(joined, np.float32)


def sounding(level: Samples) -> int:
    """How many of `level`, float32 [any], magnitudes of samples or of longer stretches, there are before the silence
    that a sound may fade into; all, if there is nothing else. What goes on from silence makes more of it."""
    heard = np.flatnonzero(level > level.max(initial=0.0) * QUIET)
    return int(heard[-1]) + 1 if len(heard) else len(level)


def stream_audio(
    path: Path,
    rate: int,
    *,
    start: float = 0.0,
    stereo: bool = False,
    inspect: Callable[[Samples], None] | None = None,
) -> Iterator[Samples]:
    """The blocks of a sound file at `rate` Hz, in [-1, 1]: float32 [samples], mono (the channels' mean), or where
    `stereo` [frames, 2], of which each is the mean unless the file has two channels. A block may be empty.

    The stream begins `start` seconds into the file, with the very samples that the whole would have there. `inspect`
    sees each block as it is in the file, float32 [frames, channels] at the file's rate, also those before the beginning
    that have to be read.

    Raises AudioError for a file that is missing, a folder, not sound, damaged, without samples, or with
    samples that are not finite numbers.
    """
    with _opened(path) as sound:
        left_out = _seek_near(sound, min(start, sound.frames / sound.samplerate), rate)
        expected = sound.frames - left_out
        early = round(start * rate) - left_out * rate // sound.samplerate
        pair = stereo and sound.channels == 2
        resampler = soxr.ResampleStream(sound.samplerate, rate, num_channels=1 + pair, quality="HQ")

        def finish(mixed: Samples, last: bool = False) -> Samples:
            nonlocal early
            if sound.samplerate != rate:
                mixed = resampler.resample_chunk(mixed, last=last)
            kept = mixed[early:].clip(-1, 1)
            early = max(0, early - len(mixed))
            return np.repeat(kept[:, None], 2, axis=1) if stereo and not pair else kept

        frames = 0
        while len(block := sound.read(max(1, BLOCK // sound.channels), "float32", always_2d=True)):
            frames += len(block)
            if not np.isfinite(block).all():
                raise AudioError(path, "holds samples that are not numbers (NaN or infinite)")
            if inspect:
                inspect(block)
            yield finish(block if pair else block.mean(axis=1, dtype=np.float32))
        if sound.frames != UNKNOWN and expected - frames > 0.05 * expected + 0.1 * sound.samplerate:
            lost = (expected - frames) / sound.samplerate
            raise AudioError(path, f"is damaged: the last {lost:.1f} s cannot be read")
        if not frames and not left_out:
            raise AudioError(path, "holds no samples")
        if sound.samplerate != rate:
            yield finish(np.zeros((0, 2) if pair else 0, np.float32), last=True)


@contextmanager
def _opened(path: Path) -> Iterator[_Forward]:
    """The file, open at its first frame. All that the system and libsndfile may say becomes an AudioError."""
    try:
        # libsndfile gets the open file, not its name: the system's messages are clearer, a name in any
        # encoding will do, and its MP3 decoder does not search a text called .mp3, muttering on stderr.
        with path.open("rb") as file:
            if not os.fstat(file.fileno()).st_size:
                raise AudioError(path, "the file is empty")
            try:
                sound = _Forward(file.fileno(), closefd=False)
            except soundfile.LibsndfileError as error:
                raise AudioError(path, f"is not sound that can be read: {FORMATS} can") from error
            with sound:
                yield sound
    except IsADirectoryError as error:
        raise AudioError(path, "is a folder: name a sound file in it") from error
    except soundfile.LibsndfileError as error:
        raise AudioError(path, f"is damaged ({error.error_string.rstrip('.')})") from error
    except OSError as error:
        raise AudioError(path, f"cannot be read: {error.strerror}") from error


def _seek_near(sound: _Forward, seconds: float, rate: int) -> int:
    """Goes to a little before that time, where the format allows it. Returns the frames left out."""
    if sound.frames == UNKNOWN or sound.format not in SEEK_IS_EXACT:
        return 0
    first = math.floor(seconds * sound.samplerate) - RUN_UP
    # Only from here are the samples at `rate` the very ones that the whole file would give.
    first -= first % (sound.samplerate // math.gcd(sound.samplerate, rate))
    return int(sound.seek(first)) if first > 0 else 0
