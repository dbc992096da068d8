"""Choosing the provider for a style."""

from __future__ import annotations

import time
from dataclasses import dataclass

from engine import native
from engine.controls import Choice
from engine.kernel import Kernel
from engine.native import NativeKernel
from engine.providers import cuda_works
from engine.stream import Stream
from models.style import Style

TRIAL_SECONDS = 0.25


@dataclass(frozen=True)
class Selected:
    kernel: Kernel
    remark: str | None
    """What a person should know about the choice, such as a fall-back; or nothing."""


def select_kernel(style: Style, choice: Choice = "auto", threads: int = 1) -> Selected:
    """A warm kernel on the provider asked for, or where `auto` on the one that plays this style faster here
    (a small model can be faster on the CPU). Blocks for the trial. Raises InputError as Kernel does."""
    cpu_kernel = NativeKernel if native.plays(style.info.model) and threads == 1 else Kernel
    if choice == "cpu" or not (cuda_works() and "step.fp32.onnx" in style.hashes):
        remark = None
        if choice == "cuda":
            remark = "no CUDA here (no card, driver or libraries), or not in this style: playing on the CPU"
        return Selected(_warm(cpu_kernel(style, "cpu", threads)), remark)
    cuda = _warm(Kernel(style, "cuda", threads))
    if choice == "cuda" and cuda.provider == "cuda":
        return Selected(cuda, None)
    cpu = _warm(cpu_kernel(style, "cpu", threads))
    if cuda.provider != "cuda":
        return Selected(cpu, "CUDA gave up on this style: playing on the CPU")
    on_cpu, on_cuda = seconds_per_sample(cpu), seconds_per_sample(cuda)
    chosen, name = (cpu, "CPU") if on_cpu <= on_cuda else (cuda, "GPU")
    return Selected(
        chosen,
        f"playing on the {name}: {on_cpu * 1e6:.1f} us a sample on the CPU, {on_cuda * 1e6:.1f} on the GPU",
    )


def seconds_per_sample(kernel: Kernel, seconds: float = TRIAL_SECONDS, voices: int = 1) -> float:
    """Seconds that one sample takes, of so many voices at once: the median of blocks of about 20 ms of sound, noise
    included. Blocks for `seconds`."""
    frames = kernel.frames(0.02)
    stream = Stream(kernel, seed=0, voices=voices)
    times: list[float] = []
    end = time.perf_counter() + seconds
    while not times or time.perf_counter() < end:
        before = time.perf_counter()
        stream.generate(frames, 1.0)
        times.append(time.perf_counter() - before)
    return sorted(times)[len(times) // 2] / (frames * kernel.config.lookback)


def _warm(kernel: Kernel) -> Kernel:
    Stream(kernel, seed=0).generate(kernel.block, 1.0)
    return kernel
