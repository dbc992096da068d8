"""Configurations survive being written down, and nonsense is refused in one line."""

import dataclasses
import json
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.config import CAME_LATER, MOST_EMPHASIS, ModelConfig, TrainingConfig, from_dict, to_dict, with_settings
from models.errors import InputError
from models.presets import PRESETS, preset

model_configs = st.builds(
    lambda sample_level, **fields: ModelConfig(mlp_hidden=sample_level[0], mlp_first_relu=sample_level[1], **fields),
    sample_level=st.tuples(st.integers(0, 5), st.booleans()).filter(lambda level: level != (0, False)),
    frame_sizes=st.lists(st.integers(2, 64), min_size=1, max_size=4).map(tuple),
    units=st.integers(1, 4096),
    rnn=st.sampled_from(["gru", "lstm"]),
    rnn_layers=st.integers(1, 9),
    skip_connections=st.booleans(),
    embedding=st.integers(1, 512),
    mlp_units=st.integers(1, 4096),
    weight_norm=st.booleans(),
    noise_told=st.booleans(),
    emphasis=st.floats(0, MOST_EMPHASIS),
    levels=st.integers(4, 65_536),
    quantizer=st.sampled_from(["linear", "mu-law", "a-law"]),
    sample_rate=st.integers(1000, 192_000),
    prediction_window=st.integers(1, 65_536),
    prediction_every=st.integers(1, 4096),
    prediction_shapes=st.integers(1, 32),
)
predicting_configs = st.builds(
    lambda config, order, more, steps, mean: dataclasses.replace(
        config,
        quantizer="mu-law",
        prediction_order=order,
        prediction_window=order + more,
        prediction_every=steps * config.lookback,
        prediction_mean=min(mean, order + more),
    ),
    model_configs,
    order=st.integers(1, 512),
    more=st.integers(1, 4096),
    steps=st.integers(1, 16),
    mean=st.integers(0, 1024),
)
above_zero = st.floats(0, exclude_min=True, allow_infinity=False)
training_configs = st.builds(
    TrainingConfig,
    batch=st.integers(1, 1024),
    chunk=st.integers(1, 1 << 20),
    learning_rate=above_zero,
    final_learning_rate=st.floats(0, 1),
    warmup=st.integers(0, 1 << 20),
    clip=above_zero,
    average=st.floats(0, 1, exclude_max=True),
    valid_every=st.integers(1, 1 << 20),
    keep_every=st.integers(0, 1 << 20),
    input_noise=st.floats(0, 100),
    seed=st.integers(0, (1 << 63) - 1),
)


def refused(make: Callable[..., object], *args: object, **fields: object) -> str:
    with pytest.raises(InputError) as caught:
        make(*args, **fields)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@given(config=st.one_of(model_configs, predicting_configs, training_configs))
def test_a_config_survives_being_written_as_json(config):
    assert from_dict(type(config), json.loads(json.dumps(to_dict(config)))) == config


@given(model=st.one_of(model_configs, predicting_configs), training=training_configs)
def test_a_config_survives_being_written_as_settings(model, training):
    def text(value: object) -> str:
        return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)

    fields = {**dataclasses.asdict(model), **dataclasses.asdict(training)}
    settings = [f"{key}={text(value)}" for key, value in fields.items()]
    assert with_settings(ModelConfig(), TrainingConfig(), settings) == (model, training)


