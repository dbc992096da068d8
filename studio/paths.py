"""Where the studio keeps things, on each platform in its place. The one file that decides it."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from platformdirs import PlatformDirs

from engine.library import APPLICATION, HOME

RESOURCES = Path(__file__).parent.parent / "resources"
NAME = APPLICATION


@cache
def _platform() -> PlatformDirs:
    return PlatformDirs(NAME, appauthor=False)


def _place(name: str, platform: Path) -> Path:
    home = os.environ.get(HOME)
    return Path(home) / name if home else platform


def settings_file() -> Path:
    return _place("settings.json", _platform().user_config_path / "settings.json")


def log_file() -> Path:
    return _place("studio.log", _platform().user_log_path / "studio.log")


def cache_folder() -> Path:
    """What can be made again: thumbnails, measured speeds."""
    return _place("cache", _platform().user_cache_path)


def takes_folder() -> Path:
    """Where takes go unless the settings say otherwise."""
    return _place("takes", _platform().user_music_path / NAME)


def training_folder() -> Path:
    """Where trainings go unless the settings say otherwise."""
    return _place("training", _platform().user_data_path / "training")
