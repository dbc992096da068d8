"""The facts as one HTML page, with its pictures and sounds inside it."""

from __future__ import annotations

import io
from html import escape

import numpy as np
import soundfile

from engine.report.facts import MEASURED_SECONDS, STABILITY_SECONDS, STRETCHES, Clip, Facts, Measures
from engine.report.picture import HIGHEST, audio, curve, spectrogram
from models.dataset import Split

SPLITS: tuple[Split, ...] = ("valid", "test")
LOOK = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1000px; margin: 2rem auto; padding: 0 1rem; color: #1b1f27; }
h1, h2, h3 { line-height: 1.2; } h2 { margin-top: 3rem; border-top: 1px solid #cfd4dc; padding-top: 1.5rem; }
table { border-collapse: collapse; margin: 1rem 0; } td, th { padding: .25rem .75rem; text-align: right; }
td:first-child, th:first-child { text-align: left; } tr + tr { border-top: 1px solid #e2e5ea; }
figure { margin: 1.25rem 0; } figcaption { color: #586172; } audio { width: 100%; height: 32px; }
img { width: 100%; height: 200px; image-rendering: auto; display: block; }
svg { width: 100%; height: 80px; color: #b8620f; }
"""


def page(facts: list[Facts], machine: str) -> str:
    """machine: what it was measured on, in words."""
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8><title>SampleRNN Studio: report</title>",
        f"<style>{LOOK}</style><h1>What the styles need, play and cost</h1>",
        f"<p>Measured on {escape(machine)}.</p>",
        summary(facts),
    ]
    return "\n".join([*parts, *map(_style, facts), "</html>"])


def summary(facts: list[Facts]) -> str:
    """The table of all styles: also what the README has."""
    rows = [
        [
            one.style.info.name,
            *(_number(one.bits.get(split), 3) for split in SPLITS),
            _number(min((b["valid"] for b in one.others.values()), default=None), 2),
            f"{one.real_time_factor:.1f}",
            f"{_own(one).persistence:.2f} s",
            f"{_own(one).tonality:.2f}",
            f"{_own(one).mel:.1f} dB",
            f"{one.stability.silent:.0%}",
            f"{sum(one.stability.stuck.values()):.0%}",
        ]
        for one in facts
    ]
    head = [
        "style", "bits, valid", "bits, test", "best other, valid", "times real time", "persistence", "tonality",
        "mel distance", "silent", "stuck",
    ]  # fmt: skip
    return _table(head, rows)


def _own(facts: Facts) -> Measures:
    """At the style's own temperature: the middle one."""
    measured = [clip.measures for clip in facts.clips if clip.measures]
    return measured[len(measured) // 2]


def _style(facts: Facts) -> str:
    info = facts.style.info
    bits = [[info.name, *(_number(facts.bits.get(split), 3) for split in SPLITS), _speed(facts.real_time_factor)]]
    for name, others in facts.others.items():
        speed = facts.others_real_time.get(name)
        bits.append([name, *(_number(others.get(split), 3) for split in SPLITS), _speed(speed)])
    sounds = [[name, *_cells(one)] for name, one in facts.ends.items()]
    sounds += [[clip.title, *_cells(clip.measures)] for clip in facts.clips if clip.measures]
    steady = facts.stability
    stuck = ", ".join(f"{what} {share:.1%}" for what, share in steady.stuck.items()) or "never"
    return "\n".join(
        [
            f"<h2>{escape(info.name)}</h2><p>{escape(info.description)}</p>",
            f"<p>Learned from: {escape(info.trained_on)}{_heard(info.trained_samples)}.</p>",
            "<h3>Bits a sample, and speed</h3><p>How many bits it needs for each sample of recordings it never heard: "
            "fewer is to know more. Speed is of one voice on one thread, times real time.</p>",
            _table(["", "valid", "test", "times real time"], bits),
            f"<h3>What it plays</h3><p>Of {MEASURED_SECONDS:g} seconds each, what is played from {STRETCHES} seeds. "
            "Persistence: how long a spectral peak stays where it is. Tonality: the share of the energy in peaks. Mel "
            "distance: how far the colour is from what it learned from. Real recordings and noise are the two ends of "
            "each scale.</p>",
            _table(["", "persistence", "tonality", "mel distance"], sounds),
            *(_clip(clip, facts.rate) for clip in facts.clips),
            f"<h3>{STABILITY_SECONDS / 60:g} minutes, nobody helping</h3>",
            f"<p>Silent {steady.silent:.1%} of the time; stuck: {escape(stuck)}. (Live, what is stuck is brought "
            "back.) Entropy, second by second, from 0 to "
            f"{steady.entropy.max():.1f} bits:</p>{curve(steady.entropy)}",
        ]
    )


def _heard(samples: int | None) -> str:
    return "" if samples is None else f" ({samples / 1e6:.0f} million samples heard, repetitions counted)"


def _clip(clip: Clip, rate: int) -> str:
    buffer = io.BytesIO()
    peak = max(float(np.abs(clip.sound).max()), 1e-3)
    soundfile.write(buffer, clip.sound * min(1.0, 0.9 / peak), rate, format="OGG", subtype="VORBIS")
    return (
        f"<figure><figcaption>{escape(clip.title)} ({len(clip.sound) / rate:.0f} s, up to {HIGHEST / 1000:g} kHz)"
        f'</figcaption><img alt="spectrogram" src="{spectrogram(clip.sound, rate)}">'
        f'<audio controls src="{audio(buffer.getvalue())}"></audio></figure>'
    )


def _cells(one: Measures | None) -> list[str]:
    return [f"{one.persistence:.2f} s", f"{one.tonality:.2f}", f"{one.mel:.1f} dB"] if one else ["", "", ""]


def _speed(factor: float | None) -> str:
    return "" if factor is None else f"{factor:.1f}" if factor >= 1 else f"{factor:.3f}"


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _table(head: list[str], rows: list[list[str]]) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{body}</table>"
