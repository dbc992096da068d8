"""Levels to colours, in those of the scheme in force."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor

from studio.theme import Colours


@lru_cache(maxsize=4)
def ramp(now: Colours) -> npt.NDArray[np.uint32]:
    """From nothing (the well) over embers to the brightest (on a light ground the darkest): uint32 [256], 0xffRRGGBB.

    Mixed in Oklab, each stop where its own lightness puts it: equal steps of level are equal steps of lightness.
    """
    well, ember, glow, full = (_oklab(name) for name in (now.well, now.bad, now.accent, now.text))
    stops = np.stack([well, 0.55 * well + 0.45 * ember, glow, full])
    at = (stops[:, 0] - well[0]) / (full[0] - well[0])
    mixed = np.stack([np.interp(np.linspace(0, 1, 256), at, stops[:, k]) for k in range(3)], 1)
    red, green, blue = np.rint(_srgb(mixed) * 255).astype(np.uint32).T
    made: npt.NDArray[np.uint32] = 0xFF000000 | red << 16 | green << 8 | blue
    return made


# linear sRGB to the cones' responses, and their cube roots to Oklab (Ottosson, 2020)
_CONES = np.array([
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
])  # fmt: skip
_LAB = np.array([
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
])  # fmt: skip


def _oklab(name: str) -> npt.NDArray[np.float64]:
    """name: #rrggbb"""
    colour = QColor(name)
    srgb = np.array([colour.redF(), colour.greenF(), colour.blueF()])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    made: npt.NDArray[np.float64] = _LAB @ np.cbrt(_CONES @ linear)
    return made


def _srgb(lab: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """float64 [.., 3] in [0, 1]"""
    linear = np.clip((lab @ np.linalg.inv(_LAB).T) ** 3 @ np.linalg.inv(_CONES).T, 0, 1)
    made: npt.NDArray[np.float64] = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return made
