"""An axis with few, round figures, also where the scale is logarithmic and less than a decade is shown."""

from __future__ import annotations

import math

import pyqtgraph
from PySide6.QtGui import QFont

from studio.views.plot import SMALL

GAPS = {"bottom": 70.0, "left": 26.0}
"""Pixels between two figures, at least."""


class Axis(pyqtgraph.AxisItem):  # type: ignore[misc]
    """What it is of is plotted as it is or, where `logarithmic`, as the logarithm to the base of ten."""

    def __init__(self, side: str, font: QFont) -> None:
        """side: "left" or "bottom"."""
        super().__init__(side)
        self.logarithmic = False
        self._gap = GAPS[side]
        small = QFont(font)
        small.setPixelSize(SMALL)
        self.setStyle(
            tickFont=small, tickLength=0, tickTextOffset=5, hideOverlappingLabels=False, autoExpandTextSpace=False
        )
        self.enableAutoSIPrefix(False)

    # pyqtgraph's names

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        most = max(3, int(size / self._gap))
        if self.logarithmic:
            values = [math.log10(value) for value in round_logarithmic(10**minVal, 10**maxVal, most)]
        else:
            values = round_values(minVal, maxVal, most)
        return [(1.0, values)]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [short(10**value if self.logarithmic else value) for value in values]


def round_values(least: float, most: float, count: int) -> list[float]:
    """At most so many round numbers, evenly apart, from the least to the most."""
    if not most > least:
        return [least]
    rough = (most - least) / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))
    first = math.ceil(least / step - 1e-9)
    return [round(k * step, 12) for k in range(first, math.floor(most / step + 1e-9) + 1)]


def round_logarithmic(least: float, most: float, count: int) -> list[float]:
    """The same where equal factors are equally far apart."""
    powers = range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)
    for factors in ((1, 2, 5), (1, 3), (1,)):
        values = [factor * 10.0**power for power in powers for factor in factors]
        shown = [value for value in values if least * (1 - 1e-9) <= value <= most * (1 + 1e-9)]
        if 2 < len(shown) <= count:
            return shown
    if most / least < 100:
        return [value for value in round_values(least, most, count) if value > 0]
    return shown[:: -(-len(shown) // count)]


def short(value: float) -> str:
    """A number in a few characters: 12k, 1.5M, 2.5e-4."""
    for unit, factor in (("M", 1e6), ("k", 1e3)):
        if abs(value) >= factor * 0.9999 and (unit == "M" or abs(value) >= 1e4 * 0.9999):
            return f"{value / factor:.4g}{unit}"
    if 0 < value < 1e-3 * 0.9999:
        power = math.floor(math.log10(value) + 1e-9)
        return f"{value / 10.0**power:.3g}e{power}"
    return f"{value:.4g}"
