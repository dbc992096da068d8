"""SampleRNN in torch (Mehri et al. 2017, arXiv 1612.07837), the one definition that trains and generates.

Shapes: B voices or recordings, S samples, D units, M units of the sample-level network, Q levels,
n_k samples a frame of tier k, f_k slots (lower-tier frames, or samples) in it. Tiers count from the lowest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.config import ModelConfig
from models.prediction import fit, guess, predicted
from models.recurrent import Recurrent


class Linear(nn.Module):
    """y = W x + b, with weight normalisation (w = v g / |v|, a norm for each output) where asked for."""

    def __init__(self, inputs: int, outputs: int, normed: bool, bias: bool = True) -> None:
        super().__init__()
        self.direction = nn.Parameter(torch.empty(outputs, inputs))
        self.gain = nn.Parameter(torch.empty(outputs)) if normed else None
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None

    def start_from(self, weight: Tensor) -> None:
        with torch.no_grad():
            self.direction.copy_(weight)
            if self.gain is not None:
                self.gain.copy_(weight.norm(dim=1))

    @property
    def weight(self) -> Tensor:
        if self.gain is None:
            return self.direction
        weight: Tensor = self.direction * (self.gain / self.direction.norm(dim=1)).unsqueeze(1)
        return weight

    @property
    def affine(self) -> tuple[Tensor, Tensor]:
        """W and b."""
        assert self.bias is not None
        return self.weight, self.bias

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight, self.bias)


class Tier(nn.Module):
    """A frame-level tier: conditioning for the tier below from the last frame and the tier above."""

    def __init__(self, config: ModelConfig, tier: int) -> None:
        super().__init__()
        self.frame = config.samples_per_frame(tier)
        self.slots = config.frame_sizes[tier]
        self.levels = config.levels
        self.skip = config.skip_connections
        units, below = config.units, config.conditioning_units(tier)
        self.input = Linear(self.frame, units, config.weight_norm)
        self.rnn = Recurrent(config.rnn, units, config.rnn_layers, config.skip_connections)
        self.h0 = nn.Parameter(torch.zeros(config.rnn_layers, config.state_units))
        self.upsampling = Linear(units, self.slots * below, config.weight_norm)
        self.input.start_from(_kaiming_uniform(units, self.frame))
        self.upsampling.start_from(_uniform(self.slots * below, units, (6 / units) ** 0.5))
        self.told = NoiseTold(units, self.slots * below) if config.noise_told else None

    def forward(
        self, codes: Tensor, above: Tensor | None, h: Tensor, noise: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """codes: int64 [B, T, n_k], the frames before the ones conditioned; above: [B, T, D] or None at
        the top; h: [N, B, state units]; noise [B, 1], of NoiseTold.level
        -> conditioning [B, T * f_k, D or M], new h."""
        u = self.input(codes.to(self.h0.dtype) * (4 / self.levels) - 2)
        if above is not None:
            u = u + above
        if self.told is not None and noise is not None:
            u = u + (noise * self.told.input).unsqueeze(1)
        y, h = self.rnn(u, h)
        c = self.upsampling(y)
        if self.told is not None and noise is not None:
            c = c + (noise * self.told.output).unsqueeze(1)
        return c.view(c.shape[0], c.shape[1] * self.slots, -1), h


class NoiseTold(nn.Module):
    """How a tier hears of the noise in what it reads: its level, weighted, is added to what goes in and comes out."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.input = nn.Parameter(torch.zeros(inputs))
        self.output = nn.Parameter(torch.zeros(outputs))

    @staticmethod
    def level(widths: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
        """Of noises of these widths, in codes: 0 for none."""
        return np.log2(1 + widths).astype(np.float32)


@dataclass(frozen=True)
class Folded:
    """The sample-level network as it is computed, in training and in the exported graph: the embedding
    and the first layer's map of each lag multiplied out into look-up tables, and a first layer without a
    ReLU multiplied into the one that follows. Exact (the products are linear)."""

    tables: Tensor
    """[f_0, Q, M], oldest sample first"""
    conditioning: tuple[Tensor, Tensor] | None
    """W [M, M] and b [M] that the conditioning goes through (first layer without a ReLU), or none."""
    hidden: tuple[tuple[Tensor, Tensor], ...]
    output: tuple[Tensor, Tensor]


class Guided(nn.Module):
    """What a linear prediction adds to the sample-level network. It lies at code c plus a fraction f: c is looked up
    and f weighted, both added to the first layer; and to the logits a mix of shapes around c, so that to draw near
    what was predicted needs not be learned code by code."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        units, levels, shapes = config.mlp_units, config.levels, config.prediction_shapes
        self.near = nn.Parameter(torch.randn(levels, units) * 0.02)
        self.slope = nn.Parameter(torch.zeros(units))
        self.mix = Linear(units, shapes, False)
        self.mix_slope = nn.Parameter(torch.zeros(shapes))
        # Laplace distributions from half a code to a sixth of all of them wide, at first in equal parts
        distance = torch.arange(1 - levels, levels).abs()
        widths = torch.logspace(-1, float(np.log2(levels / 6)), shapes, 2)
        self.shapes = nn.Parameter(-0.3 * distance / widths[:, None])
        self.mix.start_from(torch.zeros(shapes, units))
        with torch.no_grad():
            cast(Tensor, self.mix.bias).fill_(1 / shapes)

    def split(self, predicted: Tensor) -> tuple[Tensor, Tensor]:
        """On the scale of codes, any shape -> code, int64, and fraction, [..., 1]"""
        code = predicted.round()
        return code.long(), (predicted - code).unsqueeze(-1)

    def first(self, code: Tensor, fraction: Tensor) -> Tensor:
        """[..., M], to be added before the first ReLU"""
        return F.embedding(code, self.near) + fraction * self.slope

    def last(self, x: Tensor, code: Tensor, fraction: Tensor) -> Tensor:
        """x [..., M], what the output layer reads -> [..., Q], to be added to the logits"""
        weights = self.mix(x) + fraction * self.mix_slope
        starts = len(self.near) - 1 - code
        with torch.autocast(x.device.type, enabled=False):
            around: Tensor = Around.apply(weights.to(self.shapes.dtype), self.shapes, starts)  # type: ignore[no-untyped-call]
        return around


class SampleLevel(nn.Module):
    """The network that gives each sample's logits from the last f_0 codes and the conditioning."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        units, lags = config.mlp_units, config.frame_sizes[0]
        self.lags = lags
        self.first_relu = config.mlp_first_relu
        self.embedding = nn.Parameter(torch.randn(config.levels, config.embedding))
        # one map a lag, [M, f_0 * embedding]; its bias is the upsampling's
        self.input = Linear(lags * config.embedding, units, config.weight_norm, bias=False)
        self.input.start_from(_kaiming_uniform(units, lags * config.embedding))
        hidden = [Linear(units, units, config.weight_norm) for _ in range(config.mlp_hidden)]
        for layer in hidden:
            layer.start_from(_kaiming_uniform(units, units))
        self.hidden = nn.ModuleList(hidden)
        self.output = Linear(units, config.levels, config.weight_norm)
        self.output.start_from(_uniform(config.levels, units, (3 / units) ** 0.5))
        self.guided = Guided(config) if config.prediction_order else None

    def folded(self) -> Folded:
        maps = self.input.weight.view(-1, self.lags, self.embedding.shape[1])
        # as they are looked up: in another order of memory each look-up would begin with a copy of them
        tables = torch.einsum("qe,mje->jqm", self.embedding, maps).contiguous()
        layers = [cast(Linear, layer).affine for layer in self.hidden]
        through = None
        if not self.first_relu:
            through = layers.pop(0)
            tables = tables @ through[0].T
        return Folded(tables, through, tuple(layers), self.output.affine)

    def forward(self, folded: Folded, codes: Tensor, conditioning: Tensor, predicted: Tensor | None = None) -> Tensor:
        """codes: int64 [B, f_0 - 1 + S], each sample's last f_0 codes before it; conditioning [B, S, M];
        predicted [B, S], on the scale of codes, if the network is to know -> logits [B, S, Q]"""
        windows = codes.unfold(1, self.lags, 1)
        c = conditioning if folded.conditioning is None else F.linear(conditioning, *folded.conditioning)
        with torch.autocast(codes.device.type, enabled=False):
            looked_up: Tensor = LookUp.apply(folded.tables.to(self.embedding.dtype), windows)  # type: ignore[no-untyped-call]
        x = looked_up + c
        if self.guided is None or predicted is None:
            return F.linear(self._hidden(folded, x), *folded.output)
        code, fraction = self.guided.split(predicted)
        x = self._hidden(folded, x + self.guided.first(code, fraction))
        return F.linear(x, *folded.output) + self.guided.last(x, code, fraction)

    def _hidden(self, folded: Folded, x: Tensor) -> Tensor:
        x = torch.relu(x)
        for weight, bias in folded.hidden:
            x = torch.relu(F.linear(x, weight, bias))
        return x


class LookUp(torch.autograd.Function):
    """tables [f, Q, M], windows int64 [B, S, f] -> the sum over lags j of tables[j, windows[..., j]],
    [B, S, M]. The backward pass adds lag by lag: on a CPU that is six times faster than the embedding
    bag's own."""

    @staticmethod
    def forward(ctx: Any, tables: Tensor, windows: Tensor) -> Tensor:
        lags, levels, units = tables.shape
        flat = windows.reshape(-1, lags)
        ctx.save_for_backward(flat)
        ctx.shape = tables.shape
        rows = flat + torch.arange(lags, device=flat.device) * levels
        out = F.embedding_bag(rows, tables.reshape(lags * levels, units), mode="sum")
        return out.view(*windows.shape[:-1], units)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        (flat,) = ctx.saved_tensors
        grad = grads[0].reshape(flat.shape[0], -1)
        out = torch.zeros(ctx.shape, dtype=grad.dtype, device=grad.device)
        for lag in range(flat.shape[1]):
            out[lag].index_add_(0, flat[:, lag], grad)
        return out, None


class Around(torch.autograd.Function):
    """weights [..., K], shapes [K, 2 Q - 1], starts int64 [...] -> of each row of weights @ shapes the Q numbers from
    its start on, [..., Q]. Some rows at a time, so that the wide product stays in the cache, and as copies of whole
    stretches: on a CPU that is twice as fast as a gather and its backward pass."""

    ROWS = 512

    @staticmethod
    def forward(ctx: Any, weights: Tensor, shapes: Tensor, starts: Tensor) -> Tensor:
        flat, first = weights.flatten(0, -2), starts.flatten()
        ctx.save_for_backward(flat, shapes, first)
        levels = (shapes.shape[1] + 1) // 2
        out = weights.new_empty(len(flat), levels)
        for rows in Around._parts(flat):
            wide = flat[rows] @ shapes
            out[rows] = wide.unfold(1, levels, 1)[torch.arange(len(wide), device=wide.device), first[rows]]
        return out.view(*starts.shape, levels)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, None]:
        flat, shapes, first = ctx.saved_tensors
        grad = grads[0].flatten(0, -2)
        to_weights, to_shapes = torch.empty_like(flat), torch.zeros_like(shapes)
        for rows in Around._parts(flat):
            part = grad[rows]
            wide = part.new_zeros(len(part), shapes.shape[1])
            wide.unfold(1, part.shape[1], 1)[torch.arange(len(part), device=part.device), first[rows]] = part
            to_weights[rows] = wide @ shapes.T
            to_shapes.addmm_(flat[rows].T, wide)
        return to_weights.view(*grads[0].shape[:-1], -1), to_shapes, None

    @staticmethod
    def _parts(flat: Tensor) -> list[slice]:
        """On a card, where it is the launches that count, all at once."""
        size = Around.ROWS if flat.device.type == "cpu" else max(1, len(flat))
        return [slice(start, start + size) for start in range(0, len(flat), size)]


