"""The moments of a training that are kept, to be heard and installed."""

from __future__ import annotations

from collections.abc import Iterable

MOMENTS = 8
"""About so many in all."""
GRAIN = 25
"""Steps: a training reports so often."""
STEPS_A_SECOND = 2.0
"""Where it was not measured."""
LONGEST = 1000
"""Steps from one validation to the next at the most."""


def moments(minutes: float, steps_a_second: float | None, settings: Iterable[str]) -> tuple[str, ...]:
    """The settings with those added that keep moments of a training of that length, and validate as often, where they
    do not say so themselves."""
    settings = tuple(settings)
    said = {setting.partition("=")[0] for setting in settings}
    total = minutes * 60 * (steps_a_second or STEPS_A_SECOND)
    every = max(GRAIN, round(total / MOMENTS / GRAIN) * GRAIN)
    usual = {"keep_every": every, "valid_every": min(every, LONGEST)}
    return (*settings, *(f"{key}={value}" for key, value in usual.items() if key not in said))