MODEL_NONSENSE: dict[str, list[Any]] = {
    "frame_sizes": [(), (1,), (0,), (-4,), (16, 1), (16.0,), ("16",), (True,), [16], 16, "16", None],
    "units": [0, -1, 1.5, "16", True, None, (16,), math.nan],
    "rnn": ["", "rnn", "GRU", None, 3],
    "rnn_layers": [0, -1, 1.0, "3", False],
    "skip_connections": [0, 1, "true", None],
    "embedding": [0, -256, 2.0],
    "mlp_units": [0, -1, "x"],
    "mlp_hidden": [-1, 0, 1.0, True],  # 0: nothing non-linear without the first ReLU
    "mlp_first_relu": [1, "false"],
    "weight_norm": [0, None],
    "noise_told": [1, "true"],
    "levels": [0, 3, 65_537, -256, 256.0, "256"],
    "quantizer": ["", "mulaw", "Linear", None, 8],
    "emphasis": [-0.1, 0.98, math.nan, "0.85", True],
    "sample_rate": [0, 999, -16_000, 44_100.0, "16000"],
    "prediction_order": [-1, 1.5, "256", True, 256],  # 256: not with the linear codes that are the default
    "prediction_window": [0, -1, 4096.0, None],
    "prediction_every": [0, -128, "128", True],
    "prediction_mean": [-1, 256.0, None],
    "prediction_shapes": [0, -1, 16.0],
}
TRAINING_NONSENSE: dict[str, list[Any]] = {
    "batch": [0, -1, 1.0, "16", True],
    "chunk": [0, -1024, 1.0],
    "accumulate": [0, -1, 2.0, True],
    "learning_rate": [0, 0.0, -1e-3, math.nan, math.inf, "1e-3", True],
    "final_learning_rate": [-0.1, 1.1, math.nan, math.inf, "0"],
    "warmup": [-1, 0.5, math.nan],
    "clip": [0, -1.0, math.nan, math.inf],
    "average": [1, 1.0, -0.1, math.nan, "0.9"],
    "valid_every": [0, -1, 10.0],
    "keep_every": [-1, 0.5, True],
    "input_noise": [-0.1, math.nan, math.inf, "2", True],
    "forget": [-0.1, 1.1, math.nan, "0", True],
    "seed": [-1, 1 << 64, 0.5, "1", None],
}


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        pytest.param(kind, field, value, id=f"{field}={value!r}")
        for kind, nonsense in ((ModelConfig, MODEL_NONSENSE), (TrainingConfig, TRAINING_NONSENSE))
        for field, values in nonsense.items()
        for value in values
    ],
)
def test_every_wrong_value_is_refused_by_name(kind, field, value):
    assert field in refused(kind, **{field: value})


def test_every_field_has_been_tried_with_nonsense():
    assert MODEL_NONSENSE.keys() == {field.name for field in dataclasses.fields(ModelConfig)}
    assert TRAINING_NONSENSE.keys() == {field.name for field in dataclasses.fields(TrainingConfig)}


@pytest.mark.parametrize("kind", [ModelConfig, TrainingConfig])
@pytest.mark.parametrize("content", [None, 3, "x", [], [["units", 16]], {}, {"x": 1}])
def test_what_is_no_config_is_refused(kind, content):
    refused(from_dict, kind, content)


@pytest.mark.parametrize("kind", [ModelConfig, TrainingConfig])
def test_a_missing_or_unknown_value_is_refused(kind):
    whole = to_dict(kind())
    for key in whole:
        refused(from_dict, kind, {k: v for k, v in whole.items() if k != key})
    refused(from_dict, kind, {**whole, "colour": "red"})


PREDICTING = ModelConfig(quantizer="mu-law", prediction_order=8)


@pytest.mark.parametrize("config", [PREDICTING, TrainingConfig(input_noise=2.0)])
def test_what_came_later_is_written_where_it_says_something(config):
    """What was made before it came has neither it nor another hash for it."""
    written, plain = to_dict(config), to_dict(type(config)())
    assert written.keys() - plain.keys() == {"prediction_order" if config is PREDICTING else "input_noise"}
    assert not plain.keys() & CAME_LATER
    assert from_dict(type(config), plain) == type(config)()
    assert from_dict(type(config), written) == config


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"quantizer": "a-law"}, "prediction_order needs quantizer=mu-law; it is a-law"),
        ({"prediction_window": 8}, "prediction_window is 8; it must be above prediction_order, 8"),
        ({"prediction_window": 65_537}, "at most 65536"),
        ({"prediction_mean": 4097}, "prediction_mean is 4097; it must be at most prediction_window, 4096"),
        ({"prediction_every": 120}, "prediction_every is 120; it must be a multiple of 16 samples"),
    ],
)
def test_what_a_prediction_needs_is_said(change, says):
    assert says in refused(dataclasses.replace, PREDICTING, **change)


