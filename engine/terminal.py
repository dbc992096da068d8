"""`main.py play`: a session at a terminal, with one live line and a few keys."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from engine.controls import RANGES, Load, NewSeed, Record, Rewind, Status, StopRecording
from engine.library import installed_styles
from engine.session import Session
from engine.takes import new_take_path

KEYS = "t/T temperature  n next style  s new seed  b back 5 s  r record  q quit"
QUIT = "q\x03"
TEMPERATURE_STEP = 0.05
BACK_SECONDS = 5.0
LOOK_SECONDS = 0.05
METER_WIDTH = 12
METER_FLOOR = -48.0


class Playing:
    """What a person at a terminal sees and presses."""

    def __init__(self, session: Session, say: Callable[[str], None]) -> None:
        """say: prints a line that stays."""
        self._session, self._say = session, say
        self._shown = 0
        self._styles = [style.path for style in installed_styles()]

    def until_done(self) -> Status:
        """Play until the session has stopped or failed, or `q` or Ctrl+C asks for it. Blocks."""
        started = False
        with _keys() as pressed:
            while True:
                status = self._session.status()
                started = started or status.state != "stopped"
                if started and over(status):
                    break
                try:
                    self._show(status, begun=started and status.state != "starting")
                    for key in pressed():
                        if key in QUIT and not started:
                            raise KeyboardInterrupt
                        self._press(key, status)
                    time.sleep(LOOK_SECONDS)
                except KeyboardInterrupt:
                    if not started:
                        raise
                    self._session.stop()
        self._show(status)
        return status

    def _show(self, status: Status, begun: bool = True) -> None:
        """begun: whether it is known that it does not fail at once."""
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
        if begun:
            self._tell(status)
        if sys.stderr.isatty() and not over(status):
            # a line that wraps could not be written over
            sys.stderr.write(line(status)[: shutil.get_terminal_size().columns - 1])
            sys.stderr.flush()

    def _tell(self, status: Status) -> None:
        """Say what is new; what it failed of is said in the end."""
        for notice in status.notices:
            if notice.number > self._shown:
                self._shown = notice.number
                if not (status.state == "failed" and notice.text == status.reason):
                    self._say(notice.text)

    def _press(self, key: str, status: Status) -> None:
        session = self._session
        match key:
            case "t" | "T":
                step = TEMPERATURE_STEP if key == "T" else -TEMPERATURE_STEP
                least, most = RANGES["temperature"]
                turned = min(most, max(least, round(session.controls.temperature + step, 2)))
                session.set(replace(session.controls, temperature=turned))
            case "n" if self._styles:
                at = self._styles.index(status.style) if status.style in self._styles else -1
                session.send(Load(self._styles[(at + 1) % len(self._styles)]))
            case "s":
                session.send(NewSeed(time.time_ns() % 2**32))
            case "b":
                session.send(Rewind(BACK_SECONDS, seed=time.time_ns() % 2**32))
            case "r" if status.taking:
                session.send(StopRecording())
            case "r":
                session.send(Record(new_take_path(Path.cwd(), status.title, ".flac")))
            case _ if key in QUIT:
                session.stop()


def over(status: Status) -> bool:
    """Whether it has ended, files and all."""
    return status.state in ("stopped", "failed") and not status.work


def line(status: Status) -> str:
    """level, buffer, real-time factor, dropouts"""
    level = max(status.peak)
    bars = round(METER_WIDTH * max(0.0, 1 - level / METER_FLOOR))
    taking = f"  REC {status.taking.seconds:.0f} s" if status.taking else ""
    state = "" if status.state == "playing" else f"  {status.state.upper()}"
    return (
        f"{status.title}  [{'#' * bars:{METER_WIDTH}}] {level:6.1f} dBFS  T {status.temperature:.2f}{taking}{state}  "
        f"{status.work}  buffer {status.fill * 1000:3.0f} ms  {status.real_time_factor:4.1f}x  "
        f"dropouts {status.underruns}"
    )


@contextmanager
def _keys() -> Iterator[Callable[[], str]]:
    """A function that gives the keys pressed since it was last called; none where there is no terminal."""
    if not sys.stdin.isatty():
        yield lambda: ""
        return
    if sys.platform == "win32":
        import msvcrt

        yield lambda: "".join(msvcrt.getwch() for _ in iter(msvcrt.kbhit, False))
        return
    import select
    import termios
    import tty

    # not through sys.stdin, whose buffer would hide the second of two keys from select
    keyboard = sys.stdin.fileno()
    before = termios.tcgetattr(keyboard)

    def pressed_since() -> str:
        if not select.select([keyboard], [], [], 0)[0]:
            return ""
        return os.read(keyboard, 1024).decode(errors="ignore")

    try:
        tty.setcbreak(keyboard)
        yield pressed_since
    finally:
        termios.tcsetattr(keyboard, termios.TCSADRAIN, before)
