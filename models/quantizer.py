"""Sound to codes and back: one fixed quantiser per model, the same for every recording.

Silence is the middle code, and the middle code is exactly 0. A code is its distance from the middle
in units of 2 / levels on the companded scale, so every code decodes into [-1, 1] and encodes to itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from models.config import QuantizerName

MU = 255.0
A = 87.6
_A_SCALE = 1 + np.log(A)

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


class Quantizer:
    """Codes of one kind and number of levels."""

    def __init__(self, name: QuantizerName, levels: int) -> None:
        self.levels = levels
        self.silence = levels // 2
        self._compand, expand = _LAWS[name]
        steps = (np.arange(levels) - self.silence) / self.silence
        self._decoded = np.asarray(np.sign(steps) * expand(np.abs(steps)), dtype=np.float32)

    def encode(self, sound: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        """Codes of `sound` (float, any shape, full scale 1; beyond it is clipped)."""
        codes: npt.NDArray[np.int64] = np.rint(self.position(sound)).astype(np.int64)
        return codes

    def position(self, sound: npt.NDArray[Any]) -> Doubles:
        """Where `sound` lies on the scale of codes, between them too: from 0 to levels - 1."""
        sound = np.clip(np.asarray(sound, dtype=np.float64), -1, 1)
        steps: Doubles = np.sign(sound) * self._compand(np.abs(sound)) * self.silence
        return np.clip(steps + self.silence, 0, self.levels - 1)

    def decode(self, codes: npt.NDArray[Any]) -> Floats:
        """Sound of `codes` (integers below `levels`, any shape): float32 in [-1, 1], full scale 1."""
        sound: Floats = self._decoded[codes]
        return sound


def _a_law(x: Doubles) -> Doubles:
    y: Doubles = np.where(x < 1 / A, A * x, 1 + np.log(np.maximum(A * x, 1))) / _A_SCALE
    return y


def _a_law_inverse(y: Doubles) -> Doubles:
    scaled = y * _A_SCALE
    x: Doubles = np.where(scaled < 1, scaled, np.exp(scaled - 1)) / A
    return x


# name: the companding of magnitudes in [0, 1], and its inverse
_LAWS: dict[QuantizerName, Any] = {
    "linear": (lambda x: x, lambda y: y),
    "mu-law": (lambda x: np.log1p(MU * x) / np.log1p(MU), lambda y: np.expm1(y * np.log1p(MU)) / MU),
    "a-law": (_a_law, _a_law_inverse),
}
