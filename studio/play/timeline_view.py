"""The last five minutes on the screen: what is shown of them, and what is selected."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.controls import Auditioning, Mark, Status
from studio.play.heard import Heard
from studio.play.marks import happened, happened_ago, mark_near
from studio.play.scale import Scale
from studio.play.timeline_picture import FLAGS, TimelinePicture
from studio.theme import colour

EMPTY = "The last five minutes of what you hear appear here. Click a moment to hear it again, or to go another way."


class TimelineView(QWidget):
    """Click selects a moment, double-click asks to hear it."""

    selected_changed = Signal(object)
    """Frame of the engine's clock, or None."""
    audition = Signal()

    def __init__(self, heard: Heard, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heard = heard
        self.selected: int | None = None
        self.scale: Scale | None = None
        """None while there is nothing."""
        self.marks: tuple[Mark, ...] = ()
        self._auditioning: Auditioning | None = None
        self._picture = TimelinePicture(heard)
        self._still: QPixmap | None = None
        self._shown: object = None
        self._cursor: int | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Timeline")
        self.setToolTip("Click to select a moment, double-click to hear it")

    def show_status(self, status: Status) -> None:
        """Follow the engine. Painted is only what has changed."""
        heard = self.heard
        heard.follow(status)
        self.marks, self._auditioning = status.marks, status.auditioning
        if self.selected is not None and not heard.start <= self.selected < heard.end:
            self.select(None)
        self._look()

    def select(self, frame: int | None) -> None:
        """A moment, or the nearest that is remembered; from now on there is nothing to select."""
        if frame is not None:
            frame = max(frame, self.heard.start) if frame < self.heard.end else None
        if frame != self.selected:
            self.selected = frame
            self.setAccessibleDescription(self._said())
            self.selected_changed.emit(frame)
            self._look()

    def mark_at(self, frame: int) -> Mark | None:
        return next((mark for mark in reversed(self.marks) if mark.position == frame), None)

    @property
    def listening_at(self) -> float | None:
        """The frame that is auditioned at the moment, if it is of what was heard."""
        now = self._auditioning
        return None if now is None or now.start is None else now.start + now.position * self.heard.rate

    def _said(self) -> str:
        if self.selected is None or self.scale is None:
            return "nothing selected"
        mark = self.mark_at(self.selected)
        back = f"{(self.heard.end - self.selected) / self.heard.rate:.0f} seconds ago"
        return f"{back}: {happened(mark)}" if mark else back

    def _look(self) -> None:
        """Paint, if what is to be seen has changed."""
        heard = self.heard
        some = heard.end > heard.start and self.width() > 0
        self.scale = Scale.of(heard, self.width(), self.devicePixelRatioF()) if some else None
        shown = self.scale, self.selected, self.marks
        at = self.listening_at
        cursor = None if at is None or self.scale is None else round(self.scale.x(at))
        if shown != self._shown:
            self._still = None
        if shown != self._shown or cursor != self._cursor:
            self._shown, self._cursor = shown, cursor
            self.update()

    # by mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.scale:
            place = event.position()
            mark = mark_near(self.marks, self.scale, place.x()) if place.y() < FLAGS else None
            self.select(mark.position if mark else self.scale.frame(place.x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and self.scale:
            self.select(self.scale.frame(event.position().x()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.selected is not None:
            self.audition.emit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self.scale:
            mark = mark_near(self.marks, self.scale, event.pos().x())
            if mark:
                QToolTip.showText(event.globalPos(), happened_ago(mark, self.scale), self)
                return True
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut, QEvent.Type.PaletteChange, QEvent.Type.Resize):
            self._shown = None
            self._look()
            self.setAccessibleDescription(self._said())
        return super().event(event)

    # its looks

    def sizeHint(self) -> QSize:
        return QSize(480, 120)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 68)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        ratio = self.devicePixelRatioF()
        if self._still is None or self._still.devicePixelRatio() != ratio:
            self._still = QPixmap(self.size() * ratio)
            self._still.setDevicePixelRatio(ratio)
            self._still.fill(Qt.GlobalColor.transparent)
            self._paint_still(QPainter(self._still))
        painter.drawPixmap(0, 0, self._still)
        at = self.listening_at
        if at is not None and self.scale is not None:
            floor = self._picture.floor(QRectF(self.rect()))
            painter.fillRect(QRectF(self.scale.x(at) - 1, 1, 2, floor - 1), colour("second"))

    def _paint_still(self, painter: QPainter) -> None:
        """All that does not move while the past is heard."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        small = self.font()
        small.setPixelSize(11)
        painter.setFont(small)
        area = QRectF(self.rect())
        frame = QPainterPath()
        frame.addRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        painter.fillPath(frame, colour("well"))
        painter.setClipPath(frame)
        if self.scale is None:
            painter.setPen(colour("muted"))
            painter.drawText(
                area.adjusted(12, 4, -12, -4), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, EMPTY
            )
        else:
            self._picture.paint(painter, area, self.scale, self.marks, self.selected)
        painter.setClipping(False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour("accent" if self.hasFocus() else "line"), 1))
        painter.drawPath(frame)
        painter.end()
