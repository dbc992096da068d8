"""The recipes of what was lately heard, so that any stretch of it can become a take after the fact."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.player import Player
from engine.recipe import Event, Log, header

CHAPTER_SECONDS = 30.0
"""A kept stretch is made again from the beginning of its chapter on: at most so much that is not asked for."""


@dataclass
class _Chapter:
    start: int
    """The player's position."""
    events: list[Event] = field(default_factory=list)
    log: Log = field(init=False)

    def __post_init__(self) -> None:
        self.log = Log(self.events.append, self.start)


class Chapters:
    """A recipe begun every CHAPTER_SECONDS, each kept up for as long as what was heard is remembered. Engine thread;
    never blocks."""

    def __init__(self, player: Player, span: float) -> None:
        """span: seconds that are remembered."""
        self._player = player
        self._span = round(span * player.rate)
        self._chapters: list[_Chapter] = []

    @property
    def oldest(self) -> int:
        """The player's first position that is remembered; the present one where nothing is."""
        position = self._player.position
        first = self._chapters[0].start if self._chapters else position
        return max(first, position - self._span)

    @property
    def newest(self) -> int:
        """The player's position after the last that is remembered."""
        return self._player.position

    def turn(self) -> None:
        """To be called before each block: begin a chapter where one is due, and let go of those that are over."""
        player = self._player
        if self._chapters and player.position < self._chapters[-1].start + CHAPTER_SECONDS * player.rate:
            return
        self._chapters.append(_Chapter(player.position))
        player.listen(self._chapters[-1].log)
        while len(self._chapters) > 1 and self._chapters[1].start <= self.oldest:
            player.forget(self._chapters.pop(0).log)

    def gain(self, start: int, end: int) -> float:
        """dB: the highest gain in force from the player's position `start`, not before `oldest`, to `end`."""
        chapter = self._chapter(start)
        mixes = [(chapter.start + event["at"], event["gain"]) for event in chapter.events if event["event"] == "mix"]
        at_start = [gain for at, gain in mixes if at <= start][-1:]
        return float(max(at_start + [gain for at, gain in mixes if start < at < end]))

    def recipe(self, start: int, end: int) -> list[Event]:
        """The events that make the sound from the player's position `start`, not before `oldest`, to `end` again."""
        chapter = self._chapter(start)
        part = {"event": "part", "from": start - chapter.start, "to": end - chapter.start}
        closing = chapter.log.closing(self._player.position)
        return [header(self._player.rate), part, *chapter.events, *closing]

    def _chapter(self, position: int) -> _Chapter:
        """The last one that began at or before a position."""
        return [chapter for chapter in self._chapters if chapter.start <= position][-1]
