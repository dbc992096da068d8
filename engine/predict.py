"""The fits of a model's linear prediction while it plays: models/prediction.py, compiled where that was built."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.compiled import library
from models.config import ModelConfig
from models.prediction import NOISE, SILENCE, fit, taper
from models.quantizer import Quantizer

Doubles = npt.NDArray[np.float64]

LAGS = 8


class Predictor(ctypes.Structure):
    """What engine/predict.c knows of the model. It holds addresses of arrays in a `Predictions`."""

    _fields_ = (
        *((name, ctypes.c_int32) for name in ("order", "window", "every")),
        *((name, ctypes.c_double) for name in ("noise", "silence")),
        *((name, ctypes.c_void_p) for name in ("taper", "decoded")),
    )


class Predictions:
    """Of one model, which may be one that does not predict. Any thread, several at once."""

    def __init__(self, config: ModelConfig) -> None:
        self._config = config
        window = config.prediction_window if config.prediction_order else 0
        self._taper = taper(window)
        self._decoded = Quantizer(config.quantizer, config.levels).decode(np.arange(config.levels)).astype(np.float64)
        self.compiled = Predictor(
            config.prediction_order, window, config.prediction_every, NOISE, SILENCE,
            self._taper.ctypes.data, self._decoded.ctypes.data,
        )  # fmt: skip

    def space(self) -> Doubles:
        """Room that engine/predict.c needs for a fit."""
        return np.empty(self.compiled.window + 4 * self.compiled.order + 2 * LAGS)

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
