"""The command line: arguments to one command.

With --json the last line on standard output is one JSON object and progress goes to standard error. Bad usage
or input is one line on standard error and exit code 2; any other failure is exit code 1.
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
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


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True)
@click.pass_context
def cli(context: click.Context) -> None:
    """SampleRNN Studio: a neural network that improvises sound, one sample at a time. Without a command: its window."""
    if context.invoked_subcommand is None:
        if not _has_screen():
            click.echo(context.get_help())
            return
        from studio.app import Studio

        context.exit(Studio().run())


def _has_screen() -> bool:
    """Where there is none, Qt would end the process without a word that helps."""
    named = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return sys.platform in ("win32", "darwin") or any(os.environ.get(name) for name in named)


@cli.command()
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


@cli.command()
@click.argument("file", type=PathArgument)
@json_option
def install(file: Path, as_json: bool) -> None:
    """Check a style FILE and put it among your styles."""
    from engine.library import install_style, is_users, name_of

    style = install_style(file)
    if as_json:
        _print_json(
            name=name_of(style), title=style.info.name, file=str(style.path), yours=is_users(style.path),
            sha256=style.sha256,
        )  # fmt: skip
        return
    click.echo(f"{style.info.name} is installed as {name_of(style)!r}: {style.path}")


@cli.command()
@click.argument("style", required=False)
@click.option("-o", "output", type=PathArgument, required=True, help="A .wav or .flac file.")
@click.option("--recipe", type=PathArgument, metavar="TAKE", help="Make this take again, instead of a STYLE's own.")
@click.option("--seconds", type=float, help="How long. With --recipe: go on beyond the take's end to so many.")
@click.option("--temperature", type=float, help="Lower is safer, higher is wilder. Default: the style's own.")
@click.option("--seed", type=click.IntRange(0, 2**64 - 1), help="The same seed, the same music. Default: a new one.")
@click.option("--prime", type=PathArgument, help="A recording to go on from.")
@click.option("--prime-seconds", type=float, help="Hear only the last so many seconds of it.")
@click.option("--voices", type=click.IntRange(1, 64), default=1, help="Voices, mixed to stereo.")
@provider_option
@threads_option
@json_option
def render(
    style: str | None,
    output: Path,
    recipe: Path | None,
    seconds: float | None,
    temperature: float | None,
    seed: int | None,
    prime: Path | None,
    prime_seconds: float | None,
    voices: int,
    provider: str,
    threads: int,
    as_json: bool,
) -> None:
    """Let STYLE (an installed name or a file) improvise into a sound file, or make a TAKE again from its recipe."""
    if recipe is not None:
        others = (style, temperature, seed, prime, prime_seconds)
        if any(other is not None for other in others) or voices != 1 or threads != 1:
            raise InputError("--recipe says all but the file, the provider and the length; give nothing else")
        if seconds is not None and not 0 < seconds < math.inf:
            raise InputError(f"--seconds is {seconds}; it must be above 0")
        _replay(recipe, output, provider, seconds, as_json)
        return
    if style is None or seconds is None:
        raise InputError("give a STYLE and --seconds, or --recipe with a take")
    import secrets

    from engine.library import find_style
    from engine.render import check_output, check_temperature, render
    from engine.stream import Stream
    from models.audio import read_audio

    opened = find_style(style)
    temperature = opened.info.default_temperature if temperature is None else temperature
    # refuse what cannot be before the network is loaded
    check_output(output)
    check_temperature(temperature)
    if not 0 < seconds < math.inf:
        raise InputError(f"--seconds is {seconds}; it must be above 0")
    if prime_seconds is not None and not (prime and 0 < prime_seconds < math.inf):
        raise InputError("--prime-seconds needs --prime, and must be above 0")
    rate = opened.info.model.sample_rate
    sound = read_audio(prime, rate, last_seconds=prime_seconds) if prime else None
    kernel = _select(opened, provider, threads).kernel
    seed = secrets.randbits(32) if seed is None else seed
    stream = Stream(kernel, seed, voices)
    if sound is not None:
        with _bar("listening", as_json) as update:
            stream.prime(sound, update)
    try:
        with _bar("playing", as_json) as update:
            done = render(stream, output, seconds, temperature, update)
    except KeyboardInterrupt:
        click.echo(f"Stopped: what was made so far is in {output}.", err=True)
        sys.exit(130)
    if as_json:
        _print_json(
            file=str(done.file),
            seconds=done.seconds,
            sample_rate=rate,
            seed=seed,
            temperature=temperature,
            provider=kernel.provider,
            real_time_factor=done.real_time_factor,
            codes_sha256=done.codes_sha256,
        )
        return
    click.echo(
        f"{done.file}: {done.seconds:.1f} seconds of {opened.info.name}, made {done.real_time_factor:.1f} times as "
        f"fast as it plays ({kernel.provider.upper()}, temperature {temperature:g}, seed {seed})"
    )


def _replay(take: Path, output: Path, provider: Any, seconds: float | None, as_json: bool) -> None:
    from engine.render import check_output
    from engine.replay import replay

    check_output(output)
    with _bar("playing", as_json) as update:
        done = replay(take, output, provider, update, seconds)
    if as_json:
        _print_json(
            file=str(done.file), seconds=done.seconds, codes_sha256=done.codes_sha256, matches=done.matches
        )  # fmt: skip
        return
    same = {True: "the same codes", False: "NOT the same codes", None: "its recipe does not say which codes it had"}
    click.echo(f"{done.file}: {done.seconds:.1f} seconds, {same[done.matches]}")


@cli.command()
@click.argument("style", default="piano")
@click.option("--seconds", type=float, help="How long. Default: until Ctrl+C.")
@click.option(
    "--device", help='Its name, as `devices` lists it. Default: the system\'s; "null": a clock without sound.'
)
@click.option("--latency", type=float, help="Milliseconds of sound kept ready, 20 to 500.")
@click.option("--temperature", type=float, help="Lower is safer, higher is wilder. Default: the style's own.")
@click.option("--voices", type=int, default=1, help="1 to 4.")
@click.option("--seed", type=click.IntRange(0, 2**64 - 1), help="The same seed, the same music. Default: a new one.")
@click.option("--prime", type=PathArgument, help="A recording to go on from.")
@click.option("--record", type=PathArgument, help="Record into this .wav or .flac file.")
@provider_option
@json_option
def play(
    style: str,
    seconds: float | None,
    device: str | None,
    latency: float | None,
    temperature: float | None,
    voices: int,
    seed: int | None,
    prime: Path | None,
    record: Path | None,
    provider: Any,
    as_json: bool,
) -> None:
    """Let STYLE (an installed name or a file) improvise, live."""
    from engine import terminal
    from engine.controls import DEFAULT_LATENCY, RANGES, Controls, Prime, Record
    from engine.library import find_style
    from engine.render import check_output
    from engine.session import Session
    from engine.takes import recover_takes
    from models.audio import stream_audio

    opened = find_style(style)
    if seconds is not None and not 0 < seconds < math.inf:
        raise InputError(f"--seconds is {seconds}; it must be above 0")
    if latency is not None:
        least, most = (1000 * each for each in RANGES["latency"])
        if not least <= latency <= most:
            raise InputError(f"--latency is {latency:g}; it must be from {least:g} to {most:g} milliseconds")
    controls = Controls(
        temperature=opened.info.default_temperature if temperature is None else temperature,
        voices=voices,
        latency=DEFAULT_LATENCY if latency is None else latency / 1000,
    )
    if record is not None:
        check_output(record)
        if record.exists():
            raise InputError(f"{record} is there already; record under another name")
    if prime is not None:
        next(stream_audio(prime, opened.info.model.sample_rate))
    for folder in {Path.cwd(), record.parent.absolute() if record else Path.cwd()}:
        for take in recover_takes(folder):
            click.echo(f"A recording had been cut off; what there is of it: {take}", err=True)
    session = Session()
    try:
        session.set(controls)
        session.load(opened.path, seed, provider)
        if prime is not None:
            session.send(Prime(prime))
        session.start(device, seconds)
        if record is not None:
            session.send(Record(record))
        if not as_json and sys.stderr.isatty():
            click.echo(terminal.KEYS, err=True)
        status = terminal.Playing(session, lambda text: click.echo(text, err=True)).until_done()
    finally:
        session.close()
    if status.state == "failed":
        raise RuntimeError(status.reason)
    taken = str(record) if record is not None and record.exists() else None
    if as_json:
        _print_json(
            seconds=status.played,
            device=status.device,
            sample_rate=status.rate,
            latency_ms=controls.latency * 1000,
            underruns=status.underruns,
            real_time_factor=status.real_time_factor,
            first_sound_ms=status.first_sound and status.first_sound * 1000,
            take=taken,
            codes_sha256=status.codes_sha256,
        )
        return
    click.echo(
        f"Played {status.played:.1f} seconds on {status.device}: {status.underruns} dropouts, "
        f"made {status.real_time_factor:.1f} times as fast as it plays"
    )


@cli.command()
@json_option
def devices(as_json: bool) -> None:
    """List the sound devices that can be played on."""
    from engine.devices import list_devices

    found = list_devices()
    if as_json:
        listed = [dataclasses.asdict(device) | {"full_name": device.full_name} for device in found]
        click.echo(json.dumps({"devices": listed}))
        return
    for device in found:
        mark = "*" if device.default_output or device.default_input else " "
        click.echo(
            f"{mark} {device.full_name}: {device.outputs} outputs, {device.inputs} inputs, {device.default_rate} Hz"
        )
    if not found:
        click.echo("No sound device was found; `play --device null` plays without sound.")


@cli.command()
@click.argument("style", default="piano")
@click.option("--voices", type=click.IntRange(1, 64), default=1, help="Voices at once.")
@threads_option
@provider_option
@json_option
def bench(style: str, voices: int, threads: int, provider: str, as_json: bool) -> None:
    """Measure how fast STYLE plays on this machine."""
    from engine.library import find_style
    from engine.select import seconds_per_sample

    opened = find_style(style)
    selected = _select(opened, provider, threads)
    kernel = selected.kernel
    each = seconds_per_sample(kernel, 3.0, voices)
    factor = 1 / (each * opened.info.model.sample_rate)
    if as_json:
        _print_json(
            us_per_sample=each * 1e6,
            real_time_factor=factor,
            title=opened.info.name,
            sample_rate=opened.info.model.sample_rate,
            voices=voices,
            provider=kernel.provider,
            remark=selected.remark or "",
            threads=threads,
            megabytes_of_weights=kernel.weight_bytes / 1e6,
        )
        return
    click.echo(
        f"{opened.info.name}: {each * 1e6:.1f} us a sample, {factor:.1f} times as fast as it plays "
        f"({kernel.provider.upper()}, {voices} voice{'s' if voices > 1 else ''}, "
        f"{threads} thread{'s' if threads > 1 else ''}, "
        f"{kernel.weight_bytes / 1e6:.1f} MB of weights)"
    )


@cli.command()
@click.argument("audio", type=PathArgument, nargs=-1, required=True)
@click.option("-o", "output", type=PathArgument, required=True, help="The data set's folder.")
@click.option("--rate", type=click.IntRange(4000, 96_000), default=16_000, help="Hz.")
@json_option
def prepare(audio: tuple[Path, ...], output: Path, rate: int, as_json: bool) -> None:
    """Make a data set of recordings: files, and folders with all in them."""
    from models.prepare import prepare

    with _bar("reading", as_json) as update:
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
        _print_json(
            data=str(output),
            sample_rate=rate,
            minutes=minutes,
            recordings=counts,
            skipped=len(manifest.skipped),
        )
        return
    shares = ", ".join(f"{split} {length:.1f} min" for split, length in minutes.items())
    click.echo(f"{output}: {shares} at {rate} Hz; {len(manifest.skipped)} files left out")


@cli.command()
@click.argument("data", type=PathArgument)
@click.option("-o", "run", type=PathArgument, required=True, help="The run's folder.")
@click.option("--preset", "preset_name", default="live", help="live (default), two-tier-2017 or paper-3tier.")
@click.option(
    "--from", "base_name", metavar="STYLE_OR_RUN", help="Start from what this has learned: minutes instead of hours."
)
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Change one setting of the preset.")
@click.option("--minutes", type=float, help="Train about so long.")
@click.option("--steps", type=click.IntRange(1), help="Train so many steps.")
@click.option("--resume", is_flag=True, help="Go on with the run.")
@json_option
def train(
    data: Path,
    run: Path,
    preset_name: str,
    base_name: str | None,
    settings: tuple[str, ...],
    minutes: float | None,
    steps: int | None,
    resume: bool,
    as_json: bool,
) -> None:
    """Train a network on DATA (made by prepare)."""
    from models.config import with_settings
    from models.presets import preset

    if minutes is not None and not 0 < minutes < math.inf:
        raise InputError(f"--minutes is {minutes}; it must be above 0")
    if minutes is not None and steps is not None:
        raise InputError("--minutes and --steps exclude each other")
    if resume and settings:
        raise InputError("--set cannot change a run that is resumed; start a new one")
    if resume and base_name:
        raise InputError("--from is for a new run; --resume goes on with one")
    chosen = preset(preset_name)
    base = _base(base_name) if base_name else None
    model, training = with_settings(base.model if base else chosen.model, chosen.training, settings)

    from models.dataset import DataSet
    from models.train import train

    opened = DataSet.open(data)
    stop, cut_short = threading.Event(), threading.Event()

    def ask_to_stop(number: int, frame: Any) -> None:
        click.echo("Stopping after this step (once more: at once, from the last checkpoint on)", err=True)
        signal.signal(number, signal.default_int_handler)
        stop.set()

    def stopped() -> bool:
        if stop.is_set():
            cut_short.set()
        return stop.is_set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask_to_stop)
    with _training_report(as_json) as report:
        result = train(
            run, opened, model, training, minutes=minutes, steps=steps, resume=resume, base=base,
            report=report, stopped=stopped,
        )  # fmt: skip
    if as_json:
        _print_json(**result)
        return
    advice = "; go on with --resume" if cut_short.is_set() else ""
    click.echo(
        f"{run}: {result['steps']} steps, {result['bits_valid']:.3f} bits on the valid split, "
        f"{result['samples_per_second']:,.0f} samples a second{advice}"
    )


@cli.command()
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

        network = Checkpoint.load(_checkpoint_path(run_or_style, "best")).network()
        with _bar("scoring", as_json) as update:
            result = score(network, opened, split, progress=update)
        bits, samples = result.bits, result.samples
    else:
        from engine.library import find_style
        from engine.score import score_split

        kernel = _select(find_style(str(run_or_style)), "cpu", 1).kernel
        with _bar("scoring", as_json) as update:
            bits, samples = score_split(kernel, opened, split, update)
    if as_json:
        _print_json(bits=bits, samples=samples)
        return
    click.echo(f"{bits:.4f} bits a sample over {samples:,} samples of the {split} split")


@cli.command()
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
    with _bar("training", as_json) as update:
        wavenet.train(
            network, data_set, opened.info.model, minutes, lambda line: update(min(1.0, line["minutes"] / minutes))
        )
    wavenet.save(network, output)
    if as_json:
        _print_json(file=str(output), minutes=minutes)


@cli.command()
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


@cli.command()
@click.argument("run", type=PathArgument)
@click.option("-o", "output", type=PathArgument, required=True, help="A .samplernn file.")
@click.option("--checkpoint", default="best", help="best (default), last or step-N.")
@click.option("--data", type=PathArgument, help="Where the run's data set is now, if it was moved.")
@about_options
@json_option
def export(
    run: Path,
    output: Path,
    checkpoint: str,
    data: Path | None,
    as_json: bool,
    **about: Any,
) -> None:
    """Make a style file of a run."""
    from engine.render import check_temperature
    from models.checkpoint import Checkpoint
    from models.dataset import DataSet
    from models.evaluate import evaluate
    from models.export import check_style_path

    check_temperature(about["temperature"])
    check_style_path(output)
    saved = Checkpoint.load(_checkpoint_path(run, checkpoint))
    opened = DataSet.open(data or Path(saved.progress["data_path"]))
    with _bar("measuring held-out bits", as_json) as update:
        held_out = evaluate(saved.network(), opened, "valid", progress=update)
    trained = saved.step * saved.training.batch * saved.training.chunk
    style = _export(saved, _style_info(output, saved.model, held_out, trained, **about), output, as_json)
    size = output.stat().st_size / 1e6
    if as_json:
        _print_json(
            file=str(output),
            bits=held_out.bits,
            samples=held_out.samples,
            megabytes=size,
            sha256=style.sha256,
        )
        return
    click.echo(f"{output}: {size:.1f} MB, {held_out.bits:.3f} bits a sample on held-out recordings")


@cli.command("import")
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
        with _bar("measuring held-out bits", as_json) as update:
            held_out = evaluate(imported.network(), opened, "valid", progress=update)
    info = _style_info(output, imported.model, held_out, None, **about)
    style = _export(imported, info, output, as_json)
    size, model = output.stat().st_size / 1e6, imported.model
    if as_json:
        _print_json(
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


def _export(checkpoint: Any, info: Any, output: Path, quiet: bool) -> Any:
    """Make a style file, verified and its loudness measured; until then nothing is at `output`, or what was there."""
    from engine.score import loudness
    from models.export import export
    from models.style import change_info, open_style

    aside = output.with_name(f".{output.stem}.made{output.suffix}")
    try:
        style = export(checkpoint, info, aside)
        kernel = _select(style, "cpu", 1).kernel
        with _bar("listening to it", quiet) as update:  # a large network takes longer than it plays
            measured = loudness(kernel, info.default_temperature, progress=update)
        change_info(style, loudness=measured)
        aside.replace(output)
    finally:
        aside.unlink(missing_ok=True)
    return open_style(output)


def _base(name: str) -> Any:
    from engine.library import find_style
    from models.base import base_of_run, base_of_style
    from models.checkpoint import Checkpoint

    if Path(name).is_dir():
        return base_of_run(Checkpoint.load(_checkpoint_path(Path(name), "best")))
    return base_of_style(find_style(name))


def _checkpoint_path(run: Path, name: str) -> Path:
    if not run.is_dir():
        raise InputError(f"{run}: no such run; give the folder that train made")
    return run / "checkpoints" / f"{name}.safetensors"


def _select(style: Any, provider: Any, threads: int) -> Selected:
    from engine.select import select_kernel

    selected = select_kernel(style, provider, threads)
    if selected.remark:
        click.echo(selected.remark, err=True)
    return selected


def _print_json(**values: Any) -> None:
    click.echo(json.dumps(values))


@contextmanager
def _bar(what: str, quiet: bool) -> Iterator[Callable[[float], None]]:
    """A progress bar on standard error for people at a terminal, gone when done; for programs nothing."""
    if quiet:
        yield lambda fraction: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(what, total=1.0)
        yield lambda fraction: progress.update(task, completed=fraction)


@contextmanager
def _training_report(as_json: bool) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Lines of a training: JSON on standard error for programs, a progress bar for people."""
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


def main() -> None:
    """Run a command and end the process as the module's head says."""
    for name in ("SIGTERM", "SIGHUP"):  # a closed terminal stops a command as Ctrl+C does, with nothing lost
        if hasattr(signal, name) and threading.current_thread() is threading.main_thread():
            signal.signal(getattr(signal, name), signal.default_int_handler)
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "")
    except (InputError, click.UsageError) as error:
        text = error.format_message() if isinstance(error, click.UsageError) else str(error)
        click.echo(f"Error: {' '.join(text.split())}", err=True)
        sys.exit(2)
    except (KeyboardInterrupt, click.Abort):
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except Exception as error:
        click.echo(f"Error: {' '.join(str(error).split()) or type(error).__name__}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
