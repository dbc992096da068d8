"""From a checkpoint of samplernn-pytorch (deepsound-project, 2017) to a model of this project, with the same logits.

Such a file is a torch pickle of a state dict. D units, Q levels, E numbers a code is embedded in (Q, originally),
N recurrent layers, f_k slots a frame of tier k (0 the lowest), n_k = f_0 * ... * f_k samples:

    frame_level_rnns.k.h0                         [N, D]
    frame_level_rnns.k.input_expand     w, bias   [D, n_k, 1], [D]       oldest sample first
    frame_level_rnns.k.rnn.weight_ih_l<i>, weight_hh_l<i>, bias_ih_l<i>, bias_hh_l<i>   [3 D, D], [3 D]
    frame_level_rnns.k.upsampling.conv_t       w  [D in, D out, f_k]
    frame_level_rnns.k.upsampling.bias            [D, f_k]
    sample_level_mlp.embedding.weight             [Q, E]
    sample_level_mlp.input                     w  [D, E, f_0]            oldest sample first
    sample_level_mlp.hidden             w, bias   [D, D, 1], [D]
    sample_level_mlp.output             w, bias   [Q, D, 1], [Q]

w is `weight`, or with weight norm `weight_g` and `weight_v`, which torch has renamed since (NORMED). All sizes follow
from the shapes; the sample rate and the quantiser are in no such file. Its maker is not trusted: see `_read`.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import torch
from torch import Tensor

from models.checkpoint import Checkpoint
from models.config import ModelConfig, QuantizerName, TrainingConfig
from models.errors import InputError

EMBEDDING = "sample_level_mlp.embedding.weight"
"""The key that tells such a checkpoint from others; what precedes it (`model.`, `module.`) precedes all keys."""
NORMED = (
    ("weight_g", "weight_v"),
    ("parametrizations.weight.original0", "parametrizations.weight.original1"),
)
"""Names of a weight's norm and direction: as saved from 2017 on, and since torch 2.0."""
FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
LONGEST_FRAME = 1 << 12
"""Samples of a top-tier frame. Graphs are unrolled over it, and a stream is made of whole ones."""


def import_checkpoint(path: Path, sample_rate: int, quantizer: QuantizerName) -> Checkpoint:
    """The network in a file of samplernn-pytorch as a checkpoint of no training, its weights float32, the norms
    multiplied out (those of `upsampling` are of the inputs, where this project's are of the outputs).

    Raises InputError in one clear line naming the file and what is wrong with it.
    """
    try:
        weights = _Weights(_state_dict(_read(path)), path.stat().st_size)
        config = _config(weights, sample_rate, quantizer)
        network = _network(weights, config)
        weights.all_taken()
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return Checkpoint(config, TrainingConfig(), 0, {}, {f"average.{name}": value for name, value in network.items()})


# ---------------------------------------------------------------------------------- reading
def _read(path: Path) -> Any:
    """What the file holds: numbers and names, never code. Raises InputError."""
    if not path.is_file():
        raise InputError("a folder, not a checkpoint" if path.is_dir() else "no such file")
    try:
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of formats that it then refuses
            _check_outline(file, path.stat().st_size)
            return torch.load(file, map_location="cpu", weights_only=True)
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})") from error
    except Exception as error:  # a foreign file makes it raise anything
        asks = re.search(r"GLOBAL (\S+)", str(error))
        if asks:
            raise InputError(
                f"it wants {asks[1]!r:.80} to be run, which weights never need: refused; save the state dict alone"
            ) from error
        raise InputError("not a torch checkpoint of weights alone, or damaged") from error


def _check_outline(file: BinaryIO, size: int) -> None:
    """torch stores without compressing, and would unpack whatever is compressed: refuse it unread."""
    if zipfile.is_zipfile(file):
        file.seek(0)
        if file.read(2) == b"PK":  # else a zip follows something else, which torch does not look for
            entries = zipfile.ZipFile(file).infolist()
            if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
                raise InputError("it holds compressed entries, which torch does not write")
            if sum(entry.file_size for entry in entries) > size:
                raise InputError("it claims more than it holds")
    file.seek(0)


