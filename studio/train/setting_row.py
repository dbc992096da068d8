"""One setting of a training: its name, what is typed or chosen, and below it what is wrong with that."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QSpinBox, QWidget

from studio.train.words import FieldWords
from studio.widgets.panel import column, label, row, set_role

WIDTH = 130


class Choice(QComboBox):
    """The wheel scrolls the page it is on."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class Number(QSpinBox):
    """The wheel scrolls the page it is on."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class SettingRow(QWidget):
    typed = Signal(str, str)
    """The key, and the text as `with_settings` reads it."""

    def __init__(self, key: str, words: FieldWords, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = key
        self.title = label(words.title)
        self.editor: QComboBox | QLineEdit = self._choice(words) if words.choices else self._line()
        self.editor.setFixedWidth(WIDTH)
        self.editor.setAccessibleName(words.title)
        self._meaning = words.meaning
        self.told = label("", "bad")
        self.told.setWordWrap(True)
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.hide()
        self.title.setBuddy(self.editor)
        for part in (self.title, self.editor):
            part.setToolTip(f"<p>{words.meaning}</p><p><i>{key}</i></p>")  # as rich text it is wrapped
        outer, line = column(2, parent=self), row(10)
        line.addWidget(self.title, 1)
        line.addWidget(self.editor)
        outer.addLayout(line)
        outer.addWidget(self.told)
        self.complain("")

    @property
    def text(self) -> str:
        editor = self.editor
        return str(editor.currentData()) if isinstance(editor, QComboBox) else editor.text()

    def show_text(self, text: str) -> None:
        """Of the configs, not typed."""
        editor = self.editor
        if isinstance(editor, QComboBox):
            editor.setCurrentIndex(editor.findData(text))
        elif editor.text() != text:
            editor.setText(text)
            editor.setCursorPosition(0)

    def complain(self, trouble: str) -> None:
        """Say what is wrong, or with nothing that all is well."""
        self.told.setText(trouble)
        self.told.setVisible(bool(trouble))
        set_role(self.editor, "bad" if trouble else "")
        self.editor.setAccessibleDescription(trouble or self._meaning)

    def lock(self, locked: bool) -> None:
        self.editor.setEnabled(not locked)
        self.title.setEnabled(not locked)

    def _choice(self, words: FieldWords) -> QComboBox:
        made = Choice()
        for value, said in words.choices:
            made.addItem(said, value)
        made.activated.connect(lambda k: self.typed.emit(self.key, self.text))
        return made

    def _line(self) -> QLineEdit:
        made = QLineEdit()
        made.textEdited.connect(lambda text: self.typed.emit(self.key, text))
        return made
