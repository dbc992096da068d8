"""The kernel for processors: engine/native.c over the arrays of a style's int8 graphs.

It does what the graphs do, several times faster (ARCHITECTURE.md has the figures), and is built when the
project is installed. Where there is no compiler, or the model has a part it does not know, ONNX Runtime plays.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import ModelProto, numpy_helper

from engine.compiled import library
from engine.kernel import Codes, Floats, Kernel, SmallCodes, State
from engine.noise import GumbelNoise
from engine.predict import Predictor
from models.config import ModelConfig
from models.errors import InputError

MAX_TIERS = 8
MAX_LAYERS = 8
MAX_VOICES = 64
MAX_WEIGHTED_INPUTS = 8192
QUANTIZED_BLOCK = 128
ROWS = 4
"""The least outputs of a matrix in 8 bits."""


class _Linear(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_int32) for name in ("outputs", "inputs")),
        *((name, ctypes.c_void_p) for name in ("codes", "scales", "weights", "bias")),
    )


class _Tier(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_int32) for name in ("frame", "slots")),
        *((name, _Linear) for name in ("input", "upsampling")),
        *((name, _Linear * MAX_LAYERS) for name in ("ih", "hh")),
    )


class _Model(ctypes.Structure):
    _fields_ = (
        *(
            (name, ctypes.c_int32)
            for name in ("tiers", "units", "layers", "mlp_units", "hidden_layers", "lags", "levels", "lookback")
        ),
        ("tables", ctypes.c_void_p),
        ("hidden", _Linear * MAX_LAYERS),
        ("output", _Linear),
        ("tier", _Tier * MAX_TIERS),
        ("predictor", Predictor),
        *((name, ctypes.c_void_p) for name in ("near", "slope", "mix_slope", "bumps")),
        ("mix", _Linear),
    )


def plays(config: ModelConfig) -> bool:
    """Whether this kernel was built here and knows the model."""
    return (
        library() is not None
        and config.rnn == "gru"
        and not config.skip_connections
        and config.tiers <= MAX_TIERS
        and max(config.rnn_layers, config.mlp_hidden) <= MAX_LAYERS
        and max(config.units, config.mlp_units, config.lookback) <= MAX_WEIGHTED_INPUTS
    )


def flush_denormals() -> None:
    """Let the calling thread take numbers too small to matter for zero. (ONNX Runtime is told separately.)"""
    compiled = library()
    if compiled is not None:
        compiled.samplernn_flush_denormals()


class NativeNoise(GumbelNoise):
    """GumbelNoise from the same bits, a fifth of the time; the last digits differ."""

    def __init__(self, seed: int, voices: int, samples: int, levels: int) -> None:
        super().__init__(seed, voices, samples, levels)
        self._seed, self._voices = seed, voices
        self._space = np.empty(samples * levels + 7, np.float32)

    def frames(self, first: int, count: int) -> Floats:
        compiled = library()
        assert compiled is not None
        samples, levels = self._shape
        noise = np.empty((count, samples, self._voices, levels), np.float32)
        compiled.samplernn_noise(
            self._seed, first, count, samples, self._voices, levels, noise.ctypes.data, self._space.ctypes.data
        )
        return noise


class NativeKernel(Kernel):
    """A Kernel without ONNX Runtime; one thread. The graphs are read and checked, but only their arrays are
    used. Its codes are its own: an 8-bit network is rounded differently by each kernel."""

    def _build(self, step: ModelProto, prime: ModelProto, threads: int) -> None:
        self.provider = "cpu"
        self.block, self._step_frames, self._prime_frames = self.config.step // self.config.lookback, None, None
        self._arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in step.graph.initializer}
        config = self.config
        model = self._model = _Model(
            config.tiers, config.units, config.rnn_layers, config.mlp_units,
            config.mlp_hidden - (0 if config.mlp_first_relu else 1), config.frame_sizes[0], config.levels,
            config.lookback,
        )  # fmt: skip
        lags, levels, units = config.frame_sizes[0], config.levels, config.mlp_units
        model.tables = self._pointer("samples.tables", np.float32, ((lags + 1) * levels, units))
        for i in range(model.hidden_layers):
            model.hidden[i] = self._linear(f"samples.hidden{i}", units, units)
        model.output = self._linear("samples.output", units, levels)
        for k in range(config.tiers):
            tier = model.tier[k]
            tier.frame, tier.slots = config.samples_per_frame(k), config.frame_sizes[k]
            below = config.conditioning_units(k)
            tier.input = self._linear(f"tier{k}.input", tier.frame, config.units)
            tier.upsampling = self._linear(f"tier{k}.upsampling", config.units, tier.slots * below)
            for i in range(config.rnn_layers):
                tier.ih[i] = self._linear(f"tier{k}.rnn{i}.ih", config.units, 3 * config.units)
                tier.hh[i] = self._linear(f"tier{k}.rnn{i}.hh", config.units, 3 * config.units)

        if config.prediction_order:
            self._predicting(model)

    def _predicting(self, model: _Model) -> None:
        levels, units, shapes = self.config.levels, self.config.mlp_units, self.config.prediction_shapes
        model.predictor = self._predictions.compiled
        model.near = self._pointer("samples.near", np.float32, (levels, units))
        model.slope = self._pointer("samples.slope", np.float32, (1, units))
        model.mix = self._linear("samples.mix", units, shapes)
        model.mix_slope = self._pointer("samples.mix_slope", np.float32, (1, shapes))
        model.bumps = self._pointer("samples.shapes", np.float32, (shapes, 2 * levels - 1))

    def _make(self, state: State, noise: Floats) -> tuple[Codes, Floats, State]:
        frames, lookback, voices, levels = noise.shape
        codes = self._room(state, frames)
        logits = np.empty((frames * lookback, voices, levels), np.float32)
        state = self._advance(state, codes, np.ascontiguousarray(noise), logits)
        return codes[:, self.config.history :].astype(np.int64), logits, state

    def _hear(self, state: State, frames: Codes) -> State:
        codes = self._room(state, len(frames))
        codes[:, self.config.history :] = frames.transpose(1, 0, 2).reshape(len(codes), -1)
        return self._advance(state, codes, None, None)

    def _room(self, state: State, frames: int) -> SmallCodes:
        """[voices, history + frames]: the last codes, and room for those of so many frames."""
        config = self.config
        codes = np.empty((len(state.codes), config.history + frames * config.lookback), np.uint16)
        codes[:, : config.history] = state.codes
        return codes

    def noise(self, seed: int, voices: int) -> GumbelNoise:
        return NativeNoise(seed, voices, self.config.lookback, self.config.levels)

    def _advance(self, state: State, codes: SmallCodes, noise: Floats | None, logits: Floats | None) -> State:
        """codes: with its history in front, the rest to be drawn or heard."""
        compiled = library()
        assert compiled is not None
        config = self.config
        h = np.stack(state.h)
        voices, samples = len(codes), codes.shape[1] - config.history
        pointers = (None if array is None else array.ctypes.data for array in (codes, h, noise, logits))
        spaces = self._space(codes)
        addresses = (space.ctypes.data for space in spaces)
        compiled.samplernn_run(
            ctypes.byref(self._model), voices, samples // config.lookback, config.history, *pointers, *addresses
        )
        return State(codes[:, samples:].copy(), tuple(h))

    def _space(self, codes: SmallCodes) -> tuple[npt.NDArray[Any], ...]:
        """scratch, rounded, fitted, sound and space, as large as native.c may use; new for each run, since two
        threads may run this kernel at once."""
        config, voices = self.config, len(codes)
        if voices > MAX_VOICES:
            raise InputError(f"{voices} voices are more than {MAX_VOICES}")
        floats = 6 * config.units + 2 * config.mlp_units + config.levels + config.prediction_shapes
        for k in range(config.tiers):
            handed = config.frame_sizes[k] * config.conditioning_units(k)
            floats += config.samples_per_frame(k) + config.units + handed
        widest = max(config.units, config.mlp_units, config.lookback) + QUANTIZED_BLOCK
        predicting = config.prediction_order > 0
        return (
            np.empty(voices * floats, np.float32),
            np.empty(voices * widest, np.int16),
            np.empty((voices, config.prediction_order)),
            np.empty(codes.shape if predicting else 0),
            self._predictions.space(),
        )

    def _linear(self, name: str, inputs: int, outputs: int) -> _Linear:
        linear = _Linear(outputs, inputs)
        linear.bias = self._pointer(f"{name}.bias", np.float32, (outputs,))
        if f"{name}.int8" in self._arrays and outputs >= ROWS:
            blocks = -(-inputs // QUANTIZED_BLOCK)
            # around 128 in the graph, around 0 here
            signed = (self._arrays[f"{name}.int8"].astype(np.int16) - 128).astype(np.int8)
            self._arrays[f"{name}.signed"] = np.ascontiguousarray(signed)
            linear.codes = self._pointer(f"{name}.signed", np.int8, (outputs, blocks, QUANTIZED_BLOCK))
            linear.scales = self._pointer(f"{name}.scales", np.float32, (outputs, blocks))
            del self._arrays[f"{name}.int8"]
        else:
            linear.weights = self._pointer(f"{name}.weight", np.float32, (inputs, outputs))
        return linear

    def _pointer(self, name: str, dtype: Any, shape: tuple[int, ...]) -> int:
        array = self._arrays.get(name)
        if array is None or array.dtype != dtype or array.shape != shape:
            raise InputError(f"{self._path}: its weights {name} are missing or do not fit its model")
        self._arrays[name] = np.ascontiguousarray(array)
        return self._arrays[name].ctypes.data
