"""Text cut with an ellipsis where there is no room for all of it; the tool tip of a label then has the whole."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QTextLayout
from PySide6.QtWidgets import QLabel, QSizePolicy

from studio.theme import colour


class Elided(QLabel):
    """One line."""

    def __init__(self, role: str = "", align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft) -> None:
        super().__init__()
        self.setProperty("role", role)
        self.setAlignment(align | Qt.AlignmentFlag.AlignVCenter)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        self.setToolTip(self.text() if text != self.text() else "")
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), self.alignment(), text)


class Paragraph(QLabel):
    """As many lines as there is room for; it asks for none."""

    def __init__(self, role: str = "") -> None:
        super().__init__()
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        metrics, text, width, top = self.fontMetrics(), self.text(), self.width(), 0.0
        layout = QTextLayout(text, self.font())
        layout.beginLayout()
        cut = False
        while not cut and (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            cut = top + 2 * metrics.height() > self.height() and line.textStart() + line.textLength() < len(text)
            if cut:
                rest = metrics.elidedText(text[line.textStart() :], Qt.TextElideMode.ElideRight, width)
                painter.drawText(QPointF(0, top + metrics.ascent()), rest)
            else:
                line.draw(painter, QPointF(0, top))
            top += metrics.height()
        layout.endLayout()
        self.setToolTip(text if cut else "")


def write(painter: QPainter, area: QRectF, text: str, font: QFont, role: str) -> None:
    """One line at the left of an area, for what is painted without labels. role: a colour of studio/theme.py."""
    painter.setFont(font)
    painter.setPen(colour(role))
    short = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, short)
