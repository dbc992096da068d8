"""A sound server without a sound card: PulseAudio with null sinks, whose monitor tells what came out."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

RATE = 48_000
PATIENCE = 30.0
# without norewinds the start is lost, and callbacks stall for a second
SPEAKER = f"sink_name=vout format=float32le rate={RATE} channels=2 norewinds=1"
MICROPHONE = f"sink_name=vmic format=float32le rate={RATE} channels=1 norewinds=1"


def missing() -> str:
    """What is not installed, or nothing."""
    needed = ("pulseaudio", "pactl", "parec", "pacat")
    return ", ".join(program for program in needed if shutil.which(program) is None)


class SoundServer:
    """While it is entered, the default device of this process and its children is the null sink."""

    def __enter__(self) -> SoundServer:
        self._stack = contextlib.ExitStack()
        folder = self._stack.enter_context(tempfile.TemporaryDirectory())
        os.chmod(folder, 0o700)
        variables = {
            "PULSE_RUNTIME_PATH": folder,
            "PULSE_STATE_PATH": folder,
            "PULSE_COOKIE": f"{folder}/cookie",
            "PULSE_SERVER": f"unix:{folder}/native",
            "PULSE_SINK": "vout",
            "PULSE_SOURCE": "vmic.monitor",
        }
        for name, value in variables.items():
            self._stack.callback(_restore, name, os.environ.get(name))
            os.environ[name] = value
        server = subprocess.Popen(
            [
                "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--disallow-exit", "--use-pid-file=no",
                f"--log-target=file:{folder}/log",
                f"--load=module-native-protocol-unix auth-anonymous=1 socket={folder}/native",
                f"--load=module-null-sink {SPEAKER}",
                f"--load=module-null-sink {MICROPHONE}",
            ],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._stack.callback(_end, server)
        _until(lambda: _pactl("info", check=False) == 0, "the sound server")
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    @contextlib.contextmanager
    def capture(self) -> Iterator[Callable[[], Floats]]:
        """Record what comes out; the function gives it, float32 [frames, 2], at any time."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "capture.raw"
            with path.open("wb") as file:
                command = ["parec", "-d", "vout.monitor", "--format=float32le", f"--rate={RATE}", "--channels=2"]
                recorder = subprocess.Popen([*command, "--raw", "--latency-msec=50"], stdout=file)

            def captured() -> Floats:
                content = path.read_bytes()
                return np.frombuffer(content[: len(content) // 8 * 8], np.float32).reshape(-1, 2)

            try:
                _until(lambda: len(captured()) > 0, "the recorder")
                yield captured
            finally:
                _end(recorder)

    @contextlib.contextmanager
    def speaking(self, sound: Floats) -> Iterator[None]:
        """Let the microphone hear sound, float32 [samples] at RATE Hz."""
        command = ["pacat", "-d", "vmic", "--raw", "--format=float32le", f"--rate={RATE}", "--channels=1"]
        with tempfile.TemporaryFile() as file:
            file.write(sound.astype("<f4").tobytes())
            file.seek(0)
            speaker = subprocess.Popen([*command, "--latency-msec=50"], stdin=file)
            try:
                yield
            finally:
                _end(speaker)

    def unplug(self) -> None:
        """Take the speaker away."""
        _pactl("unload-module", "module-null-sink")

    def plug(self) -> None:
        """Bring both back."""
        _pactl("load-module", "module-null-sink", *SPEAKER.split())
        _pactl("load-module", "module-null-sink", *MICROPHONE.split())


def _pactl(*arguments: str, check: bool = True) -> int:
    return subprocess.run(["pactl", *arguments], capture_output=True, timeout=PATIENCE, check=check).returncode


def _until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not come up")
        time.sleep(0.02)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def _restore(name: str, value: str | None) -> None:
    if value is None:
        del os.environ[name]
    else:
        os.environ[name] = value
