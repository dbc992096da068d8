"""A run's folder says what it is and who is at it, to programs without torch as well, and can be moved."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.config import ModelConfig, TrainingConfig, with_settings
from models.dataset import DataSet
from models.errors import InputError
from models.lock import held
from models.run import RunInfo, ask_to_stop, checkpoints, is_running, manifest, metrics, process
from models.train import train
from tests.conftest import TINY
from tests.models.made import made_data

ROOT = Path(__file__).parents[2]
MODEL, TRAINING = with_settings(ModelConfig(), TrainingConfig(), [*TINY, "chunk=64", "valid_every=2", "keep_every=4"])


@pytest.fixture(autouse=True, scope="module")
def _quick():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("torch.cuda.is_available", lambda: False)
        patch.setattr("models.train.VALID_SECONDS", 0.05)
        yield


@pytest.fixture
def data(tiny_data: Path) -> DataSet:
    return DataSet.open(tiny_data)


def go(run: Path, data: DataSet, **options: Any) -> dict[str, Any]:
    return train(run, data, MODEL, TRAINING, **options)


def refused(run: Path) -> str:
    with pytest.raises(InputError) as caught:
        RunInfo.read(run)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# ---------------------------------------------------------------------------------- what it says


def test_it_says_what_it_is(data, tmp_path):
    go(tmp_path / "run", data, steps=12, preset="live")
    info = RunInfo.read(tmp_path / "run")
    assert (info.model, info.training, info.steps, info.preset) == (MODEL, TRAINING, 12, "live")
    assert (info.data_path, info.fingerprint) == (str(data.path.resolve()), data.fingerprint)
    assert info.started_from is None
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", info.created or "")
    assert manifest(tmp_path / "run") == data.manifest
    assert [*checkpoints(tmp_path / "run")] == ["last", "best", "step-4", "step-8", "step-12"]
    assert [line["step"] for line in metrics(tmp_path / "run")] == [2, 4, 6, 8, 10, 12]


def test_going_on_it_says_how_long_and_keeps_the_rest(data, tmp_path):
    go(tmp_path / "run", data, steps=2, preset="live")
    before = RunInfo.read(tmp_path / "run")
    go(tmp_path / "run", data, steps=4, resume=True)
    after = RunInfo.read(tmp_path / "run")
    assert (after.steps, after.preset, after.created) == (4, "live", before.created)


def test_it_says_what_it_is_before_its_length_in_minutes_is_known(data, tmp_path, monkeypatch):
    told: list[RunInfo] = []

    def measure(*_: Any) -> int:
        told.append(RunInfo.read(tmp_path / "run"))
        return 3

    monkeypatch.setattr("models.train.steps_in", measure)
    go(tmp_path / "run", data, minutes=1)
    assert [info.steps for info in told] == [None]
    assert RunInfo.read(tmp_path / "run").steps == 3


def test_a_run_of_an_earlier_version_is_read_from_its_checkpoint(data, tmp_path):
    go(tmp_path / "run", data, steps=2)
    (tmp_path / "run" / "run.json").unlink()
    (tmp_path / "run" / "data.json").unlink()
    info = RunInfo.read(tmp_path / "run")
    assert (info.model, info.training, info.steps) == (MODEL, TRAINING, 2)
    assert (info.data_path, info.created, manifest(tmp_path / "run")) == (str(data.path.resolve()), None, None)
    go(tmp_path / "run", data, steps=3, resume=True)
    assert RunInfo.read(tmp_path / "run").steps == 3
    assert manifest(tmp_path / "run") == data.manifest


def test_half_a_folder_is_read_as_far_as_it_goes(data, tmp_path):
    run = tmp_path / "run"
    assert "no such run" in refused(run)
    run.mkdir()
    assert "no such run" in refused(run)
    assert (metrics(run), checkpoints(run), manifest(run), process(run)) == ([], {}, None, None)
    for text in ("", "{", "[]", "null", '{"format": 1}', '{"format": 1, "model": {}, "training": {}}'):
        (run / "run.json").write_text(text)
        refused(run)
    (run / "run.json").write_text('{"format": 2}')
    assert "later version" in refused(run)
    (run / "metrics.jsonl").write_text('{"step": 2}\n{"st')
    assert metrics(run) == [{"step": 2}]


def test_reading_one_does_not_load_torch(tiny_run):
    code = "import sys; from pathlib import Path; from models.run import RunInfo, is_running; "
    code += "run = Path(sys.argv[1]); print(RunInfo.read(run).steps, is_running(run), 'torch' in sys.modules)"
    command = [sys.executable, "-c", code, str(tiny_run)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=True)
    assert ended.stdout == "10 False False\n"


# ---------------------------------------------------------------------------------- who is at it


def test_two_do_not_train_it_at_once(data, tmp_path):
    run = tmp_path / "run"
    refusals = []

    def meanwhile(line: dict[str, Any]) -> None:
        assert is_running(run)
        assert process(run) == os.getpid()
        with pytest.raises(InputError) as caught:
            go(run, data, resume=True)
        refusals.append(str(caught.value))

    go(run, data, steps=2, report=meanwhile)
    assert refusals == [f"{run} is being trained already, by process {os.getpid()}; wait for it, or stop it first"]
    assert not is_running(run)


def test_a_lock_ends_with_its_process(tmp_path):
    code = """
