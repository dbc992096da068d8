"""A graph of fixed shapes whose inputs and outputs stay where it computes.

On a GPU nothing is allocated from one run to the next and the state never leaves the card: two bindings take turns,
each reading what the other wrote, so each can be captured as a CUDA Graph of its own. On a CPU the same code runs,
which is how it is tested.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from engine.providers import EXECUTION_PROVIDERS

Array = npt.NDArray[Any]


class BoundGraph:
    """Any thread; one run at a time, the others wait. The GIL is free while the graph runs."""

    def __init__(self, session: ort.InferenceSession) -> None:
        self._session = session
        self._device = "cuda" if EXECUTION_PROVIDERS["cuda"] in session.get_providers() else "cpu"
        self._lock = threading.Lock()
        self._turns: list[_Turn] = []
        self._next = 0
        self._there: list[Array] = []
        """The state that the next binding would read, as it was given out."""

    def run(self, names: list[str], state: list[Array], name: str, value: Array) -> tuple[list[Array], list[Array]]:
        """names: of the state's inputs; its outputs are called the same with _out. value: of the input `name`.
        -> the new state, and the graph's other outputs in its order"""
        with self._lock:
            shapes = [array.shape for array in (*state, value)]
            if not self._turns or self._turns[0].shapes != shapes:
                self._bind(names, state, name, value, shapes)
            turn = self._turns[self._next]
            if not (len(state) == len(self._there) and all(a is b for a, b in zip(state, self._there, strict=True))):
                for ours, given in zip(turn.state, state, strict=True):
                    ours.update_inplace(np.ascontiguousarray(given))
            turn.value.update_inplace(value)
            self._session.run_with_iobinding(turn.binding, turn.options)
            self._next = 1 - self._next
            # copied, because on a CPU they are the very memory that the next but one run writes to
            self._there = [made.numpy().copy() for made in self._turns[self._next].state]
            return self._there, [made.numpy().copy() for made in turn.results]

    def _bind(self, names: list[str], state: list[Array], name: str, value: Array, shapes: list[Any]) -> None:
        values = [[self._room(array) for array in state] for _ in range(2)]
        given = self._room(value)
        self._turns = [
            _Turn(self._session, self._device, names, values[i], values[1 - i], name, given, shapes, i + 1)
            for i in range(2)
        ]
        self._next, self._there = 0, []

    def _room(self, array: Array) -> ort.OrtValue:
        return ort.OrtValue.ortvalue_from_shape_and_type(array.shape, array.dtype.type, self._device, 0)


class _Turn:
    """One of the two bindings."""

    def __init__(
        self, session: ort.InferenceSession, device: str, names: list[str], state: list[ort.OrtValue],
        made: list[ort.OrtValue], name: str, value: ort.OrtValue, shapes: list[Any], number: int,
    ) -> None:  # fmt: skip
        self.state, self.value, self.shapes = state, value, shapes
        self.binding = session.io_binding()
        for key, array in zip([*names, name], [*state, value], strict=True):
            self.binding.bind_ortvalue_input(key, array)
        for key, array in zip(names, made, strict=True):
            self.binding.bind_ortvalue_output(f"{key}_out", array)
        self.results = []
        voices = state[0].shape()[0]
        for output in session.get_outputs():
            if output.name.removesuffix("_out") not in names:
                shape = [voices if isinstance(size, str) else size for size in output.shape]
                self.results.append(ort.OrtValue.ortvalue_from_shape_and_type(shape, _KINDS[output.type], device, 0))
                self.binding.bind_ortvalue_output(output.name, self.results[-1])
        self.options = ort.RunOptions()
        self.options.add_run_config_entry("gpu_graph_id", str(number))


_KINDS = {"tensor(int64)": np.int64, "tensor(float)": np.float32}
