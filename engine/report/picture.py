"""Spectrograms and curves, as what a page can hold inside itself."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
import numpy.typing as npt

from models.measures import spectra

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

HIGHEST = 4000.0
"""Hz: where the partials of music are."""
RANGE = 80.0
"""dB below the loudest that is black."""
CARD_SIZE = 320, 160
"""Pixels of the picture on a style's card."""
CARD_LOWEST, CARD_HIGHEST = 60.0, 6000.0
"""Hz that it shows."""
CARD_RANGE = 60.0
"""dB: it is small, and is to have dark ground."""
STOPS = np.array([(0, 0, 4), (60, 15, 110), (150, 44, 105), (225, 90, 50), (250, 175, 40), (252, 255, 190)], float)
"""Colours from the quietest to the loudest."""


def spectrogram(sound: Floats, rate: int) -> str:
    """A PNG as a data URI, time to the right, frequency up to HIGHEST, one pixel a window and bin."""
    power = spectra(sound, rate)
    bins = round(min(1.0, HIGHEST / (rate / 2)) * (power.shape[1] - 1)) + 1
    return _uri("image/png", _png(_coloured(power[:, :bins].T[::-1])))


def card(sound: Floats, rate: int) -> bytes:
    """A PNG of CARD_SIZE: the spectrogram of float32 [samples], each octave as high as the others."""
    width, height = CARD_SIZE
    power = spectra(np.pad(sound, (0, max(0, rate - len(sound)))), rate)
    # the mean over a row's pitches, also where it is narrower than a bin
    below = np.pad(np.cumsum(power, axis=1), ((0, 0), (1, 0)))
    highest = min(CARD_HIGHEST, rate / 2)
    edges = np.geomspace(min(CARD_LOWEST, highest / 2), highest, height + 1) / (rate / 2) * (power.shape[1] - 1) + 0.5
    frames = np.linspace(0, len(power) - 1, width).round().astype(int)
    columns = [np.diff(np.interp(edges, np.arange(below.shape[1]), below[frame])) / np.diff(edges) for frame in frames]
    return _png(_coloured(np.stack(columns, axis=1)[::-1], CARD_RANGE))


def curve(values: Doubles, width: int = 600, height: int = 80) -> str:
    """An SVG of values [n] over time, from zero up."""
    top = max(float(values.max()), 1e-9)
    x = np.linspace(0, width, len(values))
    points = " ".join(f"{a:.1f},{height - b / top * (height - 4):.1f}" for a, b in zip(x, values, strict=True))
    return (
        f'<svg viewBox="0 0 {width} {height}" preserveAspectRatio="none" role="img">'
        f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="1"/></svg>'
    )


def audio(content: bytes) -> str:
    """An Ogg file as a data URI."""
    return _uri("audio/ogg", content)


def _coloured(power: Doubles, span: float = RANGE) -> npt.NDArray[np.uint8]:
    """Power [rows, columns] as colours, uint8 [rows, columns, 3]. span: dB below the loudest that is black."""
    level = 10 * np.log10(power)
    place = np.clip((level - level.max()) / span + 1, 0, 1) * (len(STOPS) - 1)
    colours = np.stack([np.interp(place, np.arange(len(STOPS)), STOPS[:, k]) for k in range(3)], axis=-1)
    return colours.astype(np.uint8)


def _uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """uint8 [height, width, 3]"""
    height, width, _ = pixels.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], axis=1)

    def chunk(name: bytes, content: bytes) -> bytes:
        body = name + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows.tobytes(), 9))
        + chunk(b"IEND", b"")
    )
