"""What a style shows of itself: its picture on the card and about it, its preview heard on demand."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QBuffer, QByteArray, QRect, Qt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from engine import library
from engine.controls import Audition, Auditioning, Command, EndAudition, Notice
from models.style import PICTURE, PREVIEW, open_style
from studio.desk import Desk
from studio.play.about_style import AboutStyle
from studio.play.picture import LARGEST, Picture, read_picture
from studio.play.styles import StylesPanel
from tests.fakes import FakeEngine
from tests.studio.made import made_style
from tests.studio.test_styles import opened

BLUE = QColor("#1020f0")

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def png(width: int = 320, height: int = 160) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(BLUE)
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    assert image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(content.data())


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("sound") / "preview.flac"
    soundfile.write(path, np.zeros(1600), 16_000)
    return path.read_bytes()


@pytest.fixture
def panel(
    qtbot: QtBot, desk: Desk, engine: FakeEngine, tmp_path: Path, sound: bytes, monkeypatch: pytest.MonkeyPatch
) -> StylesPanel:
    """The harp has neither picture nor preview and is in use; the lute and the viol have both."""
    monkeypatch.setattr(library, "INSTALLED", tmp_path / "shipped")
    made_style(tmp_path / "shipped" / "harp.samplernn", "Harp")
    for name in ("lute", "viol"):
        made_style(tmp_path / "shipped" / f"{name}.samplernn", name.title(), shown={PREVIEW: sound, PICTURE: png()})
    return opened(qtbot, desk, engine, tmp_path / "shipped" / "harp.samplernn")


def blue(panel: StylesPanel, row: int) -> int:
    """How many pixels of a card are of the picture."""
    image = panel.list.viewport().grab(panel.list.visualRect(panel.list.cards.index(row))).toImage()
    return sum(image.pixelColor(x, y) == BLUE for x in range(image.width()) for y in range(image.height()))


# the picture


def test_a_card_shows_the_picture_and_without_one_the_emblem(panel: StylesPanel) -> None:
    assert [blue(panel, k) > 1500 for k in range(3)] == [False, True, True]
    assert blue(panel, 0) == 0


def test_about_a_style_shows_its_picture(desk: Desk, panel: StylesPanel) -> None:
    shown = []
    for k in range(2):
        panel.list.setCurrentIndex(panel.list.cards.index(k))
        desk.actions["about-style"].trigger()
        about = panel.findChildren(AboutStyle)[-1]
        shown.append(bool(about.findChildren(Picture)))
        about.close()
    assert shown == [False, True]


def claiming(width: int, height: int) -> bytes:
    """A picture that says to be of that size."""
    content = bytearray(png(4, 4))
    content[16:24] = struct.pack(">II", width, height)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    return bytes(content)


@pytest.mark.qt_log_ignore("libpng")
@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"no picture", png()[:60], png()[:-20], claiming(LARGEST + 1, 4), claiming(4, LARGEST + 1)),
        *(claiming(1 << 30, 1 << 30), b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", b"GIF89a"),
    ],
    ids=range(9),
)
def test_a_picture_that_is_damaged_or_too_large_is_none(tmp_path: Path, content: bytes) -> None:
    assert read_picture(open_style(made_style(tmp_path / "odd.samplernn", shown={PICTURE: content}))) is None


def test_a_picture_as_large_as_may_be_is_read(tmp_path: Path) -> None:
    style = open_style(made_style(tmp_path / "odd.samplernn", shown={PICTURE: png(LARGEST, LARGEST)}))
    image = read_picture(style)
    assert image is not None
    assert image.rect() == QRect(0, 0, LARGEST, LARGEST)


# the preview


def auditions(engine: FakeEngine) -> list[Command]:
    return [command for command in engine.commands if isinstance(command, Audition | EndAudition)]


@pytest.fixture
def key(qtbot: QtBot, desk: Desk, panel: StylesPanel) -> Callable[[int], None]:
    """Press H on that card."""

    def press(row: int) -> None:
        panel.list.setCurrentIndex(panel.list.cards.index(row))
        desk.actions["hear-style"].trigger()

    return press


def test_the_key_plays_the_preview_and_ends_it_and_loads_nothing(
    qtbot: QtBot, desk: Desk, engine: FakeEngine, panel: StylesPanel, sound: bytes, key: Callable[[int], None]
) -> None:
    key(2)
    assert panel.previews.heard == panel.list.cards.cards[2].path
    qtbot.waitUntil(lambda: engine.commands != [])
    (heard,) = engine.commands
    assert isinstance(heard, Audition)
    assert (heard.sound.name, heard.sound.read_bytes()) == ("viol.flac", sound)
    engine.show(auditioning=Auditioning("viol.flac", 0.05, 0.1, None))
    desk.instrument.poll()
    key(2)
    assert engine.commands == [heard, EndAudition()]
    assert panel.previews.heard is None


def test_the_key_is_of_the_card_with_the_focus(
    qtbot: QtBot, desk: Desk, engine: FakeEngine, panel: StylesPanel
) -> None:
    desk.actions["hear-style"].trigger()
    assert panel.news.text.text() == "Harp carries no preview."
    qtbot.keyClick(panel.list, Qt.Key.Key_Down)
    desk.actions["hear-style"].trigger()
    qtbot.waitUntil(lambda: len(auditions(engine)) == 1)
    desk.actions["hear-style"].trigger()
    assert auditions(engine)[1:] == [EndAudition()]


def test_when_it_was_heard_to_its_end_or_could_not_be_the_key_plays_it_again(
    qtbot: QtBot, desk: Desk, engine: FakeEngine, panel: StylesPanel, key: Callable[[int], None]
) -> None:
    key(1)
    qtbot.waitUntil(lambda: len(auditions(engine)) == 1)
    for auditioning in (Auditioning("lute.flac", 0.1, 0.1, None), *[None] * 5):
        engine.show(auditioning=auditioning)
        desk.instrument.poll()
    assert panel.previews.heard is None
    key(1)
    qtbot.waitUntil(lambda: len(auditions(engine)) == 2)
    engine.show(notices=(Notice(1, "error", "lute.flac is damaged"),))
    desk.instrument.poll()
    assert panel.previews.heard is None


def test_a_preview_that_cannot_be_read_is_said(
    qtbot: QtBot, engine: FakeEngine, panel: StylesPanel, tmp_path: Path, key: Callable[[int], None]
) -> None:
    lute = tmp_path / "shipped" / "lute.samplernn"
    content = lute.read_bytes()
    lute.write_bytes(content.replace(b"fLaC", b"fLaX"))
    key(1)
    qtbot.waitUntil(lambda: "preview.flac" in panel.news.text.text())
    assert panel.previews.heard is None
    assert engine.commands == []
