"""`make bench`: how fast the preset `live` plays and learns here, beside straightforward torch, and how fast the piano
plays, in one run.

Each figure is the best of several short rounds, the contenders taking turns, so that a busy machine
disturbs the ratios as little as it can.
"""

from __future__ import annotations

import os
import platform
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

from engine import native
from engine.kernel import Kernel
from engine.library import find_style
from engine.native import NativeKernel
from engine.select import seconds_per_sample
from models.checkpoint import Checkpoint
from models.export import export
from models.network import SampleRNN, State, nll_bits
from models.presets import live
from models.style import Style, StyleInfo
from models.trainer import has_bfloat16
from tests.plain import PlainSampleRNN

ROUNDS = 5
BATCH, CHUNK = 16, 1024
PLAIN = "a plain torch loop"


def best(contenders: dict[str, Callable[[], float]]) -> dict[str, float]:
    """The smallest of what each gave, in turn."""
    results: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, run in contenders.items():
            results[name].append(run())
    return {name: min(values) for name, values in results.items()}


def ways(style: Style) -> dict[str, Callable[[], float]]:
    """To play a style: each gives seconds a sample, one voice, one thread."""
    onnx = Kernel(style)
    found = {"the step graph in ONNX Runtime": lambda: seconds_per_sample(onnx, 0.5)}
    if native.plays(style.info.model):
        compiled = NativeKernel(style)
        found["the compiled kernel"] = lambda: seconds_per_sample(compiled, 0.5)
    return found


def untrained(path: Path) -> tuple[SampleRNN, Style]:
    """`live` with weights of chance, which cost as much as any, and the style of it."""
    torch.manual_seed(1)
    model, training = live().model, live().training
    network = SampleRNN(model).eval()
    tensors = {f"average.{name}": weight for name, weight in network.state_dict().items()}
    info = StyleInfo("Live", "", "", "", "", None, None, 0, 1.0, -20.0, {}, model)
    return network, export(Checkpoint(model, training, 0, {}, tensors), info, path)


def playing(network: SampleRNN, style: Style) -> dict[str, float]:
    """Seconds a sample, beside a plain loop over the same weights."""
    torch.set_num_threads(1)
    plain = PlainSampleRNN.like(network)
    silence = torch.full((1, network.config.lookback), network.config.levels // 2)

    def loop(samples: int = 320) -> float:
        before = time.perf_counter()
        plain.generate(silence, torch.zeros(network.config.rnn_layers, 1, network.config.units), samples)
        return (time.perf_counter() - before) / samples

    return best({PLAIN: loop, **ways(style)})


def learning() -> dict[str, float]:
    """Seconds a step of 16 x 1024 samples, all cores."""
    torch.set_num_threads(os.cpu_count() or 1)
    preset = live()
    network = SampleRNN(preset.model)
    plain = PlainSampleRNN.like(network)
    lookback = preset.model.lookback
    codes = torch.randint(0, preset.model.levels, (BATCH, lookback + CHUNK))
    optimizers = [torch.optim.Adam(model.parameters(), lr=1e-3) for model in (network, plain)]
    h = torch.zeros(preset.model.rnn_layers, BATCH, preset.model.units)

    def ours() -> float:
        before = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16, enabled=has_bfloat16(torch.device("cpu"))):
            logits, _ = network(codes, State((h,), (None,)))
        loss = nll_bits(logits, codes[:, lookback:]).mean()
        optimizers[0].zero_grad()
        loss.backward()
        optimizers[0].step()
        return time.perf_counter() - before

    def theirs() -> float:
        before = time.perf_counter()
        logits, _ = plain(codes, h)
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), codes[:, lookback:].flatten())
        optimizers[1].zero_grad()
        loss.backward()
        optimizers[1].step()
        return time.perf_counter() - before

    return best({"ours": ours, "straightforward torch": theirs})


def main() -> None:
    print(f"{processor()}, {os.cpu_count()} cores, torch {torch.__version__}")
    with tempfile.TemporaryDirectory() as folder:
        network, style = untrained(Path(folder) / "live.samplernn")
        tell(style, playing(network, style))
    piano = find_style("piano")
    tell(piano, best(ways(piano)))
    print(f"\nLearning, {BATCH} x {CHUNK} samples a step, all cores:")
    seconds = learning()
    plain = seconds["straightforward torch"]
    for name, each in seconds.items():
        print(f"  {name:48} {BATCH * CHUNK / each:12,.0f} samples a second {plain / each:8.1f} x")


def tell(style: Style, seconds: dict[str, float]) -> None:
    rate = style.info.model.sample_rate
    print(f"\nPlaying {style.info.name} ({rate} Hz), one voice, one thread:")
    for name, each in seconds.items():
        beside = f" {seconds[PLAIN] / each:7.1f} x plain" if PLAIN in seconds else ""
        print(f"  {name:48} {each * 1e6:8.1f} us a sample {1 / (each * rate):7.2f} x real time{beside}")


def processor() -> str:
    """Its name, where the system tells."""
    try:
        with open("/proc/cpuinfo", encoding="ascii") as file:
            return next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
