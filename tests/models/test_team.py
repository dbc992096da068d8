"""Two processes share a training and it is the same training; one may go on with what two began, and back."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from models.checkpoint import Checkpoint
from models.run import is_running, metrics

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def runs(tiny_data, tmp_path_factory):
    """Those of tests/models/together.py: one, two, two-in-parts, mixed."""
    folder = tmp_path_factory.mktemp("together")
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [*launcher, "-m", "tests.models.together", str(tiny_data), str(folder)]
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    ended = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=200, check=False
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    refusals = [line for line in ended.stdout.splitlines() if line]
    assert refusals == ["batch is 3; it must be a multiple of 2, the number of processes"] * 2
    return folder


def load(run: Path) -> Checkpoint:
    return Checkpoint.load(run / "checkpoints" / "last.safetensors")


@pytest.mark.parametrize("name", ["two", "two-in-parts", "mixed"])
def test_however_many_processes_the_losses_are_the_same(runs, name):
    one, other = metrics(runs / "one"), metrics(runs / name)
    assert [line["step"] for line in other] == list(range(1, 51))
    assert one[0]["bits"] > one[-1]["bits"] + 0.1
    for key in ("bits", "bits_valid"):
        assert [line[key] for line in other] == [pytest.approx(line[key], abs=1e-5) for line in one]


@pytest.mark.parametrize("name", ["two", "two-in-parts", "mixed"])
def test_however_many_processes_their_checkpoint_is_the_same(runs, name):
    """In the shape of every tensor, the states of all lanes included, and nearly in its numbers."""
    one, other = load(runs / "one"), load(runs / name)
    assert {key: value.shape for key, value in other.tensors.items()} == {
        key: value.shape for key, value in one.tensors.items()
    }
    assert other.tensors["state.0"].shape == (1, 4, 16)
    for key, value in one.tensors.items():
        if key.startswith(("weights", "average", "state")):
            torch.testing.assert_close(other.tensors[key], value, rtol=0, atol=1e-3)
    assert other.progress["lanes"] == one.progress["lanes"]


def test_one_of_them_writes(runs):
    """There is one of everything, and nothing of half a file."""
    for run in runs.iterdir():
        if run.name == "odd":
            continue
        names = {path.name for path in run.iterdir()}
        assert names == {"checkpoints", "data.json", "lock", "metrics.jsonl", "run.json"}
        assert {path.name for path in (run / "checkpoints").iterdir()} == {"best.safetensors", "last.safetensors"}
        assert not is_running(run)
