"""Where a style's streams begin: at nothing, or at one of its openings (models/openings.py)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import safetensors.numpy
from safetensors import SafetensorError

from models.errors import InputError
from models.style import Style

Array = npt.NDArray[Any]


class Beginnings:
    """Raises InputError if what the style says of them is damaged, or does not fit its model."""

    def __init__(self, style: Style) -> None:
        config = style.info.model
        tiers = range(config.tiers)
        try:
            tensors = safetensors.numpy.load(style.read("start.safetensors"))
            start = [tensors[f"h{k}"] for k in tiers]
            openings = []
            if "openings" in tensors:
                openings = [tensors["openings"], *(tensors[f"openings.h{k}"] for k in tiers)]
        except (SafetensorError, KeyError, ValueError) as error:
            raise InputError(f"{style.path}: its start.safetensors is damaged; get the style again") from error
        silence = np.full((1, config.history), config.levels // 2, np.uint16)
        nothing = [silence, *(h[None] for h in start)]
        h_shape = (config.rnn_layers, config.state_units)
        for codes, *hs in (nothing, openings) if openings else (nothing,):
            fits = codes.ndim == 2 and len(codes) > 0 and codes.shape[1] == config.history and codes.dtype == np.uint16
            fits = fits and codes.max() < config.levels
            for h in hs:
                fits = fits and h.shape == (len(codes), *h_shape) and h.dtype == np.float32 and np.isfinite(h).all()
            if not fits:
                raise InputError(f"{style.path}: its start.safetensors does not fit its model; get the style again")
        self._nothing, self._openings = nothing, openings or nothing

    def at(self, seed: int | None) -> tuple[Array, list[Array]]:
        """Silence and the learned state; with a seed one of the openings, if there are any.
        -> codes uint16 [history]; per tier h float32 [layers, state units]"""
        codes, *hs = self._nothing if seed is None else self._openings
        which = 0 if seed is None else seed % len(codes)
        return codes[which], [h[which] for h in hs]
