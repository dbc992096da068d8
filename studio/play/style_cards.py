"""The styles one below the other: a list that is gone through by arrows, with a card for each."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QListView, QWidget

from studio.keys import RETURN
from studio.play.style_card import Card, CardDelegate

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole


class CardModel(QAbstractListModel):
    """Cards, as they are now."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.cards: list[Card] = []

    def show_cards(self, cards: list[Card]) -> None:
        """In place of those before; what is selected stays where the same styles are shown."""
        before = self.cards
        if [card.path for card in before] != [card.path for card in cards]:
            self.beginResetModel()
            self.cards = cards
            self.endResetModel()
            return
        self.cards = cards
        for k, (old, new) in enumerate(zip(before, cards, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(k), self.index(k))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.cards)

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        card = self.cards[index.row()]
        match role:
            case Role.UserRole:
                return card
            case Role.DisplayRole:
                return card.entry.style.info.name
            case Role.ToolTipRole:
                return "<br>".join(map(html.escape, card.told))
            case Role.AccessibleDescriptionRole:
                return "; ".join(card.told[1:])
            case Role.AccessibleTextRole:
                return ", ".join(filter(None, (card.entry.style.info.name, card.state)))
        return None


class StyleCards(QListView):
    chosen = Signal(object)
    """Card: play it."""
    unwanted = Signal(object)
    """Card: remove it."""
    asked = Signal(object, QPoint)
    """Card: show what can be done with it, there on the screen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "cards")
        self.setAccessibleName("Styles")
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(CardDelegate(self))
        self.cards = CardModel(self)
        self.setModel(self.cards)
        self.clicked.connect(lambda index: self.chosen.emit(self._card(index)))

    def show_cards(self, cards: list[Card]) -> None:
        current = self.current
        self.cards.show_cards(cards)
        if current and self.current is None:
            self.go_to(current.path)

    def go_to(self, path: Path) -> None:
        """Move to the card of that style, if it is there."""
        for k, card in enumerate(self.cards.cards):
            if card.path == path:
                self.setCurrentIndex(self.cards.index(k))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scrollTo(self.currentIndex())

    @property
    def current(self) -> Card | None:
        """Where the arrows are."""
        index = self.currentIndex()
        return self._card(index) if index.isValid() else None

    def keep_moving(self) -> None:
        """Paint the next picture of what moves."""
        for k, card in enumerate(self.cards.cards):
            if card.opening:
                self.update(self.cards.index(k))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        current = self.current
        if current and event.key() in RETURN:
            self.chosen.emit(current)
        elif current and event.key() == Qt.Key.Key_Delete:
            self.unwanted.emit(current)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        if index.isValid():
            spot = self.viewport().mapToGlobal(self.visualRect(index).center()) if by_key else event.globalPos()
            self.asked.emit(self._card(index), spot)

    def _card(self, index: Index) -> Card:
        return self.cards.cards[index.row()]
