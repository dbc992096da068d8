"""Metrics as TensorBoard events, where its package is there; one clear line where it is not."""

import sys

import pytest

from models.errors import InputError
from models.events import Events


def test_lines_become_events(tmp_path):
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    for steps in ((1, 2, 3), (3, 4)):  # the third once more, after the process was killed
        events = Events(tmp_path)
        for step in steps:
            valid = None if step % 2 else 4.0
            events.write({"step": step, "steps": 4, "bits": 8.0 - step / len(steps), "bits_valid": valid})
        events.close()
    read = reader.EventAccumulator(str(tmp_path / "tensorboard"))
    read.Reload()
    assert sorted(read.Tags()["scalars"]) == ["bits", "bits_valid"]
    assert [(event.step, event.value) for event in read.Scalars("bits_valid")] == [(2, 4.0), (4, 4.0)]
    assert [event.step for event in read.Scalars("bits")] == [1, 2, 3, 4]
    assert read.Scalars("bits")[2].value == 6.5


def test_without_the_package_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(InputError, match="pip install tensorboard"):
        Events(tmp_path)
    assert not any(tmp_path.iterdir())
