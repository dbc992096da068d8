"""The network is the one of the paper, and generates what it was trained to."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from models.config import ModelConfig
from models.network import Around, LookUp, SampleRNN, State, generate, nll_bits
from models.prediction import fit, guess
from models.recurrent import Layer
from tests.models.made import predicting, random_codes, random_network, small

FRAMES = [(4,), (2, 3), (2, 2, 3)]
SAMPLE_LEVELS = [(True, 0), (True, 1), (True, 2), (False, 1), (False, 2)]
SHAPES = [
    *(small(frame_sizes=f, rnn=r, skip_connections=s) for f in FRAMES for r in ("gru", "lstm") for s in (False, True)),
    *(
        small(frame_sizes=(3,), mlp_first_relu=relu, mlp_hidden=hidden, weight_norm=normed)
        for relu, hidden in SAMPLE_LEVELS
        for normed in (False, True)
    ),
    predicting(),
    predicting(frame_sizes=(2, 3), prediction_window=9, mlp_first_relu=True, mlp_hidden=0),
    predicting(levels=33, prediction_every=4, prediction_order=40, prediction_window=41),
]
FRAMES_AND_PREDICTING = [*(small(frame_sizes=f) for f in FRAMES), predicting(), predicting(frame_sizes=(2, 3))]


def shape_id(config: ModelConfig) -> str:
    tiers = "x".join(map(str, config.frame_sizes))
    traits = ("skip_connections", "weight_norm", "mlp_first_relu")
    order = [f"predicting{config.prediction_order}"] if config.prediction_order else []
    return "-".join([tiers, config.rnn, str(config.mlp_hidden), *(t for t in traits if getattr(config, t)), *order])


def close(one: torch.Tensor, other: torch.Tensor) -> None:
    torch.testing.assert_close(one, other, rtol=0, atol=1e-9)


def walked(network: SampleRNN, codes: torch.Tensor, *chunks: int) -> tuple[torch.Tensor, State]:
    """Teacher-forced logits of the codes after the first `history`, in chunks of so many samples."""
    history, start, state, logits = network.config.history, 0, network.start(len(codes)), []
    for size in chunks:
        part, state = network(codes[:, start : start + history + size], state)
        logits.append(part)
        start += size
    return torch.cat(logits, 1), state


@torch.no_grad()
def plain_logits(network: SampleRNN, codes: torch.Tensor) -> torch.Tensor:
    """The generator of the paper for one voice, a sample at a time and nothing folded: codes [history + S] ->
    [S, Q]."""
    config = network.config
    h: list[torch.Tensor] = [network.tier(k).h0 for k in range(config.tiers)]
    c: list[torch.Tensor] = [torch.empty(0)] * config.tiers
    logits = []
    for now, i in enumerate(range(config.history, len(codes))):
        for k in reversed(range(config.tiers)):
            tier, n = network.tier(k), config.samples_per_frame(k)
            if now % n:
                continue
            u = tier.input(4 * codes[i - n : i].double() / config.levels - 2)
            if k + 1 < config.tiers:
                u = u + c[k + 1][now // n % config.frame_sizes[k + 1]]
            x, outputs, states = u, [], []
            for layer, state in zip(tier.rnn.layers, h[k], strict=True):
                assert isinstance(layer, Layer)
                before = state[: config.units]
                ih, hh = F.linear(x, layer.weight_ih, layer.bias_ih), F.linear(before, layer.weight_hh, layer.bias_hh)
                if config.rnn == "gru":
                    (ir, iz, i_n), (hr, hz, hn) = ih.chunk(3), hh.chunk(3)
                    r, z = torch.sigmoid(ir + hr), torch.sigmoid(iz + hz)
                    y = (1 - z) * torch.tanh(i_n + r * hn) + z * before
                    states.append(y)
                else:
                    gate_i, gate_f, g, o = (ih + hh).chunk(4)
                    cell = gate_f.sigmoid() * state[config.units :] + gate_i.sigmoid() * g.tanh()
                    y = o.sigmoid() * cell.tanh()
                    states.append(torch.cat([y, cell]))
                outputs.append(y)
                x = u + y if config.skip_connections else y
            h[k] = torch.stack(states)
            y = torch.stack(outputs).sum(0) if config.skip_connections else outputs[-1]
            c[k] = tier.upsampling(y).view(config.frame_sizes[k], -1)
        lags = config.frame_sizes[0]
        a = plain_first_layer(network, codes[i - lags : i]) + c[0][now % lags]
        hidden = list(network.samples.hidden)
        if not config.mlp_first_relu:
            a = hidden.pop(0)(a)
        guided = network.samples.guided
        if guided is not None:
            before = codes[None, :i].numpy()
            place = guess(fit(before[:, : i - now % config.prediction_every], config), before, config)[0]
            near = round(float(place))
            off = float(place) - near
            a = a + guided.near[near] + off * guided.slope
        a = torch.relu(a)
        for layer in hidden:
            a = torch.relu(layer(a))
        scores = network.samples.output(a)
        if guided is not None:
            weights = guided.mix(a) + off * guided.mix_slope
            for code in range(config.levels):
                scores[code] += weights @ guided.shapes[:, code - near + config.levels - 1]
        logits.append(scores)
    return torch.stack(logits)


def plain_first_layer(network: SampleRNN, codes: torch.Tensor) -> torch.Tensor:
    """Embedding, then convolution: codes [f_0] -> [M]"""
    samples = network.samples
    embedded = F.embedding(codes, samples.embedding).T.unsqueeze(0)
    kernel = samples.input.weight.view(-1, samples.lags, samples.embedding.shape[1]).transpose(1, 2)
    return F.conv1d(embedded, kernel)[0, :, 0]


@pytest.mark.parametrize("config", SHAPES, ids=shape_id)
def test_training_and_generation_are_the_same_network(config):
    """Teacher-forced, over chunk borders, both against each other and against the paper written out plainly."""
    network = random_network(config, torch.float64)
    step, history = config.step, config.history
    codes = random_codes(config, 2, history + 3 * step)
    trained, state = walked(network, codes, step, 2 * step)
    forced = codes[:, history:]
    noise = torch.zeros(*forced.shape, config.levels, dtype=torch.float64)
    drawn, generated, end = generate(network, codes[:, :history], network.start(2), noise, forced)
    assert torch.equal(drawn, forced)
    close(trained, generated)
    for one, other in zip(state.h, end.h, strict=True):
        close(one, other)
    for voice in range(2):
        close(trained[voice], plain_logits(network, codes[voice]))


@pytest.mark.parametrize("config", FRAMES_AND_PREDICTING, ids=shape_id)
@pytest.mark.parametrize("rnn", ["gru", "lstm"])
def test_the_chunks_do_not_matter(config, rnn):
    network = random_network(replace(config, rnn=rnn), torch.float64)
    step = config.step
    codes = random_codes(config, 3, config.history + 4 * step)
    whole, end = walked(network, codes, 4 * step)
    parts, other_end = walked(network, codes, step, step, 2 * step)
    close(whole, parts)
    for one, other in zip(end.h, other_end.h, strict=True):
        close(one, other)


@pytest.mark.parametrize(("config", "samples"), [(small(), 6), (predicting(), 4)], ids=["plain", "predicting"])
def test_a_chunk_must_be_whole_steps(config, samples):
    network = random_network(config)
    with pytest.raises(ValueError, match="multiple"):
        network(random_codes(config, 1, config.history + samples), network.start(1))


@pytest.mark.parametrize("config", FRAMES_AND_PREDICTING, ids=shape_id)
def test_no_sample_is_predicted_from_itself_or_later_ones(config):
    network = random_network(config, torch.float64)
    size, history = 3 * config.step, config.history
    codes = random_codes(config, 1, history + size)
    before, _ = walked(network, codes, size)
    for changed in range(size):
        other = codes.clone()
        other[0, history + changed] += 1 if codes[0, history + changed] == 0 else -1
        after, _ = walked(network, other, size)
        assert torch.equal(before[:, : changed + 1], after[:, : changed + 1])
        if changed + 1 < size:
            assert not torch.allclose(before[:, changed + 1], after[:, changed + 1])


@pytest.mark.parametrize(("relu", "hidden"), SAMPLE_LEVELS)
@pytest.mark.parametrize("normed", [False, True])
def test_folding_is_exact(relu, hidden, normed):
    """Tables, and a first layer multiplied into the next, against embedding and convolution."""
    config = small(mlp_first_relu=relu, mlp_hidden=hidden, weight_norm=normed)
    network = random_network(config, torch.float64)
    lags, samples = config.frame_sizes[0], network.samples
    codes = random_codes(config, 2, lags - 1 + 9)
    conditioning = torch.randn(2, 9, config.mlp_units, dtype=torch.float64)
    logits = samples(samples.folded(), codes, conditioning)
    for voice in range(2):
        for i in range(9):
            x = plain_first_layer(network, codes[voice, i : i + lags]) + conditioning[voice, i]
            x = torch.relu(x) if relu else x
            for layer in samples.hidden:
                x = torch.relu(layer(x))
            close(logits[voice, i], samples.output(x))


def test_weight_normalisation_sets_the_norm_of_each_row():
    layer = random_network(small(), torch.float64).samples.output
    assert layer.gain is not None
    close(layer.weight.norm(dim=1), layer.gain.abs())
    close(F.cosine_similarity(layer.weight, layer.direction * layer.gain.sign()[:, None]), torch.ones(12).double())


def test_look_ups_have_the_gradient_of_plain_indexing():
    tables = torch.randn(3, 7, 5, dtype=torch.float64, requires_grad=True)
    windows = random_codes(small(levels=7), 2, 8 * 3).view(2, 8, 3)
    weights = torch.randn(2, 8, 5, dtype=torch.float64)
    plain = sum((tables[lag][windows[..., lag]] for lag in range(3)), torch.zeros(()))
    looked_up = LookUp.apply(tables, windows)
    close(looked_up, plain)
    (expected,) = torch.autograd.grad((plain * weights).sum(), tables)
    (gradient,) = torch.autograd.grad((looked_up * weights).sum(), tables)
    close(gradient, expected)
    assert torch.autograd.gradcheck(lambda given: LookUp.apply(given, windows), tables)


def test_shapes_around_a_code_have_the_gradient_of_plain_indexing(monkeypatch):
    """Also in several parts, the last of them smaller."""
    monkeypatch.setattr(Around, "ROWS", 3)
    weights, shapes = (torch.randn(*size, dtype=torch.float64, requires_grad=True) for size in ((2, 4, 5), (5, 13)))
    starts, wanted = random_codes(small(levels=7), 2, 4), torch.randn(2, 4, 7, dtype=torch.float64)
    plain = (weights @ shapes).gather(-1, torch.arange(7) + starts[..., None])
    around = Around.apply(weights, shapes, starts)
    close(around, plain)
    for ours, theirs in zip(
        torch.autograd.grad((around * wanted).sum(), (weights, shapes)),
        torch.autograd.grad((plain * wanted).sum(), (weights, shapes)),
        strict=True,
    ):
        close(ours, theirs)
    assert torch.autograd.gradcheck(lambda *given: Around.apply(*given, starts), (weights, shapes))


@pytest.mark.parametrize(
    "config", [small(frame_sizes=(2, 3), skip_connections=True), predicting()], ids=["plain", "predicting"]
)
def test_every_weight_learns_from_every_recording_start(config):
    """The learned h0 and each layer have a gradient: nothing is cut off from the loss."""
    network = random_network(config)
    codes = random_codes(config, 2, config.history + 24)
    logits, _ = network(codes, network.start(2))
    nll_bits(logits, codes[:, config.history :]).mean().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


@pytest.mark.parametrize("config", [small(frame_sizes=(2, 2)), predicting(frame_sizes=(2, 2))], ids=shape_id)
def test_generation_draws_the_best_of_logits_and_noise_and_hears_it(config):
    network = random_network(config)
    noise = torch.randn(3, 16, config.levels, generator=torch.Generator().manual_seed(5))
    before = random_codes(config, 3, config.history)
    drawn, logits, _ = generate(network, before, network.start(3), noise)
    assert torch.equal(drawn, (logits + noise).argmax(-1))
    _, forced, _ = generate(network, before, network.start(3), torch.zeros_like(noise), drawn)
    assert torch.equal(logits, forced)


def test_without_noise_generation_is_greedy():
    network = random_network(small())
    noise = torch.zeros(1, 16, network.config.levels)
    drawn, logits, _ = generate(network, random_codes(network.config, 1, 4), network.start(1), noise)
    assert torch.equal(drawn, logits.argmax(-1))


def test_bits_are_base_2():
    codes = random_codes(small(), 2, 5)
    torch.testing.assert_close(nll_bits(torch.zeros(2, 5, 12), codes), torch.full((2, 5), 12.0).log2())
    logits = torch.randn(2, 5, 12)
    chosen = logits.softmax(-1).gather(-1, codes[..., None])[..., 0]
    torch.testing.assert_close(nll_bits(logits, codes), -chosen.log2())
