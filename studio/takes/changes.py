"""Takes renamed, deleted and brought back, each with the recipe beside it; nothing is ever overwritten. Any thread;
blocks."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from engine.takes import PART, RECIPE, recipe_beside
from models.errors import InputError
from studio.trash import from_trash, to_trash

OWN_TRASH = ".trash"
"""Folder beside the takes, for where the system has none: in it a folder for each moment, named by its second."""
KEPT_SECONDS = 30 * 86400.0
IMPOSSIBLE = frozenset('<>:"/\\|?*')
"""In names, somewhere."""
LONGEST_NAME = 255
"""Bytes."""


@dataclass(frozen=True)
class Deleted:
    """A file, and where it is now."""

    path: Path
    where: Path


def refused(name: str, suffix: str, what: str = "A take") -> str:
    """Why a take, or what else it is that becomes a file, cannot be called so anywhere, or nothing."""
    if not name.strip():
        return f"{what} needs a name."
    bad = "".join(sorted({letter for letter in name if letter in IMPOSSIBLE or not letter.isprintable()}))
    if bad:
        return f"A name cannot have {' '.join(bad) if bad.isprintable() else 'such a letter'} in it."
    if name.startswith(".") or name.endswith("."):
        return "A name cannot begin or end with a dot."
    if len(os.fsencode(f".{name}{suffix}{PART}{RECIPE}")) > LONGEST_NAME:
        return "This name is too long."
    return ""


def rename(take: Path, name: str) -> Path:
    """Give a take another name; its ending stays. Returns where it is. Raises InputError: then all is as it was."""
    name = name.strip()
    if name == take.stem:
        return take
    if reason := refused(name, take.suffix):
        raise InputError(reason)
    new = take.with_name(f"{name}{take.suffix}")
    pairs = [(take, new), (recipe_beside(take), recipe_beside(new))]
    if not take.exists():
        raise InputError(f"{take.stem} is no longer there.")
    for old, other in pairs:
        # on some disks it is the same file in other letters
        if other.exists() and not (old.exists() and other.samefile(old)):
            raise InputError(f"There is a take named {name} already.")
    done: list[tuple[Path, Path]] = []
    try:
        for old, other in pairs:
            if old.exists():
                old.rename(other)
                done.append((old, other))
    except OSError as error:
        for old, other in done:
            with suppress(OSError):
                other.rename(old)
        raise InputError(f"{take.stem} cannot be renamed: {error.strerror or error}.") from error
    return new


def delete(take: Path) -> list[Deleted]:
    """Into the trash. Raises OSError: then it is where it was."""
    deleted: list[Deleted] = []
    try:
        for path in (take, recipe_beside(take)):
            if path.exists():
                deleted.append(Deleted(path, _put_away(path)))
    except OSError:
        for file in deleted:
            _take_back(file, file.path)
        raise
    return deleted


def restore(deleted: list[Deleted]) -> list[Path]:
    """Out of the trash, to where it was; under a name with a number where there is another of that name by now.
    Returns where the files are. Raises OSError."""
    if not deleted:
        return []
    take = deleted[0].path
    back = free(take)
    restored = []
    for file in deleted:
        path = back if file.path == take else recipe_beside(back)
        _take_back(file, path)
        restored.append(path)
    return restored


def empty_own_trash(folder: Path, now: float | None = None) -> None:
    """Let go of what has been in it for KEPT_SECONDS. now: seconds since 1970."""
    now = time.time() if now is None else now
    with suppress(OSError):
        for moment in (folder / OWN_TRASH).iterdir():
            if moment.name.isdigit() and int(moment.name) < now - KEPT_SECONDS:
                shutil.rmtree(moment, ignore_errors=True)


def free(path: Path) -> Path:
    """The path, or with a number where there is such a file or recipe."""
    number, candidate = 1, path
    while candidate.exists() or recipe_beside(candidate).exists():
        number += 1
        candidate = path.with_stem(f"{path.stem} {number}")
    return candidate


def _put_away(path: Path) -> Path:
    try:
        return to_trash(path)
    except FileNotFoundError:
        raise
    except OSError:
        own = path.parent / OWN_TRASH / str(int(time.time()))
        own.mkdir(parents=True, exist_ok=True)
        where = own / path.name
        if where.exists():
            raise
        path.rename(where)
        return where


def _take_back(file: Deleted, path: Path) -> None:
    if file.where.parent.parent.name != OWN_TRASH:
        from_trash(file.where, path)
        return
    file.where.rename(path)
    with suppress(OSError):  # there may be others in it
        file.where.parent.rmdir()
