"""Takes in other formats. Any thread; blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import soundfile

from models.errors import InputError
from models.files import written_aside
from studio.takes.files import Sound

Ints = npt.NDArray[np.int32]

BLOCK = 1 << 14
"""Frames; of more at once libsndfile's Vorbis runs out of stack."""
LARGEST_WAV = 0xFFFF0000
"""Bytes."""
FULL_SCALE = 1 << 31


@dataclass(frozen=True)
class Format:
    title: str
    suffix: str
    container: str
    subtype: str
    bits: int = 24
    compression: float | None = None
    """As libsndfile counts: 0 is the best sound, 1 the smallest file."""


FORMATS = (
    Format("WAV, 24 bit", ".wav", "WAV", "PCM_24"),
    Format("WAV, 16 bit", ".wav", "WAV", "PCM_16", 16),
    Format("FLAC, 24 bit", ".flac", "FLAC", "PCM_24"),
    Format("OGG Vorbis", ".ogg", "OGG", "VORBIS", compression=0.3),
    Format("MP3", ".mp3", "MP3", "MPEG_LAYER_III", compression=0.2),
)


def convert(source: Path, target: Path, form: Format, progress: Callable[[float], None]) -> None:
    """Write a sound file again in another format, whole or not at all. 24 bits stay what they are. progress: called
    with the fraction done; may raise, to stop it. Raises InputError."""
    try:
        with source.open("rb") as file, Sound(file.fileno(), closefd=False) as sound, written_aside(target) as aside:
            if form.container == "WAV" and sound.length * sound.channels * form.bits // 8 > LARGEST_WAV:
                raise InputError(f"{source.name} is too long for a WAV file; export it as FLAC.")
            with aside.open("wb") as written:
                _convert(sound, written, form, progress)
    except FileNotFoundError as error:
        what = target.parent if source.exists() else source.name
        raise InputError(f"{what} is no longer there.") from error
    except soundfile.LibsndfileError as error:
        reason = error.error_string.rstrip(".")
        raise InputError(f"{source.name} cannot be written as {form.title} ({reason}).") from error
    except (OSError, AssertionError) as error:  # the latter is soundfile's own check of how much was written
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "the disk is full, or failing"
        raise InputError(f"{target} cannot be written: {reason}.") from error


def _convert(sound: Sound, file: BinaryIO, form: Format, progress: Callable[[float], None]) -> None:
    options: dict[str, Any] = {"format": form.container, "compression_level": form.compression, "closefd": False}
    if form.container == "MP3":
        options["bitrate_mode"] = "VARIABLE"
    dither = np.random.default_rng(0)
    done = 0
    with soundfile.SoundFile(file.fileno(), "w", sound.samplerate, sound.channels, form.subtype, **options) as output:
        for block in _blocks(sound):
            output.write(_in_bits(block, form.bits, dither))
            done += len(block)
            progress(min(1.0, done / max(1, sound.length)))


def _blocks(sound: Sound) -> Iterator[Ints]:
    """int32 [frames, channels]; floats are what libsndfile makes of everything else, whole numbers what it has. Raises
    InputError where not all of it can be read."""
    whole = sound.subtype.startswith("PCM")
    read = 0
    with suppress(soundfile.LibsndfileError):
        while len(block := sound.read(BLOCK, "int32" if whole else "float64", always_2d=True)):
            read += len(block)
            if whole:
                yield block
            else:
                yield np.clip(np.rint(block * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1).astype(np.int32)
    if read < sound.length:
        raise InputError(f"The take is damaged: only {read / sound.samplerate:.1f} s of it can be read.")


def _in_bits(block: Ints, bits: int, dither: np.random.Generator) -> Ints:
    """Rounded to so many bits, whose noise is made one that does not follow the music (triangular dither) where bits
    are lost that a musician may hear."""
    step = 1 << (32 - bits)
    wide = block.astype(np.int64)
    if bits == 16 and (block & (step - 1)).any():
        wide += dither.integers(0, step, block.shape) - dither.integers(0, step, block.shape)
    wide = np.clip((wide + step // 2) // step * step, -FULL_SCALE, FULL_SCALE - step)
    return wide.astype(np.int32)
