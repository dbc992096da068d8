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
        self._types = input_types(session)
        self._lock = threading.Lock()
        self._turns: list[_Turn] = []
        self._next = 0
        self._there: list[Array] = []
        """The state that the next binding would read, as it was given out."""

    def run(self, state: dict[str, Array], given: dict[str, Array]) -> tuple[list[Array], list[Array]]:
        """state: by the names of its inputs; its outputs are called the same with _out. given: the other inputs.
        -> the new state, of the same types, and the graph's other outputs in its order"""
        with self._lock:
            shapes = [array.shape for array in (*state.values(), *given.values())]
            if not self._turns or self._turns[0].shapes != shapes:
                self._bind(state, given, shapes)
            turn = self._turns[self._next]
            before = list(state.values())
            if not (len(before) == len(self._there) and all(a is b for a, b in zip(before, self._there, strict=True))):
                for name, array in state.items():
                    turn.state[name].update_inplace(np.ascontiguousarray(array, self._types[name]))
            for name, array in given.items():
                turn.given[name].update_inplace(np.ascontiguousarray(array, self._types[name]))
            self._session.run_with_iobinding(turn.binding, turn.options)
            self._next = 1 - self._next
            # copied, because on a CPU they are the very memory that the next but one run writes to
            made = self._turns[self._next].state
            self._there = [made[name].numpy().astype(array.dtype) for name, array in state.items()]
            return self._there, [made.numpy().copy() for made in turn.results]

    def _bind(self, state: dict[str, Array], given: dict[str, Array], shapes: list[Any]) -> None:
        states = [{name: self._room(name, array) for name, array in state.items()} for _ in range(2)]
        others = {name: self._room(name, array) for name, array in given.items()}
        self._turns = [
            _Turn(self._session, self._device, states[i], states[1 - i], others, shapes, i + 1) for i in range(2)
        ]
        self._next, self._there = 0, []

    def _room(self, name: str, array: Array) -> ort.OrtValue:
        return ort.OrtValue.ortvalue_from_shape_and_type(array.shape, self._types[name], self._device, 0)


class _Turn:
    """One of the two bindings."""

    def __init__(
        self, session: ort.InferenceSession, device: str, state: dict[str, ort.OrtValue],
        made: dict[str, ort.OrtValue], given: dict[str, ort.OrtValue], shapes: list[Any], number: int,
    ) -> None:  # fmt: skip
        self.state, self.given, self.shapes = state, given, shapes
        self.binding = session.io_binding()
        for name, value in (state | given).items():
            self.binding.bind_ortvalue_input(name, value)
        for name, value in made.items():
            self.binding.bind_ortvalue_output(f"{name}_out", value)
        self.results = []
        voices = next(iter(state.values())).shape()[0]
        for output in session.get_outputs():
            if output.name.removesuffix("_out") not in state:
                shape = [voices if isinstance(size, str) else size for size in output.shape]
                self.results.append(ort.OrtValue.ortvalue_from_shape_and_type(shape, _KINDS[output.type], device, 0))
                self.binding.bind_ortvalue_output(output.name, self.results[-1])
        self.options = ort.RunOptions()
        self.options.add_run_config_entry("gpu_graph_id", str(number))


def input_types(session: ort.InferenceSession) -> dict[str, Any]:
    """NumPy's types of a graph's inputs, by name."""
    return {value.name: _KINDS[value.type] for value in session.get_inputs()}


_KINDS = {"tensor(int64)": np.int64, "tensor(float)": np.float32, "tensor(double)": np.float64}
