"""A graph from somebody else's file does nothing that ours do not, and ours for CUDA need nothing it lacks."""

import dataclasses
from collections.abc import Callable
from contextlib import suppress
from typing import cast

import onnx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from onnx import AttributeProto, TensorProto, helper

from models.config import ModelConfig
from models.errors import InputError
from models.export import frames_for_cuda
from models.graph import Precision, prime_model, step_model
from models.graph_check import CUDA_OPERATORS, OPERATORS, parse_graph
from models.network import SampleRNN
from models.presets import PRESETS, preset
from tests.models.made import predicting, small

CONFIG = small(frame_sizes=(2, 2))
PREDICTING = predicting(frame_sizes=(2, 2))
MAKERS = {"step": step_model, "prime": prime_model}
RUNS: list[tuple[Precision, int | None]] = [("int8", None), ("fp32", 2)]


def graphs_of(config: ModelConfig) -> dict[tuple[str, Precision, int | None], onnx.ModelProto]:
    network = SampleRNN(config)
    return {
        (kind, precision, frames): MAKERS[kind](network, precision, frames)
        for kind in MAKERS
        for precision, frames in RUNS
    }


GRAPHS, PREDICTING_GRAPHS = graphs_of(CONFIG), graphs_of(PREDICTING)


def graph(kind: str, precision: str) -> onnx.ModelProto:
    """A copy to spoil."""
    model = onnx.ModelProto()
    model.CopyFrom(next(made for key, made in GRAPHS.items() if key[:2] == (kind, precision)))
    return model


def refused(
    model: onnx.ModelProto | bytes, kind: str = "step", precision: str = "int8", config: ModelConfig = CONFIG
) -> str:
    content = model if isinstance(model, bytes) else model.SerializeToString()
    with pytest.raises(InputError) as caught:
        parse_graph(content, kind, precision, config)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def within(model: onnx.ModelProto) -> onnx.GraphProto:
    """The Scan's body."""
    [scan] = [node for node in model.graph.node if node.op_type == "Scan"]
    [body] = [attribute for attribute in scan.attribute if attribute.name == "body"]
    return cast(onnx.GraphProto, body.g)


@pytest.mark.parametrize(("kind", "precision", "frames"), GRAPHS)
def test_our_own_graphs_pass(kind, precision, frames):
    model = GRAPHS[kind, precision, frames]
    assert parse_graph(model.SerializeToString(), kind, precision, CONFIG) == model
    model = PREDICTING_GRAPHS[kind, precision, frames]
    assert parse_graph(model.SerializeToString(), kind, precision, PREDICTING) == model


def test_eight_bit_graphs_of_large_networks_pass(monkeypatch):
    monkeypatch.setattr("models.graph.QUANTIZED_FROM", 1)
    model = step_model(SampleRNN(CONFIG), "int8", None)
    assert "MatMulNBits" in {node.op_type for node in within(model).node}
    parse_graph(model.SerializeToString(), "step", "int8", CONFIG)


# ---------------------------------------------------------------------------------- what CUDA takes


def shrunk(config: ModelConfig) -> ModelConfig:
    return dataclasses.replace(config, units=8, mlp_units=8, embedding=4, levels=16)


SHIPPED_SHAPES = {
    **{name: shrunk(preset(name).model) for name in PRESETS},
    "live in its real size": preset("live").model,
    "predicting": shrunk(dataclasses.replace(preset("live").model, prediction_order=16, prediction_window=64)),
    "LSTM, skip": shrunk(dataclasses.replace(preset("paper-3tier").model, rnn="lstm", skip_connections=True)),
}


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("shape", SHIPPED_SHAPES)
def test_graphs_for_cuda_hold_only_what_cuda_has_kernels_for_and_no_control_flow(kind, shape):
    """CUDA Graphs capture neither control flow nor a copy to the processor and back."""
    config = SHIPPED_SHAPES[shape]
    frames = frames_for_cuda(config) if kind == "step" else 1
    model = MAKERS[kind](SampleRNN(config), "fp32", frames)
    assert {node.op_type for node in model.graph.node} <= CUDA_OPERATORS
    assert {node.domain for node in model.graph.node} == {""}
    kinds = {attribute.type for node in model.graph.node for attribute in node.attribute}
    assert not kinds & {AttributeProto.GRAPH, AttributeProto.GRAPHS}
    assert not model.functions


