"""Commands about the installed styles: `styles`, `install`, `report`."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import click

from models.errors import InputError
from studio.commands.shared import PathArgument, json_option, print_json


@click.command()
@json_option
def styles(as_json: bool) -> None:
    """List the installed styles."""
    from engine.library import installed_styles, is_users, name_of

    found = [
        {
            "name": name_of(style),
            "title": style.info.name,
            "description": style.info.description,
            "sample_rate": style.info.model.sample_rate,
            "bits": style.info.bits_valid,
            "default_temperature": style.info.default_temperature,
            "author": style.info.author,
            "licence": style.info.licence,
            "trained_on": style.info.trained_on,
            "file": str(style.path),
            "yours": is_users(style.path),
        }
        for style in installed_styles()
    ]
    if as_json:
        click.echo(json.dumps({"styles": found}))
        return
    for entry in found:
        click.echo(f"{entry['name']:12} {entry['sample_rate']} Hz  {entry['description']}")
        click.echo(f"{'':12} {entry['file']}")
    if not found:
        click.echo("No styles are installed.")


@click.command()
@click.argument("file", type=PathArgument)
@json_option
def install(file: Path, as_json: bool) -> None:
    """Check a style FILE and put it among your styles."""
    from engine.library import install_style, is_users, name_of

    style = install_style(file)
    if as_json:
        print_json(
            name=name_of(style), title=style.info.name, file=str(style.path), yours=is_users(style.path),
            sha256=style.sha256,
        )  # fmt: skip
        return
    click.echo(f"{style.info.name} is installed as {name_of(style)!r}: {style.path}")


@click.command()
@click.argument("pairs", metavar="STYLE=DATA...", nargs=-1, required=True)
@click.option("-o", "output", type=PathArgument, required=True, help="An .html file.")
@click.option("--wavenet", "wavenets", multiple=True, metavar="STYLE=FILE", help="A baseline that `baseline` made.")
@click.option("--machine", default="this machine", help="What it is measured on, in words.")
def report(pairs: tuple[str, ...], output: Path, wavenets: tuple[str, ...], machine: str) -> None:
    """Measure styles on their data, and tell it in one HTML page (about half an hour a style)."""
    from engine.library import find_style
    from engine.report.facts import measure
    from engine.report.page import page
    from models.baselines.scores import scores
    from models.dataset import DataSet
    from models.files import written_aside

    def parted(text: str) -> tuple[str, Path]:
        name, equals, path = text.partition("=")
        if not equals:
            raise InputError(f"{text!r} is not STYLE=PATH")
        return name, Path(path)

    sets = {name: (find_style(name), DataSet.open(path)) for name, path in map(parted, pairs)}
    files = dict(map(parted, wavenets))
    facts = []
    for name, (style, data) in sets.items():
        _say(name, "baselines")
        others, speeds = scores(style.info.model, data, files.get(name))
        facts.append(measure(style, data, others, speeds, partial(_say, name)))
    with written_aside(output) as aside:
        aside.write_text(page(facts, machine), encoding="utf-8")
    click.echo(output)


def _say(name: str, what: str) -> None:
    click.echo(f"{name}: {what}", err=True)
