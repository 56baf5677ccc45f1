"""The entry points: `partimento COMMAND` and `generate`."""

import sys

import typer

from partimento.cli.console import (
    UsageError,
    known_message,
    naming_options,
    system_message,
    usage_message,
)
from partimento.cli.quick_values import QuickCommand
from partimento.cli.streams import mend_streams
from partimento.errors import PartimentoError
from partimento.music.midi.text import displayed


def run() -> None:
    """Run `partimento`."""
    from partimento.cli.commands import app

    _run(app)


def run_generate() -> None:
    """Run `generate`, the same as `partimento generate`, without loading the other commands."""
    from partimento.cli import generate
    from partimento.cli.options import expanded

    app = typer.Typer(name="generate", add_completion=False, pretty_exceptions_enable=False)
    command = naming_options(expanded(generate.command, generate.SETTINGS))
    app.command(cls=QuickCommand)(command)
    _run(app)


def _run(program: typer.Typer) -> None:
    """An error that the user can mend becomes one line on stderr: exit code 2 for usage, else 1.

    Anything else is a mistake of this program and keeps its traceback.
    """
    mend_streams()
    try:
        code = program(standalone_mode=False)
    except UsageError as error:
        code = _complain(usage_message(error), 2)
    except PartimentoError as error:
        code = _complain(known_message(error), 1)
    except OSError as error:
        message = system_message(error)
        if message is None:
            raise
        code = _complain(message, 1)
    except (KeyboardInterrupt, typer.Abort):
        code = _complain("interrupted", 130)
    sys.exit(code)


def _complain(message: str, code: int) -> int:
    typer.echo(f"error: {displayed(message)}", err=True)
    return code


if __name__ == "__main__":
    run()
