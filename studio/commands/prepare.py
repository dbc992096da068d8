"""`prepare`: recordings to a data set."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click

from studio.commands.shared import PathArgument, bar, cores, json_option, print_json

SHOWN = 20
"""Lines about single files, at most; manifest.json names all."""


@click.command()
@click.argument("audio", type=PathArgument, nargs=-1, required=True)
@click.option("-o", "output", type=PathArgument, required=True, help="The data set's folder.")
@click.option(
    "--rate", type=click.IntRange(4000, 96_000), default=8000, help="Hz (8000: that of the styles that come along)."
)
@click.option("--jobs", type=click.IntRange(1, 1024), help="Processes. Default: one for each core.")
@json_option
def prepare(audio: tuple[Path, ...], output: Path, rate: int, jobs: int | None, as_json: bool) -> None:
    """Make a data set of recordings: files, and folders with all in them. Stopped, it goes on where it was."""
    from models.prepare import prepare

    with bar("reading", as_json) as update:
        manifest = prepare(audio, output, rate, _progress(update, as_json), jobs or cores())
    recordings = [recording for split in manifest.splits.values() for recording in split]
    lines = [f"left out {skipped.source}: {skipped.reason}" for skipped in manifest.skipped]
    lines += [f"{recording.source}: {warning}" for recording in recordings for warning in recording.warnings]
    for line in lines[:SHOWN]:
        click.echo(line, err=True)
    if len(lines) > SHOWN:
        click.echo(f"... and {len(lines) - SHOWN} more remarks, all in {output / 'manifest.json'}", err=True)
    for note in manifest.notes:
        click.echo(note, err=True)
    minutes = {split: manifest.seconds(split) / 60 for split in manifest.splits}
    if as_json:
        counts = {split: len(recordings) for split, recordings in manifest.splits.items()}
        print_json(
            data=str(output),
            sample_rate=rate,
            minutes=minutes,
            recordings=counts,
            skipped=len(manifest.skipped),
            warnings=sum(bool(recording.warnings) for recording in recordings),
        )
        return
    shares = ", ".join(f"{split} {length:.1f} min" for split, length in minutes.items())
    silent = sum(recording.silence * recording.seconds for recording in recordings) / 60 / sum(minutes.values())
    loudness = sorted(recording.rms_dbfs for recording in recordings)
    click.echo(
        f"{output}: {shares} at {rate} Hz; {silent:.0%} silence, loudness {loudness[0]:.0f} to {loudness[-1]:.0f} "
        f"dBFS; {len(manifest.skipped)} files left out"
    )


def _progress(update: Callable[[float], None], as_json: bool) -> Callable[[int, int, str], None]:
    """On standard error a line for each file, for programs, or the bar."""
    if as_json:
        return lambda done, total, name: click.echo(json.dumps({"done": done, "total": total, "next": name}), err=True)
    return lambda done, total, name: update(done / max(1, total))
