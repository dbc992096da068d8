"""Where styles are: the ones that come with the program, and any file."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from models.errors import InputError
from models.style import SUFFIX, Style, open_style

INSTALLED = Path(__file__).parent.parent / "resources" / "styles"


def installed_styles() -> list[Style]:
    """Every style that opens, by name. Those that do not are left out: `find_style` says why."""
    styles = []
    for path in sorted(INSTALLED.glob(f"*{SUFFIX}")):
        try:
            styles.append(open_style(path))
        except InputError:
            continue
    return styles


def find_style(name: str) -> Style:
    """The installed style of that name, or the style file at that path. Raises InputError."""
    installed, path = INSTALLED / f"{name}{SUFFIX}", Path(name)
    with suppress(OSError):  # a name longer than a disk allows
        if installed.parent == INSTALLED and installed.is_file():
            return open_style(installed)
        if (name and path.exists()) or path.suffix == SUFFIX:
            return open_style(path)
    known = ", ".join(style.path.stem for style in installed_styles()) or "none"
    raise InputError(f"unknown style {name!r}; installed: {known}. Or give the path of a {SUFFIX} file")


def find_style_by_hash(sha256: str, path: Path, name: str) -> Style:
    """The very style (Style.sha256) that a take was played with: an installed one, or the one at `path`, where it
    was. Raises InputError naming it."""
    candidates = installed_styles()
    with suppress(InputError):
        candidates.append(open_style(path))
    for style in candidates:
        if style.sha256 == sha256:
            return style
    raise InputError(f"the style {name} that this was played with ({path.name}, {sha256[:12]}) is not here; install it")
