"""The recordings that were opened lately."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from models.audio import AUDIO_SUFFIXES
from studio.store import Store

MOST = 8


class Recent(QObject):
    """Kept in the settings, the latest first."""

    chosen = Signal(object)
    """Path"""

    def __init__(self, store: Store, parent: QWidget) -> None:
        super().__init__(parent)
        self._store, self._parent = store, parent

    @property
    def files(self) -> tuple[Path, ...]:
        return self._store.value.recent_primes

    def add(self, path: Path) -> None:
        others = [other for other in self.files if other != path]
        self._store.change(recent_primes=(path, *others)[:MOST])

    def forget(self, path: Path) -> None:
        self._store.change(recent_primes=tuple(other for other in self.files if other != path))

    def menu(self, first: QAction) -> QMenu:
        """A menu that shows them after an action of another kind."""
        menu = QMenu(self._parent)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(lambda: self._fill(menu, first))
        return menu

    def _fill(self, menu: QMenu, first: QAction) -> None:
        menu.clear()
        menu.addAction(first)
        menu.addSeparator()
        for path in self.files:
            action = menu.addAction(path.name.replace("&", "&&"))
            action.setToolTip(str(path))
            action.triggered.connect(lambda checked=False, path=path: self.chosen.emit(path))
        if not self.files:
            menu.addAction("No recordings so far").setEnabled(False)

    def choose(self) -> None:
        """Ask for a file, beginning where the last one was."""
        music = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MusicLocation)
        folder = str(self.files[0].parent) if self.files else music
        kinds = " ".join(f"*{suffix}" for suffix in sorted(AUDIO_SUFFIXES))
        dialog = QFileDialog(
            self._parent, "Open a recording to go on from", folder, f"Recordings ({kinds});;All files (*)"
        )
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.chosen.emit(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
