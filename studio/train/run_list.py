"""The trainings there are, each with how far it is."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from studio.theme import colour
from studio.train import saying
from studio.training.run import Run
from studio.widgets.elided import write

HEIGHT = 58
MARGIN = 10
BAR = 4
RUN = Qt.ItemDataRole.UserRole


class RunList(QListWidget):
    chosen = Signal()
    """Another is selected, or none."""
    unwanted = Signal()
    """Delete was pressed."""
    asked = Signal()
    """Return was."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "cards")
        self.setAccessibleName("Trainings")
        self.setItemDelegate(RunDelegate(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.currentItemChanged.connect(lambda now, before: self.chosen.emit())

    @property
    def folder(self) -> Path | None:
        """Of the training that is selected."""
        item = self.currentItem()
        run = item.data(RUN) if item is not None else None
        return run.folder if isinstance(run, Run) else None

    def show_runs(self, runs: list[Run]) -> None:
        """All of them, in this order; the one that is selected stays so."""
        before = self.folder
        with QSignalBlocker(self):
            while self.count() > len(runs):
                self.takeItem(self.count() - 1)
            while self.count() < len(runs):
                self.addItem(QListWidgetItem())
            for k, run in enumerate(runs):
                item = self.item(k)
                item.setData(RUN, run)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{run.name}: {saying.short(run)}")
                if run.folder == before:
                    self.setCurrentRow(k)
        if self.folder != before:
            self.chosen.emit()

    def select(self, folder: Path | None) -> None:
        """None, or one that is not there: nothing is selected."""
        for k in range(self.count()):
            if self.item(k).data(RUN).folder == folder:
                self.setCurrentRow(k)
                return
        self.setCurrentRow(-1)
        self.clearSelection()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.unwanted.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.asked.emit()
        else:
            super().keyPressEvent(event)


class RunDelegate(QStyledItemDelegate):
    """The name, the state below it, and while there is something of it a bar."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        run, area = index.data(RUN), QRectF(option.rect).adjusted(0, 1, 0, -3)
        if not isinstance(run, Run):
            return
        view = self.parent()
        focused = isinstance(view, QWidget) and view.hasFocus()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setBrush(colour("accent", 0.22 if focused else 0.13))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(colour("raised", 0.6))
        else:
            painter.setBrush(colour("raised", 0.3))
        painter.drawRoundedRect(area, 6, 6)
        inner = area.adjusted(MARGIN, 6, -MARGIN, -6)
        bold, small = QFont(option.font), QFont(option.font)
        bold.setWeight(QFont.Weight.DemiBold)
        small.setPixelSize(12)
        role = saying.ROLES[run.state]
        write(painter, QRectF(inner.left(), inner.top(), inner.width(), 18), run.name, bold, "text")
        write(painter, QRectF(inner.left(), inner.top() + 18, inner.width(), 16), saying.short(run), small,
               "muted" if role == "accent" else role)  # fmt: skip
        bar = QRectF(inner.left(), inner.bottom() - BAR, inner.width(), BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("line"))
        painter.drawRoundedRect(bar, BAR / 2, BAR / 2)
        if run.fraction:
            bar.setWidth(max(BAR, bar.width() * run.fraction))
            painter.setBrush(colour(role))
            painter.drawRoundedRect(bar, BAR / 2, BAR / 2)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(80, HEIGHT)
