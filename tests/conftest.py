"""What several tests start from: a small data set, a run trained on it for a moment, and its style."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from hypothesis import settings

# The tests' networks are so small that threads cost more than they bring. Read when torch is first imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# The same examples in every run, however slow the machine.
settings.register_profile("tests", derandomize=True, deadline=None)
settings.load_profile("tests")

TINY = (
    "frame_sizes=4",
    "units=16",
    "rnn_layers=1",
    "embedding=8",
    "mlp_units=16",
    "levels=64",
    "quantizer=mu-law",
    "batch=2",
    "chunk=256",
    "warmup=0",
)
"""Settings (`--set`) of a model and a training that take no time."""
PREDICTING = ("prediction_order=8", "prediction_window=64", "prediction_every=8", "prediction_shapes=4", "emphasis=0.5")
"""The same, of a model that knows a prediction, with pre-emphasis: its step is two frames."""


@pytest.fixture(scope="session", autouse=True)
def _no_styles_of_the_users(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What the person who runs the tests has installed is nothing to them, nor in the processes that they start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAMPLERNN_STYLES", str(tmp_path_factory.mktemp("users") / "styles"))
        yield


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """The folder of short recordings, mono, 16 kHz."""
    return Path(__file__).parent / "fixtures"


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory, fixtures: Path) -> Path:
    """A data set at 16 kHz: piano and guitar to train on (6 seconds), a choir held out (1.5), nothing to test on."""
    from models.prepare import prepare

    sources = tmp_path_factory.mktemp("recordings")
    for split, name in (("train", "cc0_ambi_piano"), ("train", "cc0_guit_harmonics"), ("valid", "cc0_ambi_choir")):
        (sources / split).mkdir(exist_ok=True)
        (sources / split / f"{name}.flac").write_bytes((fixtures / f"{name}.flac").read_bytes())
    data = tmp_path_factory.mktemp("tiny") / "data"
    prepare([sources], data, 16_000)
    return data


def made_run(folder: Path, data: Path, *settings: str) -> Path:
    """A run folder after ten steps, on the CPU."""
    from models.config import ModelConfig, TrainingConfig, with_settings
    from models.dataset import DataSet
    from models.train import train

    run = folder / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("torch.cuda.is_available", lambda: False)
        train(run, DataSet.open(data), *with_settings(ModelConfig(), TrainingConfig(), [*TINY, *settings]), steps=10)
    return run


def made_style(path: Path, run: Path) -> Path:
    """The style exported from a run."""
    from models.checkpoint import Checkpoint
    from models.export import export
    from models.style import StyleInfo

    checkpoint = Checkpoint.load(run / "checkpoints" / "best.safetensors")
    info = StyleInfo(
        name=path.stem.capitalize(),
        description="Ten steps of training, for tests.",
        author="SampleRNN Studio contributors",
        licence="CC0-1.0",
        trained_on="two recordings of tests/fixtures",
        trained_samples=checkpoint.step * checkpoint.training.batch * checkpoint.training.chunk,
        bits_valid=checkpoint.progress["best"],
        bits_samples=25_145,
        default_temperature=0.9,
        loudness=-20.0,
        frames_per_run={},
        model=checkpoint.model,
    )
    export(checkpoint, info, path)
    return path


# None of these is to be written to: copy it.


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory, tiny_data: Path) -> Path:
    return made_run(tmp_path_factory.mktemp("tiny"), tiny_data)


@pytest.fixture(scope="session")
def predicting_run(tmp_path_factory: pytest.TempPathFactory, tiny_data: Path) -> Path:
    return made_run(tmp_path_factory.mktemp("predicting"), tiny_data, *PREDICTING, "input_noise=1")


@pytest.fixture(scope="session")
def tiny_style(tmp_path_factory: pytest.TempPathFactory, tiny_run: Path) -> Path:
    return made_style(tmp_path_factory.mktemp("tiny") / "tiny.samplernn", tiny_run)


@pytest.fixture(scope="session")
def predicting_style(tmp_path_factory: pytest.TempPathFactory, predicting_run: Path) -> Path:
    return made_style(tmp_path_factory.mktemp("predicting") / "predicting.samplernn", predicting_run)


@pytest.fixture
def disk_full_beyond() -> Callable[[int], AbstractContextManager[None]]:
    """`with disk_full_beyond(size)`: no file may grow beyond so many bytes; the system itself refuses."""
    pytest.importorskip("resource")
    from tests.disk import disk_of

    return disk_of
