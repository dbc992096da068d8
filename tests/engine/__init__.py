"""What several tests of the engine need."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.kernel import Codes, State
from models.config import ModelConfig
from models.style import Style, open_style, write_style


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
