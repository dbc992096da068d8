"""What a person at a terminal is told."""

from types import SimpleNamespace
from typing import Any

from engine.controls import Notice, State, Status
from engine.terminal import Playing


def told(*statuses: Status) -> list[str]:
    """What is said while a session goes through these, one at each look."""
    said: list[str] = []
    left = list(statuses)
    session: Any = SimpleNamespace(status=lambda: left.pop(0) if len(left) > 1 else left[0])
    Playing(session, said.append).until_done()
    return said


def test_what_it_fails_of_at_once_is_left_to_the_end() -> None:
    """The notice of a style that does not open may be there before it is known that nothing will play."""
    bad = Notice(1, "error", "the style is damaged")
    begun = Status(notices=(bad,)), Status(state="starting", notices=(bad,))
    assert told(*begun, Status(state="failed", reason=bad.text, notices=(bad,))) == []


def test_what_was_noticed_before_it_played_is_said_once_when_it_does() -> None:
    bad = Notice(1, "error", "the prime is too short")
    states: tuple[State, ...] = ("stopped", "starting", "playing", "playing", "stopped")
    assert told(*(Status(state=state, notices=(bad,)) for state in states)) == [bad.text]
