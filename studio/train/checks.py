"""What was typed into the settings of a training, held against the rules of the configs."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.config import ModelConfig, TrainingConfig, with_settings
from models.errors import InputError


@dataclass(frozen=True)
class Checked:
    model: ModelConfig
    training: TrainingConfig
    """Both with all that can be; what is wrong is left as it was."""
    settings: tuple[str, ...]
    """KEY=VALUE, of what is right and differs from what was there anyway."""
    troubles: Mapping[str, str]
    """What is wrong, in a line, by the field that it is about."""


def check(model: ModelConfig, training: TrainingConfig, typed: Mapping[str, str]) -> Checked:
    """typed: text by field, those that were typed last at the end. Never raises."""
    before = values(model, training)
    right = dict(typed)
    troubles: dict[str, str] = {}
    while True:
        # all at once: one may be possible only with another
        try:
            done = with_settings(model, training, [f"{key}={text.strip()}" for key, text in right.items()])
        except InputError as error:
            key = _about(str(error), right)
            troubles[key] = str(error)
            del right[key]
        else:
            after = values(*done)
            settings = tuple(f"{key}={after[key]}" for key in right if after[key] != before[key])
            return Checked(*done, settings, troubles)


def values(model: ModelConfig, training: TrainingConfig) -> dict[str, str]:
    """Each field as it is typed."""
    return {key: _written(value) for config in (model, training) for key, value in dataclasses.asdict(config).items()}


def _about(trouble: str, typed: Mapping[str, str]) -> str:
    """Which of the fields the trouble is about: the first that it names, else the one that was typed last."""
    named = [word for word in re.findall(r"\w+", trouble) if word in typed]
    return named[0] if named else list(typed)[-1]


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value).removesuffix(".0")
