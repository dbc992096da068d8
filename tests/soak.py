"""`make soak`: an hour's worth of trouble in some minutes, through a real sound server, with the figures printed.

python -m tests.soak hogs [MINUTES] [LATENCY_MS]   play while the app's process and the machine are kept busy
python -m tests.soak latency                       the lowest latency that survives half a minute of that
"""

from __future__ import annotations

import contextlib
import ctypes
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import soundfile

from engine.controls import DEFAULT_LATENCY, Controls, Record, StopRecording
from engine.library import find_style
from engine.session import Session
from tests.engine.capture import aligned, differing
from tests.engine.sound import SoundServer

SETTLED_MINUTES = 6.0


@contextlib.contextmanager
def hogs() -> Iterator[None]:
    """What an app may do to itself, and the machine to it: a thread in pure Python that never rests, one that holds
    the GIL for 20 ms ten times a second, and a process that keeps a core busy."""
    done = threading.Event()
    holding = ctypes.PyDLL(None).usleep  # unlike CDLL, PyDLL does not let the GIL go

    def spin() -> None:
        while not done.is_set():
            pass

    def hold() -> None:
        while not done.wait(0.08):
            holding(20_000)

    threads = [threading.Thread(target=spin), threading.Thread(target=hold)]
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        busy.kill()
        busy.wait()
        for thread in threads:
            thread.join()


def resident_megabytes(process: int | None) -> float:
    """Of a process, on Linux; shared memory apart."""
    with open(f"/proc/{process}/status", encoding="ascii") as file:
        lines = dict(line.split(":", 1) for line in file)
    return float(lines["RssAnon"].split()[0]) / 1024


def play(server: SoundServer, minutes: float, latency: float) -> bool:
    """Whether all that the engine sent came out, without a gap and without memory growing."""
    style = find_style("piano")
    with tempfile.TemporaryDirectory() as folder:
        take = Path(folder) / "take.wav"
        session = Session()
        session.set(Controls(temperature=style.info.default_temperature, latency=latency))
        session.load(style.path, seed=1)
        memory = []
        with server.capture() as captured:
            session.start()
            session.send(Record(take))
            status = session.wait(lambda status: status.state == "playing", 60)
            assert status.state == "playing", status.reason
            with hogs():
                end = time.monotonic() + minutes * 60
                while time.monotonic() < end and status.state == "playing":
                    time.sleep(5)
                    status = session.status()
                    memory.append((status.played / 60, resident_megabytes(session.process_id)))
            session.send(StopRecording())
            session.stop()
            session.wait(lambda status: status.state == "stopped" and not status.work, 60)
            status = session.status()
            time.sleep(0.5)  # for what is still on its way through the server
            came = captured()
        session.close()
        sent, _ = soundfile.read(take, dtype="float32")
        compared = len(aligned(came, sent)[0]) / status.rate
        wrong = differing(came, sent)
    settled = [size for minute, size in memory if minute > SETTLED_MINUTES]
    growth = max(settled) - min(settled) if settled else float("nan")
    print(
        f"{minutes:g} min at {latency * 1000:.0f} ms on {status.device}: {status.underruns} underruns, "
        f"{wrong} frames of {compared:.1f} s not as sent, {status.real_time_factor:.1f}x, "
        f"memory {memory[-1][1]:.0f} MB, after minute {SETTLED_MINUTES:g} within {growth:.1f} MB",
        flush=True,
    )
    return not wrong and not status.underruns


def main(arguments: list[str]) -> None:
    with SoundServer() as server:
        if arguments[:1] == ["latency"]:
            for latency in (0.2, 0.15, 0.1, 0.08, 0.06, 0.05, 0.04, 0.03, 0.02):
                if not play(server, 0.5, latency):
                    break
            return
        minutes = float(arguments[1]) if len(arguments) > 1 else 10.0
        latency = float(arguments[2]) / 1000 if len(arguments) > 2 else DEFAULT_LATENCY
        sys.exit(not play(server, minutes, latency))


if __name__ == "__main__":
    main(sys.argv[1:])
