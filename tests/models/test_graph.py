"""The graphs that play do what the network does."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest
import safetensors.torch
import torch

from engine.noise import GumbelNoise
from models.audio import read_audio
from models.config import ModelConfig
from models.graph import prime_model, step_model
from models.network import SampleRNN, generate, nll_bits
from models.prediction import fit
from models.presets import preset
from models.quantizer import Quantizer
from models.style import open_style
from tests.models.made import predicting, random_codes, random_network, small

FRAMES, VOICES = 6, 3
SHAPES = {
    "one tier": small(),
    "one layer": small(rnn_layers=1, skip_connections=True),
    "two tiers": small(frame_sizes=(2, 3)),
    "three tiers, LSTM, skip": small(frame_sizes=(2, 2, 3), rnn="lstm", skip_connections=True),
    "one tier, LSTM": small(rnn="lstm"),
    "two tiers, skip, three layers": small(frame_sizes=(3, 2), rnn_layers=3, skip_connections=True),
    "no hidden layer": small(mlp_hidden=0, mlp_first_relu=True, weight_norm=False),
    "one hidden layer": small(mlp_hidden=1, mlp_first_relu=True),
    "one hidden layer, multiplied in": small(mlp_hidden=1),
    "two hidden layers and a ReLU": small(mlp_first_relu=True),
    "a frame of two blocks": small(frame_sizes=(16,)),
    "a frame of blocks of six": small(frame_sizes=(12, 2)),
    "a frame in single samples": small(frame_sizes=(11,)),
    "pre-emphasis": small(emphasis=0.5),
    "predicting": predicting(),
    "predicting, three tiers": predicting(frame_sizes=(2, 2, 2)),
    "predicting, blocks, like live": predicting(frame_sizes=(16,), mlp_hidden=0, mlp_first_relu=True),
    "predicting from less than a frame": predicting(prediction_order=3, prediction_window=4, levels=33),
}
SOME = [
    "two tiers",
    "a frame of two blocks",
    "three tiers, LSTM, skip",
    "pre-emphasis",
    "predicting",
    "predicting, three tiers",
]


def session(model: Any) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    options.enable_mem_reuse = False  # planning it takes longer by the square of an unrolled graph's nodes
    return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


class Stream:
    """A graph at work: `run` takes frames of noise, or of codes, in runs of so many, or where that is none in as few
    runs as may be."""

    def __init__(self, graph: ort.InferenceSession, network: SampleRNN, codes: torch.Tensor) -> None:
        self.graph, self.config = graph, network.config
        h = network.start(len(codes)).h
        self.state = {"codes": codes.numpy()} | {f"h{k}": h[k].detach().numpy() for k in range(len(h))}

    def run(self, frames: np.ndarray, at_once: int | None) -> dict[str, np.ndarray]:
        made: dict[str, list[np.ndarray]] = {}
        inputs = [value.name for value in self.graph.get_inputs()]
        names = [value.name for value in self.graph.get_outputs()]
        fits, step = "coefficients" in inputs, self.config.step // self.config.lookback
        size = at_once or (step if fits else len(frames))
        given: dict[str, Any] = {}
        for first in range(0, len(frames), size):
            if fits and first % step == 0:
                given["coefficients"] = fit(self.state["codes"], self.config)
            given[inputs[-1]] = frames[first : first + size]
            results = dict(zip(names, self.graph.run(names, {**self.state, **given}), strict=True))
            self.state = {key: results.pop(f"{key}_out") for key in self.state}
            for key, value in results.items():
                made.setdefault(key, []).append(value)
        return {key: np.concatenate(values) for key, values in made.items()}


def gumbel(config: ModelConfig, frames: int = FRAMES, voices: int = VOICES, temperature: float = 1.0) -> np.ndarray:
    noise = GumbelNoise(7, voices, config.lookback, config.levels).frames(0, frames)
    return noise * np.float32(temperature)


def by_voice(frames: np.ndarray) -> torch.Tensor:
    """[frames, L, V, ...] -> [V, S, ...]"""
    return torch.from_numpy(frames.reshape(-1, *frames.shape[2:]).swapaxes(0, 1).copy())


def assert_plays_like(network: SampleRNN, before: torch.Tensor, noise: np.ndarray, made: dict[str, np.ndarray]) -> None:
    drawn = by_voice(made["drawn"])
    _, logits, _ = generate(network, before, network.start(len(before)), by_voice(noise), forced=drawn)
    torch.testing.assert_close(by_voice(made["logits"]), logits, rtol=0, atol=1e-4)
    scores = logits + by_voice(noise)
    best = scores.topk(2).values
    near_tie = best[..., 0] - best[..., 1] < 2e-4
    assert torch.equal(scores.argmax(-1)[~near_tie], drawn[~near_tie])
    assert near_tie.float().mean() < 0.01


@pytest.mark.parametrize("frames", [None, 3])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_step_graph_is_the_network(shape, frames):
    """Logits within 1e-4, and the same codes for the same noise."""
    network = random_network(SHAPES[shape])
    if frames and network.config.prediction_order:
        frames = network.config.step // network.config.lookback
    before = random_codes(network.config, VOICES, network.config.history)
    noise = gumbel(network.config)
    graph = session(step_model(network, "fp32", frames))
    assert_plays_like(network, before, noise, Stream(graph, network, before).run(noise, frames))


@pytest.mark.parametrize("frames", [None, 1])
@pytest.mark.parametrize("shape", SHAPES)
def test_hearing_codes_leads_where_drawing_them_led(shape, frames):
    """The prime graph's state is the step graph's on the same codes."""
    network = random_network(SHAPES[shape])
    before = random_codes(network.config, VOICES, network.config.history)
    stepped = Stream(session(step_model(network, "fp32", None)), network, before)
    drawn = stepped.run(gumbel(network.config), None)["drawn"]
    primed = Stream(session(prime_model(network, "fp32", frames)), network, before)
    primed.run(np.ascontiguousarray(drawn.transpose(0, 2, 1)), frames)
    assert np.array_equal(primed.state["codes"], stepped.state["codes"])
    everything = np.concatenate([before, by_voice(drawn)], axis=1)
    assert np.array_equal(stepped.state["codes"], everything[:, -network.config.history :])
    for k in range(network.config.tiers):
        np.testing.assert_allclose(primed.state[f"h{k}"], stepped.state[f"h{k}"], rtol=0, atol=1e-6)


@pytest.mark.parametrize("shape", SOME)
@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_how_frames_are_grouped_does_not_matter(shape, precision, monkeypatch):
    monkeypatch.setattr("models.graph.QUANTIZED_FROM", 1)
    network = random_network(SHAPES[shape])
    before, noise = random_codes(network.config, VOICES, network.config.history), gumbel(network.config)
    graph = session(step_model(network, precision, None))
    together = Stream(graph, network, before).run(noise, None)
    for at_once in (1, 2) if network.config.prediction_order else (1, 2, 4):
        apart = Stream(graph, network, before).run(noise, at_once)
        assert np.array_equal(apart["drawn"], together["drawn"])
        assert np.array_equal(apart["logits"], together["logits"])


@pytest.mark.parametrize("shape", SOME)
def test_unrolled_frames_are_the_same_at_any_number(shape):
    network = random_network(SHAPES[shape])
    before, noise = random_codes(network.config, VOICES, network.config.history), gumbel(network.config)
    drawn = [
        Stream(session(step_model(network, "fp32", frames)), network, before).run(noise, frames)["drawn"]
        for frames in (None, 1, 2 if network.config.prediction_order else 3)
    ]
    assert all(np.array_equal(each, drawn[0]) for each in drawn)


@pytest.mark.parametrize("shape", SOME)
def test_voices_do_not_hear_each_other(shape):
    network = random_network(SHAPES[shape])
    before, noise = random_codes(network.config, VOICES, network.config.history), gumbel(network.config)
    graph = session(step_model(network, "fp32", None))
    together = Stream(graph, network, before).run(noise, None)
    assert len({tuple(voice) for voice in together["drawn"].reshape(-1, VOICES).T.tolist()}) == VOICES
    for voice in range(VOICES):
        one = slice(voice, voice + 1)
        alone = Stream(graph, network, before[one]).run(np.ascontiguousarray(noise[:, :, one]), None)
        assert np.array_equal(alone["drawn"], together["drawn"][:, :, one])
        np.testing.assert_allclose(alone["logits"], together["logits"][:, :, one], rtol=0, atol=1e-5)


def test_without_noise_it_is_greedy():
    network = random_network(SHAPES["two tiers"])
    before, noise = random_codes(network.config, VOICES, 6), gumbel(network.config, temperature=0)
    made = Stream(session(step_model(network, "fp32", None)), network, before).run(noise, None)
    assert np.array_equal(made["drawn"], made["logits"].argmax(-1))
    greedy, _, _ = generate(network, before, network.start(VOICES), by_voice(noise))
    assert torch.equal(by_voice(made["drawn"]), greedy)


CRITICAL = 29.88
"""What chi-square of 10 degrees of freedom exceeds once in 1,100 times."""


@pytest.mark.parametrize("temperature", [0.5, 1.0, 1.5])
def test_codes_are_drawn_with_the_probabilities_of_the_softmax(temperature):
    """Many voices in the same place: how often each code comes, by the logits over the temperature. The first
    sample of a frame, and the second where the first was the likeliest."""
    voices, levels = 10_000, 11
    network = random_network(small(frame_sizes=(2,), levels=levels, weight_norm=False))
    with torch.no_grad():
        for parameter in network.samples.output.parameters():
            parameter.mul_(0.1)  # so that every code comes often enough to be counted
    graph = session(step_model(network, "fp32", None))
    before = random_codes(network.config, 1, 2).expand(voices, 2).contiguous()
    made = Stream(graph, network, before).run(gumbel(network.config, 1, voices, temperature), None)
    first, second = made["drawn"][0]
    likeliest = np.bincount(first).argmax()
    for drawn, logits in (
        (first, made["logits"][0, 0]),
        (second[first == likeliest], made["logits"][0, 1, first == likeliest]),
    ):
        assert np.ptp(logits, axis=0).max() < 1e-5  # all voices are in the same place
        expected = torch.softmax(torch.from_numpy(logits[0].astype(float)) / temperature, 0).numpy() * len(drawn)
        assert expected.min() > 4
        counts = np.bincount(drawn, minlength=levels)
        assert ((counts - expected) ** 2 / expected).sum() < CRITICAL


def bits_of(network: SampleRNN, sound: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """Of each sample of recordings [V, S]: the int8 graph's, the recordings forced through it, and the network's."""
    config = network.config
    codes = torch.from_numpy(Quantizer(config.quantizer, config.levels).encode(sound))
    before = torch.full((len(codes), config.history), config.levels // 2)
    model = step_model(network, "int8", None)
    assert b"MatMulNBits" in model.SerializeToString()
    stream, logits = Stream(session(model), network, before), []
    for frames in codes.unflatten(1, (-1, 48, config.lookback)).unbind(1):
        noise = torch.nn.functional.one_hot(frames, config.levels).permute(1, 2, 0, 3).float() * 1024
        made = stream.run(noise.contiguous().numpy(), None)
        assert torch.equal(by_voice(made["drawn"]), frames.flatten(1))
        logits.append(by_voice(made["logits"]))
    with torch.no_grad():
        expected, _ = network(torch.cat([before, codes], 1), network.start(len(codes)))
    return nll_bits(torch.cat(logits, 1), codes), nll_bits(expected, codes)


@pytest.fixture(scope="module")
def recordings(fixtures):
    """Four times nearly half a second, of piano and guitar, to be heard side by side."""
    names = ("cc0_ambi_piano", "cc0_guit_em9", "ccby3_salamander_C4v10", "mit_wood_guitar_D4")
    return np.stack([read_audio(fixtures / f"{name}.flac", 16_000)[8000:15_680] for name in names])


def assert_eight_bits_cost_little(network: SampleRNN, sound: np.ndarray) -> None:
    """Less than 0.02 bits, at each sample on average, not only in all."""
    played, exact = bits_of(network, sound)
    assert (played - exact).abs().mean() < 0.02


@pytest.mark.parametrize("order", [0, 256])
def test_eight_bits_cost_an_untrained_live_network_little(recordings, order):
    torch.manual_seed(1)
    model = dataclasses.replace(preset("live").model, prediction_order=order)
    assert_eight_bits_cost_little(SampleRNN(model), recordings)


SHIPPED = sorted((Path(__file__).parents[2] / "resources" / "styles").glob("*.samplernn"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_eight_bits_cost_a_shipped_style_little(path, recordings):
    style = open_style(path)
    network = SampleRNN(style.info.model)
    weights = safetensors.torch.load(style.read("weights.safetensors"))
    network.load_state_dict({name: weight.float() for name, weight in weights.items()})
    assert_eight_bits_cost_little(network, recordings)