def test_no_control_flow_is_taken_for_something_cuda_has():
    assert not CUDA_OPERATORS & {"Scan", "Loop", "If", "Multinomial", "RandomUniform", "RandomUniformLike", "Bernoulli"}
    assert OPERATORS["fp32"] == {("", name) for name in CUDA_OPERATORS}


# ---------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("precision", OPERATORS)
@pytest.mark.parametrize("domain", ["", "com.microsoft", "evil"])
def test_a_foreign_operator_is_refused(kind, precision, domain):
    model = graph(kind, precision)
    model.graph.node.append(helper.make_node("Loop", ["codes"], ["x"], domain=domain))
    assert f"{domain}:Loop" in refused(model, kind, precision)


def test_our_operators_from_another_domain_are_refused():
    model = graph("step", "fp32")
    model.graph.node[0].domain = "evil"
    assert "evil:" in refused(model, "step", "fp32")


def test_a_foreign_operator_inside_the_scan_is_refused():
    model = graph("step", "int8")
    within(model).node.append(helper.make_node("RandomNormal", [], ["x"], shape=[1]))
    assert "RandomNormal" in refused(model)


def test_a_foreign_operator_deeper_inside_is_refused():
    """In the body of a Scan in the body of a Scan, and in a list of graphs."""
    foreign = helper.make_graph([helper.make_node("If", ["x"], ["y"])], "inner", [], [])
    middle = helper.make_graph([helper.make_node("Scan", ["x"], ["y"], body=foreign, num_scan_inputs=1)], "m", [], [])
    model = graph("step", "int8")
    within(model).node.append(helper.make_node("Scan", ["x"], ["y"], body=middle, num_scan_inputs=1))
    assert ":If" in refused(model)
    model = graph("step", "int8")
    within(model).node.append(helper.make_node("Add", ["x"], ["y"], graphs=[foreign]))
    assert ":If" in refused(model)


@pytest.mark.parametrize("kind", MAKERS)
def test_control_flow_and_eight_bits_are_refused_in_a_graph_for_cuda(kind):
    assert "Scan" in refused(GRAPHS[kind, "int8", None], kind, "fp32")


def outside(tensor: TensorProto) -> None:
    onnx.external_data_helper.set_external_data(tensor, "/etc/passwd")
    tensor.ClearField("raw_data")


def outside_without_saying_so(tensor: TensorProto) -> None:
    outside(tensor)
    tensor.ClearField("data_location")


@pytest.mark.parametrize("spoil", [outside, outside_without_saying_so])
@pytest.mark.parametrize("place", [lambda model: model.graph, within], ids=["outside", "inside the Scan"])
def test_weights_from_another_file_are_refused(spoil, place):
    model = graph("step", "int8")
    tensor = helper.make_tensor("stolen", TensorProto.FLOAT, [1], b"\0\0\0\0", raw=True)
    spoil(tensor)
    place(model).initializer.append(tensor)
    assert "outside the style file" in refused(model)


def test_sparse_weights_are_refused():
    model = graph("step", "int8")
    within(model).sparse_initializer.add()
    assert "sparse" in refused(model)


def test_functions_and_training_steps_are_refused():
    model = graph("step", "int8")
    model.functions.append(helper.make_function("", "Add", ["x"], ["y"], [], [helper.make_opsetid("", 21)]))
    assert "functions" in refused(model)
    model = graph("step", "int8")
    model.training_info.add()
    assert "training" in refused(model)


def rename_input(model: onnx.ModelProto) -> None:
    model.graph.input[0].name = "code"


def add_input(model: onnx.ModelProto) -> None:
    model.graph.input.append(helper.make_tensor_value_info("more", TensorProto.FLOAT, [1]))


def drop_input(model: onnx.ModelProto) -> None:
    del model.graph.input[-1]


def add_output(model: onnx.ModelProto) -> None:
    model.graph.output.append(helper.make_tensor_value_info("more", TensorProto.FLOAT, [1]))


def drop_output(model: onnx.ModelProto) -> None:
    del model.graph.output[0]


def another_type(model: onnx.ModelProto) -> None:
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.INT32


def another_size(model: onnx.ModelProto) -> None:
    model.graph.input[0].type.tensor_type.shape.dim[-1].dim_value += 1


def any_size(model: onnx.ModelProto) -> None:
    model.graph.input[0].type.tensor_type.shape.dim[-1].dim_param = "N"


def fixed_voices(model: onnx.ModelProto) -> None:
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 7


def no_shape(model: onnx.ModelProto) -> None:
    model.graph.input[0].type.tensor_type.ClearField("shape")


