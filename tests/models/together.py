"""Trainings of the same run by one process and by two, for tests/models/test_team.py, which lets torchrun start it.
Arguments: the data set, a folder for the runs."""

import sys
import warnings
from collections.abc import Callable
from itertools import count
from pathlib import Path

import torch
import torch.distributed as dist

from models import train as module
from models import trainer
from models.config import ModelConfig, TrainingConfig, with_settings
from models.dataset import DataSet
from models.errors import InputError
from models.team import alone, joined
from models.train import train
from tests.conftest import TINY

STEPS = 50
SETTINGS = [*TINY, "frame_sizes=4,2", "batch=4", "chunk=64", "valid_every=20", "input_noise=2", "forget=0.3"]
MODEL, TRAINING = with_settings(ModelConfig(), TrainingConfig(), SETTINGS)
module.SAVE_EVERY, module.REPORT_EVERY, module.VALID_SECONDS = 10, 1, 0.05
trainer.has_bfloat16 = lambda device: False


def after(steps: int) -> Callable[[], bool]:
    asked = count()
    return lambda: next(asked) >= steps


def main(data: DataSet, runs: Path) -> None:
    with joined() as team:
        assert team.size == 2
        for parts, name in ((1, "two"), (2, "two-in-parts")):
            _, training = with_settings(MODEL, TRAINING, [f"accumulate={parts}"])
            train(runs / name, data, MODEL, training, steps=STEPS, team=team)
        train(runs / "mixed", data, MODEL, TRAINING, steps=STEPS, team=team, stopped=after(20))
        if team.leads:
            train(runs / "one", data, MODEL, TRAINING, steps=STEPS)
            train(runs / "mixed", data, MODEL, TRAINING, resume=True, stopped=after(15), team=alone())
        dist.barrier()
        train(runs / "mixed", data, MODEL, TRAINING, resume=True, team=team)
        # one that is asked to stop takes the others along
        asked = after(3) if team.rank == 1 else lambda: False
        assert train(runs / "stopped", data, MODEL, TRAINING, steps=STEPS, team=team, stopped=asked)["steps"] == 3
        try:
            train(runs / "odd", data, *with_settings(MODEL, TRAINING, ["batch=3"]), steps=1, team=team)
        except InputError as error:
            print(error)


if __name__ == "__main__":
    warnings.simplefilter("error")
    torch.set_num_threads(1)
    main(DataSet.open(Path(sys.argv[1])), Path(sys.argv[2]))
