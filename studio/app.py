"""The start, told in order: the engine's process first, since it takes longest and needs nothing of Qt; then settings,
the look, the window; what is not needed to show it comes after it is shown."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication

from engine.session import Session
from studio import paths, settings, theme
from studio.actions import Actions
from studio.desk import Desk, Wishes
from studio.icons import icon
from studio.instrument import Instrument
from studio.jobs import Jobs
from studio.keys import Keys
from studio.problems import Problems, open_log
from studio.store import Store
from studio.window import Window

FIRST_STYLE = "piano"


class Studio:
    """The app while it runs: `desk` and `window`. GUI thread."""

    def __init__(self) -> None:
        session = Session()
        self.app = QApplication(sys.argv[:1])
        self.app.setApplicationName(paths.NAME)
        self.app.setStyle("Fusion")
        remembered, trouble = settings.load(paths.settings_file())
        theme.load_font(self.app)
        theme.apply(self.app, remembered.scheme)
        self.app.setWindowIcon(icon("ph.waves-bold", "accent"))
        instrument = Instrument(session)
        store = Store(remembered, paths.settings_file())
        self.desk = Desk(instrument, Actions(instrument), Jobs(), store, Wishes())
        self._recall()
        self.window = Window(self.desk)
        self._problems = Problems(self.window)
        Keys(self.app)
        self.window.show()
        for text in filter(None, (open_log(), trouble)):
            instrument.say("error", text)
        instrument.watch()
        # all of the above stays to the end: to look through it for garbage would hold up the window for 40 ms and more
        gc.freeze()

    def run(self) -> int:
        """Until the window is closed; returns the exit code. Blocks."""
        code = self.app.exec()
        self._problems.restore()
        self.desk.jobs.close()
        self.desk.instrument.close()
        return code

    def _recall(self) -> None:
        """All as it was at the end of the last time."""
        remembered, instrument = self.desk.store.value, self.desk.instrument
        instrument.device, instrument.provider = remembered.device, remembered.provider
        instrument.engine.set(remembered.controls)
        if remembered.seed is not None:
            instrument.locked_seed = remembered.seed
            self.desk.actions["lock-seed"].setChecked(True)
        instrument.load(Path(remembered.style or FIRST_STYLE))
