"""How a control's values lie along its travel, and how they are written and read."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Scale:
    """All values are in the unit that is shown, all places are from 0 to 1. In between `knots` travel is even."""

    knots: tuple[tuple[float, float], ...]
    """(value, place), both rising, places from 0 to 1."""
    unit: str = ""
    digits: int = 0
    """Decimals shown. Where there are some, one more can be set: by fine turning, and by typing."""
    step: float = 1.0
    """Of an arrow key. On a logarithmic scale: share of the power of ten that the value is in."""
    logarithmic: bool = False
    """Whether equal travel is an equal factor."""
    labels: tuple[float, ...] = ()
    """Values to be written around a large dial."""

    @property
    def least(self) -> float:
        return self.knots[0][0]

    @property
    def most(self) -> float:
        return self.knots[-1][0]

    def place(self, value: float) -> float:
        values, places = self._axes()
        return float(np.interp(math.log(value) if self.logarithmic else value, values, places))

    def value(self, place: float, fine: bool = False) -> float:
        """What is at a place, rounded to what is shown; fine: to a decimal more."""
        values, places = self._axes()
        value = float(np.interp(place, places, values))
        return self.within(math.exp(value) if self.logarithmic else value, fine)

    def _axes(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """The knots' values, as travel is even in them, and their places."""
        values, places = np.array(self.knots).T
        return np.log(values) if self.logarithmic else values, places

    def stepped(self, value: float, steps: float, fine: bool = False) -> float:
        """A number of arrow keys further."""
        step = self.step * (0.1 if fine else 1.0)
        if self.logarithmic:
            step *= 10.0 ** math.floor(math.log10(value) + 1e-9)
        return self.within(value + steps * max(step, 10.0 ** -self._decimals(fine)), fine=True)

    def within(self, value: float, fine: bool = True) -> float:
        """The nearest value that can be shown; no -0."""
        return round(min(max(value, self.least), self.most), self._decimals(fine)) + 0.0

    def figures(self, value: float) -> str:
        """Without the unit."""
        text = f"{value:.{self._decimals(True)}f}"
        if self.digits:
            text = text.removesuffix("0")
        return text.replace("-", MINUS)

    def text(self, value: float) -> str:
        return f"{self.figures(value)} {self.unit}".rstrip()

    def read(self, text: str) -> float:
        """What was typed, with the unit or without. Raises ValueError saying what can be typed."""
        plain = text.strip().removesuffix(self.unit).strip().replace(MINUS, "-").replace(",", ".")
        span = f"{self.figures(self.least)} to {self.text(self.most)}"
        try:
            value = float(plain)
        except ValueError:
            raise ValueError(f"{text.strip()!r} is no number: type one from {span}") from None
        if not self.least <= value <= self.most:
            raise ValueError(f"{text.strip()} is out of range: type a number from {span}")
        return self.within(value)

    def _decimals(self, fine: bool) -> int:
        return self.digits + 1 if fine and self.digits else self.digits
