"""What a data set is good for, in the words of musicians."""

from __future__ import annotations

from dataclasses import dataclass

from models.dataset import GOOD, LITTLE, SOME, Manifest
from studio.words import in_kilohertz


@dataclass(frozen=True)
class Verdict:
    title: str
    text: str
    role: str
    """A look of resources/theme/studio.qss."""


ENOUGH = (
    (LITTLE, Verdict(
        "Too little to learn from",
        "It will learn this by heart and repeat it. Give it more of the same; to start from a style helps a little.",
        "bad",
    )),
    (SOME, Verdict(
        "A little thin",
        "Enough to go on from a style of a like sound. From nothing it will repeat itself; more of the same helps.",
        "warning",
    )),
    (GOOD, Verdict(
        "Good",
        "Enough for one instrument or one kind of music. The more of a kind it is, the better it will sound.",
        "good",
    )),
)  # fmt: skip
"""Up to so many minutes to learn from."""
PLENTY = Verdict(
    "Good, and plenty", "With so much it also needs longer to learn it: hours rather than minutes.", "good"
)


def verdict(manifest: Manifest) -> Verdict:
    """Whether it is enough to learn from."""
    minutes = manifest.seconds("train") / 60
    return next((judged for most, judged in ENOUGH if minutes < most), PLENTY)


def facts(manifest: Manifest) -> str:
    """How much there is, and what for."""
    count = sum(map(len, manifest.splits.values()))
    seconds = {split: manifest.seconds(split) for split in manifest.splits}
    parts = [f"{length(seconds['train'])} to learn from", f"{length(seconds['valid'])} to check with"]
    if seconds["test"]:
        parts.append(f"{length(seconds['test'])} set aside for the last word")
    files = "1 recording" if count == 1 else f"{count:,} recordings"
    return f"{files}, {length(sum(seconds.values()))} at {in_kilohertz(manifest.rate)}: {', '.join(parts)}."


def length(seconds: float) -> str:
    """As people say it: 40 s, 5.2 min, 43 min, 2.5 h."""
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    if minutes < 9.95:
        return f"{minutes:.1f} min".replace(".0 ", " ")
    return f"{minutes:.0f} min" if minutes < 119.5 else f"{minutes / 60:.1f} h".replace(".0 ", " ")