def _state_dict(content: Any) -> dict[str, Any]:
    """The one state dict in the file, bare or among what a trainer saved beside it, its keys as in the table."""
    if not isinstance(content, dict):
        raise InputError(f"it holds a {type(content).__name__}, not a state dict")
    found = []
    for part in (content, *content.values()):
        names = [name for name in part if isinstance(name, str)] if isinstance(part, dict) else []
        for name in names:
            before = name.removesuffix(EMBEDDING)
            if before != name and (not before or before.endswith(".")):
                found.append((part, before))
    if not found:
        inner = [f"{name}"[:40] for name in content][:3]
        raise InputError(
            f"no checkpoint of samplernn-pytorch: it has no {EMBEDDING}, but {', '.join(inner) or 'nothing'}"
        )
    if len(found) > 1:
        raise InputError(f"it holds {len(found)} networks; save the one to import alone")
    ((part, before),) = found
    for name in part:
        if not isinstance(name, str) or not name.startswith(before):
            raise InputError(f"unknown key {name!r:.80}: not a network of samplernn-pytorch")
    return {name.removeprefix(before): value for name, value in part.items()}


class _Weights:
    """The tensors of a state dict, each to be taken once."""

    def __init__(self, tensors: dict[str, Any], size: int) -> None:
        """size: of the file, bytes. Raises InputError for what is no plain tensor of real numbers, or is not there:
        a small file can claim a huge tensor by letting it repeat a few bytes."""
        for name, tensor in tensors.items():
            if not isinstance(tensor, Tensor):
                raise InputError(f"{name:.80} is a {type(tensor).__name__}, not a tensor")
            if tensor.layout != torch.strided or tensor.device.type != "cpu" or tensor.dtype not in FLOATS:
                raise InputError(f"{name:.80} is not of floating-point numbers: {tensor.dtype}, {tensor.layout}")
        stored = {each.data_ptr(): each.nbytes() for each in (t.untyped_storage() for t in tensors.values())}
        if not sum(tensor.nbytes for tensor in tensors.values()) <= sum(stored.values()) <= size:
            raise InputError("its tensors claim more than the file holds")
        self._left: dict[str, Tensor] = dict(tensors)

    def __contains__(self, name: str) -> bool:
        return name in self._left

    def any_of(self, pattern: str) -> bool:
        return any(re.match(pattern, name) for name in self._left)

    def sizes(self, name: str, axes: int) -> list[int]:
        """The shape of a tensor of so many axes, none of them empty. Raises InputError if there is none."""
        if name not in self:
            raise InputError(f"it has no {name}")
        shape = list(self._left[name].shape)
        if len(shape) != axes or 0 in shape:
            raise InputError(f"{name} is of shape {shape}, which should have {axes} sizes above 0")
        return shape

    def take(self, name: str, *shape: int) -> Tensor:
        """float64. Raises InputError unless it is there, of that shape, and finite."""
        if name not in self:
            raise InputError(f"it has no {name}")
        tensor = self._left.pop(name).detach()
        if tensor.shape != shape:
            raise InputError(f"{name} is of shape {list(tensor.shape)}, which should be {list(shape)}")
        return _finite(name, tensor.double())

    def weight(self, layer: str, *shape: int) -> Tensor:
        """A layer's weight, float64, as it is or made of its norm and direction, as for `take`. The norm is over
        every axis but the first."""
        for norm, direction in NORMED:
            if f"{layer}.{direction}" in self:
                v = self.take(f"{layer}.{direction}", *shape)
                g = self.take(f"{layer}.{norm}", shape[0], 1, 1)
                return _finite(f"{layer} with its norm", v * g / v.norm(dim=(1, 2), keepdim=True))
        return self.take(f"{layer}.weight", *shape)

    def all_taken(self) -> None:
        if self._left:
            raise InputError(f"unknown key {next(iter(self._left))!r:.80}: not a network of samplernn-pytorch")


def _finite(name: str, tensor: Tensor) -> Tensor:
    if not torch.isfinite(tensor.float()).all():
        raise InputError(f"{name} is not finite everywhere")
    return tensor


