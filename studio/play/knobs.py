"""The knobs: what can be turned while it plays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtWidgets import QWidget

from engine.controls import HOTTEST, MOST_VOICES, RANGES, Controls
from studio.desk import Desk
from studio.play.loaded import Loaded
from studio.play.seed import SeedRow
from studio.widgets.knob import Knob
from studio.widgets.panel import Panel, column, row
from studio.widgets.scale import Scale


@dataclass(frozen=True)
class Spec:
    """A knob of a field of Controls."""

    control: str
    name: str
    scale: Scale
    tip: str
    factor: float = 1.0
    """Of the control's value, to what is shown."""
    dial: int = 48
    role: str = "accent"


TEMPERATURE = Spec(
    "temperature", "Temperature",
    # seven tenths of the travel are where music is
    Scale(((0.0, 0.0), (0.5, 0.15), (1.3, 0.85), (2.0, 0.93), (HOTTEST, 1.0)), digits=2, step=0.05,
          labels=(0.0, 0.5, 1.3, HOTTEST)),
    "How daring the music is: lower is safer, higher is wilder.", dial=72, role="second",
)  # fmt: skip
SPECS = (
    Spec("gain", "Gain", Scale(((-60.0, 0.0), (-24.0, 0.25), (0.0, 0.75), (12.0, 1.0)), "dB", digits=1),
         "How loud it is. A limiter holds what would be too loud."),
    Spec("voices", "Voices", Scale(((1.0, 0.0), (MOST_VOICES, 1.0))),
         "How many streams play together, each by its own chance. Each costs as much processor as the first."),
    Spec("spread", "Spread", Scale(((0.0, 0.0), (100.0, 1.0)), "%", step=5.0),
         "How far apart the voices sit, from all in the middle to hard left and right.", factor=100.0),
    Spec("crossfade", "Crossfade", Scale(((0.02, 0.0), (30.0, 1.0)), "s", digits=2, step=0.2, logarithmic=True),
         "How long a change of style takes."),
    Spec("latency", "Latency", Scale(((20.0, 0.0), (500.0, 1.0)), "ms", step=0.2, logarithmic=True),
         "How much sound is kept ready: less answers faster, more survives a busier computer.", factor=1000.0),
)  # fmt: skip


class KnobsPanel(Panel):
    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("Controls", parent)
        self.title.hide()
        self._instrument = desk.instrument
        self.knobs = {spec.control: self._make(spec) for spec in (TEMPERATURE, *SPECS)}
        line = row(4)
        line.addWidget(self.knobs["temperature"], 3)
        others = row(0)
        for spec in SPECS:
            others.addWidget(self.knobs[spec.control], 1)
        right = column(8)
        right.addLayout(others)
        right.addWidget(SeedRow(desk))
        line.addLayout(right, 8)
        self.body.addLayout(line)
        self._show(self._instrument.controls)
        self._instrument.controls_changed.connect(self._show)
        Loaded(desk, self).changed.connect(lambda info: self.set_default_temperature(info.default_temperature))

    def set_default_temperature(self, temperature: float) -> None:
        """Mark the one that the style is best at."""
        self.knobs["temperature"].set_default(temperature)

    def _make(self, spec: Spec) -> Knob:
        default = getattr(Controls(), spec.control) * spec.factor
        knob = Knob(spec.name, spec.scale, default, spec.tip, spec.dial, spec.role)
        knob.turned.connect(partial(self._turn, spec))
        return knob

    def _turn(self, spec: Spec, shown: float) -> None:
        kind = type(RANGES[spec.control][0])
        self._instrument.turn(**{spec.control: kind(shown / spec.factor)})

    def _show(self, controls: Controls) -> None:
        for spec in (TEMPERATURE, *SPECS):
            self.knobs[spec.control].set_value(getattr(controls, spec.control) * spec.factor)
