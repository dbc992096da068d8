"""The last line of a dialog in which nothing is to be confirmed."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton

from studio.widgets.panel import row


def closing(dialog: QDialog) -> QHBoxLayout:
    """A button at the right that closes the dialog, as Escape does."""
    line, button = row(), QPushButton("Close")
    button.setAutoDefault(False)  # Return belongs to what is being typed into
    button.clicked.connect(dialog.reject)
    line.addStretch(1)
    line.addWidget(button)
    return line
