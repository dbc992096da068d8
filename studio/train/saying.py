"""How a training is told of."""

from __future__ import annotations

from studio.training.run import Run

STATES = {
    "waiting": "Waits for its turn",
    "preparing": "Getting ready",
    "training": "Learning",
    "paused": "Paused",
    "done": "Done",
    "failed": "Stopped with a trouble",
}
ROLES = {
    "waiting": "muted",
    "preparing": "second",
    "training": "accent",
    "paused": "muted",
    "done": "good",
    "failed": "bad",
}
"""Colours of studio/theme.py."""
LABELS = {**ROLES, "preparing": "right", "training": "left"}
"""Roles of labels (resources/theme/studio.qss)."""


def state(run: Run) -> str:
    """In a word or two."""
    if run.active and run.plan.wanted != "train":
        return "Saving…"
    if run.state == "done" and run.step < run.steps:
        return "Ended early"
    return STATES[run.state]


def short(run: Run) -> str:
    """For the list: the state, and what matters most of it."""
    if run.state == "training" and run.plan.wanted == "train" and run.left is not None:
        return f"{round(100 * run.fraction)} %  ·  {duration(run.left)} left"
    if run.state in ("paused", "failed") and run.steps:
        return f"{state(run)} at {round(100 * run.fraction)} %"
    return state(run)


def progress(run: Run) -> str:
    """How far it is, in all that is known."""
    if run.state == "preparing" and run.plan.wanted == "train":
        return "It loads, and measures how fast it is here; the first report comes in half a minute or so."
    if not run.step:
        return "" if run.state != "waiting" else "It begins when the training before it ends."
    parts = [f"step {run.step:,} of {run.steps:,}"]
    if run.bits is not None:
        parts.append(f"{run.bits:.2f} bits")
    if run.bits_valid is not None:
        parts.append(f"{run.bits_valid:.2f} on what it never heard")
    if run.state == "training" and run.left is not None:
        parts.append(f"{duration(run.left)} left")
    return "  ·  ".join(parts)


def duration(seconds: float) -> str:
    """About so long: 45 s, 12 min, 3 h 20 min, 2 days."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {rest} min" if rest and hours < 10 else f"{round(minutes / 60)} h"
    return f"{round(hours / 24)} days"
