"""Icons from the icon font, in the colours in force."""

from __future__ import annotations

import qtawesome
from PySide6.QtGui import QIcon

from studio.theme import colours


def icon(name: str, role: str = "text") -> QIcon:
    """name: in qtawesome's Phosphor set, such as "ph.play-fill"; role: a colour of studio/theme.py."""
    now = colours()
    made: QIcon = qtawesome.icon(name, color=getattr(now, role), color_disabled=now.faint)
    return made
