"""Kernels to test with: the graphs in ONNX Runtime, and the compiled one where it was built."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from engine import controls as say
from engine import native
from engine.kernel import Kernel
from models.style import Style, open_style
from tests.engine import shipped_piano, style_with
from tests.engine.live import running_engine


def kernels(style: Style) -> dict[str, type[Kernel]]:
    return {"graphs": Kernel} | ({"compiled": native.NativeKernel} if native.plays(style.info.model) else {})


@pytest.fixture(scope="session", params=["graphs", "compiled"])
def kernel_class(request: pytest.FixtureRequest, tiny_style: Path) -> type[Kernel]:
    """Each that plays here."""
    playing = kernels(open_style(tiny_style))
    if request.param not in playing:
        pytest.skip("no compiler when the project was installed")
    return playing[request.param]


@dataclass(frozen=True)
class Made:
    """A style, and the run that it was exported from."""

    run: Path
    style: Path


@pytest.fixture(scope="session", params=["tiny", "predicting"])
def made(request: pytest.FixtureRequest) -> Made:
    """Each kind that a kernel must play."""
    return Made(*(request.getfixturevalue(f"{request.param}_{what}") for what in ("run", "style")))


@pytest.fixture(scope="session")
def kernel(kernel_class: type[Kernel], made: Made) -> Kernel:
    return kernel_class(open_style(made.style))


def for_cuda(path: Path, run: Path, style: Path, frames: int) -> Style:
    """A style whose graph for CUDA makes so few frames at once: a processor takes long to load the usual ones."""
    from models.checkpoint import Checkpoint
    from models.graph import step_model

    network = Checkpoint.load(run / "checkpoints" / "best.safetensors").network()
    step = step_model(network, "fp32", frames).SerializeToString()
    return style_with(open_style(style), path, {"step.fp32.onnx": step}, **{"step.fp32.onnx": frames})


@pytest.fixture(scope="session")
def cuda_style(tmp_path_factory: pytest.TempPathFactory, tiny_run: Path, tiny_style: Path) -> Style:
    return for_cuda(tmp_path_factory.mktemp("cuda") / "tiny.samplernn", tiny_run, tiny_style, 2)


@pytest.fixture(scope="session")
def small_style(tmp_path_factory: pytest.TempPathFactory, tiny_style: Path) -> Style:
    """The tiny style without graphs for CUDA."""
    path = tmp_path_factory.mktemp("small") / "small.samplernn"
    return style_with(open_style(tiny_style), path, {"step.fp32.onnx": None, "prime.fp32.onnx": None})


@pytest.fixture(scope="session")
def cuda_kernel(tmp_path_factory: pytest.TempPathFactory, made: Made) -> Kernel:
    """The graphs made for CUDA, on whatever there is; of a model that predicts with half a step in a run."""
    frames = 1 if open_style(made.style).info.model.prediction_order else 2
    return Kernel(for_cuda(tmp_path_factory.mktemp("cuda") / "made.samplernn", made.run, made.style, frames), "cuda")


@pytest.fixture(scope="session")
def piano() -> Style:
    return open_style(shipped_piano())


@pytest.fixture(scope="session")
def piano_kernel(kernel_class: type[Kernel], piano: Style) -> Kernel:
    return kernel_class(piano)


@pytest.fixture
def running():
    with running_engine() as running:
        yield running


@pytest.fixture
def playing(running, tiny_style):
    running.set(temperature=0.9, crossfade=0.2, rescue=False)
    running.send(say.Load(tiny_style, seed=7, provider="cpu"), say.Start("null"))
    running.wait(lambda status: status.state == "playing", "sound")
    return running
