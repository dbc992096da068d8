"""What lies over a part of the window for a while, so that nothing below it has to move or be squeezed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from studio.widgets.panel import column

EDGE = 8
"""Pixels to either side."""


class Floating(QWidget):
    """At the top of another widget, or in its middle; its sibling, as high as what is shown of its parts."""

    def __init__(self, over: QWidget, *parts: QWidget, middle: bool = False) -> None:
        super().__init__(over.parentWidget())
        self._over, self._middle = over, middle
        self._parts = column(6, parent=self)
        for part in parts:
            self._parts.addWidget(part)
        over.installEventFilter(self)
        self._settle()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self._settle()
        return False

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._settle()
        return super().event(event)

    def _settle(self) -> None:
        at = self._over.geometry()
        width = at.width() - 2 * EDGE
        height = 0 if self._parts.isEmpty() else max(self._parts.heightForWidth(width), self._parts.sizeHint().height())
        above = (at.height() - height) // 2 if self._middle else 0
        self.setGeometry(at.x() + EDGE, at.y() + above, width, height)
        self.raise_()
