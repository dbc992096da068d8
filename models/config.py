"""What a SampleRNN is made of and how it is trained: two frozen values, no torch."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args

from models.errors import InputError

Rnn = Literal["gru", "lstm"]
QuantizerName = Literal["linear", "mu-law", "a-law"]
MOST_EMPHASIS = 0.97


@dataclass(frozen=True)
class ModelConfig:
    """The shape of a SampleRNN. The defaults are the behaviour of the paper and its code.

    Tiers are listed lowest first. `frame_sizes[0]` counts samples, the others count frames of the
    tier below, so a frame of tier k spans `samples_per_frame(k)` samples.

    Raises InputError when a value makes no model.
    """

    frame_sizes: tuple[int, ...] = (16,)
    units: int = 1024
    rnn: Rnn = "gru"
    rnn_layers: int = 3
    skip_connections: bool = False
    embedding: int = 256
    mlp_units: int = 1024
    mlp_hidden: int = 2
    """Layers between the first layer of the sample-level network and its output."""
    mlp_first_relu: bool = False
    """Off as in the original code, on as in the paper's text and most descendants."""
    weight_norm: bool = True
    levels: int = 256
    quantizer: QuantizerName = "linear"
    emphasis: float = 0.0
    """What is taken off each sample of the one before it, as a fraction, before it is coded (models/codec.py); 0:
    nothing, as in the paper."""
    sample_rate: int = 16_000
    prediction_order: int = 0
    """Samples from which the next one is predicted linearly, for the sample-level network to know
    (models/prediction.py); 0: not at all, as in the paper."""
    prediction_window: int = 4096
    """Samples that the prediction is fitted to."""
    prediction_every: int = 128
    """Samples from one fit to the next; one step of a stream."""
    prediction_mean: int = 0
    """Samples whose mean is taken off each before the fit, so that an offset which wanders is no tone to it that rings
    on; 0: none is."""
    prediction_shapes: int = 16
    """Shapes around the predicted code that the network mixes into its logits."""
    noise_told: bool = False
    """Whether the network is told in training how far off what it reads is (TrainingConfig.input_noise). While it plays
    it is told of no noise."""

    def __post_init__(self) -> None:
        _check_types(self)
        if not self.frame_sizes:
            raise InputError("frame_sizes is empty; give at least one tier, such as 16")
        for name, least in (
            ("units", 1),
            ("rnn_layers", 1),
            ("embedding", 1),
            ("mlp_units", 1),
            ("mlp_hidden", 0),
            ("sample_rate", 1000),
            ("prediction_order", 0),
            ("prediction_window", 1),
            ("prediction_every", 1),
            ("prediction_mean", 0),
            ("prediction_shapes", 1),
        ):
            if getattr(self, name) < least:
                raise InputError(f"{name} is {getattr(self, name)}; it must be at least {least}")
        if not 0 <= self.emphasis <= MOST_EMPHASIS:
            raise InputError(f"emphasis is {self.emphasis}; it must be from 0 to {MOST_EMPHASIS:g}")
        if min(self.frame_sizes) < 2:
            raise InputError(f"frame_sizes are {list(self.frame_sizes)}; each must be at least 2")
        if not 4 <= self.levels <= 65_536:
            raise InputError(f"levels is {self.levels}; it must be from 4 to 65536")
        if self.prediction_order:
            self._check_prediction()
        if self.mlp_hidden == 0 and not self.mlp_first_relu:
            raise InputError("mlp_hidden=0 needs mlp_first_relu=true, or nothing in it is non-linear")

    def _check_prediction(self) -> None:
        if self.quantizer != "mu-law":
            raise InputError(f"prediction_order needs quantizer=mu-law; it is {self.quantizer}")
        if not self.prediction_order < self.prediction_window <= 65_536:
            raise InputError(
                f"prediction_window is {self.prediction_window}; it must be above prediction_order, "
                f"{self.prediction_order}, and at most 65536"
            )
        if self.prediction_mean > self.prediction_window:
            raise InputError(
                f"prediction_mean is {self.prediction_mean}; it must be at most prediction_window, "
                f"{self.prediction_window}"
            )
        if self.prediction_every % self.lookback:
            raise InputError(
                f"prediction_every is {self.prediction_every}; it must be a multiple of {self.lookback} samples"
            )

    def samples_per_frame(self, tier: int) -> int:
        """n_k = f_0 * ... * f_k: the samples a frame of this tier spans."""
        return math.prod(self.frame_sizes[: tier + 1])

    @property
    def tiers(self) -> int:
        return len(self.frame_sizes)

    @property
    def lookback(self) -> int:
        """L, samples: the span of a top-tier frame."""
        return self.samples_per_frame(self.tiers - 1)

    @property
    def step(self) -> int:
        """Samples that a stream is made in multiples of."""
        return self.prediction_every if self.prediction_order else self.lookback

    @property
    def history(self) -> int:
        """Samples before a step that it depends on."""
        predicting = self.prediction_window if self.prediction_order else 0
        return max(self.lookback, predicting, self.emphasis_reach)

    @property
    def emphasis_reach(self) -> int:
        """Codes before a sample that its sound depends on, to 24 bits: a power of two, or none."""
        if not self.emphasis:
            return 0
        return 1 << max(0, math.ceil(math.log2(24 * math.log(2) / -math.log(self.emphasis))))

    @property
    def state_units(self) -> int:
        """Numbers a recurrent layer carries: the hidden state, for an LSTM also its cell."""
        return self.units * (2 if self.rnn == "lstm" else 1)

    def conditioning_units(self, tier: int) -> int:
        """Width of what this tier hands down in each slot of its frame."""
        return self.mlp_units if tier == 0 else self.units


