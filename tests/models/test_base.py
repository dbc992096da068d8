"""A training starts from what another run, or a style, has learned."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from models.base import base_of_run, base_of_style
from models.checkpoint import Checkpoint
from models.dataset import DataSet
from models.errors import InputError
from models.style import WEIGHTS, open_style
from models.train import train
from models.trainer import Trainer
from tests.engine import style_with


@pytest.fixture
def data(tiny_data: Path) -> DataSet:
    return DataSet.open(tiny_data)


@pytest.fixture
def learned(tiny_run: Path) -> Checkpoint:
    return Checkpoint.load(tiny_run / "checkpoints" / "best.safetensors")


def test_a_new_run_starts_where_the_other_one_was(data, learned):
    trainer = Trainer(learned.model, learned.training, data)
    from_nothing = trainer.step(100)
    trainer = Trainer(learned.model, learned.training, data)
    trainer.start_from(base_of_run(learned))
    for name, weight in trainer.network.state_dict().items():
        torch.testing.assert_close(weight.cpu(), learned.tensors[f"average.{name}"], rtol=0, atol=0)
    assert trainer.step(100) < from_nothing - 0.1


@pytest.mark.parametrize("change", [{"emphasis": 0.85}, {"prediction_mean": 256}])
def test_what_its_codes_are_of_and_its_prediction_is_fitted_to_may_be_another(data, learned, change):
    model = dataclasses.replace(learned.model, **change)
    trainer = Trainer(model, learned.training, data)
    trainer.start_from(base_of_run(learned))
    weights = learned.named("average")
    assert all(torch.equal(weights[name], weight) for name, weight in trainer.network.state_dict().items())
    assert trainer.network.config == model


def test_a_style_carries_it_in_half_precision(tiny_style, learned):
    base = base_of_style(open_style(tiny_style))
    assert base.model == learned.model
    for name, weight in base.weights.items():
        torch.testing.assert_close(weight, learned.tensors[f"average.{name}"], rtol=1e-3, atol=1e-6)


def test_what_started_from_a_base_is_resumed_without_it(data, learned, tmp_path):
    base = base_of_run(learned)
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    train(whole, data, learned.model, learned.training, steps=4, base=base)
    asked = iter([False, False, True])
    train(halves, data, learned.model, learned.training, steps=4, base=base, stopped=lambda: next(asked))
    train(halves, data, learned.model, learned.training, resume=True)
    one, other = (Checkpoint.load(run / "checkpoints" / "last.safetensors") for run in (whole, halves))
    for name, tensor in one.named("weights").items():
        assert torch.equal(tensor, other.tensors[f"weights.{name}"])


def test_another_shape_is_refused(data, learned, tmp_path):
    other = dataclasses.replace(learned.model, units=learned.model.units * 2)
    with pytest.raises(InputError, match=f"another shape .units {learned.model.units}."):
        train(tmp_path / "run", data, other, learned.training, steps=1, base=base_of_run(learned))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda weights: {}, "do not fit its network"),
        (lambda weights: {name: weight[:1] for name, weight in weights.items()}, "do not fit its network"),
        (lambda weights: {name: weight * np.nan for name, weight in weights.items()}, "not all finite"),
    ],
    ids=["none", "cut", "not numbers"],
)
def test_weights_that_do_not_belong_are_refused(tiny_style, tmp_path, change, says):
    style = open_style(tiny_style)
    content = safetensors.torch.save(change(safetensors.torch.load(style.read(WEIGHTS))))
    with pytest.raises(InputError, match=says):
        base_of_style(style_with(style, tmp_path / "other.samplernn", {WEIGHTS: content}))


def test_a_style_without_weights_says_so(tiny_style, tmp_path):
    with pytest.raises(InputError, match="carries no weights"):
        base_of_style(style_with(open_style(tiny_style), tmp_path / "other.samplernn", {WEIGHTS: None}))
