"""Killed at any moment, a training goes on as if nothing had happened."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.models.test_training import assert_same, load

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs to fork")
def test_killed_twenty_times_it_is_the_uninterrupted_run(tiny_data, tmp_path):
    command = [sys.executable, "-m", "tests.models.killed", tiny_data, tmp_path / "run", "100", "20"]
    ended = subprocess.run([*map(str, command)], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert ended.returncode == 0, ended.stderr
    reached = [*map(int, ended.stdout.split())]
    assert len(reached) == 20
    assert reached == sorted(reached)
    assert len(set(reached)) > 3  # it was killed at work, not always before or after
    assert_same(tmp_path / "run", tmp_path / "whole")
    kept = {path.name for path in (tmp_path / "whole" / "checkpoints").iterdir()}
    assert {path.name for path in (tmp_path / "run" / "checkpoints").iterdir()} == kept
    assert len(kept) == 2 + 100 // 7
    assert load(tmp_path / "run", "step-98").step == 98