@dataclass(frozen=True)
class TrainingConfig:
    """How a SampleRNN is trained (truncated back-propagation through time, the paper's section 3)."""

    batch: int = 16
    """Recordings walked side by side."""
    chunk: int = 1024
    """Samples of each in one step; gradients do not reach further back."""
    accumulate: int = 1
    """Parts that the batch is gone through in, one after the other: the same step in less memory."""
    learning_rate: float = 1e-3
    final_learning_rate: float = 0.05
    """What is left of the learning rate at the last step, as a fraction (half a cosine down)."""
    warmup: int = 200
    """Steps over which the learning rate rises from nothing."""
    input_noise: float = 0.0
    """Codes by which what is read, but not what is to be predicted, is off at most: a network that never read
    mistakes does not know what to do after its own."""
    forget: float = 0.0
    """Share of the chunks that are read as if only silence had come before: a network that has hardly ever left
    silence stays in it, where it begins and wherever it dies away."""
    clip: float = 1.0
    """Largest norm of the gradient."""
    average: float = 0.999
    """Decay, a step, of the running average of the weights that is evaluated and exported."""
    valid_every: int = 1000
    """Steps from one validation, and one kept checkpoint, to the next."""
    keep_every: int = 0
    """Keep a checkpoint for good every so many steps (0: only the last and the best)."""
    seed: int = 1

    def __post_init__(self) -> None:
        _check_types(self)
        for name in ("batch", "chunk", "accumulate", "valid_every"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} is {getattr(self, name)}; it must be at least 1")
        for name in ("learning_rate", "clip"):
            if not 0 < getattr(self, name) < math.inf:
                raise InputError(f"{name} is {getattr(self, name)}; it must be above 0")
        if not 0 <= self.input_noise < math.inf:
            raise InputError(f"input_noise is {self.input_noise}; it must be 0 or above")
        if not 0 <= self.forget <= 1:
            raise InputError(f"forget is {self.forget}; it must be from 0 to 1")
        if not 0 <= self.average < 1:
            raise InputError(f"average is {self.average}; it must be from 0 to below 1")
        if not 0 <= self.final_learning_rate <= 1:
            raise InputError(f"final_learning_rate is {self.final_learning_rate}; it must be from 0 to 1")
        if self.warmup < 0 or self.keep_every < 0:
            raise InputError("warmup and keep_every must not be negative")
        if not 0 <= self.seed < 1 << 63:
            raise InputError(f"seed is {self.seed}; it must be from 0 to {(1 << 63) - 1}")


