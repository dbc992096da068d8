"""The fits of a model's linear prediction while it plays: models/prediction.py, compiled where that was built."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.compiled import library
from models.config import ModelConfig
from models.prediction import NOISE, SILENCE, fit
from models.quantizer import Quantizer

Doubles = npt.NDArray[np.float64]

BLOCKS = 16
"""That the window is of, at most."""


class Predictor(ctypes.Structure):
    """What engine/predict.c knows of the model. It holds addresses of arrays in a `Predictions`."""

    _fields_ = (
        *((name, ctypes.c_int32) for name in ("order", "window", "every", "block", "mean")),
        *((name, ctypes.c_double) for name in ("noise", "silence")),
        *((name, ctypes.c_void_p) for name in ("roots", "decoded")),
    )


class Predictions:
    """Of one model, which may be one that does not predict. Any thread, several at once."""

    def __init__(self, config: ModelConfig) -> None:
        self._config = config
        order, window = config.prediction_order, config.prediction_window if config.prediction_order else 0
        block = 1 << (max(order, -(-window // BLOCKS), 1) - 1).bit_length()
        angles = np.pi * np.arange(block) / block
        self._roots = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        self._decoded = Quantizer(config.quantizer, config.levels).decode(np.arange(config.levels)).astype(np.float64)
        addresses = (array.ctypes.data for array in (self._roots, self._decoded))
        counts = (order, window, config.prediction_every, block, config.prediction_mean)
        self.compiled = Predictor(*counts, NOISE, SILENCE, *addresses)

    def space(self) -> Doubles:
        """Room that engine/predict.c needs for a fit."""
        compiled = self.compiled
        return np.empty(37 * compiled.block + 9 * (compiled.order + 1) + 1 + compiled.window)

    def fit(self, codes: npt.NDArray[Any]) -> Doubles:
        """The coefficients for the step after `codes`, [voices, history] -> [voices, order]."""
        compiled = library()
        if compiled is None:
            return fit(codes, self._config)
        heard = np.ascontiguousarray(self._decoded[codes[:, -self.compiled.window :]])
        fitted, space = np.empty((len(codes), self.compiled.order)), self.space()
        addresses = (array.ctypes.data for array in (heard, fitted, space))
        compiled.samplernn_fit(ctypes.byref(self.compiled), len(codes), *addresses)
        return fitted
