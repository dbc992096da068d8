"""What the commands have in common: options, and the ways to say something."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from models.errors import InputError

if TYPE_CHECKING:  # each command imports what it needs when it runs: `styles` must not wait for torch
    from engine.select import Selected

PathArgument = click.Path(path_type=Path)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
provider_option = click.option(
    "--provider", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", help="What computes the sound."
)
threads_option = click.option(
    "--threads",
    type=click.IntRange(1, 64),
    default=1,
    help="Processor threads. More than one plays through ONNX Runtime: faster only for very large models.",
)


def checkpoint_path(run: Path, name: str) -> Path:
    if not run.is_dir():
        raise InputError(f"{run}: no such run; give the folder that train made")
    return run / "checkpoints" / f"{name}.safetensors"


def select(style: Any, provider: Any, threads: int) -> Selected:
    from engine.select import select_kernel

    selected = select_kernel(style, provider, threads)
    if selected.remark:
        click.echo(selected.remark, err=True)
    return selected


def cores() -> int:
    """Of the processor, those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def print_json(**values: Any) -> None:
    click.echo(json.dumps(values))


@contextmanager
def bar(what: str, quiet: bool) -> Iterator[Callable[[float], None]]:
    """A progress bar on standard error for people at a terminal, gone when done; for programs nothing."""
    if quiet:
        yield lambda fraction: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(what, total=1.0)
        yield lambda fraction: progress.update(task, completed=fraction)
