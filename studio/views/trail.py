"""A picture that scrolls."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from studio.theme import Colours, colours
from studio.views.ramp import ramp


class Trail:
    """A picture that scrolls: levels of `rows` in each of the last `steps` of time, the newest at the right."""

    def __init__(self, rows: int, steps: int) -> None:
        self.rows, self.steps = rows, steps
        # each step is written twice, one length apart: then the last `steps` always lie side by side
        self._levels = np.zeros((rows, 2 * steps), np.uint8)
        self._pixels = np.zeros((rows, 2 * steps), np.uint32)
        self._image = QImage(self._pixels.data, 2 * steps, rows, 8 * steps, QImage.Format.Format_RGB32)
        self._at = 0
        self._colours: Colours | None = None

    def add(self, levels: npt.NDArray[np.uint8]) -> None:
        """levels: uint8 [steps, rows], the top row first."""
        levels = levels[-self.steps :]
        where = (self._at + np.arange(len(levels))) % self.steps
        self._at = (self._at + len(levels)) % self.steps
        for place in (where, where + self.steps):
            self._levels[:, place] = levels.T
            self._pixels[:, place] = ramp(self._colours or colours())[levels.T]

    def clear(self) -> None:
        self._levels[:] = 0
        self._colours = None

    @property
    def levels(self) -> npt.NDArray[np.uint8]:
        """uint8 [rows, steps], the newest at the right."""
        return self._levels[:, self._at : self._at + self.steps]

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        if self._colours is not colours():
            self._colours = colours()
            self._pixels[:] = ramp(self._colours)[self._levels]
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(rect, self._image, QRectF(self._at, 0, self.steps, self.rows))
