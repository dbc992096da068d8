"""The seed: shown, typed, locked, thrown."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from engine.controls import Status
from studio.desk import Desk
from studio.widgets.button import Button
from studio.widgets.field import Field
from studio.widgets.panel import label, row

MOST = 2**64 - 1
TIP = "What decides chance: the same style, seed and controls play the same again.\nType one, or let another be drawn."


class SeedRow(QWidget):
    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._instrument = desk.instrument
        self.field = Field()
        self.field.describe("Seed", TIP)
        self.field.setFixedWidth(118)
        self.field.setMaxLength(40)
        self.field.returnPressed.connect(self._take)
        self.field.given_up.connect(self._leave)
        self.field.left.connect(self._show)
        self._lock_action = desk.actions["lock-seed"]
        self.lock = Button(self._lock_action, role="plain", pixels=18)
        self.dice = Button(desk.actions["dice"], role="plain", pixels=18)
        self.dice.show_icon("ph.dice-five-fill")
        line = row(4, parent=self)
        line.addStretch(1)
        line.addWidget(label("Seed", "muted"))
        for part in (self.field, self.lock, self.dice):
            line.addWidget(part)
        line.addStretch(1)
        self._show_lock()
        self._lock_action.toggled.connect(self._show_lock)
        self._instrument.updated.connect(self._follow)
        self._show()

    def _follow(self, status: Status) -> None:
        if not self.field.hasFocus():
            self._show()

    def _show(self) -> None:
        self.field.complain("")
        seed = str(self._instrument.status.seed)
        if self.field.text() != seed:
            self.field.setText(seed)
            self.field.setCursorPosition(0)

    def _show_lock(self) -> None:
        locked = self._lock_action.isChecked()
        self.lock.show_icon(*(("ph.lock-simple-fill", "accent") if locked else ("ph.lock-simple-open", "muted")))

    def _take(self) -> None:
        text = self.field.text().strip()
        if not (text.isdecimal() and int(text) <= MOST):
            self.field.complain(f"A seed is a whole number from 0 to {MOST}.")
            return
        self._instrument.reseed(int(text))
        self.field.clearFocus()

    def _leave(self) -> None:
        self.field.clearFocus()
