"""The engine's status in words that a musician knows."""

from __future__ import annotations

from engine.controls import Controls, State, Status
from studio.words import in_kilohertz

STATES: dict[State, tuple[str, str]] = {
    "stopped": ("Stopped", "faint"),
    "starting": ("Starting…", "warning"),
    "playing": ("Playing", "good"),
    "reconnecting": ("Device lost", "warning"),
    "failed": ("Failed", "bad"),
}
"""... and the colour (studio/theme.py) of its light."""
PROVIDERS = {"cpu": "Processor", "cuda": "GPU (CUDA)"}
DEVICES = {"null": "No device", "default": "Default", "pulse": "PulseAudio", "pipewire": "PipeWire"}
"""Names that mean something to the system alone."""
STUCK = {
    "silence": "It has fallen silent",
    "rail": "It is stuck on one value",
    "loop": "It repeats itself",
    "noise": "It drowns in noise",
}


def sentence(text: str) -> str:
    """With a capital letter and a full stop."""
    text = text[:1].upper() + text[1:]
    return text if not text or text.endswith((".", "!", "?", "…")) else f"{text}."


def duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def state(status: Status) -> tuple[str, str]:
    """... and the colour of its light."""
    return ("Hearing", "second") if status.auditioning else STATES[status.state]


def beside_state(status: Status) -> str:
    """What is being done, or heard, or else what it runs on."""
    if status.work:
        return f"{status.work}…"
    return status.auditioning.what if status.auditioning else PROVIDERS.get(status.provider, status.provider)


def speed(status: Status) -> str:
    factor = status.real_time_factor
    if not factor:
        return "Press Space to play" if status.style else "Choose a style to play"
    if factor < 1:
        return f"{factor:.2f}× of the speed it needs"
    return f"{factor:.1f}× faster than it plays"


def too_slow(status: Status) -> str:
    """What to do where it cannot keep up; nothing where it can."""
    if not 0 < status.real_time_factor < 1:
        return ""
    return "Too slow: turn down the voices" if status.voices > 1 else "Too slow: choose a lighter style"


def device(status: Status, style_rate: int) -> str:
    """style_rate: Hz, 0 where it is not known."""
    if not status.device:
        return f"Style {in_kilohertz(style_rate)}" if style_rate else ""
    return f"{DEVICES.get(status.device, status.device)}, {in_kilohertz(status.rate)}" + (
        f"; style {in_kilohertz(style_rate)}" if style_rate else ""
    )


def delay(status: Status) -> str:
    return f"Heard {duration(status.fill + status.delay)} after it is made" if status.delay else ""


def dropouts(count: int, seconds: float) -> str:
    return f"{count} dropout{'s' if count > 1 else ''}, {duration(seconds)}"


def health(status: Status, controls: Controls) -> tuple[str, str]:
    """Whether the music is all right, and the colour to say it in."""
    if status.verdict in STUCK:
        return STUCK[status.verdict] + (": bringing it back" if controls.rescue else ""), "warning"
    if trouble := too_slow(status):
        return trouble, "warning"
    if status.rescues:
        return f"Got stuck, brought back {times(status.rescues)}", "muted"
    return "No dropouts" if status.played else "", "muted"


def everything(status: Status, controls: Controls) -> str:
    """What the panel has no room for."""
    lines = [
        f"{sentence(status.reason)}",
        f"{status.title} on the {PROVIDERS.get(status.provider, status.provider)}. {sentence(status.remark)}".strip()
        if status.title
        else "No style is loaded.",
        f"Ready: {duration(status.fill)} of the {duration(controls.latency)} that the latency asks for.",
        f"On the way to the ear after that: {duration(status.delay)}." if status.delay else "",
        f"The engine uses {status.processor:.0%} of one processor core." if status.processor else "",
        f"Since the start: {dropouts(status.underruns, status.underrun_seconds)}." if status.underruns else "",
        f"Got stuck and was brought back {times(status.rescues)}." if status.rescues else "",
    ]
    return "\n".join(filter(None, lines))