@dataclass(frozen=True)
class State:
    """Where a stream is: a value, apart from the weights. Nothing in it is changed in place."""

    h: tuple[Tensor, ...]
    """per tier [N, B, state units]"""
    conditioning: tuple[Tensor | None, ...]
    """per tier [B, slots, D or M]: what its last frames handed down"""


class SampleRNN(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.tiers = nn.ModuleList(Tier(config, tier) for tier in range(config.tiers))
        self.samples = SampleLevel(config)

    def start(self, voices: int) -> State:
        """The state before the first frame: the learned h0."""
        h = tuple(self.tier(k).h0.unsqueeze(1).repeat(1, voices, 1) for k in range(self.config.tiers))
        return State(h, (None,) * self.config.tiers)

    def walk(self, codes: Tensor, position: int, count: int, state: State, noise: Tensor | None = None) -> State:
        """Run every frame that is due in samples [position, position + count) of a stream: tier k's at each
        multiple of n_k. The one tier walk: training takes a whole chunk, generation a sample at a time.

        codes: int64 [B, lookback + ...], holding at least the lookback before `position` up to what the
        last due frame reads; its first column is sample `position - lookback` of the stream.
        """
        h, conditioning = list(state.h), list(state.conditioning)
        lookback = self.config.lookback
        for k in reversed(range(self.config.tiers)):
            tier = self.tier(k)
            first = -(-position // tier.frame) * tier.frame
            frames = -(-(position + count - first) // tier.frame)
            if frames <= 0:
                continue
            begin = lookback + (first - position) - tier.frame
            window = codes[:, begin : begin + frames * tier.frame]
            above = None
            if k + 1 < self.config.tiers:
                handed = conditioning[k + 1]
                assert handed is not None
                # the tier above last ran at the multiple of its frame at or before `first`
                slot = first % self.tier(k + 1).frame // tier.frame
                above = handed[:, slot : slot + frames]
            conditioning[k], h[k] = tier(window.reshape(len(codes), frames, tier.frame), above, h[k], noise)
        return State(tuple(h), tuple(conditioning))

    def forward(self, codes: Tensor, state: State, noise: Tensor | None = None) -> tuple[Tensor, State]:
        """Teacher-forced logits of a chunk.

        codes: int64 [B, H + S], the H codes before the chunk (config.history), then the chunk (S a multiple of
        config.step); noise [B, 1], the level of the noise in it (NoiseTold.level)
        -> logits [B, S, Q] of the chunk's codes, and the state after it.
        """
        config = self.config
        size = codes.shape[1] - config.history
        if size % config.step:
            raise ValueError(f"a chunk of {size} samples is not a multiple of a step, {config.step}")
        known = None
        if config.prediction_order:
            known = torch.from_numpy(predicted(codes.cpu().numpy(), config)).to(codes.device)
        codes = codes[:, config.history - config.lookback :]
        state = self.walk(codes, 0, size, state, noise)
        conditioning = state.conditioning[0]
        assert conditioning is not None
        seen = codes[:, config.lookback - config.frame_sizes[0] : -1]
        return self.samples(self.samples.folded(), seen, conditioning, known), state

    def tier(self, k: int) -> Tier:
        return cast(Tier, self.tiers[k])


@torch.no_grad()
def generate(
    network: SampleRNN,
    codes: Tensor,
    state: State,
    noise: Tensor,
    forced: Tensor | None = None,
) -> tuple[Tensor, Tensor, State]:
    """Sample by sample, the plain way: the reference that everything faster is held against.

    codes: int64 [B, H], the last ones; state: at a boundary of steps; noise [B, S, Q], Gumbel
    noise times the temperature (argmax(logits + T g) draws from softmax(logits / T); S a multiple of config.step);
    forced: int64 [B, S], codes to go on with instead of those drawn.
    -> the S new codes [B, S], their logits [B, S, Q], and the state after them.
    """
    config = network.config
    history, lags = config.history, config.frame_sizes[0]
    folded = network.samples.folded()
    logits = []
    for i in range(noise.shape[1]):
        state = network.walk(codes[:, i + history - config.lookback :], i, 1, state)
        conditioning = state.conditioning[0]
        assert conditioning is not None
        slot = conditioning[:, i % lags : i % lags + 1]
        known = None
        if config.prediction_order:
            before = codes.cpu().numpy()
            if i % config.step == 0:
                fitted = fit(before, config)
            known = torch.from_numpy(guess(fitted, before, config)[:, None]).to(codes.device)
        logits.append(network.samples(folded, codes[:, history + i - lags :], slot, known)[:, 0])
        drawn = (logits[-1] + noise[:, i]).argmax(-1) if forced is None else forced[:, i]
        codes = torch.cat([codes, drawn.unsqueeze(1)], 1)
    return codes[:, history:], torch.stack(logits, 1), State(state.h, (None,) * len(state.h))


def nll_bits(logits: Tensor, codes: Tensor) -> Tensor:
    """Negative log2-likelihood of each code: logits [B, S, Q], codes int64 [B, S] -> [B, S] bits."""
    nats = F.cross_entropy(logits.flatten(0, 1).float(), codes.flatten(), reduction="none")
    return nats.view(codes.shape) / torch.log(torch.tensor(2.0))


def _kaiming_uniform(outputs: int, inputs: int) -> Tensor:
    return _uniform(outputs, inputs, (6 / inputs) ** 0.5)


def _uniform(outputs: int, inputs: int, bound: float) -> Tensor:
    return torch.empty(outputs, inputs).uniform_(-bound, bound)
