"""How a take looks in the list."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRectF, QSize
from PySide6.QtGui import QFont, QImage, QKeyEvent, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from studio.icons import icon
from studio.keys import is_kept
from studio.peaks import Peaks
from studio.takes.files import Take
from studio.takes.hearing import Hearing
from studio.takes.model import Column, TakesModel
from studio.takes.thumbnails import Thumbnails
from studio.theme import colour, colours
from studio.widgets.elided import write
from studio.widgets.waveform import wave_image

Index = QModelIndex | QPersistentModelIndex

ROW_HEIGHT = 48
PICTURE = 132, 34
MARGIN = 8
GAP = 14
IMAGES = 300
"""Painted and kept."""


class NameEdit(QLineEdit):
    """No key in it is a shortcut of the window, or the list's."""

    def event(self, event: QEvent) -> bool:
        return is_kept(event, lambda key: True) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        event.accept()


class TakeDelegate(QStyledItemDelegate):
    """The name with the waveform before it; the rest in quieter letters. `hovered` is the row under the mouse."""

    def __init__(self, thumbnails: Thumbnails, hearing: Hearing, view: QAbstractItemView) -> None:
        super().__init__(view)
        self.hovered = -1
        self._view = view
        self._thumbnails, self._hearing = thumbnails, hearing
        self._images: dict[object, QImage] = {}

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, TakesModel)
        take, area = model.take(index.row()), QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option, index)
        if index.column() == Column.NAME:
            self._paint_name(painter, option, take)
        else:
            text = index.data() or ("" if take.header is None else "–")
            write(painter, area.adjusted(MARGIN, 0, -MARGIN / 2, 0), text, option.font, "muted")
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = NameEdit(parent)
        editor.setAccessibleName("New name")
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        height = editor.sizeHint().height()
        left = option.rect.left() + MARGIN + PICTURE[0] + GAP // 2
        top = option.rect.center().y() - height // 2
        editor.setGeometry(left, top, option.rect.right() - left - MARGIN, height)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(80, ROW_HEIGHT)

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        area = QRectF(option.rect)
        view = self._view
        focused = view.hasFocus()
        line, alpha = "line", 0.6
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, colour("accent", 0.16 if focused else 0.1))
            if index.column() == Column.NAME:
                painter.fillRect(QRectF(area.left(), area.top(), 3, area.height()), colour("accent"))
        elif index.row() == self.hovered:
            painter.fillRect(area, colour("raised", 0.6))
        if focused and view.currentIndex().row() == index.row():
            line, alpha = "accent", 0.8
            painter.fillRect(QRectF(area.left(), area.top(), area.width(), 1), colour(line, alpha))
        painter.fillRect(QRectF(area.left(), area.bottom() - 1, area.width(), 1), colour(line, alpha))

    def _paint_name(self, painter: QPainter, option: QStyleOptionViewItem, take: Take) -> None:
        area = QRectF(option.rect)
        heard = take.file == self._hearing.file
        picture = QRectF(area.left() + MARGIN, area.center().y() - PICTURE[1] / 2, *PICTURE)
        self._paint_picture(painter, picture, take, heard)
        text = area.adjusted(MARGIN, 0, -MARGIN / 2, 0)
        text.setLeft(picture.right() + GAP)
        bold, small = QFont(option.font), QFont(option.font)
        bold.setWeight(QFont.Weight.DemiBold)
        small.setPixelSize(11)
        if take.trouble:
            middle = text.center().y()
            write(painter, QRectF(text.left(), middle - 18, text.width(), 18), take.name, bold, "muted")
            write(painter, QRectF(text.left(), middle, text.width(), 16), take.trouble, small, "bad")
        else:
            write(painter, text, take.name, bold, "accent" if heard else "text")

    def _paint_picture(self, painter: QPainter, area: QRectF, take: Take, heard: bool) -> None:
        frame = QPainterPath()
        frame.addRoundedRect(area, 4, 4)
        painter.fillPath(frame, colour("well"))
        painter.strokePath(frame, QPen(colour("line", 0.7), 1))
        if take.trouble:
            icon("ph.warning-circle", "bad").paint(painter, area.toAlignedRect().adjusted(0, 8, 0, -8))
            return
        peaks = self._thumbnails.peaks(take)
        if peaks is None:
            return
        inner = area.adjusted(4, 3, -4, -3)
        done = 0.0
        if heard and take.seconds:
            done = min(1.0, self._hearing.position / take.seconds) * inner.width()
        painter.drawImage(inner.topLeft(), self._image(take, peaks, "accent" if heard else "muted"))
        if heard:
            painter.fillRect(QRectF(round(inner.left() + done) - 1, area.top(), 2, area.height()), colour("second"))

    def _image(self, take: Take, peaks: Peaks, role: str) -> QImage:
        ratio = self._view.devicePixelRatioF()
        key = take.file, take.size, take.changed, role, colours(), ratio
        if key not in self._images:
            if len(self._images) >= IMAGES:
                self._images.clear()
            width, height = (round(size * ratio) for size in (PICTURE[0] - 8, PICTURE[1] - 6))
            image = wave_image(peaks.part(0, len(peaks), width), height, role)
            image.setDevicePixelRatio(ratio)
            self._images[key] = image
        return self._images[key]
