"""A style into a sound file, faster than it plays."""

from __future__ import annotations

import hashlib
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from engine.controls import HOTTEST, SPREAD
from engine.soundfiles import flac_frame, flac_length, set_flac_length
from engine.stream import Stream
from engine.takes import recipe_beside
from models.errors import InputError

Floats = npt.NDArray[np.float32]

FORMATS = {".wav": "WAV", ".flac": "FLAC"}
BLOCK_SECONDS = 0.1


class RenderStopped(Exception):
    """The render could not go on; its text says why, and what was made so far is in the file."""


@dataclass(frozen=True)
class Rendered:
    file: Path
    samples: int
    seconds: float
    """Of sound."""
    codes_sha256: str
    """Of the codes, voice by voice, little-endian uint16, without the prime."""
    real_time_factor: float
    """Seconds of sound made in one second, files and mixing included."""


def check_output(path: Path) -> None:
    """Raises InputError unless `path` can become a sound file."""
    if path.suffix.lower() not in FORMATS:
        raise InputError(f"{path}: the output must end in {' or '.join(FORMATS)}")
    if path.is_dir():
        raise InputError(f"{path} is a folder; name a file")
    if not path.parent.is_dir():
        raise InputError(f"{path.parent}: no such folder to write to")
    if recipe_beside(path).exists():
        raise InputError(f"{path} is a take; name another file")
    if not os.access(path.parent, os.W_OK):
        raise InputError(f"{path.parent}: not allowed to write there")


def check_temperature(temperature: float) -> None:
    """Raises InputError unless it is a number from 0 (always the likeliest code) to 10."""
    if not 0 <= temperature <= HOTTEST:
        raise InputError(f"temperature is {temperature}; it must be from 0 to {HOTTEST:g} (0.9 is a start)")


def render(
    stream: Stream,
    path: Path,
    seconds: float,
    temperature: float,
    progress: Callable[[float], None] = lambda fraction: None,
) -> Rendered:
    """Let the stream play `seconds` into a stereo 16-bit file, WAV or FLAC by its name. Blocks.

    The file is written aside and renamed, also when it is cut short: KeyboardInterrupt is passed on, and a full
    disk raises RenderStopped, when what was made so far (of a FLAC to a few thousand samples) is a whole file
    under its name.

    Raises InputError for a length, temperature or name that cannot be.
    """
    check_output(path)
    check_temperature(temperature)
    if not 0 < seconds < math.inf:
        raise InputError(f"seconds is {seconds}; it must be above 0")
    config = stream.kernel.config
    total = max(1, round(seconds * config.sample_rate))
    frames = stream.kernel.frames(BLOCK_SECONDS)
    pan = stereo_gains(stream.voices)
    codes: list[npt.NDArray[np.uint16]] = []
    made, started = 0, time.perf_counter()
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    failure: Exception | None = None
    kept = 0
    try:
        with soundfile.SoundFile(
            aside, "w", config.sample_rate, 2, "PCM_16", format=FORMATS[path.suffix.lower()]
        ) as file:
            while made < total:
                block = stream.generate(frames, temperature)
                new = block.codes[:, : total - made]
                codes.append(new.astype("<u2"))
                file.write(pan_and_mix(block.sound[:, : total - made], pan))
                made += new.shape[1]
                progress(made / total)
    except (soundfile.LibsndfileError, AssertionError, OSError) as error:
        failure = error  # soundfile's own check of how much was written is an assertion
    finally:
        kept = _whole_samples(aside, made)
        if kept:
            aside.replace(path)
        aside.unlink(missing_ok=True)
    if failure or kept < made:
        rest = f"the {kept / config.sample_rate:.1f} seconds before that are kept in it" if kept else "nothing is kept"
        raise RenderStopped(
            f"cannot write {path}: the disk is full, or failing ({failure or 'the end is missing'}); {rest}"
        ) from failure
    elapsed = time.perf_counter() - started
    all_codes = np.concatenate(codes, axis=1)
    length = made / config.sample_rate
    return Rendered(path, made, length, hashlib.sha256(all_codes.tobytes()).hexdigest(), length / elapsed)


def _whole_samples(path: Path, written: int) -> int:
    """How many of the samples written to a closed file can be read. Where the disk was full, the encoder has
    left the length of a FLAC file open, without a word: then that of the frames it did write is filled in."""
    if not written or flac_length(path):
        return written
    frame = flac_frame(path)
    # it holds back a sample more than a frame
    whole = (written - 1) // frame * frame
    set_flac_length(path, whole)
    return whole


def stereo_gains(voices: int, spread: float = SPREAD) -> Floats:
    """float32 [voices, 2]: where each voice sits, equal power, and as loud together as one alone.
    spread: how far out the outermost sit, from 0 (all in the middle) to 1 (hard left and right)."""
    place = np.linspace(-spread, spread, voices) if voices > 1 else np.zeros(1)
    angle = (place + 1) * np.pi / 4
    gains = np.stack([np.cos(angle), np.sin(angle)], axis=1) * np.sqrt(2 / voices)
    rounded: Floats = gains.astype(np.float32)
    return rounded


def pan_and_mix(voices: Floats, gains: Floats) -> Floats:
    """float32 [voices, samples] -> [samples, 2], clipped to full scale."""
    mixed: Floats = np.clip(voices.T @ gains, -1, 1)
    return mixed