import sys
from pathlib import Path
from models.lock import held
with held(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""
    lock = tmp_path / "lock"
    command = [sys.executable, "-c", code, str(lock)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        assert is_running(tmp_path)
        assert process(tmp_path) == other.pid
        other.kill()
        other.wait()
    assert not is_running(tmp_path)
    with held(lock):
        assert process(tmp_path) == os.getpid()


def test_a_file_stops_it_with_nothing_lost(data, tmp_path):
    run = tmp_path / "run"
    assert go(run, data, steps=10, report=lambda line: ask_to_stop(run))["steps"] == 2
    assert not (run / "stop").exists()
    assert go(run, data, resume=True)["steps"] == 10
    go(tmp_path / "whole", data, steps=10)
    assert [line["bits"] for line in metrics(run)] == [line["bits"] for line in metrics(tmp_path / "whole")]


def test_a_request_to_stop_that_nobody_heard_is_forgotten(data, tmp_path):
    run = tmp_path / "run"
    go(run, data, steps=2)
    ask_to_stop(run)
    os.utime(run / "stop", (0, 0))
    assert go(run, data, resume=True, steps=4)["steps"] == 4
    ask_to_stop(run)  # while it starts
    assert go(run, data, resume=True, steps=6)["steps"] == 4


# ---------------------------------------------------------------------------------- moved, and left in the middle


def test_a_run_and_its_data_can_be_moved(data, tmp_path):
    go(tmp_path / "run", data, steps=2)
    (tmp_path / "run").rename(tmp_path / "moved")
    shutil.copytree(data.path, tmp_path / "data")
    go(tmp_path / "moved", DataSet.open(tmp_path / "data"), resume=True, steps=4)
    assert RunInfo.read(tmp_path / "moved").data_path == str(tmp_path / "data")
    other = made_data(tmp_path / "other", train=[np.arange(500)], valid=[np.arange(500)])
    with pytest.raises(InputError, match="not the data this run was trained on"):
        go(tmp_path / "moved", other, resume=True, steps=6)


def test_lines_beyond_the_checkpoint_are_told_again(data, tmp_path):
    """What was written after the last checkpoint, half a line included, is of steps that are taken again."""
    run = tmp_path / "run"
    go(run, data, steps=10, report=lambda line: ask_to_stop(run) if line["step"] == 4 else None)
    lines = metrics(run)
    (run / "checkpoints" / ".half").touch()
    with (run / "metrics.jsonl").open("a") as file:
        file.write(json.dumps(lines[-1] | {"step": 6}) + '\n{"step": 7')
    go(run, data, resume=True)
    assert [line["step"] for line in metrics(run)] == [2, 4, 6, 8, 10]
    assert metrics(run)[:2] == lines
    assert not (run / "checkpoints" / ".half").exists()
