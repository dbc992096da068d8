"""What a training starts from: a style that is installed, or nothing."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QWidget

from engine.library import installed_styles
from models.style import WEIGHTS, Style
from studio.desk import Desk
from studio.train.setting_row import Choice
from studio.widgets.panel import column, label

FROM_STYLE = "It knows already how sound goes on, and learns yours in minutes. At first it plays a blend of both."
FROM_NOTHING = "It knows nothing at all, and learns only from your recordings: hours rather than minutes."


class BaseChoice(QWidget):
    """A style is the default. GUI thread; the styles are looked for off it."""

    changed = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._styles: list[Style] = []
        self._picked = False
        """Whether a person chose: else it is the style in use, or the first."""
        self.box, self.told = Choice(), label("", "muted")
        self.box.setAccessibleName("Start from")
        self.told.setWordWrap(True)
        outer = column(4, parent=self)
        outer.addWidget(self.box)
        outer.addWidget(self.told)
        self.box.activated.connect(self._pick)
        self._show([])
        desk.wishes.styles.connect(self.look)

    @property
    def style_(self) -> Style | None:
        """None: nothing."""
        k = self.box.currentIndex()
        return self._styles[k] if 0 <= k < len(self._styles) else None

    def look(self) -> None:
        """See which styles there are."""
        self._desk.jobs.run("", _with_weights, self._show)

    def _pick(self, k: int) -> None:
        self._picked = True
        self._tell()

    def _show(self, styles: list[Style]) -> None:
        meant = self.style_
        start = (meant and meant.path) if self._picked else self._desk.instrument.status.style
        with QSignalBlocker(self.box):
            self._styles = styles
            self.box.clear()
            for style in styles:
                self.box.addItem(f"{style.info.name}, the style")
            self.box.addItem("Nothing: learn from the beginning")
            k = next((k for k, style in enumerate(styles) if style.path == start), None)
            self.box.setCurrentIndex(k if k is not None else len(styles) if self._picked else 0)
        self._tell()

    def _tell(self) -> None:
        self.told.setText(FROM_STYLE if self.style_ else FROM_NOTHING)
        self.changed.emit()


def _with_weights(job: object) -> list[Style]:
    return [style for style in installed_styles() if WEIGHTS in style.hashes]
