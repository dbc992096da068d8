"""A style is one file, name.samplernn: a zip, stored, of what plays it and what trains it further.

    style.json            StyleInfo: what it is, the model's configuration, a sha256 of every other entry
    step.int8.onnx        the graphs (models/graph.py) with their weights, by precision
    prime.int8.onnx       without weights: they are the step graph's, by name
    step.fp32.onnx, prime.fp32.onnx
    start.safetensors     h<k> float32 [N, state units] per tier: the learned state before the first frame; and if
                          it has openings, openings uint16 [K, history] and openings.h<k> float32 [K, N, state units]
    weights.safetensors   the averaged training weights, half precision
    preview.flac          what it sounds like: a few seconds that it played, mono, at its rate
    picture.png           what stands for it on a card

The last two may be missing, and do not make it another style. Whoever made the file is not trusted: see `open_style`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.config import ModelConfig, from_dict, to_dict
from models.errors import InputError
from models.files import written_aside

SUFFIX = ".samplernn"
FORMAT = 1
LARGEST_INFO = 1 << 20
QUIETEST = -60.0
"""dBFS: anything below is silence."""
INFO = "style.json"
PRECISIONS = ("int8", "fp32")
WEIGHTS = "weights.safetensors"
ENTRIES = frozenset(
    [f"{kind}.{precision}.onnx" for kind in ("step", "prime") for precision in PRECISIONS]
    + ["start.safetensors", WEIGHTS]
)
"""What plays, and what trains further."""
PREVIEW, PICTURE = "preview.flac", "picture.png"
LARGEST_SHOWN = {PREVIEW: 2 << 20, PICTURE: 512 << 10}
"""What only shows what the style is, and how many bytes of it there may be."""
PREVIEW_SECONDS = 10.0
"""At most: so that it is small enough at any rate."""


@dataclass(frozen=True)
class StyleInfo:
    """What a style says of itself."""

    name: str
    description: str
    author: str
    licence: str
    trained_on: str
    """The recordings and their licences and credits."""
    trained_samples: int | None
    """Samples seen in training, repetitions counted; none: unknown, of a model that was trained elsewhere."""
    bits_valid: float | None
    """Held-out bits a sample (the valid split, whole recordings, float32 weights); none: never measured."""
    bits_samples: int
    """How many samples that was measured on: 0 where it never was."""
    default_temperature: float
    loudness: float
    """dBFS, RMS, of what it plays at that temperature, silence apart."""
    frames_per_run: dict[str, int | None]
    """Per graph name: how many top-tier frames one run makes; none for any number."""
    model: ModelConfig


@dataclass(frozen=True)
class Style:
    """An opened style file: its information is in memory, the rest is read when asked for."""

    path: Path
    info: StyleInfo
    hashes: dict[str, str]

    def read(self, entry: str) -> bytes:
        """The content of an entry. Raises InputError if it does not have the hash style.json gives."""
        try:
            with zipfile.ZipFile(self.path) as file:
                content = file.read(entry)
        except Exception as error:  # in a file that was changed zipfile may raise anything
            raise InputError(f"{self.path}: {entry} cannot be read ({error}); get the style again") from error
        if hashlib.sha256(content).hexdigest() != self.hashes[entry]:
            raise InputError(f"{self.path}: {entry} is not what it was when exported; get the style again")
        return content

    @property
    def sha256(self) -> str:
        """One hash for all that plays, the network and how it is to be understood: the same only for the same style."""
        hashes = {name: each for name, each in self.hashes.items() if name not in LARGEST_SHOWN}
        played = {"model": to_dict(self.info.model), "hashes": hashes}
        return hashlib.sha256(json.dumps(played, sort_keys=True).encode()).hexdigest()


def open_style(path: Path) -> Style:
    """Read a style file's information and check its outline; no graph or weight is read yet.

    Raises InputError in one clear line: no such file, not a zip, truncated, an entry that does not belong
    or is missing, compressed entries or sizes that do not add up (a zip bomb), a format from the future,
    information that is damaged.
    """
    try:
        with zipfile.ZipFile(path) as file:
            entries = file.infolist()
            _check_outline(path, entries)
            content = json.loads(file.read(INFO))
    except InputError:
        raise
    except FileNotFoundError:
        raise InputError(f"{path}: no such style file") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder, not a style file") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: its {INFO} is damaged; get the style again") from error
    except Exception as error:  # zipfile's own, and what else a foreign file makes it raise
        raise InputError(f"{path} is not a style file, or only part of one ({error}); get it again") from error
    info, hashes = _parse_info(path, content)
    if hashes.keys() != {entry.filename for entry in entries} - {INFO}:
        raise InputError(f"{path}: its {INFO} does not list what is in it; get the style again")
    return Style(path, info, hashes)


def write_style(path: Path, info: StyleInfo, entries: dict[str, bytes]) -> None:
    """Write a style file, aside and renamed. Raises OSError."""
    content = {
        "format": FORMAT,
        **{field.name: getattr(info, field.name) for field in dataclasses.fields(info)},
        "model": to_dict(info.model),
        "hashes": {name: hashlib.sha256(entry).hexdigest() for name, entry in entries.items()},
    }
    with written_aside(path) as aside, zipfile.ZipFile(aside, "w", zipfile.ZIP_STORED) as file:
        for name, entry in {INFO: json.dumps(content, indent=1).encode(), **entries}.items():
            # a fixed date: the same style is the same file
            file.writestr(zipfile.ZipInfo(name), entry)


def change_info(style: Style, shown: Mapping[str, bytes] | None = None, **changes: Any) -> Style:
    """Let a style file say something else of itself, all else as it was. shown: entries of LARGEST_SHOWN, to be in it
    from now on. Raises OSError, InputError."""
    entries = {name: style.read(name) for name in style.hashes} | dict(shown or {})
    write_style(style.path, dataclasses.replace(style.info, **changes), entries)
    return open_style(style.path)


def _check_outline(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    for name in names:
        if name not in ENTRIES and name not in LARGEST_SHOWN and name != INFO:
            raise InputError(f"{path} holds {name!r:.80}, which does not belong in a style file")
    if len(set(names)) < len(names) or INFO not in names:
        raise InputError(f"{path} is not a style file: it has no {INFO}, or an entry twice")
    for precision in PRECISIONS:
        pair = {f"step.{precision}.onnx", f"prime.{precision}.onnx"} & set(names)
        if len(pair) == 1:
            raise InputError(f"{path}: one of its {precision} graphs is missing; get the style again")
    if not {"step.int8.onnx", "start.safetensors"} <= set(names):
        raise InputError(f"{path}: the graph for processors, or where to start, is missing; get the style again")
    if any(entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1 for entry in entries):
        raise InputError(f"{path} holds compressed or encrypted entries; a style file is stored as it is")
    sizes = [entry.file_size for entry in entries]
    if sum(sizes) > path.stat().st_size or any(e.file_size != e.compress_size for e in entries):
        raise InputError(f"{path} claims more than it holds; get the style again")
    if entries[names.index(INFO)].file_size > LARGEST_INFO:
        raise InputError(f"{path}: its {INFO} is too large to be one")
    for entry in entries:
        if entry.file_size > (most := LARGEST_SHOWN.get(entry.filename, entry.file_size)):
            raise InputError(f"{path}: its {entry.filename} is larger than {most >> 10:,} KB; get the style again")


def _parse_info(path: Path, content: Any) -> tuple[StyleInfo, dict[str, str]]:
    try:
        if content["format"] != FORMAT:
            raise InputError(
                f"{path} has style format {content['format']!r:.80}, this program reads {FORMAT}; update the program"
            )
        values = {field.name: content[field.name] for field in dataclasses.fields(StyleInfo)}
        values["model"] = from_dict(ModelConfig, values["model"])
        info, hashes = StyleInfo(**values), content["hashes"]
        texts = (info.name, info.description, info.author, info.licence, info.trained_on, *hashes.values())
        numbers = [info.default_temperature, info.loudness, info.bits_samples]
        numbers += [number for number in (info.bits_valid, info.trained_samples) if number is not None]
        runs = info.frames_per_run
        if (
            not all(isinstance(text, str) for text in texts)
            or not all(isinstance(number, int | float) and math.isfinite(number) for number in numbers)
            or (info.bits_valid is None and info.bits_samples != 0)
            or info.default_temperature < 0
            or not QUIETEST <= info.loudness <= 0
            or not all(count is None or (type(count) is int and 0 < count < 10_000) for count in runs.values())
            or runs.keys() != {name for name in hashes if name.endswith(".onnx")}
        ):
            raise TypeError
    except (KeyError, TypeError, AttributeError, OverflowError):
        raise InputError(f"{path}: its {INFO} is damaged; get the style again") from None
    except InputError as error:
        raise InputError(f"{path}: {error}" if not str(error).startswith(str(path)) else str(error)) from None
    return info, hashes
