"""The styles as cards: to crossfade to, to install, to remove, to know more of."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from engine.controls import Status
from models.style import SUFFIX, Style
from studio.desk import Desk
from studio.icons import icon
from studio.play.about_style import AboutStyle
from studio.play.importing import Import, ImportDialog, Importing
from studio.play.measuring import Measuring
from studio.play.previews import Previews
from studio.play.shelf import Entry, Found, Shelf
from studio.play.speeds import Speeds, in_words
from studio.play.style_card import Card
from studio.play.style_cards import StyleCards
from studio.play.switching import Switching
from studio.widgets.drops import Drops, is_style
from studio.widgets.news import News
from studio.widgets.panel import Panel, label
from studio.widgets.working import Working

NONE_YET = "No styles yet. Drop a .samplernn file here, or press Ctrl+O to choose one."


class StylesPanel(Panel):
    """A style is what the network has learned to play."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("Styles", parent)
        self._desk = desk
        self.shelf = Shelf(desk, self)
        self.speeds = Speeds(desk, self)
        self.measuring = Measuring(desk, self.speeds, self)
        self.switching = Switching(desk, self)
        self.importing = Importing(desk, self)
        self.previews = Previews(desk, self)
        self.list = StyleCards()
        self.empty = label("Looking for styles…", "muted")
        self.refused = label("", "bad")
        self.news, self.working = News(), Working()
        self._install = QToolButton()
        self._build()
        self._connect()
        self.shelf.look()

    def _build(self) -> None:
        self.setMinimumWidth(190)
        self._install.setText("Install…")
        self._install.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._install.setProperty("role", "plain")
        self._install.setToolTip(self._desk.actions["open-style"].toolTip())
        self.head.addWidget(self._install)
        for text in (self.empty, self.refused):
            text.setWordWrap(True)
            text.setTextFormat(Qt.TextFormat.PlainText)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.refused.hide()
        self.list.hide()
        self.body.addWidget(self.empty, 1)
        self.body.addWidget(self.list, 1)
        self.body.addWidget(self.refused)
        self.body.addWidget(self.working)
        self.body.addWidget(self.news)
        self._colour()

    def _connect(self) -> None:
        actions, shelf = self._desk.actions, self.shelf
        self._install.clicked.connect(actions["open-style"].trigger)
        actions["open-style"].triggered.connect(self._choose_file)
        actions["import"].triggered.connect(self._choose_checkpoint)
        actions["next-style"].triggered.connect(lambda: self._step(1))
        actions["previous-style"].triggered.connect(lambda: self._step(-1))
        actions["hear-style"].triggered.connect(lambda: self._with_meant(self.previews.toggle))
        actions["about-style"].triggered.connect(lambda: self._with_meant(self._about))
        Drops(self, is_style).dropped.connect(self.install_all)
        self._desk.wishes.styles.connect(shelf.look)
        importing = self.importing
        importing.progressed.connect(self.working.progress)
        importing.ended.connect(self.working.hide)
        importing.done.connect(self._imported)
        importing.failed.connect(lambda text: self.news.say(text, "bad"))
        self.working.cancelled.connect(importing.cancel)
        undo = QShortcut(QKeySequence.StandardKey.Undo, self)
        undo.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        undo.activated.connect(shelf.undo)
        self.list.chosen.connect(lambda card: self.switching.to(card.entry))
        self.list.unwanted.connect(lambda card: self._remove(card.entry))
        self.list.asked.connect(self._show_menu)
        self.previews.failed.connect(lambda text: self.news.say(text, "bad"))
        shelf.changed.connect(self._show_found)
        shelf.installed.connect(self._installed)
        shelf.removed.connect(self._removed)
        shelf.restored.connect(self._restored)
        shelf.failed.connect(lambda text: self.news.say(text, "bad"))
        for changed in (self.speeds.changed, self.measuring.changed, self.switching.changed):
            changed.connect(self._show_cards)
        self._desk.instrument.updated.connect(self._move)

    # what is there

    def _show_found(self, found: Found) -> None:
        self.measuring.want({entry.sha256: entry.path for entry in found.entries})
        self.list.setVisible(bool(found.entries))
        self.empty.setVisible(not found.entries)
        self.empty.setText(NONE_YET)
        more = f" And {len(found.refused) - 1} more like it." if len(found.refused) > 1 else ""
        self.refused.setText(found.refused[0][1] + more if found.refused else "")
        self.refused.setToolTip("\n".join(f"{path}: {why}" for path, why in found.refused))
        self.refused.setVisible(bool(found.refused))
        self._show_cards()

    def _show_cards(self) -> None:
        self.list.show_cards([self._card(entry) for entry in self.shelf.found.entries])
        if self.list.current is None and self._desk.instrument.status.style:
            self.list.go_to(self._desk.instrument.status.style)

    def _card(self, entry: Entry) -> Card:
        speed = in_words(self.speeds.of(entry.sha256), self.measuring.now == entry.sha256)
        return Card(entry, speed, self.switching.in_use(entry), self.switching.opening(entry))

    def _move(self, status: Status) -> None:
        if status.work and self.isVisible():
            self.list.keep_moving()

    # what is done

    def _step(self, by: int) -> None:
        """To the next style, or the one before, round and round."""
        if entry := self.switching.step(self.shelf.found.entries, by):
            self.list.go_to(entry.path)

    def _choose_file(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, "Install a style", "", f"Styles (*{SUFFIX})")
        if chosen:
            self.install(Path(chosen))

    def install(self, path: Path) -> None:
        """Take a style file in, and play it. What is wrong with it is said in the panel."""
        self.news.say(f"Checking {path.name}…")
        self.shelf.install(path)

    def install_all(self, paths: list[Path]) -> None:
        for path in paths:
            self.install(path)

    def _installed(self, entry: Entry) -> None:
        self.news.say(f"{entry.style.info.name} is installed.")
        self.list.go_to(entry.path)
        self.switching.to(entry)

    def _choose_checkpoint(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, "Import a checkpoint of samplernn-pytorch")
        if chosen:
            self._desk.wishes.page.emit("play")
            self.ask_import(Path(chosen))

    def ask_import(self, checkpoint: Path) -> None:
        """Make a style of a checkpoint, after what it does not say was asked."""
        if self.importing.now is not None:
            self.news.say(f"{self.importing.now.checkpoint.name} is still being imported.", "bad")
            return
        dialog = ImportDialog(checkpoint, self)
        dialog.accepted_with.connect(self._import)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _import(self, wanted: Import) -> None:
        self.news.hide()
        self.working.begin(f"Importing {wanted.name}…")
        self.importing.begin(wanted)

    def _imported(self, style: Style) -> None:
        self.shelf.look()
        play = partial(self._desk.instrument.load, style.path)
        self.news.say(f"{style.info.name} is among the styles.", do="Play it", action=play)

    def _remove(self, entry: Entry) -> None:
        if entry.own:
            self.shelf.remove(entry)
        else:
            self.news.say(f"{entry.style.info.name} comes with the program and stays.")

    def _removed(self, entry: Entry) -> None:
        name, store = entry.style.info.name, self._desk.store
        in_use = " It plays on until you choose another." if self.switching.in_use(entry) else ""
        self.news.say(f"{name} is in the trash.{in_use}", do="Undo", action=self.shelf.undo)
        if store.value.style == entry.name:  # the next start would not find it
            store.change(style="")

    def _restored(self, entry: Entry) -> None:
        self.news.say(f"{entry.style.info.name} is back.")
        self.list.go_to(entry.path)
        if self.switching.in_use(entry):
            self._desk.store.change(style=entry.name)

    def _with_meant(self, do: Callable[[Entry], None]) -> None:
        """To the card that has the focus, else the style in use."""
        current = self.list.current if self.list.hasFocus() else None
        in_use = next(filter(self.switching.in_use, self.shelf.found.entries), None)
        if entry := current.entry if current else in_use:
            do(entry)
        else:
            self.news.say("The style in use is not among these.")

    def _about(self, entry: Entry) -> None:
        AboutStyle(self._desk, entry, self).show()

    def _show_menu(self, card: Card, spot: QPoint) -> None:
        entry = card.entry
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Play this style", lambda: self.switching.to(entry))
        hear = menu.addAction("Hear its preview", lambda: self.previews.toggle(entry))
        hear.setEnabled(card.has_preview)
        menu.addAction("About this style…", lambda: self._about(entry))
        menu.addAction("Measure its speed again", lambda: self.measuring.again(entry.sha256))
        menu.addSeparator()
        remove = menu.addAction("Move to the trash", lambda: self._remove(entry))
        remove.setShortcut(QKeySequence.StandardKey.Delete)
        remove.setEnabled(entry.own)
        menu.popup(spot)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()

    def _colour(self) -> None:
        self._install.setIcon(icon("ph.plus", "muted"))
