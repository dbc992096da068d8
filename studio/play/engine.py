"""The state of the engine in words."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from engine.controls import RANGES, Controls, Status
from models.style import StyleInfo
from studio.desk import Desk
from studio.play import words
from studio.play.loaded import Loaded
from studio.widgets.button import Button
from studio.widgets.elided import Elided, Paragraph
from studio.widgets.panel import Panel, column, label, row, set_role
from studio.widgets.signs import Buffer, Busy, Dot

WIDTH, WIDEST = 226, 340
MORE_LATENCY = 0.05
CALM = 8
"""Frames for which figures that move all the time stay: they are to be read."""


class EnginePanel(Panel):
    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("Engine", parent)
        self.title.hide()
        self.setMinimumWidth(WIDTH)
        self.setMaximumWidth(WIDEST)
        self._instrument = desk.instrument
        self._frame = 0
        self.dot, self.state, self.busy = Dot(), label("", "name"), Busy()
        self.work = Elided("muted", Qt.AlignmentFlag.AlignRight)
        head = row(6)
        for part in (self.dot, self.state, self.busy):
            head.addWidget(part)
        head.addWidget(self.work, 1)
        self.figures, self.trouble = Figures(desk), Trouble(desk)
        self.body.addLayout(head)
        self._pages = QStackedLayout()
        self.body.addLayout(self._pages, 1)
        self._pages.addWidget(self.figures)
        self._pages.addWidget(self.trouble)
        self._show(self._instrument.status)
        self._instrument.updated.connect(self._follow)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show(self._instrument.status)

    def _follow(self, status: Status) -> None:
        if not self.isVisible():
            return
        if status.work:
            self.busy.turn()
        self.figures.show_fill(status, self._instrument.controls)
        self._frame += 1
        if self._frame % CALM == 0 or _news(status) != self._news:
            self._show(status)

    def _show(self, status: Status) -> None:
        self._news = _news(status)
        text, role = words.state(status)
        self.state.setText(text)
        self.dot.show_role(role)
        self.busy.setVisible(bool(status.work))
        self.work.setText(words.beside_state(status))
        self._pages.setCurrentWidget(self.trouble if status.state in ("reconnecting", "failed") else self.figures)
        self.trouble.show_status(status)
        self.figures.show_status(status, self._instrument.controls)
        self.setAccessibleDescription(f"{text} {words.sentence(status.reason)}".strip())
        self.setToolTip(words.everything(status, self._instrument.controls))


def _news(status: Status) -> tuple[object, ...]:
    """What is shown at once."""
    return words.state(status), words.beside_state(status), status.reason, status.underruns, status.verdict


class Trouble(QWidget):
    """Why it does not play, or not on a device."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.reason = Paragraph("muted")
        self.again = Button(desk.actions["play"], "Start again", "primary")
        self.again.show_icon("ph.play-fill", "on_accent")
        inside = column(4, parent=self)
        inside.addWidget(self.reason, 1)
        inside.addWidget(self.again)

    def show_status(self, status: Status) -> None:
        self.reason.setText(words.sentence(status.reason))
        self.again.setVisible(status.state == "failed")


class Figures(QWidget):
    """How it does, and what to do about dropouts."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._instrument = desk.instrument
        self._style_rate = 0
        self._forgiven = 0, 0.0
        """Dropouts, and their seconds, that were counted before they were forgotten."""
        self.buffer, self.ready = Buffer(), Elided("muted", Qt.AlignmentFlag.AlignRight)
        self.speed, self.device, self.delay, self.health = (Elided("muted") for _ in range(4))
        self.forget = Button(desk.actions["forget-dropouts"], role="link", pixels=12)
        self.forget.show_icon("ph.x", "muted")
        self.advice = Button(desk.actions["raise-latency"], "Raise the latency", "link")
        self._build()
        desk.actions["raise-latency"].triggered.connect(self._raise_latency)
        desk.actions["forget-dropouts"].triggered.connect(self._forget)
        Loaded(desk, self).changed.connect(self._know_style)

    def _build(self) -> None:
        inside = column(2, parent=self)
        picture, counted = row(8), row(4)
        picture.addWidget(self.buffer, 1)
        picture.addWidget(self.ready)
        counted.addWidget(self.delay, 1)
        counted.addWidget(self.forget)
        inside.addLayout(picture)
        inside.addWidget(self.speed)
        inside.addWidget(self.device)
        inside.addLayout(counted)
        inside.addWidget(self.health)
        inside.addWidget(self.advice)
        inside.addStretch(1)

    def show_fill(self, status: Status, controls: Controls) -> None:
        fill = status.fill if status.state != "stopped" else 0.0
        self.buffer.show_fill(fill / controls.latency)

    def show_status(self, status: Status, controls: Controls) -> None:
        self.show_fill(status, controls)
        self.ready.setText(f"{status.fill * 1000:.0f} of {controls.latency * 1000:.0f} ms")
        self.speed.setText(words.speed(status))
        set_role(self.speed, "warning" if words.too_slow(status) else "muted")
        self.device.setText(words.device(status, self._style_rate))
        if status.underruns < self._forgiven[0]:  # it was started anew
            self._forgiven = 0, 0.0
        gaps, seconds = status.underruns - self._forgiven[0], status.underrun_seconds - self._forgiven[1]
        self.delay.setText(words.dropouts(gaps, seconds) if gaps else words.delay(status))
        set_role(self.delay, "warning" if gaps else "muted")
        self.forget.setVisible(gaps > 0)
        text, role = words.health(status, controls)
        room = controls.latency < RANGES["latency"][1]
        helps = gaps > 0 and room and role != "warning"
        if gaps and not room and role != "warning":
            text = "Close other programs that work hard"
        self.health.setText(text)
        set_role(self.health, role)
        self.health.setVisible(not helps)
        self.advice.setVisible(helps)
        self.advice.say(
            f"Raise the latency to {min(controls.latency + MORE_LATENCY, RANGES['latency'][1]) * 1000:.0f} ms"
        )

    def _raise_latency(self) -> None:
        self._instrument.turn(latency=round(self._instrument.controls.latency + MORE_LATENCY, 3))
        self._forget()

    def _forget(self) -> None:
        status = self._instrument.status
        self._forgiven = status.underruns, status.underrun_seconds
        self.show_status(status, self._instrument.controls)

    def _know_style(self, info: StyleInfo) -> None:
        self._style_rate = info.model.sample_rate
        self.show_status(self._instrument.status, self._instrument.controls)
