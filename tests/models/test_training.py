"""A training learns, can be stopped and resumed without a trace, and loses nothing when it fails."""

import dataclasses
import json
import math
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.checkpoint import Checkpoint
from models.config import ModelConfig, TrainingConfig, with_settings
from models.dataset import FULL_SCALE, DataSet
from models.errors import InputError
from models.evaluate import evaluate
from models.network import State, nll_bits
from models.presets import preset
from models.run import TrainingFailed
from models.train import train
from models.trainer import Trainer, learning_rate
from tests.conftest import PREDICTING, TINY
from tests.models.made import made_data

MODEL, TRAINING = with_settings(ModelConfig(), TrainingConfig(), [*TINY, "chunk=64", "valid_every=5"])
STEPS = 12
TIMES = ("samples_per_second", "seconds", "seconds_left")
"""What a line of metrics says of the clock."""


@pytest.fixture(autouse=True, scope="module")
def _quick() -> Iterator[None]:
    """On the CPU, and with everything that happens now and then happening often."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("torch.cuda.is_available", lambda: False)
        patch.setattr("models.train.SAVE_EVERY", 4)
        patch.setattr("models.train.REPORT_EVERY", 3)
        patch.setattr("models.train.VALID_SECONDS", 0.1)
        patch.setattr("models.train.PROBE_STEPS", 2)
        yield


@pytest.fixture(scope="module")
def data(tiny_data: Path) -> DataSet:
    return DataSet.open(tiny_data)


def go(run: Path, data: DataSet, **options: Any) -> dict[str, Any]:
    return train(run, data, MODEL, TRAINING, **options)


def after(steps: int) -> Callable[[], bool]:
    """`stopped`, true once so many steps are done."""
    asked = count()
    return lambda: next(asked) >= steps


def load(run: Path, name: str = "last") -> Checkpoint:
    return Checkpoint.load(run / "checkpoints" / f"{name}.safetensors")


def metrics(run: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [{key: value for key, value in line.items() if key not in TIMES} for line in lines]


def assert_same(run: Path, other: Path) -> None:
    """Weights, average, moments, hidden states, chance, position and metrics: bit for bit."""
    for name in ("last", "best"):
        one, two = load(run, name), load(other, name)
        assert one.tensors.keys() == two.tensors.keys()
        assert all(torch.equal(one.tensors[key], two.tensors[key]) for key in one.tensors)
        assert (one.step, one.progress, one.model, one.training) == (two.step, two.progress, two.model, two.training)
    assert metrics(run) == metrics(other)


@pytest.fixture(scope="module")
def uninterrupted(data: DataSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of STEPS steps at a stretch. Not to be written to: copy it."""
    run = tmp_path_factory.mktemp("training") / "uninterrupted"
    go(run, data, steps=STEPS)
    return run


# ---------------------------------------------------------------------------------- learning


LEARNING = TrainingConfig(batch=8, chunk=64, learning_rate=2e-2, warmup=0, average=0.9)


def test_training_lowers_the_bits_of_recordings(data):
    trainer = Trainer(MODEL, LEARNING, data)
    bits = [trainer.step(60) for _ in range(60)]
    assert np.mean(bits[-10:]) < np.mean(bits[:3]) - 0.8


def test_a_sine_is_learnt(tmp_path):
    """What can be foretold is: from 6 bits, which is knowing nothing, to less than 2, also on a part never heard."""
    sine = np.rint(9000 * np.sin(2 * np.pi * 440 / 16_000 * np.arange(32_000)))
    trainer = Trainer(MODEL, LEARNING, made_data(tmp_path / "data", train=[sine[8000:]], valid=[sine[:8000]]))
    assert evaluate(trainer.average, trainer.data, "valid").bits > 5.5
    for _ in range(60):
        trainer.step(60)
    assert evaluate(trainer.average, trainer.data, "valid").bits < 2


def test_a_batch_in_parts_is_the_same_step(data):
    _, whole = with_settings(MODEL, TRAINING, ["batch=8", "input_noise=1", "forget=0.3"])
    one, other = (Trainer(MODEL, dataclasses.replace(whole, accumulate=parts), data) for parts in (1, 4))
    losses = np.array([(one.step(12), other.step(12)) for _ in range(12)])
    np.testing.assert_allclose(losses[:, 1], losses[:, 0], rtol=0, atol=1e-5)
    assert all(torch.allclose(h, k, atol=1e-4) for h, k in zip(one.h, other.h, strict=True))


