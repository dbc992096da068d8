"""What is measured of a style for the report. All of it blocks, for minutes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.kernel import Kernel
from engine.meter import distribution
from engine.score import score_split
from engine.select import seconds_per_sample, select_kernel
from engine.stream import Stream
from engine.watchdog import Watchdog
from models.dataset import FULL_SCALE, DataSet, Split
from models.measures import mel_distance, mel_statistics, noise_like, persistence, tonality
from models.style import Style

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Bits = dict[Split, float]
Progress = Callable[[str], None]

CLIP_SECONDS = 10.0
MEASURED_SECONDS = 60.0
"""Recordings and what is played alike, in STRETCHES: a beginning alone says little of a style."""
STRETCHES = 6
PRIME_SECONDS = 4.0
STABILITY_SECONDS = 600.0
BLOCK_SECONDS = 0.1
AROUND = (-0.1, 0.0, 0.1)
"""Temperatures, from the style's own."""
SILENCE = -60.0
"""dBFS, RMS, of a tenth of a second."""


@dataclass(frozen=True)
class Measures:
    """models/measures.py, of one piece of sound."""

    persistence: float
    """Seconds"""
    tonality: float
    mel: float
    """dB, from the recordings it learned from."""


@dataclass(frozen=True)
class Clip:
    title: str
    sound: Floats
    """float32 [samples]"""
    measures: Measures | None = None


@dataclass(frozen=True)
class Stability:
    """Ten minutes at the style's own temperature, nobody helping: shares of the time."""

    silent: float
    """Tenths of a second under -60 dBFS."""
    stuck: dict[str, float]
    """By what engine/watchdog.py calls it."""
    entropy: Doubles
    """Bits, the mean of each second."""


@dataclass(frozen=True)
class Facts:
    style: Style
    rate: int
    """Hz"""
    bits: Bits
    """By split: what the graph that plays needs."""
    others: dict[str, Bits]
    """The same of baselines, by name."""
    ends: dict[str, Measures]
    """Real recordings, and noise of their colour."""
    clips: list[Clip]
    stability: Stability
    real_time_factor: float
    others_real_time: dict[str, float]


def measure(
    style: Style,
    data: DataSet,
    others: dict[str, Bits],
    others_real_time: dict[str, float],
    progress: Progress = lambda what: None,
) -> Facts:
    """Raises InputError if a split is empty or the data set is at another rate."""
    kernel = select_kernel(style, "cpu").kernel
    rate, temperature = kernel.config.sample_rate, style.info.default_temperature
    splits: list[Split] = ["valid", "test"] if data.recordings("test") else ["valid"]
    bits: Bits = {}
    for split in splits:
        progress(f"bits on {split}")
        bits[split] = score_split(kernel, data, split)[0]
    progress("real recordings")
    learned, held_out = excerpts(data, "train"), excerpts(data, "valid")
    reference = mel_statistics(learned, rate)
    ends = {
        "recordings it learned from": measures(learned, rate, reference),
        "recordings it never heard": measures(held_out, rate, reference),
        "noise of their colour": measures(noise_like(learned, rate), rate, reference),
    }
    clips = [Clip("A recording it never heard", held_out[: round(CLIP_SECONDS * rate)])]
    for by in AROUND:
        progress(f"playing at {temperature + by:.2f}")
        sound = play(kernel, temperature + by)
        start = sound[: round(CLIP_SECONDS * rate)]
        clips.append(Clip(f"Played at temperature {temperature + by:.2f}", start, measures(sound, rate, reference)))
    progress("going on from a recording")
    clips.append(
        Clip(
            f"{PRIME_SECONDS:g} s of a recording it never heard, then its own",
            primed(kernel, held_out, temperature + AROUND[0]),
        )
    )
    progress("ten minutes")
    steady = stability(kernel, temperature)
    progress("speed")
    factor = 1 / (seconds_per_sample(kernel, 3.0) * rate)
    return Facts(style, rate, bits, others, ends, clips, steady, factor, others_real_time)


def excerpts(data: DataSet, split: Split) -> Floats:
    """MEASURED_SECONDS from the middles of some recordings, one after the other: float32 [samples]."""
    recordings = data.recordings(split)
    chosen = [recordings[i] for i in np.linspace(0, len(recordings) - 1, min(STRETCHES, len(recordings))).astype(int)]
    size = round(MEASURED_SECONDS * data.rate / len(chosen))
    pcm = data.pcm(split)
    parts = []
    for recording in chosen:
        start = recording.start + max(0, (recording.samples - size) // 2)
        parts.append(np.asarray(pcm[start : min(start + size, recording.start + recording.samples)], np.float32))
    whole: Floats = (np.concatenate(parts) / FULL_SCALE).astype(np.float32)
    return whole


def measures(sound: Floats, rate: int, reference: Doubles) -> Measures:
    """reference: `mel_statistics` of what it learned from."""
    return Measures(
        persistence(sound, rate), tonality(sound, rate), mel_distance(mel_statistics(sound, rate), reference)
    )


def play(kernel: Kernel, temperature: float) -> Floats:
    """MEASURED_SECONDS, of STRETCHES of the style's beginnings, one after the other: float32 [samples]."""
    seeds = range(1, STRETCHES + 1)
    return np.concatenate([_play(Stream(kernel, seed), MEASURED_SECONDS / STRETCHES, temperature) for seed in seeds])


def primed(kernel: Kernel, recording: Floats, temperature: float) -> Floats:
    """PRIME_SECONDS of a recording and what it makes of them, CLIP_SECONDS in all: float32 [samples]."""
    prime = recording[: round(PRIME_SECONDS * kernel.config.sample_rate)]
    stream = Stream(kernel, seed=1)
    stream.prime(prime)
    return np.concatenate([prime, _play(stream, CLIP_SECONDS - PRIME_SECONDS, temperature)])


def stability(kernel: Kernel, temperature: float, seconds: float = STABILITY_SECONDS) -> Stability:
    """Let it play and look for what it gets stuck in."""
    stream, rate = Stream(kernel, seed=2), kernel.config.sample_rate
    watchdog, verdicts, levels, entropies = Watchdog(rate), Counter[str](), list[float](), list[float]()
    frames = kernel.frames(BLOCK_SECONDS)
    for _ in range(round(seconds / BLOCK_SECONDS)):
        block = stream.generate(frames, temperature)
        sound = block.sound[0]
        watchdog.hear(sound)
        verdicts[watchdog.verdict] += 1
        levels.append(10 * float(np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-12)))
        entropies.append(float(distribution(block.logits[:, 0], temperature)[1].mean()))
    whole = len(entropies) // 10 * 10
    stuck = {what: count / len(levels) for what, count in verdicts.items() if what}
    by_second = np.array(entropies[:whole]).reshape(-1, 10).mean(1)
    return Stability(float(np.mean(np.array(levels) < SILENCE)), stuck, by_second)


def _play(stream: Stream, seconds: float, temperature: float) -> Floats:
    size, frames = round(seconds * stream.kernel.config.sample_rate), stream.kernel.frames(BLOCK_SECONDS)
    parts: list[Floats] = []
    while sum(map(len, parts)) < size:
        parts.append(stream.generate(frames, temperature).sound[0])
    return np.concatenate(parts)[:size]
