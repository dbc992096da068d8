"""Sound to a model's codes and back: pre-emphasis, if it has one, and its quantiser.

Music is loud where it is low. A quantiser lays its noise evenly over all frequencies, so that the high ones drown in
it, and what is learned from such codes plays that noise louder still. Of each sample, pre-emphasis takes off most of
the one before it, y[t] = g (x[t] - a x[t - 1]), and what is coded is level; put back, x[t] = a x[t - 1] + y[t] / g,
the noise is loud where the music is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from models.config import ModelConfig
from models.quantizer import Quantizer

Codes = npt.NDArray[Any]
Floats = npt.NDArray[np.float32]

STRETCH = 1 << 18
"""Samples coded at a time: hours of sound would else take gigabytes for a moment."""


class Codec:
    """The codes of one model. Any thread; never blocks."""

    def __init__(self, config: ModelConfig) -> None:
        self.quantizer = Quantizer(config.quantizer, config.levels)
        self._emphasis, self._reach = config.emphasis, config.emphasis_reach
        # noise in the codes is as loud in the sound
        self._gain = 1 / np.sqrt(1 - config.emphasis**2)

    def encode(self, sound: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        """Codes of sound, float [..., samples], full scale 1, before which there was silence."""
        codes = np.empty(sound.shape, np.int64)
        for start in range(0, sound.shape[-1], STRETCH):
            part = np.asarray(sound[..., max(0, start - 1) : start + STRETCH], np.float64)
            emphasised = part.copy()
            emphasised[..., 1:] -= self._emphasis * part[..., :-1]
            codes[..., start : start + STRETCH] = self.quantizer.encode(self._gain * emphasised)[..., min(1, start) :]
        return codes

    def decode(self, codes: Codes, before: Codes) -> Floats:
        """Sound of codes, [..., samples]: float32, clipped to [-1, 1]. before: the codes up to them, [..., any number],
        taken for silence where they are fewer than config.emphasis_reach."""
        if not self._emphasis:
            return self.quantizer.decode(codes)
        past = before[..., max(0, before.shape[-1] - self._reach) :]
        sound = self.quantizer.decode(np.concatenate([past, codes], axis=-1)) / self._gain
        # 1 / (1 - a / z) is the product of all 1 + (a / z)^n, n = 1, 2, 4, ...: as far as it is heard
        factor, lag = self._emphasis, 1
        while lag < self._reach:
            sound[..., lag:] += factor * sound[..., :-lag]
            factor, lag = factor * factor, 2 * lag
        heard: Floats = np.clip(sound[..., past.shape[-1] :], -1, 1).astype(np.float32)
        return heard
