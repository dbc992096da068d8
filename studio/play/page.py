"""The page that is played."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QWidget

from studio.desk import Desk
from studio.play.engine import EnginePanel
from studio.play.knobs import KnobsPanel
from studio.play.meters import Meters
from studio.play.prime import PrimePanel
from studio.play.styles import StylesPanel
from studio.play.timeline import Timeline
from studio.play.transport import Transport
from studio.views.chances import Chances
from studio.views.scope import Scope
from studio.views.spectrogram import Spectrogram
from studio.widgets.panel import column, row

GAP = 8


class PlayPage(QWidget):
    """Styles left, what is heard in the middle, what the network thinks and hears right; what is played below."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        outer = column(GAP, (GAP, 0, GAP, GAP), self)
        grid = QGridLayout()
        grid.setSpacing(GAP)
        self.styles, self.timeline, self.prime = StylesPanel(desk), Timeline(desk), PrimePanel(desk)
        self.spectrum = Spectrogram(desk)
        heard = column(GAP)
        heard.addWidget(self.spectrum, 5)
        heard.addWidget(Scope(desk), 2)
        heard.addWidget(self.timeline, 3)
        network = column(GAP)
        network.addWidget(Chances(desk), 2)
        network.addWidget(self.prime, 3)
        grid.addWidget(self.styles, 0, 0)
        grid.addLayout(heard, 0, 1)
        grid.addLayout(network, 0, 2)
        for i, stretch in enumerate((2, 5, 2)):
            grid.setColumnStretch(i, stretch)
        outer.addLayout(grid, 1)
        bottom = row(GAP)
        for part, stretch in ((Transport(desk), 0), (KnobsPanel(desk), 3), (Meters(desk), 0), (EnginePanel(desk), 1)):
            bottom.addWidget(part, stretch)
        outer.addLayout(bottom)
