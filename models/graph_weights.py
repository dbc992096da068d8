"""The arrays of the exported graphs: what can be multiplied out ahead is, and what is large is put in 8 bits."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor

from models.network import SampleRNN

Array = npt.NDArray[Any]

QUANTIZED_BLOCK = 128


def quantize(weight: Array) -> tuple[Array, Array]:
    """Symmetric 8-bit blocks along the inputs: weight [N, K] -> uint8 [N, blocks, 128] around 128, and
    float32 scales [N, blocks]."""
    outputs, inputs = weight.shape
    blocks = -(-inputs // QUANTIZED_BLOCK)
    padded = np.zeros((outputs, blocks * QUANTIZED_BLOCK), np.float32)
    padded[:, :inputs] = weight
    parts = padded.reshape(outputs, blocks, QUANTIZED_BLOCK)
    scales = np.maximum(np.abs(parts).max(-1), 1e-12) / 127
    codes = np.rint(parts / scales[..., None]) + 128
    return codes.astype(np.uint8), scales.astype(np.float32)


def folded_weights(network: SampleRNN) -> dict[str, Any]:
    """The arrays of the graphs, all products of constants multiplied out in float64 and rounded once:
    weight normalisation, the embedding, the scaling of codes to 4 x / Q - 2, a linear first layer."""
    network = copy.deepcopy(network).double().cpu()
    folded = network.samples.folded()

    def array(tensor: Tensor) -> Array:
        return np.asarray(tensor.detach().numpy(), np.float32)

    weights: dict[str, Any] = {"tables": array(folded.tables), "hidden": len(folded.hidden)}
    for i, (weight, bias) in enumerate(folded.hidden):
        weights[f"samples.hidden{i}.weight"], weights[f"samples.hidden{i}.bias"] = array(weight), array(bias)
    weights["samples.output.weight"], weights["samples.output.bias"] = map(array, folded.output)
    guided = network.samples.guided
    if guided is not None:
        weights["samples.mix.weight"], weights["samples.mix.bias"] = map(array, guided.mix.affine)
        weights["samples.mix_slope"], weights["samples.slope"] = (
            array(guided.mix_slope[None]),
            array(guided.slope[None]),
        )
        weights["samples.near"], weights["samples.shapes"] = array(guided.near), array(guided.shapes)
    for k in range(network.config.tiers):
        tier = network.tier(k)
        w, b = tier.input.affine
        weights[f"tier{k}.input.weight"] = array(w * (4 / network.config.levels))
        weights[f"tier{k}.input.bias"] = array(b - 2 * w.sum(1))
        w, b = tier.upsampling.affine
        if k == 0 and folded.conditioning is not None:
            through, offset = folded.conditioning
            w = (through @ w.view(tier.slots, -1, w.shape[1])).flatten(0, 1)
            b = (b.view(tier.slots, -1) @ through.T + offset).flatten()
        weights[f"tier{k}.upsampling.weight"], weights[f"tier{k}.upsampling.bias"] = array(w), array(b)
        for i, layer in enumerate(tier.rnn.layers):
            for part in ("ih", "hh"):
                weights[f"tier{k}.rnn{i}.{part}.weight"] = array(getattr(layer, f"weight_{part}"))
                weights[f"tier{k}.rnn{i}.{part}.bias"] = array(getattr(layer, f"bias_{part}"))
    return weights
