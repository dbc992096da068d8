"""Labels whose text and look change."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel


def say(label: QLabel, text: str, role: str) -> None:
    """Let a label say something in another role of resources/theme/studio.qss. Cheap where nothing changes."""
    if label.text() != text:
        label.setText(text)
    if label.property("role") != role:
        label.setProperty("role", role)
        label.style().polish(label)


def say_if_any(label: QLabel, text: str) -> None:
    """Let a label say something, and be gone where there is nothing to say."""
    label.setText(text)
    label.setVisible(bool(text))