def no_tensor(model: onnx.ModelProto) -> None:
    inner = helper.make_tensor_type_proto(TensorProto.INT64, ["V", CONFIG.lookback])
    model.graph.input[0].type.CopyFrom(helper.make_sequence_type_proto(inner))


def wrong_rank(model: onnx.ModelProto) -> None:
    model.graph.input[0].type.tensor_type.shape.dim.insert(0, onnx.TensorShapeProto.Dimension(dim_param="W"))


def another_output_size(model: onnx.ModelProto) -> None:
    model.graph.output[1].type.tensor_type.shape.dim[-1].dim_value += 1


def no_graph(model: onnx.ModelProto) -> None:
    model.ClearField("graph")


SPOILED: list[Callable[[onnx.ModelProto], None]] = [
    *(rename_input, add_input, drop_input, add_output, drop_output, another_type, another_size, any_size),
    *(fixed_voices, no_shape, no_tensor, wrong_rank, another_output_size, no_graph),
]


@pytest.mark.parametrize("spoil", SPOILED)
@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("precision", OPERATORS)
def test_inputs_and_outputs_must_be_ours(spoil, kind, precision):
    model = graph(kind, precision)
    spoil(model)
    refused(model, kind, precision)


def test_a_graph_of_the_other_kind_or_another_model_is_refused():
    refused(GRAPHS["prime", "int8", None], "step")
    refused(GRAPHS["step", "int8", None], "prime")
    for other in (small(frame_sizes=(4,)), small(frame_sizes=(2, 2), units=7), small(frame_sizes=(2, 2), levels=13)):
        refused(step_model(SampleRNN(other), "int8", None))


def other_order(model: onnx.ModelProto) -> None:
    coefficients(model).type.tensor_type.shape.dim[1].dim_value += 1


def single_precision(model: onnx.ModelProto) -> None:
    coefficients(model).type.tensor_type.elem_type = TensorProto.FLOAT


def coefficients_of_one_voice(model: onnx.ModelProto) -> None:
    coefficients(model).type.tensor_type.shape.dim[0].dim_value = 1


def no_coefficients(model: onnx.ModelProto) -> None:
    model.graph.input.remove(coefficients(model))


def short_history(model: onnx.ModelProto) -> None:
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = PREDICTING.lookback


def coefficients(model: onnx.ModelProto) -> onnx.ValueInfoProto:
    [found] = [value for value in model.graph.input if value.name == "coefficients"]
    return cast(onnx.ValueInfoProto, found)


@pytest.mark.parametrize("precision", OPERATORS)
@pytest.mark.parametrize(
    "spoil", [other_order, single_precision, coefficients_of_one_voice, no_coefficients, short_history]
)
def test_what_a_prediction_is_made_from_must_be_ours(spoil, precision):
    model = onnx.ModelProto()
    model.CopyFrom(next(made for key, made in PREDICTING_GRAPHS.items() if key[:2] == ("step", precision)))
    spoil(model)
    refused(model, "step", precision, PREDICTING)


@pytest.mark.parametrize(("kind", "precision", "frames"), GRAPHS)
def test_a_graph_that_predicts_is_not_one_that_does_not(kind, precision, frames):
    other = dataclasses.replace(PREDICTING, prediction_order=0)
    refused(PREDICTING_GRAPHS[kind, precision, frames], kind, precision, other)
    refused(graphs_of(other)[kind, precision, frames], kind, precision, PREDICTING)


# ---------------------------------------------------------------------------------- anything at all


@given(content=st.binary(max_size=400))
@example(b"")
@example(b"\x0a")
@settings(max_examples=100)
def test_bytes_are_no_graph(content):
    refused(content)


@st.composite
def damages(draw: st.DrawFn) -> bytes:
    """One of our graphs with some bytes changed, cut out or put in."""
    content = bytearray(draw(st.sampled_from(WRITTEN)))
    for _ in range(draw(st.integers(1, 4))):
        place, length = draw(st.integers(0, len(content))), draw(st.integers(0, 8))
        content[place : place + length] = draw(st.binary(max_size=8))
    return bytes(content)


WRITTEN = [model.SerializeToString() for model in GRAPHS.values()]


@given(content=damages(), kind=st.sampled_from(["step", "prime"]), precision=st.sampled_from(["int8", "fp32"]))
@settings(max_examples=200)
def test_nothing_but_a_refusal_comes_of_a_damaged_graph(content, kind, precision):
    with suppress(InputError):
        parse_graph(content, kind, precision, CONFIG)
