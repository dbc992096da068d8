"""A training that is killed again and again, for tests/models/test_killed.py: torch is loaded once, and each attempt is
a fork of this process. Arguments: the data set, the run's folder, how many steps, how many kills."""

import os
import random
import signal
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import torch

from models import train as module
from models.checkpoint import Checkpoint
from models.config import ModelConfig, TrainingConfig, with_settings
from models.dataset import DataSet
from models.run import is_running, process
from models.train import train
from models.trainer import Trainer
from tests.conftest import TINY

MODEL, TRAINING = with_settings(
    ModelConfig(), TrainingConfig(), [*TINY, "chunk=64", "valid_every=5", "keep_every=7", "input_noise=1"]
)
module.SAVE_EVERY, module.REPORT_EVERY, module.VALID_SECONDS = 2, 3, 0.05

NO_WAIT = os.WNOHANG | os.WNOWAIT


def forked(job: Callable[[], object]) -> int:
    """The id of a process that does it, and ends with 0 if it went well."""
    child = os.fork()
    if not child:
        try:
            job()
            os._exit(0)
        finally:
            os._exit(1)
    return child


def changed(path: Path) -> int:
    """When, in nanoseconds; 0 where it is not there."""
    return path.stat().st_mtime_ns if path.exists() else 0


def main(data: Path, run: Path, steps: int, kills: int) -> None:
    opened = DataSet.open(data)
    Trainer(MODEL, TRAINING, opened)  # what torch loads only when it is used is loaded here
    last = run / "checkpoints" / "last.safetensors"

    def attempt() -> None:
        train(run, opened, MODEL, TRAINING, steps=steps, resume=last.exists())

    whole = time.monotonic()
    child = forked(lambda: train(run.with_name("whole"), opened, MODEL, TRAINING, steps=steps))
    assert os.waitpid(child, 0)[1] == 0
    whole = time.monotonic() - whole
    moments = random.Random(1)
    reached = []
    for kill in range(kills):
        before = changed(last)
        child = forked(attempt)
        # every other time not before it has got somewhere, however slow this machine is by then
        while kill % 2 and changed(last) == before and not os.waitid(os.P_PID, child, os.WEXITED | NO_WAIT):
            time.sleep(0.001)
        time.sleep(moments.uniform(0, 2.5 * whole / kills))
        os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
        assert status in (0, signal.SIGKILL), f"it ended by itself, with {status}"
        assert process(run) is None, "the lock outlived its process"
        reached.append(0)
        for path in (run / "checkpoints").glob("[!.]*.safetensors"):
            checkpoint = Checkpoint.load(path)
            if path == last:
                reached[-1] = checkpoint.step
    assert os.waitpid(forked(attempt), 0)[1] == 0
    assert not is_running(run)
    print(*reached)


if __name__ == "__main__":
    warnings.simplefilter("error")
    torch.set_num_threads(1)
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
