"""The network at work: a style's graphs in ONNX Runtime, and the state they hand on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
from onnx import ModelProto, numpy_helper

from engine.beginnings import Beginnings
from engine.binding import BoundGraph, input_types
from engine.controls import Provider
from engine.noise import GumbelNoise
from engine.predict import Predictions
from engine.providers import PRECISIONS, make_session
from models.codec import Codec
from models.errors import InputError
from models.graph_check import parse_graph
from models.style import Style

Codes = npt.NDArray[np.int64]
SmallCodes = npt.NDArray[np.uint16]
Floats = npt.NDArray[np.float32]
Array = npt.NDArray[Any]

PRIME_FRAMES = 500
"""Frames a run of the prime graph takes where it takes any number: often enough for a progress bar."""


@dataclass(frozen=True)
class State:
    """Where a stream is, all of it but its noise: a value. The arrays are never written to again."""

    codes: SmallCodes
    """The last ones, uint16 [voices, history]: small, because thousands of states are kept."""
    h: tuple[Floats, ...]
    """Per tier, float32 [layers, voices, state units]."""


@dataclass(frozen=True)
class Block:
    """What a run made."""

    codes: Codes
    """int64 [voices, samples]"""
    logits: Floats
    """float32 [samples, voices, levels]: what each was drawn from."""
    sound: Floats
    """float32 [voices, samples], full scale 1"""


class Kernel:
    """One style on one provider. Each method blocks for the time the network takes; the GIL is free
    meanwhile. Any thread, several at once.

    Raises InputError when made from a style with a graph that should not be run, or weights that do not fit.
    """

    def __init__(self, style: Style, provider: Provider = "cpu", threads: int = 1) -> None:
        self.config = style.info.model
        self._path = style.path
        precision = PRECISIONS[provider]
        if f"step.{precision}.onnx" not in style.hashes:
            raise InputError(f"{style.path} has no graphs for {provider}; use --provider cpu")
        names = f"step.{precision}.onnx", f"prime.{precision}.onnx"
        try:
            step, prime = (
                parse_graph(style.read(name), kind, precision, self.config)
                for name, kind in zip(names, ("step", "prime"), strict=True)
            )
        except InputError as error:
            text = str(error)
            raise InputError(text if text.startswith(str(style.path)) else f"{style.path}: {text}") from error
        present = {tensor.name for tensor in prime.graph.initializer}
        prime.graph.initializer.extend(t for t in step.graph.initializer if t.name not in present)
        self._step_frames = style.info.frames_per_run[names[0]]
        self._prime_frames = style.info.frames_per_run[names[1]]
        self.block = self._frames_of_step()
        """Frames that a step must be a multiple of."""
        self.codec = Codec(self.config)
        self._predictions = Predictions(self.config)
        self._beginnings = Beginnings(style)
        self.weight_bytes = self._check_weights(step)
        self.provider: Provider = provider
        """The one really in use."""
        self._build(step, prime, threads)

    def _frames_of_step(self) -> int:
        least, run = self.config.step // self.config.lookback, self._step_frames or 1
        if self.config.prediction_order and least % run:
            raise InputError(f"{self._path}: its graphs make {run} frames at once, which its predictions are not for")
        return max(least, run)

    def _check_weights(self, step: ModelProto) -> int:
        """How large they are. Those that are not finite are refused: a ReLU may hide them from who listens."""
        size = 0
        for tensor in step.graph.initializer:
            try:
                array = numpy_helper.to_array(tensor)
            except (KeyError, TypeError, ValueError) as error:
                raise InputError(f"{self._path}: its weights {tensor.name} are damaged; get the style again") from error
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                raise InputError(f"{self._path}: its weights {tensor.name} are not all numbers; get the style again")
            size += array.nbytes
        return size

    def _build(self, step: ModelProto, prime: ModelProto, threads: int) -> None:
        try:
            step_session, self.provider = make_session(step.SerializeToString(), self.provider, threads)
            prime_session, _ = make_session(prime.SerializeToString(), self.provider, threads)
        except Exception as error:  # whatever ONNX Runtime finds wrong with a foreign graph
            first_line = str(error).strip().splitlines()[0][:200]
            raise InputError(f"{self._path}: its graphs do not run ({first_line})") from error
        self._step = _runner(step_session, self._step_frames)
        self._prime = _runner(prime_session, self._prime_frames)

    def start(self, voices: int, seed: int | None = None) -> State:
        """Before the first sample: silence, and the learned state. With a seed, one of the style's openings if it has
        any, the same for all voices."""
        codes, tiers = self._beginnings.at(seed)
        return State(
            np.repeat(codes[None], voices, axis=0),
            tuple(np.repeat(h[:, None], voices, axis=1) for h in tiers),
        )

    def frames(self, seconds: float) -> int:
        """About so much sound, in frames: a number that a step can make."""
        config = self.config
        return max(1, round(seconds * config.sample_rate / config.lookback / self.block)) * self.block

    def noise(self, seed: int, voices: int) -> GumbelNoise:
        """The chance of a stream that this kernel plays."""
        return GumbelNoise(seed, voices, self.config.lookback, self.config.levels)

    def step(self, state: State, noise: Floats) -> tuple[Block, State]:
        """Make frames. noise: float32 [frames, lookback, voices, levels], Gumbel noise times the
        temperature; frames is a multiple of `block`."""
        if len(noise) % self.block:
            raise ValueError(f"{len(noise)} frames are no multiple of {self.block}")
        codes, logits, after = self._make(state, noise)
        return Block(codes, logits, self.codec.decode(codes, state.codes)), after

    def _make(self, state: State, noise: Floats) -> tuple[Codes, Floats, State]:
        """The codes and logits of a Block, and the state after it."""
        made = []
        predicts = self.config.prediction_order > 0
        given: dict[str, Array] = {}
        size = self._step_frames or (self.block if predicts else len(noise))
        for start in range(0, len(noise), size):
            if predicts and start % self.block == 0:
                given["coefficients"] = self._predictions.fit(state.codes)
            given["noise"] = noise[start : start + size]
            state, (drawn, logits) = self._run(self._step, state, given)
            made.append((drawn, logits))
        drawn = np.concatenate([drawn for drawn, _ in made]).reshape(-1, state.codes.shape[0])
        logits = np.concatenate([logits for _, logits in made]).reshape(*drawn.shape, -1)
        return drawn.T, logits, state

    def prime(self, state: State, codes: Codes, progress: Callable[[float], None] = lambda fraction: None) -> State:
        """Hear codes as if they had been drawn: int64 [voices, samples], a multiple of the lookback. The
        state after it is the one `step` would have come to. progress: called with the fraction done."""
        frames = codes.reshape(len(codes), -1, self.config.lookback).transpose(1, 0, 2)
        size = self._prime_frames or PRIME_FRAMES
        for start in range(0, len(frames), size):
            part = frames[start : start + size]
            state = self._hear(state, np.ascontiguousarray(part))
            progress((start + len(part)) / len(frames))
        return state

    def _hear(self, state: State, frames: Codes) -> State:
        """int64 [frames, voices, lookback] -> the state after them"""
        return self._run(self._prime, state, {"frames": frames})[0]

    def _run(self, run: Run, state: State, given: dict[str, Array]) -> tuple[State, list[Any]]:
        names = ["codes", *(f"h{k}" for k in range(self.config.tiers))]
        values = {name: np.ascontiguousarray(value) for name, value in given.items()}
        (codes, *h), results = run(dict(zip(names, (state.codes, *state.h), strict=True)), values)
        return State(codes, tuple(h)), results


Run = Callable[[dict[str, Array], dict[str, Array]], tuple[list[Array], list[Array]]]
"""The state and the other inputs, by name -> the new state, of the same types, and the results."""


def _runner(session: ort.InferenceSession, frames: int | None) -> Run:
    """How to run a graph: bound where its shapes are fixed."""
    if frames is not None:
        return BoundGraph(session).run
    types = input_types(session)

    def run(state: dict[str, Array], given: dict[str, Array]) -> tuple[list[Array], list[Array]]:
        made = [f"{name}_out" for name in state]
        others = [output.name for output in session.get_outputs() if output.name not in made]
        feed = {name: value.astype(types[name], copy=False) for name, value in (state | given).items()}
        results = session.run(made + others, feed)
        after = zip(results[: len(made)], state.values(), strict=True)
        return [new.astype(old.dtype, copy=False) for new, old in after], results[len(made) :]

    return run
