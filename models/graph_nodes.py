"""What the graphs are written with: a list of nodes in the making."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

Array = npt.NDArray[Any]


class Nodes:
    """Nodes, one after the other; weights go to `initializers`, which graphs within graphs share."""

    def __init__(self, initializers: dict[str, onnx.TensorProto], prefix: str = "") -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers = initializers
        self.prefix = prefix

    def constant(self, name: str, value: Array) -> str:
        if name not in self.initializers:
            self.initializers[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def ints(self, *values: int) -> str:
        return self.constant("ints." + ".".join(map(str, values)), np.array(values, np.int64))

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        return self.ops(kind, 1, *inputs, **attributes)[0]

    def ops(self, kind: str, outputs: int, *inputs: str, **attributes: Any) -> list[str]:
        names = [f"{self.prefix}{kind}.{len(self.nodes)}.{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return names

    def last(self, x: str, count: int) -> str:
        """The last `count` of x [V, any]."""
        return self.op("Slice", x, self.ints(-count), self.ints(1 << 31), self.ints(1))

    def rename(self, old: str, new: str) -> None:
        """Give a graph's result its public name."""
        self.nodes.append(helper.make_node("Identity", [old], [new]))
