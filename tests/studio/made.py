"""Style files that open, but hold no network: they are quickly made."""

from pathlib import Path

from models.config import ModelConfig
from models.style import StyleInfo, write_style


def made_style(
    path: Path, name: str = "Harp", temperature: float = 0.8, shown: dict[str, bytes] | None = None, **says: str
) -> Path:
    """A style file of that name; another name is another style, with another hash. shown: its preview and picture.
    says: fields of StyleInfo."""
    info = StyleInfo(
        name=name,
        description=says.get("description", f"What {name} sounds like"),
        author=says.get("author", "Ann Other"),
        licence="CC0-1.0",
        trained_on="an hour of it",
        trained_samples=36_000_000,
        bits_valid=3.25,
        bits_samples=1_000_000,
        default_temperature=temperature,
        loudness=-20.0,
        frames_per_run={"step.int8.onnx": None, "prime.int8.onnx": None},
        model=ModelConfig(sample_rate=16_000),
    )
    played = ("step.int8.onnx", "prime.int8.onnx", "start.safetensors")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_style(path, info, {entry: f"{entry} of {name}".encode() for entry in played} | (shown or {}))
    return path
