"""The one window: menus, pages, notices, and what is done by the actions that belong to no panel."""

from __future__ import annotations

import secrets
from pathlib import Path

from PySide6.QtCore import QByteArray, QUrl
from PySide6.QtGui import QActionGroup, QCloseEvent, QDesktopServices
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QStackedWidget,
    QToolButton,
    QWidget,
)

from engine.controls import Reset, Rewind
from studio import paths, theme
from studio.about import About
from studio.desk import Desk
from studio.play.page import PlayPage
from studio.settings import Settings
from studio.settings_dialog import SettingsDialog
from studio.takes.page import TakesPage
from studio.train.page import TrainPage
from studio.widgets.drops import Drops, is_checkpoint, is_recording, is_style
from studio.widgets.floating import Floating
from studio.widgets.hint import Hint
from studio.widgets.notices import Notices
from studio.widgets.panel import column, row

LEAST = 960, 600
FIRST = 1280, 800
BACK_SECONDS = 10.0
TEMPERATURE_STEP = 0.05


class Window(QMainWindow):
    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.setWindowTitle(paths.NAME)
        self.setMinimumSize(*LEAST)
        self.resize(*FIRST)
        self._settings: SettingsDialog | None = None
        self.pages = QStackedWidget()
        self.play, self.takes, self.train = PlayPage(desk), TakesPage(desk), TrainPage(desk)
        self._names = {"play": self.play, "takes": self.takes, "train": self.train}
        for page in self._names.values():
            self.pages.addWidget(page)
        self._build_menus()
        body = QWidget()
        outer = column(0, parent=body)
        outer.addLayout(self._head())
        outer.addWidget(self.pages, 1)
        self.setCentralWidget(body)
        Floating(self.play.spectrum, Hint(desk, self.play), middle=True)
        Floating(self._beside_tabs, Notices(desk.instrument, body))
        self._connect()
        settings = desk.store.value
        self.restoreGeometry(QByteArray.fromBase64(settings.geometry.encode()))
        self.show_page(settings.page if settings.page in self._names else "play")

    def _build_menus(self) -> None:
        self._menus: list[QMenu] = []
        for title, actions in self.desk.actions.by_menu().items():
            menu = self.menuBar().addMenu(title)
            self._menus.append(menu)
            menu.addActions(actions)
            # also where the menu bar is the system's own, or hidden: the shortcuts are the window's
            self.addActions(actions)

    def _head(self) -> QHBoxLayout:
        head = row(2, (12, 0, 12, 4))
        group = QActionGroup(self)
        for name in self._names:
            action = self.desk.actions[f"page-{name}"]
            group.addAction(action)
            tab = QToolButton()
            tab.setProperty("role", "tab")
            tab.setDefaultAction(action)
            head.addWidget(tab)
        self._beside_tabs = QWidget()
        head.addWidget(self._beside_tabs, 1)
        return head

    def _connect(self) -> None:
        desk, actions, instrument = self.desk, self.desk.actions, self.desk.instrument
        for name in self._names:
            actions[f"page-{name}"].triggered.connect(lambda checked=False, name=name: self.show_page(name))
        actions["play"].triggered.connect(instrument.toggle)
        actions["reset"].triggered.connect(lambda: instrument.ask(Reset()))
        actions["dice"].triggered.connect(lambda: instrument.reseed())
        actions["lock-seed"].toggled.connect(instrument.lock_seed)
        actions["cooler"].triggered.connect(lambda: self._warm(-TEMPERATURE_STEP))
        actions["hotter"].triggered.connect(lambda: self._warm(TEMPERATURE_STEP))
        actions["back"].triggered.connect(self._go_back)
        actions["full-screen"].toggled.connect(lambda on: self.showFullScreen() if on else self.showNormal())
        actions["log"].triggered.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(paths.log_file()))))
        actions["about"].triggered.connect(self._about)
        actions["settings"].triggered.connect(self._open_settings)
        actions["quit"].triggered.connect(self.close)
        desk.wishes.page.connect(self.show_page)
        Drops(self, is_style).dropped.connect(self._install)
        Drops(self, is_checkpoint).dropped.connect(self._import)
        Drops(self, is_recording).dropped.connect(lambda paths: desk.wishes.prime.emit(paths[0]))
        instrument.seed_locked.connect(lambda locked: desk.store.change(seed=instrument.locked_seed))
        desk.store.changed.connect(self._follow)
        desk.store.troubled.connect(lambda text: instrument.say("error", text))
        instrument.controls_changed.connect(lambda controls: desk.store.change(controls=controls))
        self._scheme = desk.store.value.scheme

    def show_page(self, name: str) -> None:
        self.pages.setCurrentWidget(self._names[name])
        self.desk.actions[f"page-{name}"].setChecked(True)
        self.desk.actions.show_page(name)
        for menu in self._menus:
            menu.menuAction().setVisible(any(action.isVisible() for action in menu.actions()))
        self.desk.store.change(page=name)

    def _follow(self, settings: Settings) -> None:
        if settings.scheme != self._scheme:
            self._scheme = settings.scheme
            app = QApplication.instance()
            assert isinstance(app, QApplication)
            theme.apply(app, settings.scheme)
            self.desk.actions.colour()

    def _install(self, paths: list[Path]) -> None:
        self.show_page("play")
        self.play.styles.install_all(paths)

    def _import(self, paths: list[Path]) -> None:
        self.show_page("play")
        self.play.styles.ask_import(paths[0])

    def _open_settings(self) -> None:
        if self._settings is None:
            self._settings = SettingsDialog(self.desk, self)
        self._settings.show()
        self._settings.raise_()
        self._settings.activateWindow()

    def _warm(self, by: float) -> None:
        instrument = self.desk.instrument
        instrument.turn(temperature=round(instrument.controls.temperature + by, 3))

    def _go_back(self) -> None:
        self.desk.instrument.ask(Rewind(BACK_SECONDS, secrets.randbits(32)))

    def _about(self) -> None:
        About(self).show()

    def closeEvent(self, event: QCloseEvent) -> None:
        geometry = bytes(self.saveGeometry().toBase64().data()).decode()
        self.desk.store.change(geometry=geometry)
        self.desk.store.save()
        event.accept()