def test_a_step_and_what_it_depends_on():
    plain = ModelConfig(frame_sizes=(4, 2))
    assert (plain.step, plain.history) == (8, 8)
    predicting = dataclasses.replace(PREDICTING, frame_sizes=(4, 2), prediction_window=100, prediction_every=24)
    assert (predicting.step, predicting.history) == (24, 100)
    assert dataclasses.replace(predicting, frame_sizes=(12, 2), prediction_window=9).history == 24


def test_settings_change_what_they_name_and_nothing_else():
    model, training = with_settings(
        ModelConfig(),
        TrainingConfig(),
        ["frame_sizes=16,4", "weight_norm=False", "rnn=lstm", "units=64", "learning_rate=3e-4", "units=32", "seed=7"],
    )
    assert model == ModelConfig(frame_sizes=(16, 4), weight_norm=False, rnn="lstm", units=32)
    assert training == TrainingConfig(learning_rate=3e-4, seed=7)


def test_settings_that_need_each_other_come_in_any_order():
    wanted = ModelConfig(mlp_hidden=0, mlp_first_relu=True)
    for settings in (["mlp_hidden=0", "mlp_first_relu=true"], ["mlp_first_relu=true", "mlp_hidden=0"]):
        assert with_settings(ModelConfig(), TrainingConfig(), settings)[0] == wanted


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("units", "KEY=VALUE"),
        ("", "KEY=VALUE"),
        ("unit=3", "frame_sizes"),  # the known names
        ("=3", "unknown"),
        ("units=", "whole number"),
        ("units=1.5", "whole number"),
        ("units=many", "whole number"),
        ("units=0", "at least 1"),
        ("frame_sizes=", "16,4"),
        ("frame_sizes=16;4", "16,4"),
        ("frame_sizes=16,1", "at least 2"),
        ("weight_norm=1", "true or false"),
        ("learning_rate=fast", "a number"),
        ("learning_rate=nan", "above 0"),
        ("quantizer=mp3", "mu-law"),
        ("units=1\nx", "whole number"),
    ],
)
def test_a_wrong_setting_is_refused_and_says_what_it_should_be(setting, says):
    assert says in refused(with_settings, ModelConfig(), TrainingConfig(), [setting])


def test_a_frame_of_a_tier_spans_those_below():
    config = ModelConfig(frame_sizes=(2, 4, 3))
    assert [config.samples_per_frame(k) for k in range(3)] == [2, 8, 24]
    assert (config.tiers, config.lookback) == (3, 24)


def test_two_tier_2017_is_the_experiment_to_the_letter():
    """128 frames in a pass, frame size 16, embedding 256, no skip connections, 1024 units in RNNs and MLP, 3 GRU
    layers, 256 levels, linear quantisation, batch 64, weight normalisation; the original code's sample MLP: two
    layers after the first, which has no ReLU."""
    two_tier = preset("two-tier-2017")
    assert two_tier.training.chunk == 128 * 16
    assert two_tier.training.batch == 64
    assert two_tier.model == ModelConfig(
        frame_sizes=(16,),
        embedding=256,
        skip_connections=False,
        units=1024,
        mlp_units=1024,
        rnn="gru",
        rnn_layers=3,
        levels=256,
        quantizer="linear",
        weight_norm=True,
        mlp_hidden=2,
        mlp_first_relu=False,
        sample_rate=16_000,
    )


def test_paper_3tier_has_frames_of_2_and_8_samples():
    three_tier = preset("paper-3tier")
    assert [three_tier.model.samples_per_frame(k) for k in range(three_tier.model.tiers)] == [2, 8]
    assert (three_tier.model.rnn_layers, three_tier.training.chunk, three_tier.training.batch) == (1, 512, 128)


def test_live_is_the_2017_layout_made_small():
    live = preset("live").model
    assert (live.frame_sizes, live.levels, live.quantizer, live.sample_rate) == ((16,), 256, "mu-law", 16_000)
    assert live.units <= 512


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_trained(name):
    chosen = preset(name)
    assert chosen.training.chunk % chosen.model.lookback == 0


def test_an_unknown_preset_is_refused_and_the_known_are_named():
    message = refused(preset, "loud")
    assert all(name in message for name in PRESETS)
