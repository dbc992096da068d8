"""What is shown where there are no takes: why, and what to do."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from studio.actions import Actions
from studio.icons import icon
from studio.widgets.button import Button
from studio.widgets.panel import column, label, row

WIDTH = 460


class Empty(QWidget):
    cleared = Signal()
    """All takes are wanted, not only those that were searched for."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sign, self.title, self.text = QLabel(), label("", "heading"), label("", "muted")
        self._name = "ph.music-notes"
        self.text.setWordWrap(True)
        self.text.setFixedWidth(WIDTH)
        for part in (self._sign, self.title, self.text):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.record = Button(actions["record"], "Record", "record")
        self.record.show_icon("ph.record-fill", "bad")
        self.keep = Button(actions["keep"], "Keep what I just heard")
        self.keep.show_icon("ph.bookmark-simple-fill")
        self.settings = Button(actions["settings"], "Choose another folder")
        self.all = QPushButton("Show all takes")
        self.all.clicked.connect(self.cleared)
        buttons = row(8)
        buttons.addStretch(1)
        for button in (self.record, self.keep, self.settings, self.all):
            buttons.addWidget(button)
        buttons.addStretch(1)
        outer = column(10, parent=self)
        outer.addStretch(2)
        for part in (self._sign, self.title):
            outer.addWidget(part)
        outer.addWidget(self.text, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addSpacing(6)
        outer.addLayout(buttons)
        outer.addStretch(3)

    def no_takes(self, keep_seconds: float) -> None:
        text = (
            "A take is a recording of what you hear. Press R to begin one and R again to end it. If something good has "
            f"just gone by, press K: that keeps the last {keep_seconds:g} s of it."
        )
        self._tell("ph.music-notes", "No takes yet", text, self.record, self.keep)

    def no_match(self, search: str) -> None:
        self._tell("ph.magnifying-glass", f"Nothing matches “{search}”", "Names and styles are searched.", self.all)

    def no_folder(self, trouble: str) -> None:
        self._tell("ph.warning-circle", "The takes cannot be shown", trouble, self.settings)

    def nothing(self) -> None:
        """It is not known yet."""
        self._tell("", "", "")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()

    def _tell(self, name: str, title: str, text: str, *buttons: QPushButton) -> None:
        self._name = name
        self.title.setText(title)
        self.text.setText(text)
        self.text.setMinimumHeight(max(0, self.text.heightForWidth(WIDTH)))
        for button in (self.record, self.keep, self.settings, self.all):
            button.setVisible(button in buttons)
        self._dress()

    def _dress(self) -> None:
        self._sign.setVisible(bool(self._name))
        if self._name:
            self._sign.setPixmap(icon(self._name, "faint").pixmap(40, 40))
