"""Where styles are: the ones that come with the program, those of the user's own folder, and any file.

The program's own come first: "piano" is the same style for everyone, whatever is in the user's folder. A style there
whose name is taken is listed too, and found by its path; `install_style` gives it a name of its own.
"""

from __future__ import annotations

import itertools
import os
from contextlib import suppress
from pathlib import Path

from platformdirs import user_data_path

from models.errors import InputError
from models.style import SUFFIX, Style, open_style, write_style

INSTALLED = Path(__file__).parent.parent / "resources" / "styles"
"""Those that come with the program."""
APPLICATION = "SampleRNN Studio"
HOME = "SAMPLERNN_HOME"
"""The environment variable that names one folder for all that the user has (tests, a portable copy)."""
OWN_FOLDER = "SAMPLERNN_STYLES"
"""The one that names another folder for the user's styles."""


def users_folder() -> Path:
    """Where the user's own styles are, absolute. It need not be there."""
    if named := os.environ.get(OWN_FOLDER):
        return Path(named).absolute()
    home = os.environ.get(HOME)
    return (Path(home).absolute() if home else user_data_path(APPLICATION, appauthor=False)) / "styles"


def is_users(path: Path) -> bool:
    """Whether a style file is of the user's folder: it may be removed, the program's own may not."""
    return path.absolute().parent == users_folder()


def installed_styles() -> list[Style]:
    """Every style that opens, by name; of those of one name the program's own first. Those that do not open are left
    out: `find_style` says why. Blocks on the disk."""
    styles = []
    for path in sorted(
        (path for folder in _folders() for path in folder.glob(f"*{SUFFIX}")), key=lambda path: path.stem
    ):
        try:
            styles.append(open_style(path))
        except InputError:
            continue
    return styles


def name_of(style: Style) -> str:
    """What `find_style` finds an installed style by: its file's name, or where another has it too and comes first the
    path."""
    return style.path.stem if _named(style.path.stem)[:1] == [style.path] else str(style.path)


def find_style(name: str) -> Style:
    """The installed style of that name, or the style file at that path. Raises InputError."""
    path = Path(name)
    with suppress(OSError):  # a name longer than a disk allows
        if installed := _named(name):
            return open_style(installed[0])
        if (name and path.exists()) or path.suffix == SUFFIX:
            return open_style(path)
    known = ", ".join(map(name_of, installed_styles())) or "none"
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


def install_style(path: Path) -> Style:
    """Put a style into the user's folder, under the name of its file, or where another style has that with a number.
    If the very style is installed already it is that one. Blocks on the disk; reads the whole file.

    Nothing of it is executed, but all of it is checked: its outline, the hash of each entry, its graphs. Raises
    InputError in one line.
    """
    from models.graph_check import parse_graph  # here, because it takes onnx, which takes long to load

    style = open_style(path)
    entries = {name: style.read(name) for name in style.hashes}
    for graph in (name for name in entries if name.endswith(".onnx")):
        kind, precision, _ = graph.split(".")
        try:
            parse_graph(entries[graph], kind, precision, style.info.model)
        except InputError as error:
            raise InputError(f"{path}: {error}") from None
    for installed in installed_styles():
        if installed.sha256 == style.sha256:
            return installed
    folder = users_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target = _claim(folder, (path.stem if path.suffix.lower() == SUFFIX else path.name).lstrip(".") or "style")
        try:
            # what was checked, not what may be in the file by now
            write_style(target, style.info, entries)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError(f"{path} cannot be installed into {folder}: {error.strerror or error}") from error
    return open_style(target)


def _folders() -> tuple[Path, Path]:
    """In the order in which they are looked through."""
    return INSTALLED, users_folder()


def _named(name: str) -> list[Path]:
    """The installed files of that name, the first of them first. Raises OSError for a name that is too long."""
    files = [folder / f"{name}{SUFFIX}" for folder in _folders()]
    # a name does not lead out of the folder
    return [file for file, folder in zip(files, _folders(), strict=True) if file.parent == folder and file.is_file()]


def _claim(folder: Path, name: str) -> Path:
    """A new, empty file in the folder, named so, or with a number where a style has that name. Raises OSError."""
    for number in itertools.count(1):
        free = f"{name} {number}" if number > 1 else name
        if not _named(free):
            with suppress(FileExistsError):
                (path := folder / f"{free}{SUFFIX}").touch(exist_ok=False)
                return path
    raise AssertionError
