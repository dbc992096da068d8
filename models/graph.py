"""SampleRNN as ONNX graphs: `step` makes top-tier frames of sound, `prime` runs the frame tiers over given ones.

Both are pure: all state goes in and comes out. V voices, L samples a top-tier frame, Q levels, N layers.

    step:   codes int64 [V, L], h<k> float [N, V, state units] per tier, noise float [frames, L, V, Q]
         -> drawn int64 [frames, L, V], logits float [frames, L, V, Q], codes_out, h<k>_out
    prime:  codes, h<k>, frames int64 [frames, V, L]
         -> codes_out, h<k>_out

Of a model that predicts or has pre-emphasis, codes are the last config.history; of one that predicts, step takes the
coefficients too, double [V, order]: what models/prediction.py fits to the codes before each config.step samples, so a
run of the graph makes no more.

The next code is argmax(logits + noise): with Gumbel noise times a temperature T as the noise that is a draw
from softmax(logits / T), with none it is greedy decoding.

For a CPU the frames are a Scan of any number, and what is worth it is 8-bit (MatMulNBits); for CUDA a fixed
number is unrolled, without control flow, in float32, so that CUDA Graphs can capture it.

Where the time goes decides the shape (ARCHITECTURE.md has the figures): each node costs about a
microsecond whatever it does, so each sample gets as few as it can. The look-ups of the first layer are
turned round: as soon as a code is drawn, ONE row holds what it adds to all later samples of its block, and
one addition puts it there. What is known when a block starts is looked up for the whole block at once.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import onnx
from onnx import TensorProto, helper

from models.config import ModelConfig
from models.graph_nodes import Nodes
from models.graph_prediction import Guide, Prediction
from models.graph_weights import QUANTIZED_BLOCK, folded_weights, quantize
from models.network import SampleRNN

Precision = Literal["int8", "fp32"]
Shape = list[int | str]
Type = tuple[int, Shape]
"""Of an input or output: ONNX's type, and sizes or their names."""

OPSET = 21
IR_VERSION = 10
MICROSOFT = "com.microsoft"
QUANTIZED_FROM = 1 << 17
"""Weights in the smallest matrix that is worth 8 bits; smaller ones stay in the cache as they are."""
BLOCK = 8
"""Samples whose look-ups are summed together (a divisor of f_0 up to this)."""


def step_model(network: SampleRNN, precision: Precision, frames: int | None) -> onnx.ModelProto:
    """The step graph; frames: None for a Scan over any number of them, else that many unrolled."""
    return _Builder(network, precision).model("step", frames)


def prime_model(network: SampleRNN, precision: Precision, frames: int | None) -> onnx.ModelProto:
    """The prime graph; frames as for `step_model`."""
    return _Builder(network, precision).model("prime", frames)


