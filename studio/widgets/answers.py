"""The two answers below a dialog: do it, or not."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton

from studio.widgets.panel import row


def answers(dialog: QDialog, text: str, accepted: Callable[[], None]) -> tuple[QHBoxLayout, QPushButton]:
    """The line, and the button in it that says what is done: it closes the dialog and then calls `accepted`."""
    go, cancel = QPushButton(text), QPushButton("Cancel")
    go.setProperty("role", "primary")
    go.setDefault(True)
    dialog.accepted.connect(accepted)
    go.clicked.connect(dialog.accept)
    cancel.clicked.connect(dialog.reject)
    line = row(8)
    line.addStretch(1)
    line.addWidget(cancel)
    line.addWidget(go)
    return line, go
