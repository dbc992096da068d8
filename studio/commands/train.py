"""Commands that train: `train`, `estimate` before it, and `baseline` to hold a style against."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from models.errors import InputError
from studio.commands.shared import PathArgument, bar, checkpoint_path, cores, json_option, print_json

if TYPE_CHECKING:
    from models.config import ModelConfig, TrainingConfig

Report = Callable[[dict[str, Any]], None]

preset_option = click.option(
    "--preset",
    "preset_name",
    help="resonant (default), live, two-tier-2017 or paper-3tier. With --from only how it is trained comes from it.",
)
set_option = click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE", help="Change one setting of the preset."
)

from_option = click.option(
    "--from", "base_name", metavar="STYLE_OR_RUN", help="Start from what this has learned: minutes instead of hours."
)
minutes_option = click.option("--minutes", type=float, help="Train about so long.")
steps_option = click.option("--steps", type=click.IntRange(1), help="Train so many steps.")
threads_option = click.option(
    "--threads", type=click.IntRange(1, 1024), help="Processor threads. Default: all there are."
)
spare_option = click.option(
    "--spare",
    type=click.IntRange(0, 1024),
    default=0,
    help="Cores of the processor to leave alone. Threads that wait for one whose core is busy are slower than fewer.",
)


@click.command()
@click.argument("data", type=PathArgument, required=False)
@click.option("-o", "run", type=PathArgument, required=True, help="The run's folder.")
@preset_option
@from_option
@set_option
@minutes_option
@steps_option
@click.option("--resume", is_flag=True, help="Go on with the run. DATA is only needed if it was moved.")
@click.option("--nice", type=click.IntRange(0, 19), default=0, help="Leave the processor to others: 19 the most.")
@threads_option
@spare_option
@click.option("--tensorboard", is_flag=True, help="Write the metrics as TensorBoard events too.")
@json_option
def train(
    data: Path | None,
    run: Path,
    preset_name: str | None,
    base_name: str | None,
    settings: tuple[str, ...],
    minutes: float | None,
    steps: int | None,
    resume: bool,
    nice: int,
    threads: int | None,
    spare: int,
    tensorboard: bool,
    as_json: bool,
) -> None:
    """Train a network on DATA (made by prepare). Started by torchrun, several processes share it."""
    from models.run import RunInfo

    _check_length(minutes, steps)
    if resume and settings:
        raise InputError("--set cannot change a run that is resumed; start a new one")
    if resume and base_name:
        raise InputError("--from is for a new run; --resume goes on with one")
    if data is None:
        if not resume:
            raise click.UsageError("Missing argument 'DATA'.")
        data = Path(RunInfo.read(run).data_path)
        if not data.exists():
            raise InputError(f"{data}: the data set of {run} is not there any more; say where it is now, before -o")
    base = _base(base_name) if base_name else None
    from models.dataset import DataSet
    from models.presets import USUAL
    from models.team import joined
    from models.train import train

    _step_back(nice)
    _use_threads(threads, spare)
    opened = DataSet.open(data)
    model, training = _chosen(preset_name, base, settings, opened.rate)
    with (
        _asked_to_stop() as stopped,
        joined() as team,
        _training_report(as_json, team.leads) as report,
        _events(run, tensorboard, report) as report_all,
    ):
        result = train(
            run, opened, model, training, minutes=minutes, steps=steps, resume=resume, base=base,
            preset=None if base else preset_name or USUAL, team=team, report=report_all, stopped=stopped.is_set,
        )  # fmt: skip
    if not team.leads:
        return
    if as_json:
        print_json(**result)
        return
    done = f"{run}: {result['steps']} steps, {result['bits_valid']:.3f} bits on the valid split"
    if not result["samples_per_second"]:
        click.echo(f"{done}; it was trained for so many already, --steps says for how many")
        return
    advice = "; go on with --resume" if result["steps"] < (RunInfo.read(run).steps or 0) else ""
    click.echo(f"{done}, {result['samples_per_second']:,.0f} samples a second{advice}")


@click.command()
@click.argument("data", type=PathArgument)
@preset_option
@from_option
@set_option
@minutes_option
@steps_option
@threads_option
@spare_option
@json_option
def estimate(
    data: Path,
    preset_name: str | None,
    base_name: str | None,
    settings: tuple[str, ...],
    minutes: float | None,
    steps: int | None,
    threads: int | None,
    spare: int,
    as_json: bool,
) -> None:
    """Say what a training on DATA will take on this machine, after a few steps of it."""
    _check_length(minutes, steps)
    from models.dataset import DataSet
    from models.estimate import estimate

    opened = DataSet.open(data)
    model, training = _chosen(preset_name, _base(base_name) if base_name else None, settings, opened.rate)
    _use_threads(threads, spare)
    found = estimate(opened, model, training, minutes=minutes, steps=steps)
    if as_json:
        print_json(**dataclasses.asdict(found))
        return
    card = f", {found.graphics_memory / 1e6:,.0f} MB on the graphics card" if found.graphics_memory else ""
    click.echo(
        f"{found.steps:,} steps in {found.seconds / 60:.1f} minutes, {found.samples_per_second:,.0f} samples a second, "
        f"up to {found.memory / 1e6:,.0f} MB of memory{card}, {found.disk / 1e6:.1f} MB of disk\n"
        f"{found.minutes_of_sound:.1f} minutes to train on, heard {found.passes:.1f} times: {found.verdict}"
    )


def _use_threads(threads: int | None, spare: int) -> None:
    """So many; none said: all there are but those that are to be spared, and one at least."""
    import torch

    if threads is None and spare:
        threads = max(1, min(torch.get_num_threads(), cores() - spare))
    if threads is not None:
        torch.set_num_threads(threads)


def _step_back(nice: int) -> None:
    """Let everything else on this machine come first, the more the higher `nice` is, up to 19."""
    if nice and sys.platform == "win32":
        import ctypes

        below_normal, idle = 0x4000, 0x40
        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), idle if nice > 9 else below_normal)
    elif nice:
        os.nice(nice)
        # Linux weighs sessions against each other, and only within one its processes: the session steps back as well
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(nice), encoding="ascii")


@contextmanager
def _events(run: Path, wanted: bool, report: Report) -> Iterator[Report]:
    """Lines go to TensorBoard as well, if that is wanted."""
    if not wanted:
        yield report
        return
    from models.events import Events

    with closing(Events(run)) as events:

        def both(line: dict[str, Any]) -> None:
            events.write(line)
            report(line)

        yield both


@contextmanager
def _asked_to_stop() -> Iterator[threading.Event]:
    """Set by a signal that would end the program; a second one does."""
    stop = threading.Event()

    def ask(number: int, frame: Any) -> None:
        click.echo("Stopping after this step (once more: at once, from the last checkpoint on)", err=True)
        signal.signal(number, signal.default_int_handler)
        stop.set()

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    for number, handler in before.items():
        if handler != signal.SIG_IGN:  # as nohup has it
            signal.signal(number, ask)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _check_length(minutes: float | None, steps: int | None) -> None:
    if minutes is not None and not 0 < minutes < math.inf:
        raise InputError(f"--minutes is {minutes}; it must be above 0")
    if minutes is not None and steps is not None:
        raise InputError("--minutes and --steps exclude each other")


def _chosen(
    preset_name: str | None, base: Any, settings: tuple[str, ...], rate: int
) -> tuple[ModelConfig, TrainingConfig]:
    """What is to be trained and how. base: what it starts from, which decides the shape. rate: Hz, of the recordings,
    and of a new network."""
    from models.config import with_settings
    from models.presets import USUAL, preset, trained_like

    chosen = preset(preset_name or (trained_like(base.model) if base else USUAL))
    model = base.model if base else dataclasses.replace(chosen.model, sample_rate=rate)
    return with_settings(model, chosen.training, settings)


def _base(name: str) -> Any:
    from engine.library import find_style
    from models.base import base_of_run, base_of_style
    from models.checkpoint import Checkpoint

    if Path(name).is_dir():
        return base_of_run(Checkpoint.load(checkpoint_path(Path(name), "best")), name)
    return base_of_style(find_style(name))


@contextmanager
def _training_report(as_json: bool, leads: bool) -> Iterator[Report]:
    """Lines of a training: JSON on standard error for programs, a progress bar for people; of a team only once."""
    if not leads:
        yield lambda line: None
        return
    if as_json:
        yield lambda line: click.echo(json.dumps(line), err=True)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    shown = sys.stderr.isatty()  # elsewhere the lines of the validations alone
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not shown) as progress:
        task = progress.add_task("training", total=None)

        def report(line: dict[str, Any]) -> None:
            text = f"step {line['step']}/{line['steps']}  {line['bits']:.3f} bits"
            if line["bits_valid"] is not None:
                progress.console.print(f"{text}  valid {line['bits_valid']:.3f}")
            progress.update(task, description=text, completed=line["step"], total=line["steps"])

        yield report


@click.command()
@click.argument("data", type=PathArgument)
@click.option("-o", "output", type=PathArgument, required=True, help="A .safetensors file.")
@click.option("--like", "style", required=True, help="The style that it is to be as large as.")
@click.option("--minutes", type=click.FloatRange(0, min_open=True), required=True, help="How long.")
@json_option
def baseline(data: Path, output: Path, style: str, minutes: float, as_json: bool) -> None:
    """Train a small WaveNet on DATA, for `report` to hold a style against."""
    import torch
    from safetensors.numpy import load

    from engine.library import find_style
    from models.baselines import wavenet
    from models.dataset import DataSet
    from models.style import WEIGHTS

    opened, data_set = find_style(style), DataSet.open(data)
    torch.manual_seed(1)
    parameters = sum(weight.size for weight in load(opened.read(WEIGHTS)).values())
    network = wavenet.as_large_as(parameters, opened.info.model.levels)
    with bar("training", as_json) as update:
        wavenet.train(
            network, data_set, opened.info.model, minutes, lambda line: update(min(1.0, line["minutes"] / minutes))
        )
    wavenet.save(network, output)
    if as_json:
        print_json(file=str(output), minutes=minutes)