@pytest.mark.parametrize("settings", [(), PREDICTING], ids=["plain", "predicting"])
def test_bfloat16_learns_the_same(data, monkeypatch, settings):
    """Where the processor has it the products are made in it; here it is emulated."""
    model, runs = with_settings(MODEL, TRAINING, settings)[0], []
    for supported in (False, True):
        monkeypatch.setattr("models.trainer.has_bfloat16", lambda device, supported=supported: supported)
        trainer = Trainer(model, TRAINING, data)
        runs.append([trainer.step(8) for _ in range(8)])
        assert all(parameter.dtype == torch.float32 for parameter in trainer.network.parameters())
        assert all(h.dtype == torch.float32 for h in trainer.h)
    assert runs[0] != runs[1]
    assert runs[1] == pytest.approx(runs[0], abs=0.02)


def test_knowing_a_prediction_it_learns_faster(data):
    model, _ = with_settings(MODEL, LEARNING, PREDICTING)
    plain, predicting = (Trainer(each, LEARNING, data) for each in (MODEL, model))
    bits = np.array([(plain.step(20), predicting.step(20)) for _ in range(20)])
    assert bits[-5:, 1].mean() < bits[-5:, 0].mean() - 0.5


def test_what_is_told_of_noise_is_its_level_and_it_plays_without(data):
    """Where every lane hears much noise, one that is told expects less of what is clean than of what it is told of."""
    model, training = with_settings(MODEL, LEARNING, [*PREDICTING, "noise_told=true", "input_noise=20"])
    trainer = Trainer(model, training, data)
    for _ in range(40):
        trainer.step(40)
    network, codes = trainer.network.eval(), torch.from_numpy(trainer.lanes.next()[0])
    with torch.no_grad():
        untold, zero, told = (
            network(codes, network.start(len(codes)), noise)[0]
            for noise in (None, torch.zeros(len(codes), 1), torch.full((len(codes), 1), 4.0))
        )
    assert torch.equal(untold, zero)
    target = codes[:, model.history :]
    assert nll_bits(untold, target).mean() < nll_bits(told, target).mean()


