"""The recurrent layers are torch's, only quicker on a processor."""

import pytest
import torch
from torch import nn

from models.recurrent import GruSteps, Layer, Recurrent


def close(one: torch.Tensor, other: torch.Tensor) -> None:
    torch.testing.assert_close(one, other, rtol=0, atol=1e-9)


def random_layer(kind: str, units: int) -> Layer:
    torch.manual_seed(1)
    layer = Layer(kind, units).double()  # type: ignore[arg-type]
    for parameter in layer.parameters():
        nn.init.uniform_(parameter, -0.7, 0.7)
    return layer


def torchs_own(layer: Layer, units: int) -> nn.GRU | nn.LSTM:
    kind = nn.GRU if layer.kind == "gru" else nn.LSTM
    own = kind(units, units, batch_first=True).double()
    own.load_state_dict({f"{name}_l0": value for name, value in layer.state_dict().items()})
    return own


@pytest.mark.parametrize("steps", [1, 2, 9])
def test_gru_steps_are_torchs_gru_forward_and_backward(steps):
    layer = random_layer("gru", 5)
    own = torchs_own(layer, 5)
    x, h0 = (torch.randn(3, steps, 5, dtype=torch.float64), torch.randn(3, 5, dtype=torch.float64))
    weights = torch.randn(3, steps, 5, dtype=torch.float64), torch.randn(3, 5, dtype=torch.float64)
    results = []
    for run in (lambda x, h: layer(x, h), lambda x, h: own(x, h.unsqueeze(0))):
        inputs = x.clone().requires_grad_(), h0.clone().requires_grad_()
        y, h = run(*inputs)
        ((y * weights[0]).sum() + (h.view(3, 5) * weights[1]).sum()).backward()
        results.append((y, h.view(3, 5), *(one.grad for one in inputs)))
    for one, other in zip(*results, strict=True):
        close(one, other)
    for name, parameter in layer.named_parameters():
        assert parameter.grad is not None
        close(parameter.grad, getattr(own, f"{name}_l0").grad)


def test_gru_steps_have_the_gradient_of_what_they_compute():
    torch.manual_seed(2)
    shapes = ((4, 2, 9), (2, 3), (9, 3), (9,))
    inputs = [torch.randn(*shape, dtype=torch.float64, requires_grad=True) for shape in shapes]
    assert torch.autograd.gradcheck(GruSteps.apply, inputs)


@pytest.mark.parametrize("kind", ["gru", "lstm"])
def test_training_and_playing_take_the_same_steps(kind):
    """With and without gradients there are different ways through a layer."""
    layer = random_layer(kind, 4)
    x, state = torch.randn(2, 6, 4, dtype=torch.float64), torch.randn(2, 4 if kind == "gru" else 8).double()
    trained = layer(x, state)
    with torch.no_grad():
        played = layer(x, state)
    close(trained[0], played[0])
    close(trained[1], played[1])


def test_lstm_is_torchs_lstm_with_hidden_then_cell_as_its_state():
    layer = random_layer("lstm", 4)
    x, h, c = torch.randn(2, 6, 4).double(), torch.randn(2, 4).double(), torch.randn(2, 4).double()
    y, state = layer(x, torch.cat([h, c], 1))
    expected, (end, cell) = torchs_own(layer, 4)(x, (h.unsqueeze(0), c.unsqueeze(0)))
    close(y, expected)
    close(state, torch.cat([end[0], cell[0]], 1))


def test_skip_connections_feed_the_input_to_each_layer_and_sum_the_outputs():
    torch.manual_seed(3)
    with_skip = Recurrent("gru", 4, 3, skip=True).double()
    without = Recurrent("gru", 4, 3, skip=False).double()
    without.load_state_dict(with_skip.state_dict())
    u, h = torch.randn(2, 5, 4).double(), torch.randn(3, 2, 4).double()
    first, h1 = with_skip.layers[0](u, h[0])
    second, h2 = with_skip.layers[1](u + first, h[1])
    third, h3 = with_skip.layers[2](u + second, h[2])
    y, state = with_skip(u, h)
    close(y, first + second + third)
    close(state, torch.stack([h1, h2, h3]))
    stacked = first
    for i in (1, 2):
        stacked, _ = without.layers[i](stacked, h[i])
    close(without(u, h)[0], stacked)


def test_an_untrained_lstm_remembers():
    """Forget gates start open, as their inputs' biases of 3 make them."""
    layer = Layer("lstm", 8)
    assert torch.equal(layer.bias_ih, torch.tensor([0.0] * 8 + [3.0] * 8 + [0.0] * 16))


def test_in_bfloat16_the_state_stays_in_float32():
    """A state of eight bits forgets what changes slowly."""
    torch.manual_seed(4)
    recurrent = Recurrent("gru", 8, 2, skip=False)
    x, h = torch.randn(2, 20, 8), torch.randn(2, 2, 8)
    exact, end = recurrent(x, h)
    with torch.autocast("cpu", torch.bfloat16):
        y, state = recurrent(x, h)
    assert state.dtype == torch.float32
    torch.testing.assert_close(state, end, rtol=0, atol=0.03)
    torch.testing.assert_close(y.float(), exact, rtol=0, atol=0.03)
