"""Old checkpoints become styles: what is taken for one, what is asked, what comes of it, with the real command."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from engine import library
from engine.controls import Load
from studio.desk import Desk
from studio.play import importing
from studio.play.importing import Import, ImportDialog
from studio.play.styles import StylesPanel
from studio.program import command
from studio.widgets.drops import is_checkpoint, is_recording
from studio.window import Window
from tests.fakes import FakeEngine
from tests.models.pytorch_2017 import saved, state_dict
from tests.studio.hands import show_active
from tests.studio.made import made_style

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # what needs a screen


class Bomb:
    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return print, ("bang",)


@pytest.fixture
def window(qtbot: QtBot, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Window:
    monkeypatch.setattr(library, "INSTALLED", tmp_path / "program")
    monkeypatch.setattr(importing, "command", lambda *line, nice: command(*line))  # nobody else is to be waited for
    made = Window(desk)
    qtbot.addWidget(made)
    show_active(qtbot, made)
    return made


@pytest.fixture
def styles(window: Window) -> StylesPanel:
    return window.play.styles


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return saved(tmp_path / "best-ep12-it3400", state_dict())


def drop(window: Window, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    how = Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    for event in (QDragEnterEvent(QPoint(9, 9), *how), QDropEvent(QPointF(9, 9), *how)):
        QApplication.sendEvent(window.pages, event)


def asked(styles: StylesPanel) -> ImportDialog:
    dialog = styles.findChild(ImportDialog)
    assert isinstance(dialog, ImportDialog)
    return dialog


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("old.pt", b""),
        ("old.PTH", b"text"),
        ("old.ckpt", b""),
        ("best-ep12-it3400", b"PK\3\4 and so on: best-ep12-it3400/data.pkl"),
        ("best-ep12-it3400", b"\x80\x02\x8a\x0a"),
    ],
)
def test_it_is_known_by_its_name_or_by_how_it_begins(tmp_path: Path, name: str, begins: bytes) -> None:
    (tmp_path / name).write_bytes(begins)
    assert is_checkpoint(tmp_path / name)
    assert not is_recording(tmp_path / name)


@pytest.mark.parametrize("name", ["song.wav", "song", "songs.zip", "folder", "gone.flac"])
def test_all_else_is_no_checkpoint(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "song").write_bytes(b"RIFF....WAVE")
    (tmp_path / "songs.zip").write_bytes(b"PK\3\4 and so on: song.wav")
    assert not is_checkpoint(tmp_path / name)
    assert is_recording(tmp_path / name)


@pytest.mark.parametrize("page", ["play", "train"])
def test_dropped_anywhere_it_is_asked_for_what_it_does_not_say(
    window: Window, styles: StylesPanel, old: Path, page: str
) -> None:
    window.show_page(page)
    drop(window, old)
    dialog = asked(styles)
    assert window.pages.currentWidget() is window.play
    assert dialog.wanted == Import(old, "best-ep12-it3400", 16_000, "linear")
    for rate in ("", "fast", "100", "96001"):
        dialog.rate.setEditText(rate)
        assert (dialog.trouble.text(), dialog.go.isEnabled()) == (
            "The sample rate is a number from 4000 to 96000.", False,
        )  # fmt: skip
    dialog.rate.setEditText("22050")
    dialog.name.setText(" ")
    assert (dialog.trouble.text(), dialog.go.isEnabled()) == ("A style needs a name.", False)
    dialog.name.setText("Organ")
    dialog.quantizer.setCurrentIndex(1)
    assert (dialog.wanted, dialog.go.isEnabled()) == (Import(old, "Organ", 22_050, "mu-law"), True)
    dialog.reject()
    assert styles.importing.now is None


def test_it_is_imported_and_plays_when_it_is_wanted(
    qtbot: QtBot, desk: Desk, engine: FakeEngine, styles: StylesPanel, old: Path, monkeypatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: (str(old), ""))
    seen: list[float] = []
    styles.importing.progressed.connect(seen.append)
    desk.actions["import"].trigger()
    dialog = asked(styles)
    dialog.name.setText("Organ")
    dialog.go.click()
    assert (styles.working.text.text(), styles.working.isVisible()) == ("Importing Organ…", True)
    folder = styles.importing._folder
    before = list(engine.commands)
    qtbot.waitUntil(lambda: styles.news.isVisible(), timeout=60_000)
    assert styles.news.text.text() == "Organ is among the styles."
    assert (seen[-1], sorted(seen)) == (1.0, seen)
    assert not styles.working.isVisible()
    assert not folder.exists()
    qtbot.waitUntil(lambda: [entry.style.info.name for entry in styles.shelf.found.entries] == ["Organ"])
    [entry] = styles.shelf.found.entries
    assert entry.own
    assert (entry.style.info.model.sample_rate, entry.style.info.model.quantizer) == (16_000, "linear")
    assert engine.commands == before, "what plays is left alone"
    styles.news.button.click()
    assert isinstance(engine.commands[-1], Load)
    assert engine.commands[-1].style == entry.path


def test_what_is_refused_is_said_in_one_line(qtbot: QtBot, styles: StylesPanel, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.pt"
    bomb.write_bytes(pickle.dumps(Bomb(), protocol=2))
    styles.ask_import(bomb)
    asked(styles).go.click()
    qtbot.waitUntil(lambda: styles.news.isVisible(), timeout=60_000)
    assert styles.news.text.text().startswith("bomb.pt: it wants ")
    assert styles.news.text.text().endswith("refused; save the state dict alone")
    assert styles.news.text.property("role") == "bad"
    assert styles.importing.now is None
    assert not styles.working.isVisible()
    assert not library.users_folder().exists()


def test_it_is_cancelled_and_only_one_at_a_time(qtbot: QtBot, styles: StylesPanel, old: Path, tmp_path: Path) -> None:
    styles.ask_import(old)
    asked(styles).go.click()
    folder = styles.importing._folder
    assert folder.exists()
    styles.ask_import(tmp_path / "another.pt")
    assert styles.news.text.text() == "best-ep12-it3400 is still being imported."
    styles.working.cancel.click()
    assert (styles.working.isVisible(), styles.importing.now, folder.exists()) == (False, None, False)


def test_a_style_that_cannot_be_installed_is_said(qtbot: QtBot, styles: StylesPanel, old: Path, monkeypatch) -> None:
    def answer(*line: str, nice: int) -> list[str]:
        made_style(Path(line[line.index("-o") + 1]))
        return ["echo", "{}"]

    monkeypatch.setattr(importing, "command", answer)
    styles.ask_import(old)
    asked(styles).go.click()
    qtbot.waitUntil(lambda: styles.news.isVisible())
    assert styles.news.text.text() == "best-ep12-it3400: its step graph (int8) is not an ONNX model"
    assert styles.news.text.property("role") == "bad"
