"""A take made again from its recipe: the same codes, from the same moments, under the same settings; and what might
have come after it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

from engine.controls import Choice, Controls
from engine.library import find_style_by_hash
from engine.place import Place
from engine.player import Player, Strip
from engine.recipe import FORMAT, Event, Settings, combine, flat, unpack
from engine.select import Selected, select_kernel
from engine.takes import TakeWriter, read_recipe
from models.errors import InputError
from models.style import Style

Floats = npt.NDArray[np.float32]

BLOCK_SECONDS = 0.1


@dataclass(frozen=True)
class Replayed:
    file: Path
    seconds: float
    codes_sha256: str
    matches: bool | None
    """Whether these are the take's codes; none if the recording was cut off before its recipe could say."""


class ScoredStrip(Strip):
    """A strip that plays what a recipe says."""

    def __init__(self, place: Place, rate: int, plays: list[tuple[int, Settings]], frames: int | None) -> None:
        """plays: from which frame on which settings, at least one. frames: how many there are; none: no end."""
        super().__init__(place, rate, plays[0][1])
        self._plays = plays
        self._last_frame = None if frames is None else place.moment.frame + frames
        self.goes_on = False
        """Whether it plays on after its last frame, as it did at its end."""
        self.codes = hashlib.sha256()
        """Of what the recipe says."""

    def play_out(self) -> None:
        """Draw what was drawn for the take but not heard in it."""
        while self._last_frame is not None and self.stream.frame < self._last_frame:
            self._make(BLOCK_SECONDS)

    def _play(self, frames: int) -> Floats:
        here = self.stream.frame
        borders = [frame for frame, _ in self._plays if frame > here]
        beyond = self._last_frame is not None and here >= self._last_frame
        if beyond and not self.goes_on:
            # through the resampler: the last of what was drawn is still in it
            silence = np.zeros((frames * self.stream.kernel.config.lookback, 2), np.float32)
            return self._resampler.resample_chunk(silence) if self._resampler else silence
        if self._last_frame is not None and not beyond:
            borders.append(self._last_frame)
        self.settings = [settings for frame, settings in self._plays if frame <= here][-1]
        sound = super()._play(min(frames, min(borders, default=here + frames) - here))
        assert self.block is not None
        if not beyond:
            self.codes.update(flat(self.block.codes))
        return sound


def replay(
    take: Path,
    output: Path,
    provider: Choice = "auto",
    progress: Callable[[float], None] = lambda fraction: None,
    seconds: float | None = None,
) -> Replayed:
    """Play a take's recipe into a new file, .wav or .flac. Blocks. progress: called with the fraction done.

    seconds: of sound in all, more than the take has; what played at its end then plays on, under the settings of then
    (and does not fade out, where the take ended because the playing was stopped).

    Raises InputError if there is no recipe, if it is damaged, or if a style that it needs is not there, and for
    seconds that the take has already; OSError if the file cannot be written.
    """
    events = read_recipe(take)
    try:
        return _replay(events, take, output, provider, progress, seconds)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise InputError(f"{take}: its recipe is damaged ({error!r:.80})") from error


def _replay(
    events: list[Event],
    take: Path,
    output: Path,
    provider: Choice,
    progress: Callable[[float], None],
    seconds: float | None,
) -> Replayed:
    head = events[0]
    if head["event"] != "take" or head["format"] != FORMAT:
        raise InputError(f"{take}: its recipe is of another version ({head.get('format')!r:.20}); update the program")
    rate, closing = int(head["rate"]), [event for event in events if event["event"] == "close"]
    length = int(closing[0]["frames"]) if closing else soundfile.info(take).frames
    first, last = next(((int(e["from"]), int(e["to"])) for e in events if e["event"] == "part"), (0, length))
    strips = _strips(events, rate, provider)
    acts = sorted((e for e in events if e["event"] in ("strip", "leave", "mix")), key=lambda event: int(event["at"]))
    if seconds is not None:
        if round(seconds * rate) <= last - first:
            raise InputError(f"{take} is {(last - first) / rate:.2f} seconds long; to go on beyond it takes more")
        acts = _going_on([act for act in acts if int(act["at"]) < last], strips, take)
        length = last = first + round(seconds * rate)
    player, controls = Player(rate), Controls()
    with _writing(output, rate) as writer:
        while player.position < length:
            while acts and acts[0]["at"] <= player.position:
                act = acts.pop(0)
                if act["event"] == "mix":
                    controls = Controls(gain=act["gain"], spread=act["spread"])
                elif act["strip"] in strips and act["event"] == "strip":
                    player.join(strips[act["strip"]], float(act["from"]), float(act["to"]), act["fade"])
                elif act["strip"] in strips:
                    player.fade(strips[act["strip"]], act["fade"])
            border = min([length, *(int(act["at"]) for act in acts[:1])])
            at = player.position
            sound = player.read(min(round(BLOCK_SECONDS * rate), border - at), controls)
            writer.write(sound[max(0, first - at) : max(0, last - at)])
            progress(player.position / length)
    for strip in strips.values():
        strip.play_out()
    drew_nothing = hashlib.sha256().digest()
    count = sum(event["event"] == "strip" for event in events)
    codes = combine([strips[i].codes.digest() if i in strips else drew_nothing for i in range(count)])
    matches = codes == closing[0]["codes_sha256"] if closing else None
    return Replayed(output, (last - first) / rate, codes, matches)


def _going_on(acts: list[Event], strips: dict[int, ScoredStrip], take: Path) -> list[Event]:
    """What happens in a take if it does not end there."""
    entered = [int(act["strip"]) for act in acts if act["event"] == "strip" and act["to"] > 0]
    if not entered or entered[-1] not in strips:
        raise InputError(f"{take}: nothing that could go on was playing at its end")
    for strip in strips.values():  # also one that is just fading out
        strip.goes_on = True
    # a strip leaves where another enters; the last one, because all is to stop
    return [act for act in acts if act["event"] != "leave" or int(act["strip"]) != entered[-1]]


@contextmanager
def _writing(output: Path, rate: int) -> Iterator[TakeWriter]:
    """A writer whose file, however far it gets, takes the place of what is there."""
    aside = output.with_name(f".{output.stem}.new{output.suffix}")
    aside.unlink(missing_ok=True)
    try:
        with TakeWriter(aside, rate) as writer:
            yield writer
    finally:
        if aside.exists():
            aside.replace(output)


def _strips(events: list[Event], rate: int, provider: Choice) -> dict[int, ScoredStrip]:
    """Those that drew anything, by number."""
    opened: dict[str, tuple[Style, Selected]] = {}
    strips = {}
    for event in events:
        if event["event"] != "strip":
            continue
        of_strip = [e for e in events if e.get("strip") == event["strip"]]
        plays = [
            (int(e["frame"]), Settings(float(e["temperature"]), int(e["seed"]), int(e["voices"])))
            for e in of_strip
            if e["event"] == "play"
        ]
        ends = [int(e["frames"]) for e in of_strip if e["event"] == "end"]
        if not plays:
            continue
        wanted: dict[str, Any] = event["style"]
        if wanted["sha256"] not in opened:
            style = find_style_by_hash(wanted["sha256"], Path(wanted["file"]), wanted["name"])
            opened[wanted["sha256"]] = style, select_kernel(style, provider)
        style, selected = opened[wanted["sha256"]]
        place = Place(style, selected, unpack(event["moment"], style.info.model))
        strips[int(event["strip"])] = ScoredStrip(place, rate, plays, ends[0] if ends else None)
    return strips
