"""Lines below the list: what was just done, with a way back; what is being done, with a way to stop it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtWidgets import QFrame, QProgressBar, QPushButton, QToolButton, QVBoxLayout, QWidget

from studio.icons import icon
from studio.widgets.panel import column, label, row

SHOWN_SECONDS = 15.0
MOST = 3


class Line(QFrame):
    """One of them."""

    over = Signal()

    def __init__(self, text: str, role: str, button: str, act: Callable[[], None] | None) -> None:
        """button: what it says; act: what it does."""
        super().__init__()
        self.setProperty("role", "panel")
        self.setAccessibleName(text)
        outer = row(10, (12, 3, 4, 3), self)
        self.text = label(text, role)
        self.bar = QProgressBar(textVisible=False, maximum=1000)
        self.bar.setFixedWidth(180)
        self.button = QPushButton(button)
        self._close = QToolButton(autoRaise=True)
        self._close.setToolTip("Close")
        self._close.setAccessibleName("Close this line")
        self._close.setProperty("role", "plain")
        outer.addWidget(self.text)
        outer.addStretch(1)
        for part in (self.bar, self.button, self._close):
            outer.addWidget(part)
        self.bar.hide()
        self.button.setVisible(bool(button))
        if act is not None:
            self.button.clicked.connect(act)
        self._close.clicked.connect(self.end)
        self._dress()

    def progress(self, fraction: float | None) -> None:
        """Show how far it is; none: nobody knows. While there is something to stop, it is not closed."""
        self.bar.setMaximum(0 if fraction is None else 1000)
        self.bar.setValue(round(1000 * (fraction or 0)))
        self.bar.show()
        self._close.hide()

    def end(self) -> None:
        """Take it away."""
        self.over.emit()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        self._close.setIcon(icon("ph.x", "muted"))


class Lines(QWidget):
    """The latest few."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._outer: QVBoxLayout = column(6, parent=self)
        self.hide()

    def say(self, text: str, role: str = "", button: str = "", act: Callable[[], None] | None = None) -> Line:
        """Something that goes away by itself; a press of its button also ends it."""
        line = self._add(text, role, button, act)
        line.button.clicked.connect(line.end)
        QTimer.singleShot(int(SHOWN_SECONDS * 1000), line, line.end)
        return line

    def work(self, text: str, stop: Callable[[], None]) -> Line:
        """Something that takes long; whoever began it ends it by `Line.end`."""
        line = self._add(text, "", "Cancel", stop)
        line.progress(None)
        return line

    def lines(self) -> list[Line]:
        items = (self._outer.itemAt(i) for i in range(self._outer.count()))
        return [part for item in items if item is not None and isinstance(part := item.widget(), Line)]

    def _add(self, text: str, role: str, button: str, act: Callable[[], None] | None) -> Line:
        line = Line(text, role, button, act)
        done = [each for each in self.lines() if each.bar.isHidden()]
        for old in done[: max(0, len(self.lines()) + 1 - MOST)]:
            old.end()
        self._outer.addWidget(line)
        line.over.connect(lambda: self._remove(line))
        self.show()
        return line

    def _remove(self, line: Line) -> None:
        self._outer.removeWidget(line)
        line.hide()
        line.deleteLater()
        self.setVisible(bool(self.lines()))
