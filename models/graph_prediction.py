"""The nodes of the linear prediction: `Guided` of models/network.py and `guess` of models/prediction.py in ONNX.

The coefficients are an input, fitted between two runs. Like the look-ups of models/graph.py the sums are turned
round: what the samples before a stretch of f_0 add to all its predictions is one product, and what is drawn in it is
added to those of the later ones as soon as it is there. All in double up to the place on the scale of codes, and with
both signs of 255 times the prediction, so that companding needs no sign:

    y = Q/2 + Q/2 log_256 max(1, 1 + 255 p) - Q/2 log_256 max(1, 1 - 255 p)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import TensorProto

from models.config import ModelConfig
from models.graph_nodes import Nodes
from models.quantizer import MU, Quantizer


class Prediction:
    """What is made once a run, outside the frames."""

    def __init__(self, config: ModelConfig, weights: dict[str, Any], nodes: Nodes) -> None:
        self.config, self.weights, self.nodes = config, weights, nodes
        order, lags = config.prediction_order, config.frame_sizes[0]
        self.signs = np.array([MU, -MU])
        """Of the two that each prediction is kept as."""
        # sample j of a stretch takes the coefficient i - j of the i-th sample before the stretch, latest last
        steps = np.arange(order)[:, None] - np.arange(lags)
        self.of_past = self._cut("past", np.repeat(steps, 2, axis=1))
        """[V, order, 2 f_0]: what the `order` samples before a stretch add to its predictions"""
        # and of a sample drawn in it the coefficients from the latest on
        steps = order - 1 - np.arange(lags - 1)
        self.of_drawn = self._cut("drawn", np.repeat(steps, 2))
        """[V, 2 (f_0 - 1)]: what a sample adds to the predictions after it"""
        self._ahead: dict[int, str] = {}
        sound = Quantizer(config.quantizer, config.levels).decode(np.arange(config.levels)).astype(np.float64)
        self.sound = nodes.constant("samples.sound", sound[:, None])

    def start(self, codes: str) -> str:
        """int64 [V, order], what was drawn last -> double [V, order], its sound"""
        return self.nodes.op("Squeeze", self.nodes.op("Gather", self.sound, codes), self.nodes.ints(2))

    def ahead(self, rest: int) -> str:
        """[V, 2 rest]: what a sample adds to each of the `rest` predictions after it."""
        if rest not in self._ahead:
            nodes = self.nodes
            self._ahead[rest] = nodes.op("Slice", self.of_drawn, nodes.ints(0), nodes.ints(2 * rest), nodes.ints(1))
        return self._ahead[rest]

    def _cut(self, name: str, steps: Any) -> str:
        """[V, *steps.shape]: the coefficients of these numbers, 0 where there is none, times 255 and -255 in turn."""
        nodes = self.nodes
        signs = np.where(steps >= 0, np.resize(self.signs, steps.shape), 0)
        kept = nodes.constant(f"samples.{name}.steps", np.maximum(steps, 0).astype(np.int64))
        return nodes.op(
            "Mul",
            nodes.op("Gather", "coefficients", kept, axis=1),
            nodes.constant(f"samples.{name}.signs", signs),
        )


class Guide:
    """The nodes of one frame: `stretch` before each f_0 samples, then for each `first`, `last` and `drew`."""

    def __init__(self, prediction: Prediction, nodes: Nodes, past: str) -> None:
        """past: double [V, order]"""
        self.prediction, self.nodes, self.past = prediction, nodes, past
        self._guesses = self._fraction = self._code = ""
        self._rest = 0
        self._sounds: list[str] = []

    def stretch(self) -> None:
        """f_0 samples begin."""
        nodes, prediction = self.nodes, self.prediction
        self._rest = prediction.config.frame_sizes[0]
        sums = nodes.op("MatMul", nodes.op("Unsqueeze", self.past, nodes.ints(1)), prediction.of_past)
        sums = nodes.op("Reshape", sums, nodes.ints(-1, 2 * self._rest))
        self._guesses = nodes.op("Add", sums, nodes.constant("samples.one", np.ones(1)))

    def first(self, x: str) -> str:
        """The sums of the first layer, [V, M], and what the prediction of the next sample adds to them."""
        nodes, weights, levels = self.nodes, self.prediction.weights, self.prediction.config.levels
        self._rest -= 1
        guess = self._guesses
        if self._rest:
            guess, self._guesses = nodes.ops("Split", 2, guess, nodes.ints(2, 2 * self._rest), axis=1)
        guess = nodes.op("Log", nodes.op("Max", guess, "samples.one"))
        scale = levels // 2 / np.log1p(MU) * np.sign(self.prediction.signs)[:, None]
        middle = nodes.constant("samples.middle", np.array([levels // 2], np.float64))
        place = nodes.op("Gemm", guess, nodes.constant("samples.scale", scale), middle)
        ends = (nodes.constant(f"samples.{n}", np.array(v, np.float64)) for n, v in (("zero", 0), ("top", levels - 1)))
        place = nodes.op("Cast", nodes.op("Clip", place, *ends), to=TensorProto.FLOAT)
        code = nodes.op("Round", place)
        self._fraction = nodes.op("Sub", place, code)
        self._code = nodes.op("Cast", code, to=TensorProto.INT64)
        x = nodes.op("Gemm", self._fraction, nodes.constant("samples.slope", weights["samples.slope"]), x)
        near = nodes.constant("samples.near", weights["samples.near"])
        return nodes.op("Add", x, nodes.op("Gather", near, nodes.op("Squeeze", self._code, nodes.ints(1))))

    def last(self, x: str, scores: str) -> str:
        """The scores, [V, Q], and what the mix of the shapes adds to them; x [V, M], what the output layer reads. The
        mix is never in 8 bits: it is small, and what it weighs is large."""
        nodes, weights, levels = self.nodes, self.prediction.weights, self.prediction.config.levels
        weight = nodes.constant("samples.mix.weight", weights["samples.mix.weight"].T)
        bias = nodes.constant("samples.mix.bias", weights["samples.mix.bias"])
        slope = nodes.constant("samples.mix_slope", weights["samples.mix_slope"])
        shapes = nodes.constant("samples.shapes", weights["samples.shapes"])
        mixed = nodes.op("Gemm", self._fraction, slope, nodes.op("Gemm", x, weight, bias))
        wide = nodes.op("Gemm", mixed, shapes)
        places = nodes.constant("samples.places", np.arange(levels - 1, 2 * levels - 1)[None])
        around = nodes.op("GatherElements", wide, nodes.op("Sub", places, self._code), axis=1)
        return nodes.op("Add", scores, around)

    def drew(self, code: str) -> None:
        """code: int64 [V]"""
        nodes = self.nodes
        sound = nodes.op("Gather", self.prediction.sound, code)
        self._sounds.append(sound)
        if self._rest:
            added = nodes.op("Mul", sound, self.prediction.ahead(self._rest))
            self._guesses = nodes.op("Add", self._guesses, added)
        else:
            whole = nodes.op("Concat", self.past, *self._sounds, axis=1)
            self.past = nodes.last(whole, self.prediction.config.prediction_order)
            self._sounds = []
