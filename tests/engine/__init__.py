"""What several tests of the engine need."""

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from onnx import load_model_from_string, numpy_helper

from engine.kernel import Codes, State
from engine.library import INSTALLED
from models.config import ModelConfig
from models.style import Style, open_style, write_style


def shipped_piano() -> Path:
    path = INSTALLED / "piano.samplernn"
    path.exists() or pytest.skip("not shipped yet")
    return path


def some_codes(config: ModelConfig, voices: int, frames: int) -> Codes:
    """Codes that each voice of a recording could have, [voices, samples]."""
    time = np.arange(frames * config.lookback)
    waves = [np.sin(time * (0.11 + 0.07 * voice)) for voice in range(voices)]
    return np.rint((np.array(waves) * 0.4 + 0.5) * (config.levels - 1)).astype(np.int64)


def same_state(one: State, other: State) -> bool:
    return np.array_equal(one.codes, other.codes) and all(map(np.array_equal, one.h, other.h))


def style_with(style: Style, path: Path, changed: dict[str, bytes | None], **frames_per_run: int) -> Style:
    """A copy of a style with other entries, or without those that are none; its hashes are right."""
    entries = {name: style.read(name) for name in style.hashes} | changed
    kept = {name: content for name, content in entries.items() if content is not None}
    runs = {name: count for name, count in (style.info.frames_per_run | frames_per_run).items() if name in kept}
    write_style(path, replace(style.info, frames_per_run=runs), kept)
    return open_style(path)


def style_with_weights(
    style: Style, path: Path, name: str, value: float, shape: tuple[int, ...] | None = None
) -> Style:
    """A copy of a style with another value for one of these weights, or for all of a shape."""
    graph = load_model_from_string(style.read("step.int8.onnx"))
    tensor = next(tensor for tensor in graph.graph.initializer if tensor.name == name)
    if shape is None:
        values = numpy_helper.to_array(tensor).copy()
        values.flat[values.size // 2] = value
    else:
        values = np.full(shape, value, np.float32)
    tensor.CopyFrom(numpy_helper.from_array(values, name))
    return style_with(style, path, {"step.int8.onnx": graph.SerializeToString()})


def tampered(style: Path, path: Path, entry: str, content: bytes) -> Path:
    """A copy of a style file with another entry, whose hash is then wrong."""
    with zipfile.ZipFile(style) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, content if name == entry else old.read(name))
    return path


def style_at_rate(style: Style, path: Path, rate: int) -> Style:
    """The same network, said to be of sound at another rate."""
    entries = {name: style.read(name) for name in style.hashes}
    info = replace(style.info, model=replace(style.info.model, sample_rate=rate), name=f"At {rate}")
    write_style(path, info, entries)
    return open_style(path)
