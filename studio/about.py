"""What this program is, and what it is made of."""

from __future__ import annotations

from hashlib import sha256

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from studio import paths
from studio.play.emblem import Emblem
from studio.widgets.closing import closing
from studio.widgets.panel import column, label, row

WHAT = "A neural network that improvises sound,\none sample at a time, as an instrument."
PARTS = (
    "SampleRNN: Soroush Mehri and others, 2017. MIT licence.\n"
    "Built with Qt (LGPL), ONNX Runtime, NumPy, PortAudio, libsndfile;\n"
    "Inter (OFL) and Phosphor icons (MIT)."
)


class About(QDialog):
    """Not modal; its text can be selected and copied."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"About {paths.NAME}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        outer, head, titles = column(16, (20, 18, 20, 16), self), row(14), column(2)
        outer.addLayout(head)
        head.addWidget(Emblem(sha256(paths.NAME.encode()).hexdigest()), 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(titles, 1)
        for text, role, into in ((paths.NAME, "heading", titles), (WHAT, "", titles), (PARTS, "muted", outer)):
            line = label(text, role)
            line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            into.addWidget(line)
        outer.addLayout(closing(self))
