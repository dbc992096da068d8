"""Sound devices, known by name: their numbers change with each one that is plugged in."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models.errors import InputError

Floats = npt.NDArray[np.float32]

LOOKING_SECONDS = 20


class DeviceError(InputError):
    """A device that cannot be used."""


class NoDeviceError(DeviceError):
    """There is none at all."""


@dataclass(frozen=True)
class Device:
    name: str
    host_api: str
    outputs: int
    """Channels."""
    inputs: int
    default_rate: int
    """Hz"""
    default_output: bool
    default_input: bool = False
    """What the system plays on, and listens to, if it is not told."""

    @property
    def full_name(self) -> str:
        return f"{self.name} ({self.host_api})"


def portaudio() -> Any:
    """sounddevice. Raises NoDeviceError if there is no PortAudio library."""
    try:
        import sounddevice
    except OSError as error:
        raise NoDeviceError(
            "PortAudio is missing: install it (Debian, Ubuntu: apt-get install libportaudio2)."
        ) from error
    return sounddevice


def refresh() -> None:
    """Let PortAudio look again: it knows only the devices of when it was started. Only while no stream is open."""
    sounddevice = portaudio()
    sounddevice._terminate()
    sounddevice._initialize()


def devices_here() -> list[Device]:
    """Those that this process knows, in PortAudio's order. Raises NoDeviceError as `portaudio` does."""
    sounddevice = portaudio()
    apis = sounddevice.query_hostapis()
    default_input, default_output = sounddevice.default.device
    return [
        Device(
            name=found["name"],
            host_api=apis[found["hostapi"]]["name"],
            outputs=found["max_output_channels"],
            inputs=found["max_input_channels"],
            default_rate=round(found["default_samplerate"]),
            default_output=number == default_output,
            default_input=number == default_input,
        )
        for number, found in enumerate(sounddevice.query_devices())
    ]


def list_devices() -> list[Device]:
    """Those that are there now, also if a stream is open here: another process looks. Blocks for it.
    Raises NoDeviceError."""
    command = [sys.executable, "-m", "engine.devices"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LOOKING_SECONDS, check=False)
    try:
        found = json.loads(done.stdout.splitlines()[-1])
        return [Device(**device) for device in found["devices"]]
    except (IndexError, ValueError, KeyError, TypeError):
        last = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        raise NoDeviceError(f"sound devices cannot be listed: {last}") from None


def find_device(devices: list[Device], name: str | None, kind: str) -> int:
    """The number of the device of that name (with or without its host API; none: the default). kind: "outputs" or
    "inputs". Raises NoDeviceError if there is none of the kind, DeviceError if none of the name."""
    able = [number for number, device in enumerate(devices) if getattr(device, kind)]
    if not able:
        raise NoDeviceError(f"There is no sound device for {'playing' if kind == 'outputs' else 'listening'}.")
    if name is None:
        default = "default_output" if kind == "outputs" else "default_input"
        return next((number for number in able if getattr(devices[number], default)), able[0])
    for number in able:
        if name in (devices[number].name, devices[number].full_name):
            return number
    known = ", ".join(repr(devices[number].name) for number in able)
    raise DeviceError(f"no sound device is called {name!r}; there are {known}")


def record_input(device: str | None, seconds: float, rate: int) -> Floats:
    """Hear an input device: float32 [samples], mono at `rate` Hz. Blocks for as long. Raises DeviceError."""
    import soxr

    sounddevice = portaudio()
    number = find_device(devices_here(), device, "inputs")
    own_rate = round(sounddevice.query_devices(number)["default_samplerate"])
    try:
        with sounddevice.InputStream(own_rate, device=number, channels=1, dtype="float32") as stream:
            sound, _ = stream.read(round(seconds * own_rate))
    except sounddevice.PortAudioError as error:
        raise DeviceError(f"the input device cannot be heard: {error}") from error
    mono: Floats = np.ascontiguousarray(sound[:, 0])
    return mono if own_rate == rate else soxr.resample(mono, own_rate, rate, "HQ")


if __name__ == "__main__":
    try:
        print(json.dumps({"devices": [dataclasses.asdict(device) for device in devices_here()]}))
    except DeviceError as error:
        sys.exit(str(error))
