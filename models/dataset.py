"""A prepared data set: a folder with {train,valid,test}.pcm and manifest.json.

Each .pcm is the recordings of its split one after the other, mono, 16-bit little-endian, full scale 32768.
manifest.json is the Manifest below. models/prepare.py writes it; what is here reads it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from models.errors import InputError

Split = Literal["train", "valid", "test"]
SPLITS: tuple[Split, ...] = ("train", "valid", "test")

MANIFEST = "manifest.json"
FORMAT = "samplernn-studio data set"
VERSION = 1
SAMPLE = np.dtype("<i2")
FULL_SCALE = 32768
"""The .pcm's value for 1.0 (which itself is clipped to 32767)."""
LITTLE, SOME, GOOD = 5.0, 20.0, 60.0
"""Minutes to train on: below, recordings are learned by heart; thin; good, of one instrument; above, plenty."""


@dataclass(frozen=True)
class Recording:
    """One recording, and where it is in its split's .pcm."""

    name: str
    """The file's path inside the source folder."""
    source: str
    """The file's path as given."""
    sha256: str
    """Of the source file's bytes."""
    start: int
    """First sample in the .pcm."""
    samples: int
    seconds: float
    peak_dbfs: float
    rms_dbfs: float
    dc: float
    """The source's mean, full scale 1."""
    warnings: tuple[str, ...] = ()
    silence: float = 0.0
    """Share of it in which nothing is heard."""
    clipped: int = 0
    """Samples in runs at full scale, at least."""


@dataclass(frozen=True)
class Skipped:
    """A source file that was left out."""

    source: str
    reason: str


@dataclass(frozen=True)
class Manifest:
    """What a data set holds, where it came from and what was left out."""

    rate: int
    """Hz."""
    splits: Mapping[Split, tuple[Recording, ...]]
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()
    """Remarks on the whole, one line each."""

    def seconds(self, split: Split) -> float:
        """The length of a split."""
        return sum(recording.samples for recording in self.splits[split]) / self.rate

    def to_json(self) -> str:
        """The text of manifest.json."""
        totals = {s: {"recordings": len(self.splits[s]), "seconds": self.seconds(s)} for s in SPLITS}
        content = {"format": FORMAT, "version": VERSION, "totals": totals, **asdict(self)}
        return json.dumps(content, indent=1)  # in ASCII: a file's name may be in an encoding of its own

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What to_json wrote. Raises ValueError, one line, for anything else."""
        try:
            content = json.loads(text)
            if content["format"] != FORMAT:
                raise ValueError("not the manifest of a data set")
            if content["version"] != VERSION:
                raise ValueError(f"format version {content['version']}, this program reads {VERSION}")
            manifest = cls(
                rate=_positive(content["rate"]),
                splits={s: tuple(_recording(entry) for entry in content["splits"][s]) for s in SPLITS},
                skipped=tuple(Skipped(**entry) for entry in content["skipped"]),
                notes=tuple(content["notes"]),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"damaged: {error}") from error
        for split, recordings in manifest.splits.items():
            end = 0
            for recording in recordings:
                if recording.start != end:
                    raise ValueError(f"damaged: {recording.name} is out of place in {split}")
                end += recording.samples
        return manifest


def _recording(entry: dict[str, Any]) -> Recording:
    _positive(entry["samples"])
    return Recording(**{**entry, "warnings": tuple(entry["warnings"])})


def _positive(value: object) -> int:
    if not isinstance(value, int) or value <= 0:
        raise TypeError(f"{value!r} where a whole number above 0 belongs")
    return value


@dataclass(frozen=True)
class DataSet:
    """An opened data set. Its sound stays on the disk, mapped into memory as it is touched."""

    path: Path
    manifest: Manifest

    @classmethod
    def open(cls, path: Path) -> Self:
        """The data set in the folder `path`.

        Raises InputError, one clear line, if it is none, its manifest is damaged, or a .pcm is missing or
        has the wrong size.
        """
        if not (path / MANIFEST).is_file():
            raise InputError(f"{path}: not a data set; make one with: main.py prepare AUDIO... -o {path}")
        try:
            manifest = Manifest.from_json((path / MANIFEST).read_text(encoding="utf-8"))
            for split in SPLITS:
                size = (path / f"{split}.pcm").stat().st_size
                expected = SAMPLE.itemsize * sum(recording.samples for recording in manifest.splits[split])
                if size != expected:
                    raise ValueError(f"{split}.pcm has {size} bytes, not {expected}")
        except OSError as error:
            raise InputError(f"{error.filename}: {error.strerror}; prepare the data set again") from error
        except ValueError as error:
            raise InputError(f"{path}: {' '.join(str(error).split())}; prepare the data set again") from error
        return cls(path, manifest)

    @property
    def rate(self) -> int:
        """Samples a second."""
        return self.manifest.rate

    @cached_property
    def fingerprint(self) -> str:
        """A sha256 (hex) that is the same only for the same sound in the same order at the same rate."""
        content = [self.rate, [[(r.sha256, r.start, r.samples) for r in self.recordings(s)] for s in SPLITS]]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    def recordings(self, split: Split) -> tuple[Recording, ...]:
        """The recordings of a split, in the order of its .pcm."""
        return self.manifest.splits[split]

    def seconds(self, split: Split) -> float:
        """The length of a split."""
        return self.manifest.seconds(split)

    def pcm(self, split: Split) -> NDArray[np.int16]:
        """A split's samples, int16 [samples], full scale 32768: read-only, mapped from the disk."""
        if not self.recordings(split):
            return np.zeros(0, SAMPLE)  # an empty file cannot be mapped
        return np.memmap(self.path / f"{split}.pcm", SAMPLE, mode="r")
