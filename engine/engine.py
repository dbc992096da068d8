"""The engine: one thread that makes sound a block at a time, obeys, and never waits for anything slow.

Three things run at once in its process (engine/host.py):

* the engine thread, here: commands, the network, the mix, the ring, the status. It waits only for room in the ring;
* the worker thread (engine/worker.py): all that takes long: opening styles and devices, hearing primes, finishing
  files. What it made is taken over by the engine thread between two blocks;
* PortAudio's thread, which empties the ring by a compiled callback without the GIL (engine/ring.py).

A recorder has a thread of its own for the disk (engine/takes.py).
"""

from __future__ import annotations

import queue
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from engine import controls as say
from engine.audition import Requests, Stage
from engine.chapters import Chapters
from engine.controls import LONGEST_NAME, MEMORY_SECONDS, MOST_MARKS, Command, Controls, Mark, Notice, Status, Taking
from engine.devices import NoDeviceError, record_input
from engine.memory import FRAMES, HIGHEST_RATE, Board, Moments
from engine.meter import Meter, distribution
from engine.output import NullOutput, Output, open_output
from engine.place import Opener, Place, heard_as_prime, to_go_on_from
from engine.player import QUICK_FADE, Player, Strip
from engine.recipe import Log, Settings, header
from engine.takes import Recorder, TakeWriter
from engine.watchdog import Watchdog
from engine.worker import Worker
from models.errors import InputError

Floats = npt.NDArray[np.float32]

BLOCK_SECONDS = 0.02
"""Of sound made at once, or less where the latency asks for it."""
PRIME_SECONDS = 3.0
"""Of what was heard, that a new style goes on from."""
MOMENT_SECONDS = 0.1
JUMP_FADE = 0.05
"""Seconds that it takes to go elsewhere within a style."""
RESCUE_FADE = 0.5
RESCUE_BACK = 10.0
"""Seconds that a stuck stream is taken back, to before what got it stuck."""
RESCUE_AGAIN = 20.0
"""Seconds after a rescue in which another one begins anew instead."""
LOOK_SECONDS = 1.0
"""Between two looks for a device that vanished."""
IDLE_SECONDS = 0.05
LONGEST_NAP = 0.004
PUBLISH_SECONDS = 0.015
NOTICES = 10
WAITING = 64
"""Commands that may wait."""


