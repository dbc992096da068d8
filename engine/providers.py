"""Which processor runs a style, and the truth about it.

ONNX Runtime lists CUDA wherever its package was built with it, and falls back to the CPU without an error
when the libraries or the card are missing; only the providers of a finished session tell.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import sys
from functools import cache
from typing import Any

import onnxruntime as ort

from engine.controls import Provider

EXECUTION_PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
PRECISIONS = {"cpu": "int8", "cuda": "fp32"}


def make_session(graph: bytes, provider: Provider, threads: int) -> tuple[ort.InferenceSession, Provider]:
    """A session, and the provider it really runs on. Blocks, and may hold the GIL: not from the audio or
    the engine thread."""
    ort.set_default_logger_severity(4)  # falling back is reported by us, in words
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.set_denormal_as_zero", "1")
    # between two runs the processor belongs to the rest of the app
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # an unrolled graph is thousands of small nodes: planning what of their memory to share takes longer by the square
    options.enable_mem_reuse = provider == "cpu"
    cpu = EXECUTION_PROVIDERS["cpu"]
    # its own way of falling back prints to standard output, and strikes in the middle of a stream as well
    cuda = EXECUTION_PROVIDERS["cuda"]
    # captured as CUDA Graphs; where the provider refuses that, without; where there is no CUDA, on the CPU
    choices: list[list[Any]] = [[(cuda, {"enable_cuda_graph": "1"}), cpu], [cuda, cpu]] if provider == "cuda" else []
    for wanted in choices:
        with contextlib.suppress(Exception):
            session = ort.InferenceSession(graph, options, providers=wanted, enable_fallback=0)
            return session, "cuda" if cuda in session.get_providers() else "cpu"
    return ort.InferenceSession(graph, options, providers=[cpu], enable_fallback=0), "cpu"


@cache
def cuda_works() -> bool:
    """Whether CUDA can be used here, found out by trying. Takes a moment the first time."""
    if EXECUTION_PROVIDERS["cuda"] not in ort.get_available_providers():
        return False
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:  # no driver, so no card
        return False
    with contextlib.redirect_stdout(io.StringIO()):  # it prints what it does not find
        ort.preload_dlls()
    from onnx import TensorProto, helper

    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "probe", [value], [result])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    return make_session(model.SerializeToString(), "cuda", 1)[1] == "cuda"
