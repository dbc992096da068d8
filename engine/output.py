"""Where the ring leads: a sound device, or a clock that stands in for one."""

from __future__ import annotations

import math
import time
from collections import deque
from typing import Any

import numpy as np
import numpy.typing as npt
import soxr

from engine.devices import DeviceError, devices_here, find_device, portaudio, refresh
from engine.ring import Ring, callback_address

Floats = npt.NDArray[np.float32]

CAPACITY_SECONDS = 1.0
DEVICE_LATENCY = 0.08
"""Seconds that the device is asked to hold itself, after the ring."""
BEHIND_THE_RING = 2.0
"""Times a device's own latency, until what left the ring has surely been heard: a sound server holds some more."""
SILENT_SECONDS = 1.0
"""Without a callback for so long a device is taken for gone."""
LONGEST_CATCH_UP = 0.5
"""Seconds that the clock makes up for after it was held up."""
USUAL_RATES = (48_000, 44_100, 96_000, 16_000)


class Output:
    """`start`, `write`, `poll` and what it tells: engine thread, none blocks. The rest: worker thread."""

    def __init__(self, name: str, rate: int, channels: int) -> None:
        self.name, self.rate = name, rate
        """Hz, the device's"""
        self.ring = Ring(round(CAPACITY_SECONDS * rate), rate, channels)
        self.latency = 0.0
        """Seconds from the ring's end to the ear, as far as it is known"""
        self._resampler: Any = None
        self._sounding_at = -math.inf
        self._asides: deque[tuple[int, int]] = deque()
        """From where to where the ring's frames, counted since its beginning, are not of the live stream."""

    def start(self, rate: int, fill: float, amid: bool = False) -> None:
        """Begin to sound as soon as `fill` seconds are in the ring. rate: Hz, of what will be written; amid: in the
        middle of a sound."""
        if rate != self.rate:
            self._resampler = soxr.ResampleStream(rate, self.rate, 2, "float32", "HQ")
        self.refill(fill, amid)

    def refill(self, fill: float, amid: bool = True) -> None:
        """After a gap go on as soon as `fill` seconds are in the ring."""
        self.ring.expect(int(fill * self.rate), amid)

    def write(self, sound: Floats, aside: bool = False) -> None:
        """Add sound, float32 [frames, 2]; aside: it is not of the live stream."""
        begin = self.ring.written
        taken = self.ring.write(self._resampler.resample_chunk(sound) if self._resampler else sound)
        if aside and taken:
            if self._asides and self._asides[-1][1] == begin:
                begin = self._asides.pop()[0]
            self._asides.append((begin, self.ring.written))

    @property
    def unheard(self) -> tuple[float, float]:
        """Seconds of sound in the ring: of the live stream, and of what is not."""
        consumed = self.ring.consumed
        while self._asides and self._asides[0][1] <= consumed:
            self._asides.popleft()
        aside = sum(end - max(begin, consumed) for begin, end in self._asides)
        return (self.ring.written - consumed - aside) / self.rate, aside / self.rate

    def poll(self) -> None:
        """Let time pass."""

    def alive(self) -> bool:
        """Whether the device is still there."""
        return True

    def played_out(self) -> bool:
        """Whether all that was written has been heard, not only left the ring, as far as one can know. To be asked
        again and again: it counts from when it last saw sound in the ring."""
        now = time.monotonic()
        if self.ring.fill:
            self._sounding_at = now
        return now - self._sounding_at >= BEHIND_THE_RING * self.latency

    def close(self) -> None:
        """Let go of the device. Blocks."""

    @property
    def gap_seconds(self) -> float:
        return self.ring.missing / self.rate


class NullOutput(Output):
    """No device, but its clock."""

    def __init__(self) -> None:
        super().__init__("null", USUAL_RATES[0], 2)
        self._at = 0.0

    def start(self, rate: int, fill: float, amid: bool = False) -> None:
        super().start(rate, fill, amid)
        self._at = time.monotonic()

    def poll(self) -> None:
        frames = int((time.monotonic() - self._at) * self.rate)
        self._at += frames / self.rate
        self.ring.read(min(frames, round(LONGEST_CATCH_UP * self.rate)))


class DeviceOutput(Output):
    """A device of PortAudio's, which calls engine/audio.c from a thread of its own."""

    def __init__(self, number: int, name: str, rate: int, channels: int) -> None:
        """Raises PortAudioError."""
        super().__init__(name, rate, channels)
        sounddevice = portaudio()
        # sounddevice's base class for those who bring a callback in C
        self._stream = sounddevice._StreamBase(
            "output",
            samplerate=rate,
            device=number,
            channels=channels,
            dtype="float32",
            latency=DEVICE_LATENCY,
            callback=sounddevice._ffi.cast("PaStreamCallback *", callback_address()),
            userdata=sounddevice._ffi.cast("void *", self.ring.address),
        )
        self.latency = float(self._stream.latency)
        self._calls, self._called_at, self._asked_at = 0, 0.0, 0.0

    def start(self, rate: int, fill: float, amid: bool = False) -> None:
        super().start(rate, fill, amid)
        self._called_at = self._asked_at = time.monotonic()
        self._stream.start()

    def alive(self) -> bool:
        now, calls = time.monotonic(), self.ring.calls
        slept = now - self._asked_at > SILENT_SECONDS  # all of us, and the device must not be blamed for it
        if calls != self._calls or slept:
            self._calls, self._called_at = calls, now
        self._asked_at = now
        return now - self._called_at < SILENT_SECONDS and bool(self._stream.active)

    def close(self) -> None:
        # aborting, because to stop is to wait for a device that may have gone
        self._stream.abort(ignore_errors=True)
        self._stream.close(ignore_errors=True)


def open_output(name: str | None) -> Output:
    """The device of that name (none: the default; "null": NullOutput), at its own rate or one that it takes. Looks for
    devices anew, so no other may be open in this process. Blocks. Raises NoDeviceError, DeviceError."""
    if name == "null":
        return NullOutput()
    refresh()
    sounddevice = portaudio()
    devices = devices_here()
    number = find_device(devices, name, "outputs")
    device = devices[number]
    channels = min(2, device.outputs)
    trouble: Exception | None = None
    # ALSA takes 44,100 Hz for the default of whatever can do it, and resamples
    rates = USUAL_RATES if device.host_api == "ALSA" else (device.default_rate, *USUAL_RATES)
    for rate in rates:
        try:
            sounddevice.check_output_settings(number, channels, "float32", samplerate=rate)
            return DeviceOutput(number, device.name, rate, channels)
        except sounddevice.PortAudioError as error:
            trouble = error
    raise DeviceError(f"{device.full_name} cannot be opened: {trouble}") from trouble
