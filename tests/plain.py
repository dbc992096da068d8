"""SampleRNN the straightforward way, as the paper reads: an embedding, a convolution over it, torch's GRU, float32.
What the benchmark measures the project's own code against."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.config import ModelConfig
from models.network import SampleRNN


class PlainSampleRNN(nn.Module):
    """Two tiers, one ReLU in the sample-level network: the shape of the `live` preset."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        units, self.frame, self.levels = config.units, config.frame_sizes[0], config.levels
        self.input = nn.Linear(self.frame, units)
        self.rnn = nn.GRU(units, units, config.rnn_layers, batch_first=True)
        self.upsampling = nn.Linear(units, self.frame * config.mlp_units)
        self.embedding = nn.Embedding(config.levels, config.embedding)
        self.first = nn.Conv1d(config.embedding, config.mlp_units, self.frame, bias=False)
        self.output = nn.Linear(config.mlp_units, config.levels)

    @classmethod
    def like(cls, network: SampleRNN) -> PlainSampleRNN:
        """The same weights."""
        plain, tier, samples = cls(network.config), network.tier(0), network.samples
        pairs = [(plain.input, tier.input), (plain.upsampling, tier.upsampling), (plain.output, samples.output)]
        state = {f"weight_{part}_l{i}": getattr(layer, f"weight_{part}")
                 for i, layer in enumerate(tier.rnn.layers) for part in ("ih", "hh")}  # fmt: skip
        state |= {f"bias_{part}_l{i}": getattr(layer, f"bias_{part}")
                  for i, layer in enumerate(tier.rnn.layers) for part in ("ih", "hh")}  # fmt: skip
        with torch.no_grad():
            for mine, theirs in pairs:
                weight, bias = theirs.affine
                mine.weight.copy_(weight)
                mine.bias.copy_(bias)
            plain.rnn.load_state_dict(state)
            plain.embedding.weight.copy_(samples.embedding)
            maps = samples.input.weight.view(-1, plain.frame, samples.embedding.shape[1])
            plain.first.weight.copy_(maps.transpose(1, 2))
        return plain

    def conditioning(self, codes: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        frames = codes.view(len(codes), -1, self.frame).float() * (4 / self.levels) - 2
        y, h = self.rnn(self.input(frames), h)
        return self.upsampling(y).reshape(len(codes), codes.shape[1], -1), h

    def logits(self, codes: Tensor, conditioning: Tensor) -> Tensor:
        looked_up = self.first(self.embedding(codes).transpose(1, 2)).transpose(1, 2)
        logits: Tensor = self.output(F.relu(looked_up + conditioning))
        return logits

    def forward(self, codes: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        """Teacher-forced: int64 [B, frame + S] -> logits [B, S, Q]"""
        conditioning, h = self.conditioning(codes[:, : -self.frame], h)
        return self.logits(codes[:, :-1], conditioning), h

    @torch.no_grad()
    def generate(self, codes: Tensor, h: Tensor, samples: int) -> Tensor:
        """One sample at a time: int64 [B, frame] -> [B, frame + samples]"""
        for i in range(samples):
            if i % self.frame == 0:
                conditioning, h = self.conditioning(codes[:, -self.frame :], h)
            slot = i % self.frame
            logits = self.logits(codes[:, -self.frame :], conditioning[:, slot : slot + 1])[:, 0]
            drawn = torch.multinomial(torch.softmax(logits, 1), 1)
            codes = torch.cat([codes, drawn], 1)
        return codes
