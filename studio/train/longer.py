"""A training that is done goes on: how long is asked."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QFormLayout, QSpinBox, QWidget

from studio.train.settings_form import MOST_MINUTES
from studio.training.run import Run
from studio.widgets.answers import answers
from studio.widgets.panel import column, label

ABOUT = (
    "It goes on from what it has learned in {:,} steps, on the same recordings. At first it learns boldly again and "
    "may sound worse for a while; towards the end it settles. The moments that are kept stay."
)


class LongerDialog(QDialog):
    accepted_with = Signal(float)
    """Minutes."""

    def __init__(self, run: Run, parent: QWidget) -> None:
        super().__init__(parent)
        self._run = run
        self.setWindowTitle("Train it longer")
        self.setMinimumWidth(440)
        outer = column(14, (18, 16, 18, 16), self)
        about, self.told = label(ABOUT.format(run.step), "muted"), label("", "muted")
        about.setWordWrap(True)
        self.minutes = QSpinBox(minimum=1, maximum=MOST_MINUTES, suffix=" min")
        self.minutes.setValue(round(run.plan.minutes))
        fields = QFormLayout()
        fields.addRow("&How long", self.minutes)
        fields.addRow("", self.told)
        buttons, _ = answers(self, "Train longer", lambda: self.accepted_with.emit(float(self.minutes.value())))
        outer.addWidget(label(run.name, "name"))
        outer.addWidget(about)
        outer.addLayout(fields)
        outer.addLayout(buttons)
        self.minutes.valueChanged.connect(self._tell)
        self._tell(self.minutes.value())
        self.minutes.selectAll()

    def _tell(self, minutes: int) -> None:
        self.told.setText(f"About {self._run.steps_in(minutes):,} more steps at the pace it had.")
