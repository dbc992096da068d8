"""Colours, type and the one style sheet (resources/theme/studio.qss). GUI thread."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from string import Template

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from studio.paths import RESOURCES
from studio.settings import Scheme


@dataclass(frozen=True)
class Colours:
    """Of one scheme, as #rrggbb. What is painted by hand takes them from `colours()`, at each paint."""

    window: str
    panel: str
    raised: str
    well: str
    """Behind what moves: scopes, meters, the groove of a knob."""
    line: str
    text: str
    muted: str
    faint: str
    accent: str
    on_accent: str
    second: str
    """Beside the accent: the temperature's curve, a prime."""
    good: str
    warning: str
    bad: str


DARK = Colours(
    window="#121418", panel="#1a1d23", raised="#252a33", well="#0d0f12", line="#2e343f",
    text="#e8eaee", muted="#9aa3b2", faint="#5f6878", accent="#f0a04b", on_accent="#1b1208",
    second="#5cc8c2", good="#6cc97a", warning="#f2c14e", bad="#ef6a5f",
)  # fmt: skip
LIGHT = Colours(
    window="#eceef1", panel="#f8f9fa", raised="#ffffff", well="#fdfdfe", line="#cfd4dc",
    text="#1b1f27", muted="#586172", faint="#98a1b0", accent="#b8620f", on_accent="#ffffff",
    second="#0f7f7a", good="#2f8a43", warning="#9a6b00", bad="#c43a30",
)  # fmt: skip

_current = DARK


def colours() -> Colours:
    """Those in force. They change with a QEvent.PaletteChange."""
    return _current


def colour(name: str, alpha: float = 1.0) -> QColor:
    """One of them, by its name in `Colours`; alpha 0 to 1."""
    made = QColor(getattr(_current, name))
    made.setAlphaF(alpha)
    return made


def load_font(app: QApplication) -> None:
    # Qt knows a font of all weights by its regular one alone: the bolder one is a file of its own
    for name in ("Inter", "Inter-SemiBold"):
        QFontDatabase.addApplicationFont(str(RESOURCES / "fonts" / f"{name}.ttf"))
    font = QFont("Inter")
    font.setPixelSize(13)
    # figures of one width: a number that moves must not make what is beside it move
    font.setFeature(QFont.Tag("tnum"), 1)
    app.setFont(font)


def apply(app: QApplication, scheme: Scheme) -> None:
    """Put the application into a scheme; "system" follows the desktop's."""
    global _current
    hints = app.styleHints()
    wanted = {"dark": Qt.ColorScheme.Dark, "light": Qt.ColorScheme.Light, "system": Qt.ColorScheme.Unknown}
    hints.setColorScheme(wanted[scheme])
    dark = scheme == "dark" or (scheme == "system" and hints.colorScheme() == Qt.ColorScheme.Dark)
    _current = DARK if dark else LIGHT
    app.setPalette(_palette())
    folder = RESOURCES / "theme"
    sheet = Template((folder / "studio.qss").read_text(encoding="utf-8"))
    app.setStyleSheet(sheet.substitute(asdict(_current), folder=folder.as_posix()))


def _palette() -> QPalette:
    palette, role = QPalette(), QPalette.ColorRole
    for roles, name in (
        ((role.Window, role.AlternateBase), "window"),
        ((role.Base, role.ToolTipBase), "panel"),
        ((role.Button,), "raised"),
        ((role.WindowText, role.Text, role.ButtonText, role.ToolTipText), "text"),
        ((role.PlaceholderText, role.Mid), "faint"),
        ((role.Highlight, role.Link, role.Accent), "accent"),
        ((role.HighlightedText,), "on_accent"),
    ):
        for each in roles:
            palette.setColor(each, colour(name))
    for each in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, each, colour("faint"))
    return palette