Config = TypeVar("Config", ModelConfig, TrainingConfig)

CAME_LATER = frozenset(
    {
        *("prediction_order", "prediction_window", "prediction_every", "prediction_mean", "prediction_shapes"),
        *("emphasis", "noise_told", "input_noise", "forget", "accumulate"),
    }
)
"""Fields that styles and checkpoints were once written without. They are written only where they say something, so
that what is older still opens, and a style's hash is still what its takes know it by."""


def to_dict(config: ModelConfig | TrainingConfig) -> dict[str, Any]:
    """The config as JSON can hold it."""
    values = {field.name: getattr(config, field.name) for field in dataclasses.fields(config) if _says(config, field)}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}


def _says(config: ModelConfig | TrainingConfig, field: dataclasses.Field[Any]) -> bool:
    return field.name not in CAME_LATER or bool(getattr(config, field.name) != field.default)


def from_dict(kind: type[Config], values: Any) -> Config:
    """The config that `to_dict` wrote. Raises InputError for missing, unknown or wrong values."""
    names = {field.name for field in dataclasses.fields(kind)}
    if not isinstance(values, dict) or not names - CAME_LATER <= set(values) <= names:
        raise InputError(f"not a {kind.__name__}: its keys must be {', '.join(sorted(names))}")
    fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
    return kind(**fields)


def with_settings(
    model: ModelConfig, training: TrainingConfig, settings: Sequence[str]
) -> tuple[ModelConfig, TrainingConfig]:
    """Apply KEY=VALUE texts, the key being a field of either config.

    Raises InputError naming the key, or the value and what it should be.
    """
    # all at once: one may be possible only with another
    new_model: dict[str, Any] = {}
    new_training: dict[str, Any] = {}
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals:
            raise InputError(f"{setting!r} is not KEY=VALUE")
        if any(field.name == key for field in dataclasses.fields(model)):
            new_model[key] = _parse(key, text, getattr(model, key))
        elif any(field.name == key for field in dataclasses.fields(training)):
            new_training[key] = _parse(key, text, getattr(training, key))
        else:
            known = [field.name for kind in (model, training) for field in dataclasses.fields(kind)]
            raise InputError(f"unknown setting {key!r}; known are {', '.join(sorted(known))}")
    return dataclasses.replace(model, **new_model), dataclasses.replace(training, **new_training)


def _parse(key: str, text: str, current: Any) -> Any:
    try:
        if isinstance(current, bool):
            return {"true": True, "false": False}[text.lower()]
        if isinstance(current, tuple):
            return tuple(int(part) for part in text.split(","))
        return type(current)(text)
    except (ValueError, KeyError):
        wanted = {bool: "true or false", tuple: "numbers such as 16,4", int: "a whole number"}
        raise InputError(f"{key} is {text!r}; expected {wanted.get(type(current), 'a number')}") from None


def _check_types(config: ModelConfig | TrainingConfig) -> None:
    """A config may come from a file somebody else made: hold each value against its default's type."""
    for field in dataclasses.fields(config):
        value, default = getattr(config, field.name), field.default
        wanted = (int, float) if isinstance(default, float) else type(default)
        if not isinstance(value, wanted) or isinstance(value, bool) != isinstance(default, bool):
            raise InputError(f"{field.name} is {value!r:.80}; expected something like {default!r}")
        if isinstance(value, tuple) and not all(type(item) is int for item in value):
            raise InputError(f"{field.name} is {value!r:.80}; expected whole numbers")
    for name, allowed in (("rnn", get_args(Rnn)), ("quantizer", get_args(QuantizerName))):
        if getattr(config, name, allowed[0]) not in allowed:
            raise InputError(f"{name} is {getattr(config, name)!r:.80}; it must be one of {', '.join(allowed)}")
