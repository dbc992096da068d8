"""All there is to know about one style."""

from __future__ import annotations

import html

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QDialog, QTextBrowser, QWidget

from engine.controls import Status
from models.config import ModelConfig
from studio.desk import Desk
from studio.play.emblem import Emblem
from studio.play.picture import Picture
from studio.play.shelf import Entry
from studio.theme import colours
from studio.widgets.closing import closing
from studio.widgets.panel import column, label, row

PROVIDERS = {"cpu": "processor", "cuda": "graphics card (CUDA)"}
SIZE = 660, 520


class AboutStyle(QDialog):
    """Not modal; all of it can be selected and copied."""

    def __init__(self, desk: Desk, entry: Entry, parent: QWidget) -> None:
        super().__init__(parent)
        info = entry.style.info
        self.setWindowTitle(f"About {info.name}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*SIZE)
        self._facts = facts(entry, desk.instrument.status)
        outer, head, titles = column(14, (20, 18, 20, 16), self), row(14), column(2)
        for text, role in ((info.name, "heading"), (info.description, "muted")):
            line = label(text, role)
            line.setTextFormat(Qt.TextFormat.PlainText)
            line.setWordWrap(True)
            titles.addWidget(line)
        sign = Picture(entry.picture) if entry.picture else Emblem(entry.sha256)
        head.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(titles, 1)
        outer.addLayout(head)
        self.text = QTextBrowser()
        self.text.setAccessibleName(f"What is known of {info.name}")
        self.text.document().setDocumentMargin(0)
        outer.addWidget(self.text, 1)
        outer.addLayout(closing(self))
        self._write()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._write()

    def _write(self) -> None:
        rows = "".join(
            f"<tr><td style='padding: 0 16px 7px 0; color: {colours().muted}'>{name}</td>"
            f"<td style='padding-bottom: 7px'>{html.escape(value)}</td></tr>"
            for name, value in self._facts.items()
        )
        self.text.setHtml(f"<table cellspacing='0' style='white-space: pre-wrap'>{rows}</table>")


def facts(entry: Entry, status: Status) -> dict[str, str]:
    """What is known, by its name."""
    info, model = entry.style.info, entry.style.info.model
    seen = (info.trained_samples or 0) / model.sample_rate / 3600
    graphs = sorted(name for name in entry.style.hashes if name.endswith(".onnx"))
    return {
        "Author": info.author or "not said",
        "Licence": info.licence or "not said",
        "Trained on": info.trained_on or "not said",
        "Heard in training": f"{seen:,.1f} hours of sound ({info.trained_samples:,} samples, repetitions counted)",
        "Held-out score": f"{info.bits_valid:.3f} bits a sample, on {info.bits_samples:,} samples it never heard",
        "Rate": f"{model.sample_rate:,} Hz",
        "Usual temperature": f"{info.default_temperature:g}",
        "Model": in_one_line(model),
        "Graphs": ", ".join(graphs),
        "Runs on": runs_on(status) if status.style == entry.path else "not in use",
        "File": f"{entry.path} ({entry.size / 1e6:.1f} MB)",
        "Hash": entry.sha256,
    }


def runs_on(status: Status) -> str:
    """What computes the style in use, and what to know about that."""
    return "; ".join(filter(None, (PROVIDERS.get(status.provider, status.provider), status.remark)))


def in_one_line(model: ModelConfig) -> str:
    tiers = f"{model.tiers + 1} tiers (frames of {', '.join(map(str, model.frame_sizes))})"
    layers = f"{model.rnn_layers} {model.rnn.upper()} layers of {model.units}"
    return f"{tiers}, {layers}, {model.mlp_units} units a sample, {model.levels} levels ({model.quantizer})"
