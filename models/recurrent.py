"""The recurrent layers of a tier: torch's GRU or LSTM, and a faster way through a GRU on a CPU."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.config import Rnn

GATES = {"gru": 3, "lstm": 4}


class Recurrent(nn.Module):
    """N layers. With skip connections each layer also reads the tier's input and the output is the sum
    of all layers' outputs, instead of the last one's."""

    def __init__(self, kind: Rnn, units: int, layers: int, skip: bool) -> None:
        super().__init__()
        self.kind, self.units, self.skip = kind, units, skip
        self.layers = nn.ModuleList(Layer(kind, units) for _ in range(layers))

    def forward(self, u: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        """u [B, T, D], h [N, B, D] (LSTM: [N, B, 2 D], hidden then cell) -> y [B, T, D], new h"""
        x, total, states = u, torch.zeros((), dtype=u.dtype, device=u.device), []
        for i, layer in enumerate(self.layers):
            y, state = layer(x, h[i])
            states.append(state)
            total = total + y
            x = y + u if self.skip else y
        return (total if self.skip else x), torch.stack(states)


class Layer(nn.Module):
    """One GRU or LSTM layer in torch's convention (rows r, z, n or i, f, g, o; the GRU's reset applied
    after the recurrent product)."""

    def __init__(self, kind: Rnn, units: int) -> None:
        super().__init__()
        self.kind, self.units = kind, units
        rows = GATES[kind] * units
        self.weight_ih = nn.Parameter(torch.empty(rows, units))
        self.weight_hh = nn.Parameter(torch.empty(rows, units))
        self.bias_ih = nn.Parameter(torch.zeros(rows))
        self.bias_hh = nn.Parameter(torch.zeros(rows))
        with torch.no_grad():
            lecun = (3 / units) ** 0.5
            self.weight_ih.uniform_(-lecun, lecun)
            self.weight_hh.uniform_(-lecun, lecun)
            if kind == "gru":
                nn.init.orthogonal_(self.weight_hh[2 * units :])
            else:
                self.bias_ih[units : 2 * units] = 3.0  # remember, until taught to forget

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """x [B, T, D], state [B, D] (LSTM: [B, 2 D]) -> y [B, T, D], new state"""
        weights: list[Tensor] = [self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh]
        if self.kind == "lstm":
            h, c = (part.contiguous().unsqueeze(0) for part in torch.split(state, self.units, 1))
            y, h, c = torch.lstm(x, (h, c), weights, True, 1, 0.0, False, False, True)
            return y, torch.cat([h[0], c[0]], 1)
        if x.is_cuda or not torch.is_grad_enabled():
            y, h = torch.gru(x, state.unsqueeze(0).contiguous(), weights, True, 1, 0.0, False, False, True)
            return y, h[0]
        gates = F.linear(x, self.weight_ih, self.bias_ih).transpose(0, 1)
        with torch.autocast("cpu", enabled=False):  # a state in bfloat16 forgets what changes slowly
            gates = gates.to(state.dtype).contiguous()
            steps: Tensor = GruSteps.apply(gates, state, self.weight_hh, self.bias_hh)  # type: ignore[no-untyped-call]
        return steps.transpose(0, 1), steps[-1]


class GruSteps(torch.autograd.Function):
    """The time steps of a GRU layer with its backward pass written out: torch's own on a CPU records some
    fifteen small operations a step, and their book-keeping costs several times the arithmetic."""

    @staticmethod
    def forward(ctx: Any, gates: Tensor, h0: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """gates [T, B, 3 D] = W_ih x + b_ih; h0 [B, D] -> y [T, B, D]"""
        steps, voices, rows = gates.shape
        units = rows // 3
        rz = gates.new_empty(steps, voices, 2 * units)
        n, hn, y = (gates.new_empty(steps, voices, units) for _ in range(3))
        transposed, h = weight.t().contiguous(), h0
        for t in range(steps):
            recurrent = torch.addmm(bias, h, transposed)
            torch.add(gates[t, :, : 2 * units], recurrent[:, : 2 * units], out=rz[t]).sigmoid_()
            hn[t] = recurrent[:, 2 * units :]
            torch.addcmul(gates[t, :, 2 * units :], rz[t, :, :units], hn[t], out=n[t]).tanh_()
            h = torch.lerp(n[t], h, rz[t, :, units:], out=y[t])
        ctx.save_for_backward(h0, weight, rz, n, hn, y)
        return y

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        h0, weight, rz, n, hn, y = ctx.saved_tensors
        (dy,) = grads
        steps, voices, units = y.shape
        previous = torch.cat([h0.unsqueeze(0), y[:-1]])
        r, z = rz[..., :units], rz[..., units:]
        # what dh is multiplied by on its way to each gate, for all steps at once
        to_n = (1 - z) * (1 - n * n)
        to_z = (previous - n) * z * (1 - z)
        to_r = hn * r * (1 - r)
        d_gates = dy.new_empty(steps, voices, 3 * units)
        d_recurrent = dy.new_empty(steps, voices, 3 * units)
        dh = torch.zeros_like(dy[0])
        for t in reversed(range(steps)):
            dh = dh + dy[t]
            dn = torch.mul(dh, to_n[t], out=d_gates[t, :, 2 * units :])
            torch.mul(dn, to_r[t], out=d_gates[t, :, :units])
            torch.mul(dh, to_z[t], out=d_gates[t, :, units : 2 * units])
            d_recurrent[t, :, : 2 * units] = d_gates[t, :, : 2 * units]
            torch.mul(dn, r[t], out=d_recurrent[t, :, 2 * units :])
            dh = torch.addmm(dh * z[t], d_recurrent[t], weight)
        flat = d_recurrent.view(-1, 3 * units)
        return d_gates, dh, flat.t() @ previous.reshape(-1, units), flat.sum(0)