def test_noise_is_on_what_is_read_but_not_on_what_is_to_be_drawn(data, monkeypatch):
    """Of another width in each lane and step, and the same whenever the step is taken."""
    model, training = with_settings(MODEL, TRAINING, [*PREDICTING, "input_noise=6", "batch=8"])
    drawn: list[torch.Tensor] = []

    def bits(logits: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
        drawn.append(codes)
        return nll_bits(logits, codes)

    monkeypatch.setattr("models.trainer.nll_bits", bits)
    noise = []
    for _ in range(2):
        trainer, clean = Trainer(model, training, data), Trainer(model, training, data).lanes
        read: list[torch.Tensor] = []
        trainer.network.register_forward_pre_hook(lambda _, given, read=read: read.append(given[0]))
        for step in range(2):
            codes = torch.from_numpy(clean.next()[0])
            trainer.step(2)
            assert torch.equal(drawn[-1], codes[:, model.history :])
            assert 0 <= read[step].min() <= read[step].max() < model.levels
            noise.append(read[step] - codes)
            widths = noise[-1].abs().double().mean(1)
            assert (widths < 6).all()
            assert widths.max() > 4 * widths.min()
    assert not torch.equal(noise[0], noise[1])
    assert torch.equal(noise[0], noise[2])
    assert torch.equal(noise[1], noise[3])


def test_the_state_is_carried_along_a_recording_and_reset_at_its_start(tmp_path):
    """With weights that stand still, the state after each step is that of the recording heard from its start."""
    pcm = np.random.default_rng(4).integers(-9000, 9000, 5 * 64 + 10)
    data = made_data(tmp_path / "data", train=[pcm], valid=[pcm])
    model, training = with_settings(MODEL, TRAINING, ["batch=1", "learning_rate=1e-30", "quantizer=linear"])
    trainer = Trainer(model, training, data)
    codes = torch.from_numpy(np.rint(pcm / FULL_SCALE * 32).astype(int) + 32)
    row = torch.cat([torch.full((4,), 32), codes])[None]
    while trainer.lanes.position()["lanes"][0]["offset"]:  # to where the recording starts again
        trainer.step(100)
    for chunks in (1, 2, 3, 4, 5, 1, 2):
        trainer.step(100)
        _, state = trainer.network(row[:, : 4 + 64 * chunks], trainer.network.start(1))
        torch.testing.assert_close(trainer.h, state.h, rtol=0, atol=1e-6)


def test_the_average_follows_the_weights_slowly_but_not_from_their_random_start(data):
    _, training = with_settings(MODEL, TRAINING, ["average=0.5"])
    trainer = Trainer(MODEL, training, data)
    average = {name: value.clone() for name, value in trainer.average.state_dict().items()}
    for step in range(1, 13):
        trainer.step(12)
        decay = min(0.5, step / (step + 10))
        for name, weights in trainer.network.state_dict().items():
            average[name] = decay * average[name] + (1 - decay) * weights
    for name, value in trainer.average.state_dict().items():
        torch.testing.assert_close(value, average[name])


def test_a_checkpoints_network_is_the_average(data):
    trainer = Trainer(MODEL, TRAINING, data)
    trainer.step(2)
    network = trainer.checkpoint({}).network()
    for name, value in network.state_dict().items():
        assert torch.equal(value, trainer.average.state_dict()[name])


def test_the_learning_rate_rises_then_falls_by_steps_alone():
    training = TrainingConfig(learning_rate=1.0, final_learning_rate=0.1, warmup=9)
    assert learning_rate(training, 0, 1000) == pytest.approx(0.1, rel=1e-3)
    assert learning_rate(training, 4, 1000) == pytest.approx(0.5, rel=1e-3)
    rates = [learning_rate(training, step, 1000) for step in range(1001)]
    assert rates[:10] == sorted(rates[:10])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[500] == pytest.approx(0.55)
    assert rates[1000] == learning_rate(training, 2000, 1000) == pytest.approx(0.1)


def test_the_optimiser_uses_that_learning_rate(data):
    """Adam's first step moves each weight by the learning rate, whatever the gradient."""
    model, training = with_settings(MODEL, TRAINING, ["learning_rate=0.01", "warmup=3"])
    trainer = Trainer(model, training, data)
    weight = trainer.network.samples.embedding
    before = weight.detach().clone()
    trainer.step(10)
    assert float((weight.detach() - before).abs().max()) == pytest.approx(learning_rate(training, 0, 10), rel=1e-3)


# ---------------------------------------------------------------------------------- a run's files


def test_a_run_tells_what_it_writes(data, tmp_path):
    told: list[dict[str, Any]] = []
    result = go(tmp_path / "run", data, steps=STEPS, report=told.append)
    lines = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert told == lines
    assert [line["step"] for line in lines] == [3, 5, 6, 9, 10, 12]
    assert [line["step"] for line in lines if line["bits_valid"] is not None] == [5, 10, 12]
    assert [line["learning_rate"] for line in lines] == [
        learning_rate(TRAINING, line["step"] - 1, STEPS) for line in lines
    ]
    assert all(line["samples_per_second"] > 0 and line["seconds_left"] >= 0 for line in lines)
    assert result["steps"] == STEPS
    assert result["bits_valid"] == lines[-1]["bits_valid"]
    assert result["samples_per_second"] > 0


def test_the_best_checkpoint_is_the_one_with_the_fewest_bits(data, tmp_path, monkeypatch):
    scores = iter([5.0, 3.0, 4.0])
    monkeypatch.setattr("models.train.evaluate", lambda *_: type("Score", (), {"bits": next(scores)}))
    go(tmp_path / "run", data, steps=STEPS)
    assert (load(tmp_path / "run", "best").step, load(tmp_path / "run").step) == (10, 12)
    assert load(tmp_path / "run").progress["best"] == 3


def test_a_run_stopped_early_has_a_best_checkpoint_until_it_has_validated(data, tmp_path, monkeypatch):
    scores = iter([1.0, 5.0, 3.0, 4.0])
    monkeypatch.setattr("models.train.evaluate", lambda *_: type("Score", (), {"bits": next(scores)}))
    result = go(tmp_path / "run", data, steps=STEPS, stopped=after(2))
    assert (load(tmp_path / "run", "best").step, result["bits_valid"]) == (2, 1.0)
    go(tmp_path / "run", data, resume=True)
    assert load(tmp_path / "run", "best").step == 10  # as without the stop
    assert load(tmp_path / "run").progress["best"] == 3


def test_checkpoints_asked_for_are_kept(data, tmp_path):
    _, training = with_settings(MODEL, TRAINING, ["keep_every=3"])
    train(tmp_path / "run", data, MODEL, training, steps=7)
    assert {path.stem for path in (tmp_path / "run" / "checkpoints").iterdir()} == {"last", "best", "step-3", "step-6"}
    assert load(tmp_path / "run", "step-3").step == 3


def test_minutes_become_steps_once_and_change_nothing_else(data, tmp_path, monkeypatch, uninterrupted):
    """Measured by a clock that ticks at each look: two probed steps take a second, a validation ten."""
    ticks = count()
    monkeypatch.setattr("models.train.time.monotonic", lambda: float(next(ticks)))
    go(tmp_path / "run", data, minutes=STEPS * (1 / 2 + 10 / 5) / 60)
    assert_same(tmp_path / "run", uninterrupted)


def test_more_minutes_go_on_from_where_it_was(data, tmp_path, monkeypatch):
    ticks = count()
    monkeypatch.setattr("models.train.time.monotonic", lambda: float(next(ticks)))
    go(tmp_path / "run", data, steps=3)
    assert go(tmp_path / "run", data, minutes=5 * (1 / 2 + 10 / 5) / 60, resume=True)["steps"] == 8


# ---------------------------------------------------------------------------------- resuming


@pytest.mark.parametrize("stop", [4, 5, 7, 9])  # where it saves, validates, reports, or nothing
def test_a_resumed_run_is_the_uninterrupted_one(data, tmp_path, uninterrupted, stop):
    assert go(tmp_path / "run", data, steps=STEPS, stopped=after(stop))["steps"] == stop
    assert load(tmp_path / "run").step == stop
    assert go(tmp_path / "run", data, resume=True)["steps"] == STEPS
    assert_same(tmp_path / "run", uninterrupted)


def test_a_run_resumed_at_every_step_is_the_uninterrupted_one(data, tmp_path, uninterrupted):
    go(tmp_path / "run", data, steps=STEPS, stopped=after(1))
    for _ in range(STEPS - 1):
        go(tmp_path / "run", data, resume=True, stopped=after(1))
    assert_same(tmp_path / "run", uninterrupted)


@pytest.mark.parametrize("settings", [("rnn=gru",), ("rnn=lstm",), (*PREDICTING, "input_noise=2")], ids=str)
def test_a_larger_shape_resumes_too(data, tmp_path, settings):
    settings = [*settings, "frame_sizes=2,2", "rnn_layers=2", "chunk=16"]
    model, training = with_settings(MODEL, TRAINING, settings)
    train(tmp_path / "whole", data, model, training, steps=6)
    train(tmp_path / "run", data, model, training, steps=6, stopped=after(3))
    train(tmp_path / "run", data, model, training, resume=True)
    assert_same(tmp_path / "run", tmp_path / "whole")


def test_a_killed_run_goes_on_from_its_last_checkpoint(data, tmp_path, uninterrupted, monkeypatch):
    step = Trainer.step

    def killed(self: Trainer, total: int) -> float:
        if self.steps_done == 7:
            raise KeyboardInterrupt
        return step(self, total)

    monkeypatch.setattr(Trainer, "step", killed)
    with pytest.raises(KeyboardInterrupt):
        go(tmp_path / "run", data, steps=STEPS)
    assert load(tmp_path / "run").step == 5
    monkeypatch.setattr(Trainer, "step", step)
    go(tmp_path / "run", data, resume=True)
    one, two = load(tmp_path / "run"), load(uninterrupted)
    assert all(torch.equal(one.tensors[key], two.tensors[key]) for key in two.tensors)
    assert one.progress == two.progress


def test_a_resumed_run_keeps_its_own_configuration_and_length(data, tmp_path):
    go(tmp_path / "run", data, steps=6, stopped=after(2))
    other = preset("paper-3tier")
    assert train(tmp_path / "run", data, other.model, other.training, resume=True)["steps"] == 6
    assert load(tmp_path / "run").model == MODEL
    assert go(tmp_path / "run", data, resume=True, steps=8)["steps"] == 8


def test_resuming_a_finished_run_changes_nothing(data, uninterrupted, tmp_path):
    shutil.copytree(uninterrupted, tmp_path / "run")
    assert go(tmp_path / "run", data, resume=True)["steps"] == STEPS
    assert_same(tmp_path / "run", uninterrupted)


def test_other_data_is_refused_on_resuming(data, tmp_path, uninterrupted):
    other = made_data(tmp_path / "other", train=[np.arange(500)], valid=[np.arange(500)])
    with pytest.raises(InputError, match="not the data this run was trained on"):
        go(uninterrupted, other, resume=True)


@pytest.mark.parametrize(
    ("settings", "options", "says"),
    [
        ([], {}, "how long"),
        ([], {"steps": 2, "resume": True}, "no such checkpoint"),
        (["chunk=62"], {"steps": 2}, "multiple of 4"),
        ([*PREDICTING, "chunk=60"], {"steps": 2}, "multiple of 8"),
        (["sample_rate=44100"], {"steps": 2}, "16000 Hz, the model at 44100 Hz"),
        (["chunk=160000"], {"steps": 2}, "as long as a chunk"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_one_line(data, tmp_path, settings, options, says):
    with pytest.raises(InputError, match=says) as caught:
        train(tmp_path / "run", data, *with_settings(MODEL, TRAINING, settings), **options)
    assert "\n" not in str(caught.value)


def test_a_run_is_not_overwritten(data, tmp_path, uninterrupted):
    shutil.copytree(uninterrupted, tmp_path / "run")
    with pytest.raises(InputError, match="--resume"):
        go(tmp_path / "run", data, steps=2)
    assert_same(tmp_path / "run", uninterrupted)


def test_a_run_that_is_a_file_is_refused(data, tmp_path):
    (tmp_path / "run").write_text("")
    with pytest.raises(InputError, match="cannot make"):
        go(tmp_path / "run", data, steps=2)


# ---------------------------------------------------------------------------------- failing


def assert_intact(run: Path, step: int) -> None:
    checkpoint = load(run)
    assert checkpoint.step == step
    assert all(torch.isfinite(t).all() for name, t in checkpoint.tensors.items() if name != "rng")
    assert sorted(path.name for path in (run / "checkpoints").iterdir()) == ["best.safetensors", "last.safetensors"]


@pytest.mark.parametrize("where", ["loss", "gradient"])
def test_a_loss_that_is_not_finite_stops_the_run_with_the_last_good_checkpoint(
    data, tmp_path, monkeypatch, uninterrupted, where
):
    loss = Trainer._loss

    def broken(self: Trainer, *args: Any) -> Any:
        bits, h = loss(self, *args)
        if self.steps_done < 6:
            return bits, h
        odd = torch.tensor(math.inf) if where == "loss" else torch.sqrt(self.network.samples.embedding[0, 0] * 0)
        return bits + odd, h

    monkeypatch.setattr(Trainer, "_loss", broken)
    with pytest.raises(TrainingFailed, match="not finite after step 6") as caught:
        go(tmp_path / "run", data, steps=STEPS)
    assert "\n" not in str(caught.value)
    assert_intact(tmp_path / "run", step=5)
    monkeypatch.setattr(Trainer, "_loss", loss)
    go(tmp_path / "run", data, resume=True)
    one, two = load(tmp_path / "run"), load(uninterrupted)
    assert all(torch.equal(one.tensors[key], two.tensors[key]) for key in two.tensors)


def test_a_learning_rate_that_explodes_is_told_and_changes_no_weight_further(data, tmp_path):
    model, training = with_settings(MODEL, TRAINING, ["learning_rate=1e30", "weight_norm=false"])
    with pytest.raises(TrainingFailed, match="smaller learning_rate"):
        train(tmp_path / "run", data, model, training, steps=STEPS)


def test_a_full_disk_stops_the_run_and_loses_nothing(data, tmp_path, uninterrupted, disk_full_beyond):
    go(tmp_path / "run", data, steps=STEPS, stopped=after(5))
    before = (tmp_path / "run" / "checkpoints" / "last.safetensors").read_bytes()
    with pytest.raises(TrainingFailed, match="Make room") as caught, disk_full_beyond(20_000):
        go(tmp_path / "run", data, resume=True)
    assert "\n" not in str(caught.value)
    assert (tmp_path / "run" / "checkpoints" / "last.safetensors").read_bytes() == before
    assert_intact(tmp_path / "run", step=5)
    go(tmp_path / "run", data, resume=True)
    one, two = load(tmp_path / "run"), load(uninterrupted)
    assert all(torch.equal(one.tensors[key], two.tensors[key]) for key in two.tensors)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_metrics_on_a_full_disk_stop_the_run(data, tmp_path):
    def fill(line: dict[str, Any]) -> None:
        (tmp_path / "run" / "metrics.jsonl").unlink()
        (tmp_path / "run" / "metrics.jsonl").symlink_to("/dev/full")

    with pytest.raises(TrainingFailed, match="No space left"):
        go(tmp_path / "run", data, steps=STEPS, report=fill)


# ---------------------------------------------------------------------------------- checkpoints


def test_a_checkpoint_survives_being_written(tiny_run):
    checkpoint = load(tiny_run)
    assert checkpoint.step == 10
    state = {"weights", "average", "adam.m", "adam.v"}
    assert all(checkpoint.named(part).keys() == checkpoint.network().state_dict().keys() for part in state)
    path = tiny_run.parent / "again.safetensors"
    checkpoint.save(path)
    again = Checkpoint.load(path)
    assert all(torch.equal(again.tensors[key], checkpoint.tensors[key]) for key in checkpoint.tensors)
    assert (again.step, again.progress, again.model, again.training) == (
        checkpoint.step,
        checkpoint.progress,
        checkpoint.model,
        checkpoint.training,
    )


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        Checkpoint.load(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    return str(caught.value)


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A path to write damaged checkpoints to."""
    return tmp_path_factory.mktemp("damaged") / "last.safetensors"


@given(place=st.floats(0, 1, exclude_max=True))
@settings(max_examples=60)
def test_a_truncated_checkpoint_is_refused(tiny_run, damaged, place):
    whole = (tiny_run / "checkpoints" / "last.safetensors").read_bytes()
    damaged.write_bytes(whole[: int(place * len(whole))])
    refused(damaged)


@given(content=st.binary(max_size=300))
def test_what_is_no_checkpoint_is_refused(damaged, content):
    damaged.write_bytes(content)
    refused(damaged)


@given(place=st.integers(0, 5000), value=st.integers(0, 255))
@settings(max_examples=200)
def test_a_damaged_checkpoint_is_refused_or_loads(tiny_run, damaged, place, value):
    """Nothing but InputError comes out, wherever a byte of its head is another."""
    content = bytearray((tiny_run / "checkpoints" / "last.safetensors").read_bytes())
    content[place] = value
    damaged.write_bytes(content)
    with suppress(InputError):
        Checkpoint.load(damaged)


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        {},
        {"samplernn": ""},
        {"samplernn": "[]"},
        {"samplernn": "3"},
        {"samplernn": "null"},
        {"samplernn": "{}"},
        {"samplernn": '{"format": 2}'},
        {"samplernn": '{"format": 1, "model": {}, "training": {}}'},
        {"samplernn": "[" * 10_000},
    ],
)
def test_another_programs_safetensors_file_is_refused(damaged, metadata):
    safetensors.torch.save_file({"x": torch.zeros(3)}, damaged, metadata)
    refused(damaged)


def test_a_checkpoint_of_a_later_format_says_so(damaged):
    safetensors.torch.save_file({"x": torch.zeros(3)}, damaged, {"samplernn": '{"format": 2}'})
    assert "this program reads 1" in refused(damaged)


def test_a_folder_is_no_checkpoint(tmp_path):
    refused(tmp_path)


def test_state_is_a_value(data):
    """A step leaves the state it started from as it was."""
    trainer = Trainer(MODEL, TRAINING, data)
    before = State(tuple(h.clone() for h in trainer.h), (None,))
    held = trainer.h
    trainer.step(2)
    assert all(torch.equal(one, other) for one, other in zip(before.h, held, strict=True))
