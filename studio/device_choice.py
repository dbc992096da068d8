"""Which device plays: those that are there now, found by another process each time it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QComboBox, QPushButton, QToolButton, QWidget

from engine.controls import Status
from studio.desk import Desk
from studio.icons import icon
from studio.program import Program, command
from studio.widgets.panel import column, label, row
from studio.widgets.said import say

DEFAULT = "System default"


@dataclass(frozen=True)
class Device:
    """One that can play."""

    name: str
    """As the engine says it of the one in use."""
    full_name: str
    is_default: bool

    def called(self, name: str) -> bool:
        return name in (self.name, self.full_name)


class DeviceChoice(QWidget):
    """The choice is remembered at once, by name, and holds from the next start of play on; one that is not there now
    is kept, and said."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._devices: list[Device] = []
        self._trouble = ""
        self.box = QComboBox()
        self.box.setAccessibleName("Device")
        self.box.activated.connect(self._choose)
        self.refresh = QToolButton()
        self.refresh.setToolTip("Look for devices again")
        self.refresh.setAccessibleName("Look for devices again")
        self.refresh.clicked.connect(self.look)
        self.told = label("", "muted")
        self.told.setWordWrap(True)
        self.use = QPushButton("Use it now")
        self.use.setToolTip("Fade out, and play on through the device that is chosen")
        self.use.clicked.connect(self._use_now)
        outer, first, second = column(4, parent=self), row(6), row(6)
        first.addWidget(self.box, 1)
        first.addWidget(self.refresh)
        second.addWidget(self.told, 1)
        second.addWidget(self.use)
        outer.addLayout(first)
        outer.addLayout(second)
        self._program = Program(self)
        self._program.answered.connect(self._found)
        self._program.failed.connect(self._not_found)
        desk.instrument.updated.connect(self._tell)
        self._colour()
        self._fill()

    def look(self) -> None:
        """Find out which there are now."""
        self._trouble = ""
        self._program.begin(command("devices"))
        self._tell(self._desk.instrument.status)

    def _found(self, answer: dict[str, Any]) -> None:
        self._devices = [
            Device(found["name"], f"{found['name']} ({found['host_api']})", found["default_output"])
            for found in answer["devices"]
            if found["outputs"]
        ]
        self._trouble = "" if self._devices else "No sound device was found. Plug one in, then look again."
        self._fill()

    def _not_found(self, text: str) -> None:
        self._trouble = f"The devices cannot be listed: {text}"
        self._fill()

    @property
    def _wanted(self) -> Device | None:
        """The device that is chosen, if it is there."""
        name = self._desk.store.value.device
        return next((each for each in self._devices if (each.called(name) if name else each.is_default)), None)

    def _fill(self) -> None:
        name, box = self._desk.store.value.device, self.box
        default = next((f": {each.name}" for each in self._devices if each.is_default), "")
        box.clear()
        box.addItem(DEFAULT + default, None)
        for device in self._devices:
            box.addItem(device.full_name, device.full_name)
        if name and not self._wanted:
            box.addItem(name, name)
        here = self._wanted.full_name if name and self._wanted else name
        box.setCurrentIndex(max(0, box.findData(here)))
        self._tell(self._desk.instrument.status)

    def _choose(self, number: int) -> None:
        name = self.box.itemData(number)
        self._desk.instrument.device = name
        self._desk.store.change(device=name)
        self._tell(self._desk.instrument.status)

    def _tell(self, status: Status) -> None:
        name, playing = self._desk.store.value.device, self._desk.instrument.playing
        elsewhere = playing and self._wanted is not None and self._wanted.name != status.device
        self.use.setVisible(elsewhere)
        if self._program.running:
            say(self.told, "Looking for devices…", "muted")
        elif self._trouble:
            say(self.told, self._trouble, "bad")
        elif name and not self._wanted:
            say(self.told, f"{name} is not there now. Plug it in and look again, or choose another.", "warning")
        elif elsewhere:
            say(self.told, f"{status.device} plays now; the choice holds from the next start on.", "muted")
        else:
            say(self.told, f"Playing on: {status.device}" if playing else "", "muted")

    def _use_now(self) -> None:
        engine = self._desk.instrument.engine
        engine.stop()
        engine.start(self._desk.instrument.device)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._program.end()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()

    def _colour(self) -> None:
        self.refresh.setIcon(icon("ph.arrows-clockwise"))
