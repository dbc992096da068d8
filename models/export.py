"""From a checkpoint to a style file, verified by reading it back and playing it against the network."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import onnxruntime as ort
import safetensors.torch
import torch

from models.checkpoint import Checkpoint
from models.errors import InputError
from models.graph import Precision, prime_model, step_model
from models.graph_check import parse_graph
from models.network import SampleRNN, generate, nll_bits
from models.style import SUFFIX, WEIGHTS, Style, StyleInfo, open_style, write_style

CUDA_SECONDS = 0.01
"""Sound a run of the CUDA step graph makes: enough to hide the way back to Python."""
LARGEST_LOGIT_ERROR = 1e-4
LARGEST_BITS_ERROR = 0.02


class ExportFailed(Exception):
    """The exported graph does not do what the network does; no file is left."""


def export(checkpoint: Checkpoint, info: StyleInfo, path: Path) -> Style:
    """Write the style file of a checkpoint's averaged weights, then read it back and verify it.

    Raises InputError for a path that is no style file's, OSError if it cannot be written, ExportFailed if
    what was written does not play as the network does.
    """
    check_style_path(path)
    network = checkpoint.network()
    config = network.config
    frames = max(1, round(CUDA_SECONDS * config.sample_rate / config.lookback))
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
    start = {f"h{k}": h[:, 0].detach().contiguous() for k, h in enumerate(network.start(1).h)}
    entries["start.safetensors"] = safetensors.torch.save(start)
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
    for precision in ("fp32", "int8"):
        name = f"step.{precision}.onnx"
        frames = style.info.frames_per_run[name] or 32
        model = parse_graph(style.read(name), "step", precision, config)
        options = ort.SessionOptions()
        options.log_severity_level = 3
        options.enable_mem_reuse = False  # planning it takes longer by the square of an unrolled graph's nodes
        session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        noise = np.random.default_rng(1).gumbel(size=(frames, config.lookback, 1, config.levels)).astype(np.float32)
        state = network.start(1)
        codes = np.full((1, config.lookback), config.levels // 2)
        feed = {f"h{k}": h.detach().numpy() for k, h in enumerate(state.h)} | {"codes": codes, "noise": noise}
        drawn, logits = session.run(["drawn", "logits"], feed)
        forced = torch.from_numpy(drawn.reshape(1, -1))
        _, expected, _ = generate(
            network,
            torch.from_numpy(codes),
            state,
            torch.from_numpy(noise.reshape(1, -1, config.levels)),
            forced,
        )
        given = torch.from_numpy(logits.reshape(1, -1, config.levels))
        if precision == "fp32":
            error, limit = float((given - expected).abs().max()), LARGEST_LOGIT_ERROR
        else:
            error = abs(float((nll_bits(given, forced) - nll_bits(expected, forced)).mean()))
            limit = LARGEST_BITS_ERROR
        if not error <= limit:
            raise ExportFailed(
                f"the {precision} graph is off by {error:.2g}, more than {limit:g}: nothing was exported"
            )
