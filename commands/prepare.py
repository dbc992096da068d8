"""`prepare`: recordings to a data set."""

from __future__ import annotations

from pathlib import Path

import click

from commands.shared import PathArgument, bar, json_option, print_json


@click.command()
@click.argument("audio", type=PathArgument, nargs=-1, required=True)
@click.option("-o", "output", type=PathArgument, required=True, help="The data set's folder.")
@click.option("--rate", type=click.IntRange(4000, 96_000), default=16_000, help="Hz.")
@json_option
def prepare(audio: tuple[Path, ...], output: Path, rate: int, as_json: bool) -> None:
    """Make a data set of recordings: files, and folders with all in them."""
    from models.prepare import prepare

    with bar("reading", as_json) as update:
        manifest = prepare(audio, output, rate, lambda done, total, name: update(done / max(1, total)))
    for skipped in manifest.skipped:
        click.echo(f"left out {skipped.source}: {skipped.reason}", err=True)
    for recordings in manifest.splits.values():
        for recording in recordings:
            for warning in recording.warnings:
                click.echo(f"{recording.source}: {warning}", err=True)
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
        )
        return
    shares = ", ".join(f"{split} {length:.1f} min" for split, length in minutes.items())
    click.echo(f"{output}: {shares} at {rate} Hz; {len(manifest.skipped)} files left out")
