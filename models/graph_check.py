"""What a graph from a style file may contain. A graph is the one thing in a style that is executed, so each is
held against what models/graph.py writes: its operators, its inputs and outputs, nothing outside the file."""

from __future__ import annotations

from collections.abc import Iterator

import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from onnx import AttributeProto, TensorProto

from models.config import ModelConfig
from models.errors import InputError

# All have kernels in the CUDA provider and none is control flow, so that CUDA Graphs can capture them.
CUDA_OPERATORS = frozenset(
    {"Add", "ArgMax", "Cast", "Clip", "Concat", "Gather", "GatherElements", "Gemm", "Identity", "Log", "MatMul"}
    | {"Max", "Mul", "ReduceSum", "Relu", "Reshape", "Round", "Sigmoid", "Slice", "Split", "Squeeze", "Sub", "Sum"}
    | {"Tanh", "Transpose", "Unsqueeze"}
)
OPERATORS = {
    "fp32": {("", name) for name in CUDA_OPERATORS},
    "int8": {("", name) for name in CUDA_OPERATORS} | {("", "Scan"), ("com.microsoft", "MatMulNBits")},
}


def parse_graph(content: bytes, kind: str, precision: str, config: ModelConfig) -> onnx.ModelProto:
    """The model, if it is a `kind` ("step" or "prime") graph of that precision for that configuration.

    Raises InputError saying what should not be there, or is missing.
    """
    what = f"its {kind} graph ({precision})"
    try:
        model = onnx.load_model_from_string(content)
    except (DecodeError, ValueError) as error:
        raise InputError(f"{what} is not an ONNX model") from error
    if model.functions or model.training_info:
        raise InputError(f"{what} holds functions or training steps, which it should not")
    for graph in _graphs(model.graph):
        for node in graph.node:
            if (node.domain, node.op_type) not in OPERATORS[precision]:
                raise InputError(
                    f"{what} uses the operator {node.domain + ':' + node.op_type!r:.80}, which it should not"
                )
        if graph.sparse_initializer:
            raise InputError(f"{what} holds sparse weights, which it should not")
        for tensor in graph.initializer:
            if tensor.data_location == TensorProto.EXTERNAL or tensor.external_data:
                raise InputError(f"{what} takes weights from outside the style file, which it should not")
    for given, wanted in (
        ({value.name: _type(value) for value in model.graph.input}, _inputs(kind, config)),
        ({value.name: _type(value) for value in model.graph.output}, _outputs(kind, config)),
    ):
        for name in given.keys() - wanted.keys():
            raise InputError(f"{what} has an input or output {name!r}, which it should not")
        for name, value in wanted.items():
            if name not in given or not _fits(given[name], value):
                raise InputError(f"{what} has no {name!r} of the expected type and shape")
    return model


def _graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    """The graph and every graph inside it."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == AttributeProto.GRAPH:
                yield from _graphs(attribute.g)
            for inner in attribute.graphs:
                yield from _graphs(inner)


Type = tuple[int, tuple[int, ...]]
ANY, FRAMES = 0, -1
"""Sizes: of voices, which must stay open, and of frames in a run, which need not."""


def _type(value: onnx.ValueInfoProto) -> Type:
    tensor = value.type.tensor_type
    return tensor.elem_type, tuple(dim.dim_value or ANY for dim in tensor.shape.dim)


def _fits(given: Type, wanted: Type) -> bool:
    sizes = zip(given[1], wanted[1], strict=False)
    return (
        given[0] == wanted[0]
        and len(given[1]) == len(wanted[1])
        and all(size >= 0 if expected == FRAMES else size == expected for size, expected in sizes)
    )


def _state(config: ModelConfig) -> dict[str, Type]:
    shape = (config.rnn_layers, ANY, config.state_units)
    return {f"h{k}": (TensorProto.FLOAT, shape) for k in range(config.tiers)}


def _inputs(kind: str, config: ModelConfig) -> dict[str, Type]:
    inputs: dict[str, Type] = {"codes": (TensorProto.INT64, (ANY, config.history)), **_state(config)}
    if kind == "prime":
        return {**inputs, "frames": (TensorProto.INT64, (FRAMES, ANY, config.lookback))}
    if config.prediction_order:
        inputs["coefficients"] = TensorProto.DOUBLE, (ANY, config.prediction_order)
    return {**inputs, "noise": (TensorProto.FLOAT, (FRAMES, config.lookback, ANY, config.levels))}


def _outputs(kind: str, config: ModelConfig) -> dict[str, Type]:
    outputs: dict[str, Type] = {"codes_out": (TensorProto.INT64, (ANY, config.history))}
    outputs |= {f"{name}_out": value for name, value in _state(config).items()}
    if kind == "step":
        outputs["drawn"] = (TensorProto.INT64, (FRAMES, config.lookback, ANY))
        outputs["logits"] = (TensorProto.FLOAT, (FRAMES, config.lookback, ANY, config.levels))
    return outputs
