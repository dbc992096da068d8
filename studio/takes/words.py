"""Lengths, sizes and dates as people say them."""

from __future__ import annotations

from datetime import datetime, timedelta

from studio.words import clock


def length(seconds: float | None) -> str:
    """As a clock; of an unknown length nothing."""
    return "" if seconds is None else clock(seconds, tenths=seconds < 60)


def size(count: int) -> str:
    """Of so many bytes, such as "812 kB" or "1.4 MB"."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor * 0.9995:
            value = count / factor
            return f"{value:.0f} {unit}" if value >= 100 or unit == "kB" else f"{value:.1f} {unit}"
    return f"{count} B"


def date(nanoseconds: int, now: datetime | None = None) -> str:
    """Since 1970; such as "Today, 14:03", "Yesterday, 09:20" or "3 May 2025"."""
    then = datetime.fromtimestamp(nanoseconds / 1e9)
    today = (now or datetime.now()).date()
    day = {today: "Today", today - timedelta(days=1): "Yesterday"}.get(then.date())
    return f"{day}, {then:%H:%M}" if day else f"{then.day} {then:%b %Y, %H:%M}"


def takes(count: int) -> str:
    return "1 take" if count == 1 else f"{count:,} takes"
