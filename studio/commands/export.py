"""What training comes to: `evaluate`, `export`, and `import` of what others trained."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from models.errors import InputError
from models.style import PREVIEW_SECONDS
from studio.commands.shared import PathArgument, bar, checkpoint_path, json_option, print_json, select


def about_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What a style that is made is to say of itself."""
    for option in (
        click.option("--temperature", type=float, default=0.9, help="The style's default temperature."),
        click.option("--trained-on", default="", help="The recordings, with their licences and credits."),
        click.option("--licence", default=""),
        click.option("--author", default=""),
        click.option("--description", default=""),
        click.option("--name", help="Default: the file's name."),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("run_or_style", type=PathArgument)
@click.argument("data", type=PathArgument)
@click.option("--split", type=click.Choice(["train", "valid", "test"]), default="valid")
@json_option
def evaluate(run_or_style: Path, data: Path, split: Any, as_json: bool) -> None:
    """Bits a sample of a run's best checkpoint, or of the graph a style plays, on DATA."""
    from models.dataset import DataSet

    opened = DataSet.open(data)
    if len(run_or_style.parts) > 1 and not run_or_style.exists():
        raise InputError(f"{run_or_style}: no such run or style")
    if run_or_style.is_dir():
        from models.checkpoint import Checkpoint
        from models.evaluate import evaluate as score

        network = Checkpoint.load(checkpoint_path(run_or_style, "best")).network()
        with bar("scoring", as_json) as update:
            result = score(network, opened, split, progress=update)
        bits, samples = result.bits, result.samples
    else:
        from engine.library import find_style
        from engine.score import score_split

        kernel = select(find_style(str(run_or_style)), "cpu", 1).kernel
        with bar("scoring", as_json) as update:
            bits, samples = score_split(kernel, opened, split, update)
    if as_json:
        print_json(bits=bits, samples=samples)
        return
    click.echo(f"{bits:.4f} bits a sample over {samples:,} samples of the {split} split")


@click.command()
@click.argument("run", type=PathArgument)
@click.option("-o", "output", type=PathArgument, required=True, help="A .samplernn file.")
@click.option("--checkpoint", default="best", help="best (default), last or step-N.")
@click.option("--data", type=PathArgument, help="Where the run's data set is now, if it was moved.")
@click.option(
    "--measure",
    type=click.FloatRange(0, min_open=True),
    help="Seconds of the valid split to measure held-out bits on. Default: all of it.",
)
@click.option(
    "--openings",
    type=click.IntRange(0, 64),
    default=16,
    help="Moments of the recordings that it begins to play from, one for each seed (default 16; 0: from silence).",
)
@click.option(
    "--preview",
    type=click.FloatRange(0, PREVIEW_SECONDS),
    default=PREVIEW_SECONDS,
    help=f"Seconds that it carries of what it plays, with a picture of them (default {PREVIEW_SECONDS:g}; 0: neither).",
)
@about_options
@json_option
def export(
    run: Path,
    output: Path,
    checkpoint: str,
    data: Path | None,
    measure: float | None,
    openings: int,
    preview: float,
    as_json: bool,
    **about: Any,
) -> None:
    """Make a style file of a run."""
    from engine.render import check_temperature
    from models.checkpoint import Checkpoint
    from models.dataset import DataSet
    from models.evaluate import evaluate
    from models.export import check_style_path
    from models.openings import find_openings

    check_temperature(about["temperature"])
    check_style_path(output)
    saved = Checkpoint.load(checkpoint_path(run, checkpoint))
    opened = DataSet.open(data or Path(saved.progress["data_path"]))
    network = saved.network()
    with bar("measuring held-out bits", as_json) as update:
        held_out = evaluate(network, opened, "valid", measure, update)
    begins = find_openings(network, opened, openings) if openings else None
    trained = saved.step * saved.training.batch * saved.training.chunk
    info = _style_info(output, saved.model, held_out, trained, **about)
    style = _export(saved, info, output, as_json, begins, preview)
    size = output.stat().st_size / 1e6
    if as_json:
        print_json(
            file=str(output),
            bits=held_out.bits,
            samples=held_out.samples,
            megabytes=size,
            sha256=style.sha256,
        )
        return
    click.echo(f"{output}: {size:.1f} MB, {held_out.bits:.3f} bits a sample on held-out recordings")


@click.command("import")
@click.argument("checkpoint", type=PathArgument)
@click.option("-o", "output", type=PathArgument, required=True, help="A .samplernn file.")
@click.option(
    "--rate", type=click.IntRange(4000, 96_000), help="Hz that it was trained at (16000, if it was not changed)."
)
@click.option(
    "--quantizer",
    type=click.Choice(["linear", "mu-law", "a-law"]),
    help="What its codes are (linear, if it was not changed).",
)
@click.option("--data", type=PathArgument, help="A data set (made by prepare) to measure held-out bits on.")
@about_options
@json_option
def import_(
    checkpoint: Path,
    output: Path,
    rate: int | None,
    quantizer: Any,
    data: Path | None,
    as_json: bool,
    **about: Any,
) -> None:
    """Make a style file of a CHECKPOINT of samplernn-pytorch (2017)."""
    if rate is None or quantizer is None:
        raise InputError(
            "such a checkpoint does not say its sample rate and quantiser: give --rate and --quantizer "
            "(--rate 16000 --quantizer linear, if they were not changed)"
        )
    from engine.render import check_temperature
    from models.dataset import DataSet
    from models.evaluate import evaluate
    from models.export import check_style_path
    from models.importing import import_checkpoint

    check_temperature(about["temperature"])
    check_style_path(output)
    opened = DataSet.open(data) if data else None
    imported = import_checkpoint(checkpoint, rate, quantizer)
    held_out = None
    if opened:
        with bar("measuring held-out bits", as_json) as update:
            held_out = evaluate(imported.network(), opened, "valid", progress=update)
    info = _style_info(output, imported.model, held_out, None, **about)
    style = _export(imported, info, output, as_json)
    size, model = output.stat().st_size / 1e6, imported.model
    if as_json:
        print_json(
            file=str(output),
            bits=info.bits_valid,
            samples=info.bits_samples,
            frame_sizes=list(model.frame_sizes),
            units=model.units,
            rnn_layers=model.rnn_layers,
            levels=model.levels,
            megabytes=size,
            sha256=style.sha256,
        )
        return
    measured = f"{held_out.bits:.3f} bits a sample on held-out recordings" if held_out else "bits not measured (--data)"
    shape = (
        f"frame sizes {', '.join(map(str, model.frame_sizes))}, {model.rnn_layers} GRU layers of {model.units} units"
    )
    click.echo(f"{output}: {size:.1f} MB, {shape}, {model.levels} levels; {measured}")


def _style_info(
    output: Path,
    model: Any,
    held_out: Any,
    trained_samples: int | None,
    *,
    name: str | None,
    temperature: float,
    **about: str,
) -> Any:
    """held_out: the Score on the valid split, or none."""
    from models.style import QUIETEST, StyleInfo

    return StyleInfo(
        name=name or output.stem,
        trained_samples=trained_samples,
        bits_valid=held_out.bits if held_out else None,
        bits_samples=held_out.samples if held_out else 0,
        default_temperature=temperature,
        loudness=QUIETEST,
        frames_per_run={},
        model=model,
        **about,
    )


def _tell(fraction: float) -> None:
    """How far it is, for programs."""
    click.echo(json.dumps({"done": fraction}), err=True)


def _export(
    checkpoint: Any, info: Any, output: Path, quiet: bool, openings: Any = None, preview: float = PREVIEW_SECONDS
) -> Any:
    """Make a style file, verified, its loudness measured, with a preview of so many seconds; until then nothing is at
    `output`, or what was there."""
    from engine.preview import with_preview
    from engine.score import improvise, loudness
    from models.export import export
    from models.style import change_info, open_style

    aside = output.with_name(f".{output.stem}.made{output.suffix}")
    try:
        style = export(checkpoint, info, aside, openings)
        kernel = select(style, "cpu", 1).kernel
        with bar("listening to it", quiet) as update:  # a large network takes longer than it plays
            told = _tell if quiet else update
            sound = improvise(kernel, info.default_temperature, progress=told)
        rate = info.model.sample_rate
        measured = loudness(sound, rate)
        if preview:
            with_preview(style, sound[: round(preview * rate)], measured)
        else:
            change_info(style, loudness=measured)
        aside.replace(output)
    finally:
        aside.unlink(missing_ok=True)
    return open_style(output)
