"""The list of takes: selected, moved through, renamed in place, dragged out."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QItemSelectionModel, QItemSelectionRange, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from studio.actions import Actions
from studio.keys import is_kept
from studio.takes.delegate import ROW_HEIGHT, TakeDelegate
from studio.takes.files import Take
from studio.takes.hearing import Hearing
from studio.takes.model import Column, TakesModel
from studio.takes.thumbnails import Thumbnails

Key = Qt.Key
MOVES = frozenset({Key.Key_Up, Key.Key_Down, Key.Key_Home, Key.Key_End, Key.Key_PageUp, Key.Key_PageDown})
WIDTHS = {Column.STYLE: 130, Column.LENGTH: 84, Column.DATE: 150, Column.SIZE: 84}
KEYS = {Key.Key_Return: "take-play", Key.Key_Enter: "take-play", Key.Key_Delete: "take-delete"}
"""Also where they are not left to the window's shortcuts."""
MENU = (
    "take-play", "take-prime", "take-longer", "", "take-rename", "take-export", "take-copy", "take-reveal", "",
    "take-delete",
)  # fmt: skip


class TakesList(QTableView):
    chosen = Signal()
    """Other takes are selected, or others are in their place."""
    seen = Signal(object)
    """list[Take] that are in sight now."""

    def __init__(
        self,
        model: TakesModel,
        actions: Actions,
        thumbnails: Thumbnails,
        hearing: Hearing,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._model, self._actions = model, actions
        self._looks = TakeDelegate(thumbnails, hearing, self)
        self.setModel(model)
        self.setItemDelegate(self._looks)
        self.setProperty("role", "takes")
        self.setAccessibleName("Takes")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        # one of its own, always empty: else it asks each row of each column whether it is selected
        header.setSelectionModel(QItemSelectionModel(model, self))
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(Column.NAME, QHeaderView.ResizeMode.Stretch)
        for column, width in WIDTHS.items():
            self.setColumnWidth(column, width)
        header.setSortIndicator(Column.DATE, Qt.SortOrder.DescendingOrder)
        self.setSortingEnabled(True)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(lambda: self.seen.emit(self.in_sight()))
        self.selectionModel().selectionChanged.connect(self.chosen)
        model.arranged.connect(self.chosen)
        model.dataChanged.connect(self.chosen)
        model.arranged.connect(self._soon.start)
        self.verticalScrollBar().valueChanged.connect(self._soon.start)
        thumbnails.made.connect(self.viewport().update)
        hearing.changed.connect(self.viewport().update)
        hearing.moved.connect(lambda: self._repaint(hearing))
        self.doubleClicked.connect(lambda index: actions["take-play"].trigger())

    def selected(self) -> list[Take]:
        """In the list's order."""
        return [self._model.take(row) for row in self._selected_rows()]

    def select(self, row: int) -> None:
        """This one alone, as far as there is such a row."""
        row = min(row, self._model.rowCount() - 1)
        if row >= 0:
            index = self._model.index(row, Column.NAME)
            mode = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(index, mode.ClearAndSelect | mode.Rows)
            self.scrollTo(index)

    def rename(self) -> None:
        """Begin to type another name for the one that is selected."""
        rows = self._selected_rows()
        if len(rows) == 1:
            index = self._model.index(rows[0], Column.NAME)
            self.scrollTo(index)
            self.edit(index)

    def in_sight(self) -> list[Take]:
        height = self.viewport().height()
        first, last = self.rowAt(0), self.rowAt(height - 1)
        if first < 0:
            return []
        return [self._model.take(row) for row in range(first, (last if last >= 0 else self._model.rowCount() - 1) + 1)]

    def event(self, event: QEvent) -> bool:
        return is_kept(event, lambda asked: asked.key() in MOVES) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Moving and selecting; everything else is an action of the window."""
        if event.key() in MOVES or event.matches(QKeySequence.StandardKey.SelectAll):
            super().keyPressEvent(event)
        elif event.key() in KEYS:
            self._actions[KEYS[Key(event.key())]].trigger()
        else:
            event.ignore()

    def moveCursor(self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Home and End go to the first and the last take, not along its columns."""
        ends = {QAbstractItemView.CursorAction.MoveHome: 0, QAbstractItemView.CursorAction.MoveEnd: -1}
        if action in ends:
            return self._model.index(ends[action] % max(1, self._model.rowCount()), Column.NAME)
        return super().moveCursor(action, modifiers)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if not self.selected():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in MENU:
            if name:
                menu.addAction(self._actions[name])
            else:
                menu.addSeparator()
        at = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            at = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).center())
        menu.popup(at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.rowAt(round(event.position().y())))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._soon.start()

    def _selected_rows(self) -> list[int]:
        # by its ranges: the model's own list of them takes seconds for ten thousand
        ranges: list[QItemSelectionRange] = list(self.selectionModel().selection())  # type: ignore[call-overload]
        return sorted({row for each in ranges for row in range(each.top(), each.bottom() + 1)})

    def _hover(self, row: int) -> None:
        if row != self._looks.hovered:
            self._looks.hovered = row
            self.viewport().update()

    def _repaint(self, hearing: Hearing) -> None:
        if (row := self._model.row(hearing.file)) >= 0:
            self.update(self._model.index(row, Column.NAME))
