"""A desk with a fake engine; Qt without a screen."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from studio import theme
from studio.actions import Actions
from studio.desk import Desk, Wishes
from studio.instrument import Instrument
from studio.jobs import Jobs
from studio.settings import Settings
from studio.store import Store
from studio.training import launch
from tests.fakes import FakeEngine


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    return ["studio"]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of a test goes into the user's own folders."""
    monkeypatch.setenv("SAMPLERNN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SAMPLERNN_STYLES", str(tmp_path / "home" / "styles"))


@pytest.fixture(autouse=True)
def _no_leaks(qapp: QApplication) -> Iterator[None]:
    """No test leaves a window behind."""
    theme.apply(qapp, "dark")
    before = set(qapp.topLevelWidgets())
    yield
    qapp.sendPostedEvents(None, 52)  # QEvent.DeferredDelete
    left = [widget for widget in qapp.topLevelWidgets() if widget not in before]
    assert not left, f"left behind: {left}"


@pytest.fixture(scope="session", autouse=True)
def _no_old_clipboard(qapp: QApplication) -> Iterator[None]:
    """Without a screen the clipboard outlives Python, and what Python put there would crash the end of the process."""
    yield
    qapp.clipboard().clear()


@pytest.fixture
def no_trainings_left() -> Iterator[None]:
    """What a test let the studio start in the background ends with it."""
    yield
    for child in list(launch._children.values()):
        child.kill()
        child.wait()
    launch._children.clear()


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def desk(qapp: QApplication, engine: FakeEngine, tmp_path: Path) -> Iterator[Desk]:
    """Of the app, with the fake engine: `desk.instrument.poll()` shows its status."""
    instrument = Instrument(engine)
    actions, jobs, store = Actions(instrument), Jobs(), Store(Settings(), tmp_path / "settings.json")
    yield Desk(instrument, actions, jobs, store, Wishes(instrument))
    jobs.close()
    store.save()
    instrument.close()
    # here, and in this order: at the end of the process they would be deleted in any, which crashes
    for each in (store, jobs, instrument):
        each.deleteLater()
    qapp.sendPostedEvents(None, 52)  # QEvent.DeferredDelete
