"""What is to be trained, and how long: a preset, the minutes, and folded away all that can be set."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QLabel, QRadioButton, QVBoxLayout, QWidget

from models.config import ModelConfig, TrainingConfig
from models.presets import USUAL, preset, trained_like
from studio.train.checks import Checked, check, values
from studio.train.setting_row import Number, SettingRow
from studio.train.words import MODEL_FIELDS, PRESETS, TRAINING_FIELDS, FieldWords
from studio.widgets.button import Button
from studio.widgets.panel import column, label, row
from studio.words import in_kilohertz

USUAL_MINUTES = 60
MOST_MINUTES = 60 * 24 * 30
INDENT = 22
"""Pixels, of what belongs to the line above."""


class SettingsForm(QWidget):
    """Each field is checked as it is typed, by the rules that the training itself goes by. GUI thread."""

    changed = Signal()
    """Anything of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._base: ModelConfig | None = None
        self._typed: dict[str, str] = {}
        """Text by key, of what is to be otherwise than in the preset."""
        self.choices = {name: QRadioButton(words.title) for name, words in PRESETS.items()}
        self.minutes_field = Number()
        self.fold = Button(None, "Advanced settings", "plain")
        self.reset = Button(None, "Back to the preset", "small")
        self.rows = {
            key: SettingRow(key, words) for fields in (TRAINING_FIELDS, MODEL_FIELDS) for key, words in fields.items()
        }
        self._presets, self.based_on, self.advanced = QWidget(), label("", "muted"), QWidget()
        self._build()
        self._connect()
        self._follow()

    @property
    def preset(self) -> str:
        """Its name (models/presets.py). Where a style is started from, only how it is trained comes from there."""
        if self._base is not None:
            return trained_like(self._base)
        return next(name for name, choice in self.choices.items() if choice.isChecked())

    @property
    def minutes(self) -> int:
        return self.minutes_field.value()

    @property
    def valid(self) -> bool:
        """Whether all that was typed can be."""
        return not self._checked.troubles

    @property
    def model(self) -> ModelConfig:
        """With all that is right of what was typed."""
        return self._checked.model

    @property
    def training(self) -> TrainingConfig:
        """With all that is right of what was typed."""
        return self._checked.training

    def settings(self) -> list[str]:
        """KEY=VALUE, of what differs from the preset or, for the network, from the style that is started from."""
        return list(self._checked.settings)

    def starting_from(self, model: ModelConfig | None) -> None:
        """The network of a style, which stays what it is; none: a new one."""
        self._base = model
        self._follow()

    def unfold(self, unfolded: bool) -> None:
        """Show the advanced settings."""
        self.advanced.setVisible(unfolded)
        self._show_head()

    @property
    def _configs(self) -> tuple[ModelConfig, TrainingConfig]:
        chosen = preset(self.preset)
        return self._base or chosen.model, chosen.training

    @property
    def _in_force(self) -> dict[str, str]:
        return {key: text for key, text in self._typed.items() if self._base is None or key in TRAINING_FIELDS}

    def _build(self) -> None:
        outer = column(10, parent=self)
        inner = column(2, parent=self._presets)
        group = QButtonGroup(self)
        for name, choice in self.choices.items():
            choice.setAccessibleDescription(PRESETS[name].meaning)
            group.addButton(choice)
            inner.addWidget(choice)
            inner.addWidget(_told(PRESETS[name].meaning))
        self.choices[USUAL].setChecked(True)
        self.based_on.setWordWrap(True)
        outer.addWidget(self._presets)
        outer.addWidget(self.based_on)
        outer.addLayout(self._time())
        head = row(6)
        head.addWidget(self.fold)
        head.addStretch(1)
        head.addWidget(self.reset)
        outer.addLayout(head)
        inner = column(6, (INDENT, 0, 0, 0), self.advanced)
        self._section(inner, "How it learns", TRAINING_FIELDS)
        self._section(inner, "The network", MODEL_FIELDS)
        self.advanced.hide()
        outer.addWidget(self.advanced)

    def _time(self) -> QVBoxLayout:
        number, both, line = self.minutes_field, column(2), row(10)
        number.setRange(1, MOST_MINUTES)
        number.setValue(USUAL_MINUTES)
        number.setSingleStep(10)
        number.setSuffix(" min")
        number.lineEdit().setTextMargins(6, 0, 0, 0)
        number.setAccessibleName("Minutes to train")
        name = label("Train for")
        name.setBuddy(number)
        line.addWidget(name)
        line.addWidget(number)
        line.addStretch(1)
        both.addLayout(line)
        both.addWidget(_told("You can listen, pause and install at any time before, and go on later.", 0))
        return both

    def _section(self, into: QVBoxLayout, title: str, fields: Mapping[str, FieldWords]) -> None:
        into.addWidget(label(title, "title"))
        for key in fields:
            into.addWidget(self.rows[key])
        into.addSpacing(6)

    def _connect(self) -> None:
        for choice in self.choices.values():
            choice.toggled.connect(lambda on: self._follow() if on else None)
        for each in self.rows.values():
            each.typed.connect(self._type)
        self.minutes_field.valueChanged.connect(lambda minutes: self.changed.emit())
        self.reset.clicked.connect(self._forget)
        self.fold.clicked.connect(lambda: self.unfold(self.advanced.isHidden()))

    def _type(self, key: str, text: str) -> None:
        self._typed.pop(key, None)  # the last is what a trouble between two is put down to
        self._typed[key] = text
        self._follow()

    def _forget(self) -> None:
        self._typed.clear()
        self._follow()

    def _follow(self) -> None:
        """Show what holds now."""
        model, training = self._configs
        typed = self._in_force
        self._checked: Checked = check(model, training, typed)
        usual = values(model, training)
        for key, each in self.rows.items():
            each.lock(self._base is not None and key in MODEL_FIELDS)
            each.show_text(typed.get(key, usual[key]))
            each.complain(self._checked.troubles.get(key, ""))
        self._presets.setVisible(self._base is None)
        self.based_on.setVisible(self._base is not None)
        if self._base is not None:
            self.based_on.setText(_shape(self._base))
        self._show_head()
        self.changed.emit()

    def _show_head(self) -> None:
        unfolded = not self.advanced.isHidden()
        count = len(self._checked.settings) + len(self._checked.troubles)
        self.fold.show_icon("ph.caret-down" if unfolded else "ph.caret-right", "text")
        self.fold.say(f"Advanced settings, {count} changed" if count else "Advanced settings")
        self.fold.setAccessibleDescription("Unfolded" if unfolded else "Folded")
        self.reset.setText("Back to the preset" if self._base is None else "Back to the usual")
        self.reset.setVisible(bool(count))


def _told(text: str, indent: int = INDENT) -> QLabel:
    made = label(text, "muted")
    made.setWordWrap(True)
    made.setContentsMargins(indent, 0, 0, 4)
    return made


def _shape(model: ModelConfig) -> str:
    """What a network is that is started from."""
    return (
        f"It goes on with the network of the style: {model.units} units, {model.rnn_layers} "
        f"{'layer' if model.rnn_layers == 1 else 'layers'} of {model.rnn.upper()}, {in_kilohertz(model.sample_rate)}. "
        "Its size cannot be changed; how it learns can."
    )
