"""Named starting points for a training: a model and how to train it, each with where it comes from."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from models.config import ModelConfig, TrainingConfig
from models.errors import InputError


@dataclass(frozen=True)
class Preset:
    model: ModelConfig
    training: TrainingConfig


def live() -> Preset:
    """Plays several times faster than real time on one core of a laptop.

    The 2-tier layout of `two-tier-2017` with mu-law codes, two recurrent layers of 256 units and the
    smallest sample-level network that is not linear: look-ups, one ReLU, the output. What is spent once
    a frame (the recurrent tier) is shared by 16 samples; what is spent at each sample is paid 16,000
    times a second, and there a node of the graph costs as much as its arithmetic (ARCHITECTURE.md).
    """
    return Preset(
        ModelConfig(
            units=256,
            rnn_layers=2,
            embedding=256,
            mlp_units=128,
            mlp_hidden=0,
            mlp_first_relu=True,
            weight_norm=False,
            quantizer="mu-law",
        ),
        TrainingConfig(),
    )


def resonant() -> Preset:
    """The default, and what the shipped styles are: `live` at 8 kHz with pre-emphasis, that knows a linear prediction
    of how what rings rings on, and has met noise in what it reads, told how much, so that its own mistakes do not add
    up (ARCHITECTURE.md, the search).
    """
    small = live()
    return Preset(
        dataclasses.replace(
            small.model, emphasis=0.85, sample_rate=8000, prediction_order=256, prediction_mean=256, noise_told=True
        ),
        dataclasses.replace(small.training, batch=12, chunk=2048, input_noise=8.0, forget=0.05, valid_every=250),
    )


def two_tier_2017() -> Preset:
    """The experiment of 2017 on piano, guitar, classical and ambient music, which found the 2-tier model
    best for music: 128 frames of 16 samples a pass, 1024 units, 3 GRU layers, 256 linear levels, batch 64,
    weight normalisation, a learned initial state. The sample-level network is the original code's: its
    first layer has no ReLU and two hidden layers follow.
    """
    return Preset(ModelConfig(), TrainingConfig(batch=64, chunk=128 * 16))


def paper_3tier() -> Preset:
    """The paper's 3-tier model: frames of 2 and 8 samples, 1024 units, one GRU layer a tier, 512 samples
    a pass (Mehri et al. 2017, section 3.1), batch 128, with the original code's sample-level network.
    """
    return Preset(
        ModelConfig(frame_sizes=(2, 4), rnn_layers=1),
        TrainingConfig(batch=128, chunk=512),
    )


USUAL = "resonant"
"""Where none is asked for."""

PRESETS: dict[str, Callable[[], Preset]] = {
    "resonant": resonant,
    "live": live,
    "two-tier-2017": two_tier_2017,
    "paper-3tier": paper_3tier,
}


def preset(name: str) -> Preset:
    """The preset of that name. Raises InputError naming the known ones."""
    if name not in PRESETS:
        raise InputError(f"unknown preset {name!r}; known are {', '.join(PRESETS)}")
    return PRESETS[name]()


def trained_like(model: ModelConfig) -> str:
    """The preset by whose training a network of that shape is trained further."""
    return "resonant" if model.prediction_order else "live"
