"""From a checkpoint to a style file, verified by reading it back and playing it against the network."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
import safetensors.numpy
import safetensors.torch
import torch

from models.checkpoint import Checkpoint
from models.config import ModelConfig
from models.errors import InputError
from models.graph import Precision, prime_model, step_model
from models.graph_check import parse_graph
from models.network import SampleRNN, generate, nll_bits
from models.openings import Openings
from models.prediction import fit
from models.style import SUFFIX, WEIGHTS, Style, StyleInfo, open_style, write_style

Array = npt.NDArray[Any]

CUDA_SECONDS = 0.01
"""Sound a run of the CUDA step graph makes: enough to hide the way back to Python."""
VERIFIED_FRAMES = 32
LARGEST_LOGIT_ERROR = 1e-5
"""Of the largest logit, or of 10 where that is smaller: trained networks have some of 165, known to seven digits."""
LARGEST_BITS_ERROR = 0.02


class ExportFailed(Exception):
    """The exported graph does not do what the network does; no file is left."""


def export(checkpoint: Checkpoint, info: StyleInfo, path: Path, openings: Openings | None = None) -> Style:
    """Write the style file of a checkpoint's averaged weights, then read it back and verify it.

    Raises InputError for a path that is no style file's, OSError if it cannot be written, ExportFailed if
    what was written does not play as the network does.
    """
    check_style_path(path)
    network = checkpoint.network()
    config = network.config
    frames = frames_for_cuda(config)
    entries: dict[str, bytes] = {}
    runs: dict[str, int | None] = {}
    graphs: list[tuple[Precision, int | None, int | None]] = [("int8", None, None), ("fp32", frames, 1)]
    for precision, step_frames, prime_frames in graphs:
        step = step_model(network, precision, step_frames)
        prime = prime_model(network, precision, prime_frames)
        shared = {tensor.name for tensor in step.graph.initializer}
        own = [tensor for tensor in prime.graph.initializer if tensor.name not in shared]
        del prime.graph.initializer[:]
        prime.graph.initializer.extend(own)
        for kind, model, count in (("step", step, step_frames), ("prime", prime, prime_frames)):
            entries[f"{kind}.{precision}.onnx"] = model.SerializeToString()
            runs[f"{kind}.{precision}.onnx"] = count
    entries["start.safetensors"] = safetensors.numpy.save(_start(network, openings))
    half = {name: weight.half().contiguous() for name, weight in checkpoint.named("average").items()}
    entries[WEIGHTS] = safetensors.torch.save(half)
    aside = path.with_name(f".{path.stem}.new{SUFFIX}")
    try:
        write_style(aside, dataclasses.replace(info, frames_per_run=runs), entries)
        style = open_style(aside)
        verify(style, network)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    return open_style(path)


def _start(network: SampleRNN, openings: Openings | None) -> dict[str, Array]:
    start = {f"h{k}": h[:, 0].detach().numpy() for k, h in enumerate(network.start(1).h)}
    if openings is not None:
        start["openings"] = openings.codes
        start |= {f"openings.h{k}": h for k, h in enumerate(openings.h)}
    return {name: np.ascontiguousarray(array) for name, array in start.items()}


def frames_for_cuda(config: ModelConfig) -> int:
    """Top-tier frames a run of the CUDA step graph: about CUDA_SECONDS, and no more than one fit of the prediction is
    for."""
    frames = max(1, round(CUDA_SECONDS * config.sample_rate / config.lookback))
    if config.prediction_order:
        step = config.step // config.lookback
        frames = max(count for count in range(1, min(frames, step) + 1) if step % count == 0)
    return frames


def check_style_path(path: Path) -> None:
    """Raises InputError unless `path` can become a style file."""
    if path.suffix != SUFFIX:
        raise InputError(f"{path}: a style file ends in {SUFFIX}")
    if path.is_dir():
        raise InputError(f"{path} is a folder; name a file")
    if not path.parent.is_dir():
        raise InputError(f"{path.parent}: no such folder to write to")


def verify(style: Style, network: SampleRNN) -> None:
    """Play the file's graphs beside the network, on what the network itself draws. Raises ExportFailed."""
    config = network.config
    step = config.step // config.lookback
    for precision in ("fp32", "int8"):
        name = f"step.{precision}.onnx"
        run = style.info.frames_per_run[name] or step
        runs = -(-VERIFIED_FRAMES // max(run, step)) * max(run, step) // run
        model = parse_graph(style.read(name), "step", precision, config)
        options = ort.SessionOptions()
        options.log_severity_level = 3
        options.enable_mem_reuse = False  # planning it takes longer by the square of an unrolled graph's nodes
        session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        shape = (runs * run, config.lookback, 1, config.levels)
        noise = np.random.default_rng(1).gumbel(size=shape).astype(np.float32)
        start = network.start(1)
        codes = np.full((1, config.history), config.levels // 2)
        drawn, logits = play(session, config, codes, [h.detach().numpy() for h in start.h], noise, run)
        forced = torch.from_numpy(drawn.reshape(1, -1))
        rows = torch.from_numpy(noise.reshape(1, -1, config.levels))
        _, expected, _ = generate(network, torch.from_numpy(codes), start, rows, forced)
        given = torch.from_numpy(logits.reshape(1, -1, config.levels))
        if precision == "fp32":
            error = float((given - expected).abs().max())
            limit = LARGEST_LOGIT_ERROR * max(10.0, float(expected.abs().max()))
        else:
            error = abs(float((nll_bits(given, forced) - nll_bits(expected, forced)).mean()))
            limit = LARGEST_BITS_ERROR
        if not error <= limit:
            raise ExportFailed(
                f"the {precision} graph is off by {error:.2g}, more than {limit:g}: nothing was exported"
            )


def play(
    session: ort.InferenceSession, config: ModelConfig, codes: Array, h: list[Array], noise: Array, run: int
) -> tuple[Array, Array]:
    """A step graph at work, `run` frames at a time. codes: int64 [V, history]; noise: float32 [frames, L, V, Q].
    -> drawn [frames, L, V], logits [frames, L, V, Q]"""
    state = {"codes": codes, **{f"h{k}": each for k, each in enumerate(h)}}
    outputs = [f"{name}_out" for name in state]
    drawn, logits = [], []
    given: dict[str, Array] = {}
    for first in range(0, len(noise), run):
        if config.prediction_order and first * config.lookback % config.step == 0:
            given["coefficients"] = fit(state["codes"], config)
        given["noise"] = noise[first : first + run]
        *after, new, scores = session.run([*outputs, "drawn", "logits"], state | given)
        state = dict(zip(state, after, strict=True))
        drawn.append(new)
        logits.append(scores)
    return np.concatenate(drawn), np.concatenate(logits)
