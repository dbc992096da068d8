"""The moments of a training that are kept, to be heard and installed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MOMENTS = 8
"""About so many in all."""
GRAIN = 25
"""Steps: a training reports so often."""
LONGEST = 1000
"""Steps from one validation to the next at the most."""
SHARE = 0.15
"""Of the time, that validations may take."""


@dataclass(frozen=True)
class Pace:
    """Of a training, in seconds."""

    step: float = 0.5
    validation: float = 5.0


def moments(minutes: float, pace: Pace, settings: Iterable[str]) -> tuple[str, ...]:
    """The settings with those added that keep moments of a training of that length, where they do not say so
    themselves. Each moment is validated, or in a short training only some are, so that there is time to learn."""
    settings, seconds = tuple(settings), minutes * 60
    validations = min(MOMENTS, int(SHARE * seconds / max(pace.validation, 1e-3)))
    total = max(0.0, seconds - max(1, validations) * pace.validation) / pace.step  # there is one at the end in any case
    every = max(GRAIN, round(total / MOMENTS / GRAIN) * GRAIN)
    validated = every * max(1, round(total / validations / every)) if validations else LONGEST
    usual = {"keep_every": every, "valid_every": min(validated, LONGEST)}
    said = {setting.partition("=")[0] for setting in settings}
    return (*settings, *(f"{key}={value}" for key, value in usual.items() if key not in said))


def steps_in(minutes: float, pace: Pace, settings: Iterable[str]) -> float:
    """How many steps so long a training has; settings: those that `moments` gave."""
    values = dict(setting.split("=", 1) for setting in settings)
    return minutes * 60 / (pace.step + pace.validation / int(values["valid_every"]))
