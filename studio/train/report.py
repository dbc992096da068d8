"""crude"""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from models.dataset import Manifest
from studio.widgets.panel import column, label


class DataReport(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = label()
        self._text.setWordWrap(True)
        column(4, parent=self).addWidget(self._text)

    def show_manifest(self, manifest: Manifest | None) -> None:
        if manifest is None:
            return
        lines = [
            f"{split}: {len(found)} files, {manifest.seconds(split) / 60:.1f} min"
            for split, found in manifest.splits.items()
        ]
        lines += [f"left out {each.source}: {each.reason}" for each in manifest.skipped]
        self._text.setText("\n".join(lines))