class _Builder:
    def __init__(self, network: SampleRNN, precision: Precision) -> None:
        self.config: ModelConfig = network.config
        self.precision = precision
        self.weights = folded_weights(network)
        self.initializers: dict[str, onnx.TensorProto] = {}
        self.ahead: dict[int, str] = {}
        """Look-up tables by how many samples they reach ahead: made outside the frames, once."""

        self.prediction: Prediction | None = None

    # ------------------------------------------------------------------------------ the two graphs
    def model(self, kind: Literal["step", "prime"], frames: int | None) -> onnx.ModelProto:
        config = self.config
        lookback, history, levels, order = config.lookback, config.history, config.levels, config.prediction_order
        h_shape: Shape = [config.rnn_layers, "V", config.state_units]
        h: dict[str, Type] = {f"h{k}": (TensorProto.FLOAT, h_shape) for k in range(config.tiers)}
        count: int | str = frames if frames is not None else "frames_in_run"

        nodes = self.constants = Nodes(self.initializers)
        inputs: dict[str, Type] = {"codes": (TensorProto.INT64, ["V", history]), **h}
        outputs = {f"{name}_out": given for name, given in inputs.items()}
        carried: dict[str, Type] = {"codes": (TensorProto.INT64, ["V", lookback]), **h}
        values = ["codes" if history == lookback else nodes.last("codes", lookback), *h]
        of_frame: Type
        if kind == "step":
            per_frame, of_frame = "noise", (TensorProto.FLOAT, [lookback, "V", levels])
            outputs["drawn"] = TensorProto.INT64, [count, lookback, "V"]
            outputs["logits"] = TensorProto.FLOAT, [count, lookback, "V", levels]
            if order:
                inputs["coefficients"] = TensorProto.DOUBLE, ["V", order]
                carried["past"] = TensorProto.DOUBLE, ["V", order]
                self.prediction = Prediction(config, self.weights, nodes)
                values.append(self.prediction.start(nodes.last("codes", order)))
        else:
            per_frame, of_frame = "frames", (TensorProto.INT64, ["V", lookback])
        inputs[per_frame] = of_frame[0], [count, *of_frame[1]]

        if frames is None:
            made = self._scan(nodes, kind, carried, values, per_frame, of_frame)
        else:
            made = self._unrolled(nodes, kind, values, per_frame, frames)
        after, results = made[: len(carried)], made[len(carried) :]
        if history > lookback:
            after[0] = self._moved_on(nodes, results[0] if results else per_frame, "LV" if results else "VL")
        for old, new in zip([*after[: 1 + config.tiers], *results], outputs, strict=True):
            nodes.rename(old, new)
        graph = helper.make_graph(
            nodes.nodes,
            kind,
            [helper.make_tensor_value_info(name, *value) for name, value in inputs.items()],
            [helper.make_tensor_value_info(name, *value) for name, value in outputs.items()],
            list(self.initializers.values()),
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="samplernn-studio")

    def _moved_on(self, nodes: Nodes, new: str, axes: Literal["LV", "VL"]) -> str:
        """The last codes, [V, history], after those of the frames, [frames, *axes]."""
        rows = nodes.op("Transpose", new, perm=[2, 0, 1] if axes == "LV" else [1, 0, 2])
        whole = nodes.op("Concat", "codes", nodes.op("Reshape", rows, nodes.ints(0, -1)), axis=1)
        return nodes.last(whole, self.config.history)

    def _scan(
        self, nodes: Nodes, kind: str, carried: dict[str, Type], values: list[str], per_frame: str, of_frame: Type
    ) -> list[str]:
        body = Nodes(self.initializers, "frame.")
        inner = {f"frame.{name}": value for name, value in carried.items()}
        outputs = self._frame(body, kind, list(inner), "frame.in")
        types = [value[0] for value in carried.values()]
        result_types = [TensorProto.INT64, TensorProto.FLOAT][: len(outputs) - len(types)]
        graph = helper.make_graph(
            body.nodes,
            "frame",
            [helper.make_tensor_value_info(name, *value) for name, value in (inner | {"frame.in": of_frame}).items()],
            [
                helper.make_tensor_value_info(name, dtype, None)
                for name, dtype in zip(outputs, [*types, *result_types], strict=True)
            ],
        )
        return nodes.ops("Scan", len(outputs), *values, per_frame, body=graph, num_scan_inputs=1)

    def _unrolled(self, nodes: Nodes, kind: str, values: list[str], per_frame: str, frames: int) -> list[str]:
        parts = nodes.ops("Split", frames, per_frame, axis=0, num_outputs=frames)
        made: list[list[str]] = []
        for part in parts:
            frame = nodes.op("Squeeze", part, nodes.ints(0))
            outputs = self._frame(nodes, kind, values, frame)
            values = outputs[: len(values)]
            made.append([nodes.op("Unsqueeze", out, nodes.ints(0)) for out in outputs[len(values) :]])
        return values + [nodes.op("Concat", *outs, axis=0) for outs in zip(*made, strict=True)]

    # ------------------------------------------------------------------------------ one top-tier frame
    def _frame(self, nodes: Nodes, kind: str, values: list[str], given: str) -> list[str]:
        """given: the frame's noise [L, V, Q], or its codes [V, L] -> what is carried on[, drawn, logits]"""
        frame = _Frame(self, nodes, values)
        if kind == "prime":
            frame.prime(given)
            return [nodes.op("Identity", given), *frame.h]  # a Scan must not hand an input straight on
        frame.step(given)
        lookback, levels = self.config.lookback, self.config.levels
        drawn = nodes.op("Reshape", nodes.op("Concat", *frame.drawn, axis=0), nodes.ints(lookback, -1))
        scores = nodes.op("Concat", *frame.scores, axis=0)
        logits = nodes.op("Sub", nodes.op("Reshape", scores, nodes.ints(lookback, -1, levels)), given)
        past = [frame.guide.past] if frame.guide else []
        return [nodes.op("Transpose", drawn, perm=[1, 0]), *frame.h, *past, drawn, logits]


