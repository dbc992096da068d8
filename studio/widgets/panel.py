"""What pages are put together from: labels, rows, columns, and framed parts with a small title."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

Margins = tuple[int, int, int, int]
HEAD = 24
"""Pixels of a panel's title line, with buttons in it or without: so the titles of neighbours are in one line."""


def label(text: str = "", role: str = "") -> QLabel:
    """role: a look of resources/theme/studio.qss, such as "muted"."""
    made = QLabel(text)
    if role:
        made.setProperty("role", role)
    return made


def set_role(widget: QWidget, role: str) -> None:
    """Give it another look of the style sheet."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def row(gap: int = 6, margins: Margins = (0, 0, 0, 0), parent: QWidget | None = None) -> QHBoxLayout:
    """Side by side. margins: left, top, right, bottom, pixels."""
    made = QHBoxLayout(parent) if parent else QHBoxLayout()
    made.setSpacing(gap)
    made.setContentsMargins(*margins)
    return made


def column(
    gap: int = 6, margins: tuple[int, int, int, int] = (0, 0, 0, 0), parent: QWidget | None = None
) -> QVBoxLayout:
    """One below the other."""
    made = QVBoxLayout(parent) if parent else QVBoxLayout()
    made.setSpacing(gap)
    made.setContentsMargins(*margins)
    return made


class Panel(QFrame):
    """Its parts go into `body`; `head` is the title's line, for small buttons at its end."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAccessibleName(title)
        outer = column(5, (10, 5, 10, 10), self)
        self.head = row(4)
        self.title = label(title, "title")
        self.title.setMinimumHeight(HEAD)
        self.head.addWidget(self.title)
        self.head.addStretch(1)
        outer.addLayout(self.head)
        self.body = column()
        outer.addLayout(self.body, 1)
