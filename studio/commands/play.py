"""Commands that make sound: `render`, `play`, `devices`, `bench`."""

from __future__ import annotations

import dataclasses
import json
import math
import sys
from pathlib import Path
from typing import Any

import click

from models.errors import InputError
from studio.commands.shared import PathArgument, bar, json_option, print_json, provider_option, select, threads_option


@click.command()
@click.argument("style", required=False)
@click.option("-o", "output", type=PathArgument, required=True, help="A .wav or .flac file.")
@click.option("--recipe", type=PathArgument, metavar="TAKE", help="Make this take again, instead of a STYLE's own.")
@click.option("--seconds", type=float, help="How long. With --recipe: go on beyond the take's end to so many.")
@click.option("--temperature", type=float, help="Lower is safer, higher is wilder. Default: the style's own.")
@click.option("--seed", type=click.IntRange(0, 2**64 - 1), help="The same seed, the same music. Default: a new one.")
@click.option("--prime", type=PathArgument, help="A recording to go on from, up to the silence that it may fade into.")
@click.option("--prime-seconds", type=float, help="Hear only the last so many seconds of that.")
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
    from models.audio import read_audio, sounding

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
    sound = read_audio(prime, rate) if prime else None
    if sound is not None:
        sound = sound[: sounding(abs(sound))]
        if prime_seconds is not None:
            sound = sound[-max(1, round(prime_seconds * rate)) :]
    kernel = select(opened, provider, threads).kernel
    seed = secrets.randbits(32) if seed is None else seed
    stream = Stream(kernel, seed, voices)
    if sound is not None:
        with bar("listening", as_json) as update:
            stream.prime(sound, update)
    try:
        with bar("playing", as_json) as update:
            done = render(stream, output, seconds, temperature, update)
    except KeyboardInterrupt:
        click.echo(f"Stopped: what was made so far is in {output}.", err=True)
        sys.exit(130)
    if as_json:
        print_json(
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
    with bar("playing", as_json) as update:
        done = replay(take, output, provider, update, seconds)
    if as_json:
        print_json(
            file=str(done.file), seconds=done.seconds, codes_sha256=done.codes_sha256, matches=done.matches
        )  # fmt: skip
        return
    same = {True: "the same codes", False: "NOT the same codes", None: "its recipe does not say which codes it had"}
    click.echo(f"{done.file}: {done.seconds:.1f} seconds, {same[done.matches]}")


@click.command()
@click.argument("style", default="piano")
@click.option("--seconds", type=float, help="How long. Default: until Ctrl+C.")
@click.option(
    "--device", help='Its name, as `devices` lists it. Default: the system\'s; "null": a clock without sound.'
)
@click.option("--latency", type=float, help="Milliseconds of sound kept ready, 20 to 500.")
@click.option("--temperature", type=float, help="Lower is safer, higher is wilder. Default: the style's own.")
@click.option("--voices", type=int, default=1, help="1 to 4.")
@click.option("--seed", type=click.IntRange(0, 2**64 - 1), help="The same seed, the same music. Default: a new one.")
@click.option("--prime", type=PathArgument, help="A recording to go on from, up to the silence that it may fade into.")
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
        print_json(
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


@click.command()
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


@click.command()
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
    selected = select(opened, provider, threads)
    kernel = selected.kernel
    each = seconds_per_sample(kernel, 3.0, voices)
    factor = 1 / (each * opened.info.model.sample_rate)
    if as_json:
        print_json(
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