class Engine:
    """`run` is the engine thread. `tell` may be called, and `controls` set, from any other."""

    def __init__(self, board: Board) -> None:
        self.controls = Controls()
        """Swapped whole."""
        self._board = board
        self._inbox: queue.Queue[Command | None] = queue.Queue(WAITING)
        self._worker = Worker()
        self._opener = Opener()
        self._player = Player(HIGHEST_RATE)
        self._log = Log(lambda event: None, 0)
        self._player.listen(self._log)
        self._chapters = Chapters(self._player, MEMORY_SECONDS)
        self._place: Place | None = None
        """What the next start goes on from."""
        self._unloaded = ""
        """Why the last style that was asked for is not it."""
        self._moments: Moments[Place] = Moments(int(MEMORY_SECONDS) * HIGHEST_RATE)
        self._marks: deque[Mark] = deque(maxlen=MOST_MARKS)
        self._start: say.Start | None = None
        self._restart: say.Start | None = None
        """What to start with once the last sound has been heard."""
        self._started = 0.0
        self._output: Output | None = None
        self._alone = False
        """Whether it is open for an audition alone."""
        self._stage = Stage(HIGHEST_RATE)
        self._requests = Requests(board, self._worker, self._complain)
        self._began = 0
        """The clock's position at the start."""
        self._end: int | None = None
        """The clock's position at which to stop."""
        self._take: tuple[Recorder, Log] | None = None
        self._watchdog = Watchdog(HIGHEST_RATE)
        self._meter = Meter()
        self._status = Status()
        self._gaps, self._gap_seconds = 0, 0.0
        """Of outputs that are closed, since the start."""
        self._latency = 0.0
        """That the ring was told."""
        self._look_at = self._publish_at = 0.0
        self._rescued_until = 0
        """Until that position another rescue begins anew."""
        self._alive = True

    def tell(self, command: Command | None) -> None:
        """Have something done, or with none close the engine. Any thread; blocks while WAITING others wait."""
        self._inbox.put(command)

    def run(self) -> None:
        """Until closed. An error ends the sound, not the thread: it is shown, and Start works again."""
        while self._alive or self._output is not None:
            try:
                self._worker.deliver()
                self._obey()
                self._audition()
                if self._output is not None:
                    self._advance(self._output)
            except InputError as error:
                self._notice("error", str(error))
            except Exception as error:
                self._fail(f"the engine stopped: {str(error) or type(error).__name__}; start it again")
            self._publish()
        self._worker.close()

    # sound

    def _advance(self, output: Output) -> None:
        output.poll()
        spare = output.ring.fill / output.rate - self.controls.latency
        over = (self._player.silent or self._alone) and not self._stage.sounding
        if (self._start or (self._alone and not over)) and self.controls.latency != self._latency:
            self._latency = self.controls.latency
            output.refill(self._latency)
        if not output.alive():
            self._lose(output)
        elif over and output.played_out():
            self._finish()
        elif over or spare >= 0:
            if self._status.first_sound is None and output.ring.consumed and not self._alone:
                self._status = replace(self._status, first_sound=time.perf_counter() - self._started)
            if self._status.state == "starting" and output.ring.consumed:
                self._status = replace(self._status, state="playing")
            missing = self._status.state == "reconnecting" and time.monotonic() > self._look_at
            if self._start and missing and not self._worker.busy:
                self._look_at = time.monotonic() + LOOK_SECONDS
                self._open_device(self._start)
            time.sleep(min(LONGEST_NAP, max(spare, 0.0) + 0.0005))
        elif self._stage.holding:
            sound = self._stage.next(self._block, self.controls.gain)
            self._meter.heard(sound)
            output.write(sound, aside=True)
            if not self._stage.sounding:
                if self._start:
                    self._stage.release()
                else:
                    output.ring.let_run_dry()
        else:
            self._make_block(output)

    @property
    def _block(self) -> int:
        """Frames that are made at once."""
        return round(min(BLOCK_SECONDS, self.controls.latency / 4) * self._player.rate)

    def _make_block(self, output: Output) -> None:
        player, controls, frames = self._player, self.controls, self._block
        for each in player.strips:
            each.settings = Settings(controls.temperature, each.settings.seed, controls.voices)
        self._chapters.turn()
        before = time.perf_counter()
        sound = player.read(frames, controls)
        self._meter.made(sound, frames / player.rate, time.perf_counter() - before)
        output.write(self._stage.live(sound))
        self._board.hear(player.position - frames, sound)
        if self._take:
            self._take[0].write(sound)
            if self._take[0].failure:
                self._end_take()
        strip = player.current
        if strip is not None:
            position, last = strip.frontier + player.delay, self._moments.last()
            if last is None or not last <= position < last + MOMENT_SECONDS * player.rate:
                self._moments.add(position, strip.here)
            for made in strip.made():
                self._watchdog.hear(made)
            if strip.failure:
                self._rescue(strip.failure, broken=True)
            elif self._watchdog.verdict and controls.rescue:
                self._rescue(f"the stream was stuck ({self._watchdog.verdict})")
        if self._end is not None and player.position >= self._end:
            self._stop()

    def _rescue(self, why: str, broken: bool = False) -> None:
        """Bring a stream back that got stuck or broke: from before it did; if that was just tried, from its start."""
        strip = self._player.current
        assert strip is not None
        again = self._player.position < self._rescued_until
        self._rescued_until = self._player.position + round(RESCUE_AGAIN * self._player.rate)
        if again and broken:
            self._fail(why)
            return
        back = self._player.position - round(RESCUE_BACK * self._player.rate)
        # no further than to where it came from: a switch or a prime is not to be undone
        earlier = self._moments.at(back) if back > strip.origin else None
        seed = secrets.randbits(32)
        if again:
            place, to = strip.place.anew(seed, self.controls.voices), "from its start"
        else:
            place, to = (earlier or strip.place).reseeded(seed), "from before that"
        self._status = replace(self._status, rescues=self._status.rescues + 1)
        self._notice("info", f"{why}: it goes on {to}")
        self._go_to(place, "rescue", RESCUE_FADE)

    def _go_to(self, place: Place, why: say.Why, fade: float, title: str = "") -> None:
        """Play from a place on; or, while nothing plays, at the next start. title: of the mark, if not the style's."""
        self._place = place
        info = place.style.info
        self._status = replace(
            self._status, style=place.style.path, style_sha256=place.style.sha256,
            title=info.name[:LONGEST_NAME],
            provider=place.selected.kernel.provider, remark=place.selected.remark or "",
        )  # fmt: skip
        if self._output is not None and self._end_is_open():
            settings = Settings(self.controls.temperature, place.moment.seed, self.controls.voices)
            self._player.enter(Strip(place, self._player.rate, settings), why, fade)
            self._watchdog = Watchdog(place.rate)
            position = self._player.position + self._player.delay
            self._moments.add(position, place)
            while self._marks and self._marks[-1].position >= position:  # that stream was never heard
                self._marks.pop()
            self._marks.append(Mark(position, why, (title or info.name)[:LONGEST_NAME]))

    def _end_is_open(self) -> bool:
        """Whether it is not already fading out to stop."""
        return self._start is not None

    # commands

    def _obey(self) -> None:
        """Do what was asked for. While nothing plays, wait a moment for it; and there each thing waits for the one
        before: to record needs a device, to prime a style."""
        silent = self._output is None
        if silent and self._worker.busy:
            time.sleep(LONGEST_NAP)
            return
        try:
            command = self._inbox.get(timeout=IDLE_SECONDS) if silent else self._inbox.get_nowait()
        except queue.Empty:
            return
        match command:
            case None:
                self._alive = False
                self._stop()
            case say.Load():
                self._load(command)
            case say.Start():
                self._end_audition()
                self._begin(command)
            case say.Stop():
                self._stop()
            case say.Prime():
                read = partial(to_go_on_from, command.sound, start=command.start, seconds=command.seconds)
                self._hear(f"hearing {command.sound.name}", read, command.sound.name)
            case say.Listen():
                self._hear("listening", partial(record_input, command.device, command.seconds), "microphone")
            case say.Reset():
                place = self._present()
                self._go_to(place.anew(self._seed(), self.controls.voices), "reset", JUMP_FADE)
            case say.Rewind():
                self._branch(self._heard - round(command.seconds * self._player.rate), command.seed)
            case say.Branch():
                self._branch(command.position, command.seed)
            case say.NewSeed():
                self._reseed(command.seed)
            case say.Record():
                self._record(command)
            case say.StopRecording():
                self._end_take()
            case say.Keep():
                self._keep(command)
            case say.Audition() | say.Replay():
                self._requests.ask(command, self._player.rate, self._chapters)
            case say.EndAudition():
                self._end_audition()

    def _present(self) -> Place:
        """Where the stream is."""
        strip = self._player.current
        if strip is not None:
            return strip.here
        if self._place is None:
            raise InputError("no style is loaded; load one first")
        return self._place

    def _seed(self) -> int:
        strip = self._player.current
        return strip.settings.seed if strip else self._present().moment.seed

    def _load(self, command: say.Load) -> None:
        seed = secrets.randbits(32) if command.seed is None else command.seed
        player, board, voices, gain = self._player, self._board, self.controls.voices, self.controls.gain
        playing, oldest = player.current is not None, self._chapters.oldest

        def job() -> Place:
            place = self._opener.open(command.style, command.provider, seed, voices)
            if playing:
                end = player.position
                heard = board.recall(max(oldest, end - round(PRIME_SECONDS * player.rate)), end)
                place = place.after(heard_as_prime(heard, player.rate, place, gain))
            return place

        def then(place: Place) -> None:
            self._go_to(place, "switch", self.controls.crossfade)

        def failed(error: Exception) -> None:
            self._unloaded = str(error) or type(error).__name__
            self._complain(error)

        self._worker.do(f"opening {command.style.stem}", job, then, failed)

    def _hear(self, what: str, read: Callable[..., Floats], title: str) -> None:
        """Go on from a sound that the worker gets. read: given the rate in Hz, gives float32 [samples]."""
        place, seed, voices = self._present(), self._seed(), self.controls.voices

        def job() -> Place:
            sound = read(rate=place.rate)
            return place.anew(seed, voices).after(sound)

        self._worker.do(what, job, lambda place: self._go_to(place, "prime", JUMP_FADE, title), self._complain)

    @property
    def _heard(self) -> int:
        """The clock's position at the ring's end."""
        unheard, _ = self._output.unheard if self._output else (0.0, 0.0)
        return self._player.position - round(unheard * self._player.rate)

    def _branch(self, position: int, seed: int | None) -> None:
        """Go back to where the stream was at a position of the clock. seed: none: the one of then."""
        place = self._moments.at(position)
        if place is None:
            raise InputError("nothing was played yet that could be gone back to")
        if seed is not None:
            place = place.reseeded(seed)
        self._go_to(place, "rewind", JUMP_FADE)

    def _reseed(self, seed: int) -> None:
        if strip := self._player.current:
            strip.settings = replace(strip.settings, seed=seed)
        elif self._place:
            self._place = self._place.reseeded(seed)

    # takes

    def _record(self, command: say.Record) -> None:
        if self._take:
            raise InputError("a take is being recorded; end it first")
        if self._output is None or self._alone:
            raise InputError("nothing is playing that could be recorded; start first")
        recorder = Recorder(TakeWriter(command.file, self._player.rate))
        recorder.note(header(self._player.rate))
        log = Log(recorder.note, self._player.position)
        self._player.listen(log)
        self._take = recorder, log

    def _end_take(self) -> None:
        if self._take is None:
            return
        recorder, log = self._take
        self._take = None
        self._player.forget(log)

        def then(nothing: None) -> None:
            if recorder.failure:
                self._notice("error", recorder.failure)
            elif not recorder.seconds:
                self._notice("info", "the take was over before anything was heard: there is none")
            else:
                self._notice("info", f"recorded {recorder.seconds:.1f} seconds: {recorder.path}")

        self._worker.do("finishing the take", recorder.close, then, self._complain)

    def _keep(self, command: say.Keep) -> None:
        player, board = self._player, self._board
        end = self._heard
        start = max(self._chapters.oldest, end - round(command.seconds * player.rate))
        if start >= end:
            raise InputError("nothing was heard yet that could be kept")
        recipe = self._chapters.recipe(start, end)

        def job() -> float:
            if start < player.position - FRAMES:
                raise InputError("what was to be kept is no longer remembered: too much else had to be done first")
            with TakeWriter(command.file, player.rate) as writer:
                for event in recipe:
                    writer.note(event)
                writer.write(board.recall(start, end))
            return (end - start) / player.rate

        def then(seconds: float) -> None:
            self._notice("info", f"kept {seconds:.1f} seconds: {command.file}")

        self._worker.do("keeping", job, then, self._complain)

    # auditions

    def _audition(self) -> None:
        """Let what is ready be heard, once there is a device for it: the one that plays, or one of its own."""
        if self._requests.ready is None:
            return
        clip, device = self._requests.ready
        if clip.rate != self._player.rate:
            self._requests.drop()
            raise InputError(f"{clip.what} was read for another device; audition it again")
        if self._output is None and self._start is None and not self._worker.busy:
            open_it = partial(open_output, device)
            self._worker.do("opening the device", open_it, self._opened_alone, self._unopened_alone)
        elif self._output is not None and (self._start or (self._alone and not self._restart)):
            self._requests.drop()
            self._stage.begin(clip, self._block)
            if self._alone:
                self._output.refill(self.controls.latency)

    def _opened_alone(self, output: Output) -> None:
        self._output, self._alone = output, True
        self._stage = Stage(self._player.rate, alone=True)
        self._latency = self.controls.latency
        output.start(self._player.rate, self._latency)
        self._status = replace(self._status, device=output.name, rate=self._player.rate)

    def _unopened_alone(self, error: Exception) -> None:
        self._requests.drop()
        self._complain(error)

    def _end_audition(self) -> None:
        self._requests.drop()
        self._stage.end()

    # the device

    def _begin(self, start: say.Start) -> None:
        if self._start is not None:
            return
        if self._output is not None:  # the last sound is still fading out
            self._restart = start
            return
        self._restart = None
        self._start, self._started = start, time.perf_counter()
        self._gaps, self._gap_seconds = 0, 0.0
        self._status = replace(self._status, state="starting", reason="", first_sound=None)
        self._open_device(start)

    def _open_device(self, start: say.Start) -> None:
        self._worker.do("opening the device", partial(open_output, start.device), self._opened, self._unopened)

    def _opened(self, output: Output) -> None:
        if self._start is None:  # stopped meanwhile
            self._worker.do("closing the device", output.close, lambda nothing: None, self._complain)
        else:
            self._use(output, "")

    def _unopened(self, error: Exception) -> None:
        if self._output is not None:  # still looking for one that vanished
            return
        if isinstance(error, NoDeviceError):
            self._use(NullOutput(), f"{error} Playing without sound until there is one.")
        else:
            self._fail(str(error))

    def _use(self, output: Output, trouble: str) -> None:
        if self._place is None:
            self._start = None
            self._worker.do("closing the device", output.close, lambda nothing: None, self._complain)
            self._fail(self._unloaded or "no style is loaded; load one first")
            return
        fresh = self._output is None
        state: say.State = "reconnecting" if trouble else "starting" if fresh else "playing"
        if fresh and min(output.rate, HIGHEST_RATE) != self._player.rate:
            self._player = self._player.at_rate(min(output.rate, HIGHEST_RATE), self._log)
            self._chapters = Chapters(self._player, MEMORY_SECONDS)
            self._moments.clear()
        self._close_output()
        self._latency = self.controls.latency
        output.start(self._player.rate, self._latency, amid=not fresh)
        self._output = output
        self._look_at = time.monotonic() + LOOK_SECONDS
        self._status = replace(self._status, state=state, reason=trouble, device=output.name, rate=self._player.rate)
        if trouble or not fresh:
            self._notice("info", trouble or f"{output.name} is back.")
        if fresh:
            self._stage = Stage(self._player.rate)
            self._go_to(self._place, "start", QUICK_FADE)
            self._began = self._player.position
            seconds = self._start.seconds if self._start else None
            self._end = None if seconds is None else self._began + round(seconds * self._player.rate)

    def _lose(self, output: Output) -> None:
        """The device vanished: the music goes on into a clock; an audition alone is over."""
        if self._alone:
            self._notice("error", f"{output.name} has vanished: the audition is over.")
            self._finish()
            return
        self._use(NullOutput(), f"{output.name} has vanished: playing on without sound until it is back.")

    def _stop(self) -> None:
        """Fade out; the take ends and the device is closed when all was heard."""
        if self._player.current:
            self._place = self._player.current.here
        self._end_audition()
        self._start = self._end = self._restart = None
        self._player.leave(JUMP_FADE)
        if self._output:
            self._output.ring.let_run_dry()

    def _finish(self) -> None:
        """All was heard: close the device, and start again if that was asked for."""
        self._end_take()
        if not self._alone:
            self._status = replace(self._status, state="stopped", reason="")
        self._close_output()
        if self._restart:
            self._begin(self._restart)

    def _close_output(self) -> None:
        if self._output is not None:
            self._gaps, self._gap_seconds = (
                self._gaps + self._output.ring.gaps,
                self._gap_seconds + self._output.gap_seconds,
            )
            self._worker.do("closing the device", self._output.close, lambda nothing: None, self._complain)
            self._output, self._alone = None, False

    # what is shown

    def _complain(self, error: Exception) -> None:
        self._notice("error", str(error) or type(error).__name__)

    def _fail(self, reason: str) -> None:
        self._end_take()
        self._player.strips.clear()
        self._requests.drop()
        self._start = self._end = self._restart = None
        self._close_output()
        self._status = replace(self._status, state="failed", reason=reason)
        if not self._status.notices or self._status.notices[-1].text != reason:
            self._notice("error", reason)

    def _notice(self, kind: say.Kind, text: str) -> None:
        number = self._status.notices[-1].number + 1 if self._status.notices else 1
        self._status = replace(self._status, notices=(*self._status.notices, Notice(number, kind, text))[-NOTICES:])

    def _remembered_marks(self) -> tuple[Mark, ...]:
        while self._marks and self._marks[0].position < self._chapters.oldest:
            self._marks.popleft()
        return tuple(self._marks)

    def _publish(self) -> None:
        now = time.monotonic()
        if now < self._publish_at:
            return
        self._publish_at = now + PUBLISH_SECONDS
        player, output, meter = self._player, self._output, self._meter
        strip = player.current
        status = replace(
            self._status,
            work=self._worker.busy,
            written=player.position,
            heard=self._heard,
            oldest=self._chapters.oldest,
            marks=self._remembered_marks(),
            verdict=self._watchdog.verdict or "",
            fill=0.0,
            taking=None,
            auditioning=None,
            codes_sha256=self._log.codes_sha256,
        )
        if output is not None:
            unheard = output.unheard
            status = replace(
                status,
                fill=sum(unheard),
                auditioning=self._stage.shown(unheard[1]),
                played=(player.position - self._began) / player.rate,
                delay=output.latency + player.delay / player.rate,
                real_time_factor=meter.real_time_factor,
                processor=meter.processor,
                peak=meter.peak,
                underruns=self._gaps + output.ring.gaps,
                underrun_seconds=self._gap_seconds + output.gap_seconds,
            )
        if strip is not None and strip.block is not None:
            chances, entropy = distribution(strip.block.logits[-1, 0], strip.settings.temperature)
            status = replace(
                status, voices=strip.stream.voices, seed=strip.stream.seed, temperature=strip.settings.temperature,
                distribution=chances, entropy=float(entropy),
            )  # fmt: skip
        elif strip is None and self._place is not None:
            status = replace(status, seed=self._place.moment.seed)
        if self._take is not None:
            recorder = self._take[0]
            status = replace(status, taking=Taking(recorder.path, recorder.seconds, recorder.bytes))
        self._status = status
        self._board.publish(status)
