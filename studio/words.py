"""Numbers in the words that musicians use."""

from __future__ import annotations


def clock(seconds: float, tenths: bool = False) -> str:
    """1:02 or, with tenths, 1:02.5; with hours from the first full one on: 1:00:07."""
    count = int(seconds * 10 + 0.5) if tenths else int(seconds + 0.5)
    count, rest = divmod(count, 10) if tenths else (count, 0)
    minutes, left = divmod(count, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
    return f"{text}.{rest}" if tenths else text


def in_kilohertz(rate: int) -> str:
    return f"{rate / 1000:g} kHz"


def channels(count: int) -> str:
    return {1: "mono", 2: "stereo"}.get(count, f"{count} channels")


def ago(seconds: float) -> str:
    """Before now, short: −1:02."""
    return f"−{clock(seconds)}"
