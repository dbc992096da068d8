"""The command line: arguments to one command.

With --json the last line on standard output is one JSON object and progress goes to standard error. Bad usage
or input is one line on standard error and exit code 2; any other failure is exit code 1.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

import click

from models.errors import InputError
from studio.commands.export import evaluate, export, import_
from studio.commands.play import bench, devices, play, render
from studio.commands.prepare import prepare
from studio.commands.styles import install, report, styles
from studio.commands.train import baseline, estimate, train

SET_UP = "`make setup` installs what is needed; then `source .venv/bin/activate`, once in each terminal."


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


for command in (
    *(styles, install, report),
    *(render, play, devices, bench),
    *(prepare, estimate, train, evaluate, export, import_, baseline),
):
    cli.add_command(command)


def main() -> None:
    """Run a command and end the process as the module's head says."""
    for name in ("SIGTERM", "SIGHUP"):  # a closed terminal stops a command as Ctrl+C does, with nothing lost
        if hasattr(signal, name) and threading.current_thread() is threading.main_thread():
            number = getattr(signal, name)
            if signal.getsignal(number) != signal.SIG_IGN:  # as nohup asks for
                signal.signal(number, signal.default_int_handler)
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
    except ModuleNotFoundError as error:
        click.echo(f"Error: {error}. {SET_UP}", err=True)
        sys.exit(1)
    except Exception as error:
        click.echo(f"Error: {' '.join(str(error).split()) or type(error).__name__}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