class _Frame:
    """The nodes of one top-tier frame: the tier walk of models/network.py, written out."""

    def __init__(self, builder: _Builder, nodes: Nodes, values: list[str]) -> None:
        self.config, self.weights = builder.config, builder.weights
        self.precision, self.constants, self.ahead = builder.precision, builder.constants, builder.ahead
        self.nodes = nodes
        self.previous, self.h = values[0], values[1 : 1 + builder.config.tiers]
        self.guide = Guide(builder.prediction, nodes, values[-1]) if builder.prediction else None
        self.drawn: list[str] = []
        """Codes so far, [V] each."""
        self.scores: list[str] = []
        """Logits plus noise, [V, Q] each."""

    def step(self, noise: str) -> None:
        nodes, config = self.nodes, self.config
        # the output's bias goes in with the noise, so that one Gemm gives the scores
        bias = nodes.constant("samples.output.bias", self.weights["samples.output.bias"])
        rows = nodes.op("Reshape", nodes.op("Add", noise, bias), nodes.ints(-1, config.levels))
        self.offsets = nodes.ops("Split", config.lookback, rows, axis=0, num_outputs=config.lookback)
        self._descend(config.tiers - 1, None, self._sample_frame)

    def prime(self, codes: str) -> None:
        self.given = codes
        self._descend(self.config.tiers - 1, None, None)

    def _descend(self, k: int, above: str | None, bottom: Any, position: int = 0) -> None:
        """Run tier k at `position` of the frame, then all that hangs below it."""
        nodes, config = self.nodes, self.config
        below = config.conditioning_units(k)
        codes = self._last_codes(position, config.samples_per_frame(k), bottom is not None)
        y = self._tier(k, codes, above)
        if k == 0 and bottom is None:
            return
        c = self._linear(f"tier{k}.upsampling", y)
        if k == 0:
            bottom(codes, nodes.op("Reshape", c, nodes.ints(-1, config.frame_sizes[0] * below)))
            return
        slots = nodes.ops("Split", config.frame_sizes[k], c, axis=2, num_outputs=config.frame_sizes[k])
        for slot, handed in enumerate(slots):
            self._descend(k - 1, handed, bottom, position + slot * config.samples_per_frame(k - 1))

    def _last_codes(self, position: int, count: int, generating: bool) -> str:
        """The `count` codes before `position`, int64 [V, count]."""
        nodes, lookback = self.nodes, self.config.lookback
        if position == 0:
            if count == lookback:
                return self.previous
            bounds = nodes.ints(lookback - count), nodes.ints(lookback), nodes.ints(1)
            return nodes.op("Slice", self.previous, *bounds)
        if not generating:
            bounds = nodes.ints(position - count), nodes.ints(position), nodes.ints(1)
            return nodes.op("Slice", self.given, *bounds)
        codes = nodes.op("Concat", *self.drawn[position - count : position], axis=0)
        return nodes.op("Transpose", nodes.op("Reshape", codes, nodes.ints(count, -1)), perm=[1, 0])

    # ------------------------------------------------------------------------------ frame tiers
    def _tier(self, k: int, codes: str, above: str | None) -> str:
        """-> [1, V, D]; sets the tier's new state"""
        nodes, config = self.nodes, self.config
        u = self._linear(f"tier{k}.input", nodes.op("Cast", codes, to=TensorProto.FLOAT), rank=2)
        if above is not None:
            u = nodes.op("Add", above, u)
        layers = config.rnn_layers
        states = [self.h[k]] if layers == 1 else nodes.ops("Split", layers, self.h[k], axis=0, num_outputs=layers)
        x, outputs, news = u, [], []
        cell = self._gru if config.rnn == "gru" else self._lstm
        for i, state in enumerate(states):
            y, new = cell(f"tier{k}.rnn{i}", x, state)
            outputs.append(y)
            news.append(new)
            x = nodes.op("Add", y, u) if config.skip_connections else y
        self.h[k] = news[0] if layers == 1 else nodes.op("Concat", *news, axis=0)
        return nodes.op("Sum", *outputs) if config.skip_connections and layers > 1 else outputs[-1]

    def _gru(self, name: str, x: str, h: str) -> tuple[str, str]:
        nodes, units = self.nodes, self.config.units
        parts = nodes.ints(2 * units, units)
        x_rz, x_n = nodes.ops("Split", 2, self._linear(f"{name}.ih", x), parts, axis=-1)
        h_rz, h_n = nodes.ops("Split", 2, self._linear(f"{name}.hh", h), parts, axis=-1)
        rz = nodes.op("Sigmoid", nodes.op("Add", h_rz, x_rz))
        r, z = nodes.ops("Split", 2, rz, axis=-1, num_outputs=2)
        n = nodes.op("Tanh", nodes.op("Add", nodes.op("Mul", r, h_n), x_n))
        y = nodes.op("Add", n, nodes.op("Mul", z, nodes.op("Sub", h, n)))
        return y, y

    def _lstm(self, name: str, x: str, state: str) -> tuple[str, str]:
        nodes = self.nodes
        h, c = nodes.ops("Split", 2, state, axis=-1, num_outputs=2)
        gates = nodes.op("Add", self._linear(f"{name}.hh", h), self._linear(f"{name}.ih", x))
        i, f, g, o = nodes.ops("Split", 4, gates, axis=-1, num_outputs=4)
        c = nodes.op(
            "Add",
            nodes.op("Mul", nodes.op("Sigmoid", f), c),
            nodes.op("Mul", nodes.op("Sigmoid", i), nodes.op("Tanh", g)),
        )
        y = nodes.op("Mul", nodes.op("Sigmoid", o), nodes.op("Tanh", c))
        return y, nodes.op("Concat", y, c, axis=-1)

    # ------------------------------------------------------------------------------ samples
    def _sample_frame(self, codes: str, conditioning: str) -> None:
        """Draw the f_0 samples of a frame of the lowest tier: codes [V, f_0] are the ones before it,
        conditioning is [V, f_0 * M]."""
        nodes, lags, units = self.nodes, self.config.frame_sizes[0], self.config.mlp_units
        block = next(size for size in range(min(BLOCK, lags), 0, -1) if lags % size == 0)
        blocks = lags // block
        if self.guide:
            self.guide.stretch()
        parts = [conditioning]
        if blocks > 1:
            parts = nodes.ops("Split", blocks, conditioning, axis=1, num_outputs=blocks)
        for i, part in enumerate(parts):
            if i:
                codes = self._last_codes_of_stream(codes, block)
            self._sample_block(codes, part, block, units)

    def _last_codes_of_stream(self, codes: str, fresh: int) -> str:
        """The window [V, f_0], moved on by the last `fresh` codes drawn."""
        nodes = self.nodes
        kept = nodes.op("Slice", codes, nodes.ints(fresh), nodes.ints(1 << 31), nodes.ints(1))
        new = nodes.op("Reshape", nodes.op("Concat", *self.drawn[-fresh:], axis=0), nodes.ints(fresh, -1))
        return nodes.op("Concat", kept, nodes.op("Transpose", new, perm=[1, 0]), axis=1)

    def _sample_block(self, codes: str, conditioning: str, block: int, units: int) -> None:
        nodes, lags, levels = self.nodes, self.config.frame_sizes[0], self.config.levels
        tables = self.weights["tables"]
        # slot j of the block reads code i of the window with lag position i - j; below 0 it is out of reach,
        # and looked up in a last, empty table
        padded = np.concatenate([tables, np.zeros_like(tables[:1])]).reshape(-1, units)
        position = np.arange(lags)[None, :] - np.arange(block)[:, None]
        offsets = np.where(position >= 0, position, lags) * levels
        rows = nodes.op(
            "Add",
            nodes.op("Unsqueeze", codes, nodes.ints(1)),
            nodes.constant(f"samples.offsets{block}", offsets.astype(np.int64)),
        )
        known = nodes.op("Gather", nodes.constant("samples.tables", padded), rows)
        known = nodes.op("ReduceSum", known, nodes.ints(2), keepdims=0)
        sums = nodes.op("Add", nodes.op("Reshape", known, nodes.ints(-1, block * units)), conditioning)
        for j in range(block):
            rest = block - 1 - j
            x = sums
            if rest:
                x, sums = nodes.ops("Split", 2, sums, nodes.ints(units, rest * units), axis=1)
            code = self._draw(x)
            if rest:
                sums = nodes.op("Add", sums, nodes.op("Gather", self._ahead(rest), code))

    def _ahead(self, rest: int) -> str:
        """[Q, rest * M]: what a code adds to each of the `rest` samples after it, lags 1, 2, ... Cut from the
        tables when the session is built (ONNX Runtime folds constants), so that the file holds them once."""
        nodes, config = self.constants, self.config
        lags, levels, units = config.frame_sizes[0], config.levels, config.mlp_units
        if rest not in self.ahead:
            rows = nodes.ints((lags - rest) * levels), nodes.ints(lags * levels), nodes.ints(0)
            far_first = nodes.op("Reshape", nodes.op("Slice", "samples.tables", *rows), nodes.ints(rest, levels, units))
            backwards = nodes.ints(-1), nodes.ints(-rest - 1), nodes.ints(0), nodes.ints(-1)
            near_first = nodes.op("Transpose", nodes.op("Slice", far_first, *backwards), perm=[1, 0, 2])
            self.ahead[rest] = nodes.op("Reshape", near_first, nodes.ints(levels, rest * units))
        return self.ahead[rest]

    def _draw(self, x: str) -> str:
        nodes, guide = self.nodes, self.guide
        x = nodes.op("Relu", guide.first(x) if guide else x)
        for i in range(self.weights["hidden"]):
            x = nodes.op("Relu", self._linear(f"samples.hidden{i}", x, rank=2))
        scores = self._linear("samples.output", x, rank=2, bias=self.offsets[len(self.drawn)])
        if guide:
            scores = guide.last(x, scores)
        code = nodes.op("ArgMax", scores, axis=1, keepdims=0)
        if guide:
            guide.drew(code)
        self.scores.append(scores)
        self.drawn.append(code)
        return code

    def _linear(self, name: str, x: str, rank: int = 3, bias: str | None = None) -> str:
        """W x + b, in 8 bits where that is worth it; `bias` instead of the layer's own if given."""
        nodes = self.nodes
        weight = self.weights[f"{name}.weight"]
        b = bias or nodes.constant(f"{name}.bias", self.weights[f"{name}.bias"])
        if self.precision == "int8" and weight.size >= QUANTIZED_FROM:
            outputs, inputs = weight.shape
            codes, scales = quantize(weight)
            product = nodes.op(
                "MatMulNBits",
                x,
                nodes.constant(f"{name}.int8", codes),
                nodes.constant(f"{name}.scales", scales),
                *(["", "", b] if bias is None else []),
                domain=MICROSOFT,
                K=inputs,
                N=outputs,
                bits=8,
                block_size=QUANTIZED_BLOCK,
                accuracy_level=4,
            )
            return product if bias is None else nodes.op("Add", product, bias)
        w = nodes.constant(f"{name}.weight", weight.T)
        if rank == 2:
            return nodes.op("Gemm", x, w, b)
        return nodes.op("Add", nodes.op("MatMul", x, w), b)