# ---------------------------------------------------------------------------------- understanding
def _config(weights: _Weights, sample_rate: int, quantizer: QuantizerName) -> ModelConfig:
    """What the shapes say; that all of them agree is seen when the weights are taken."""
    if weights.any_of(r"frame_level_rnns\.\d+\.rnn\.h0$"):
        raise InputError("of another SampleRNN than samplernn-pytorch's (SaShiMi's baseline), which is not supported")
    tiers = layers = 0
    while weights.any_of(rf"frame_level_rnns\.{tiers}\."):
        tiers += 1
    slots = [weights.sizes(f"{_tier(k)}.upsampling.bias", 2) for k in range(max(1, tiers))]
    units = slots[0][0]
    while f"{_tier(0)}.rnn.weight_ih_l{layers}" in weights:
        layers += 1
    if weights.sizes(f"{_tier(0)}.rnn.weight_hh_l0", 2)[0] == 4 * units:
        raise InputError("its recurrent layers are LSTMs; those of samplernn-pytorch are GRUs")
    levels, embedding = weights.sizes(EMBEDDING, 2)
    config = ModelConfig(
        frame_sizes=tuple(slot for _, slot in slots),
        units=units,
        rnn="gru",
        rnn_layers=max(1, layers),
        skip_connections=False,
        embedding=embedding,
        mlp_units=units,
        mlp_hidden=1,
        mlp_first_relu=True,
        weight_norm=False,
        levels=levels,
        quantizer=quantizer,
        sample_rate=sample_rate,
    )
    if config.lookback > LONGEST_FRAME:
        raise InputError(f"a frame of its top tier is {config.lookback} samples; at most {LONGEST_FRAME} are supported")
    return config


def _network(weights: _Weights, config: ModelConfig) -> dict[str, Tensor]:
    """The state dict of `SampleRNN(config)`, float32."""
    units, levels, lags = config.units, config.levels, config.frame_sizes[0]
    network: dict[str, Tensor] = {}
    for k, slots in enumerate(config.frame_sizes):
        tier = _tier(k)
        network[f"tiers.{k}.h0"] = weights.take(f"{tier}.h0", config.rnn_layers, units)
        expand = weights.weight(f"{tier}.input_expand", units, config.samples_per_frame(k), 1)
        network[f"tiers.{k}.input.direction"] = expand[..., 0]
        network[f"tiers.{k}.input.bias"] = weights.take(f"{tier}.input_expand.bias", units)
        for i in range(config.rnn_layers):  # both are torch's own GRU: rows r, z, n
            for part in ("ih", "hh"):
                layer = f"tiers.{k}.rnn.layers.{i}"
                network[f"{layer}.weight_{part}"] = weights.take(f"{tier}.rnn.weight_{part}_l{i}", 3 * units, units)
                network[f"{layer}.bias_{part}"] = weights.take(f"{tier}.rnn.bias_{part}_l{i}", 3 * units)
        # transposed: out, slot by slot, of what comes in
        upsampling = weights.weight(f"{tier}.upsampling.conv_t", units, units, slots)
        network[f"tiers.{k}.upsampling.direction"] = upsampling.permute(2, 1, 0).reshape(slots * units, units)
        network[f"tiers.{k}.upsampling.bias"] = weights.take(f"{tier}.upsampling.bias", units, slots).T.flatten()
    network["samples.embedding"] = weights.take(EMBEDDING, levels, config.embedding)
    first = weights.weight("sample_level_mlp.input", units, config.embedding, lags)
    network["samples.input.direction"] = first.transpose(1, 2).reshape(units, lags * config.embedding)
    for name, key, outputs in (("hidden.0", "hidden", units), ("output", "output", levels)):
        network[f"samples.{name}.direction"] = weights.weight(f"sample_level_mlp.{key}", outputs, units, 1)[..., 0]
        network[f"samples.{name}.bias"] = weights.take(f"sample_level_mlp.{key}.bias", outputs)
    return {name: tensor.float().contiguous() for name, tensor in network.items()}


def _tier(k: int) -> str:
    return f"frame_level_rnns.{k}"
