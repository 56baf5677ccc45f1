"""The entry points: `partimento COMMAND` and `generate`."""

import sys

import typer

from partimento.cli import train

app = typer.Typer(
    name="partimento",
    help="Generate music: a compact linear-attention Transformer writes MIDI on a plain CPU.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("train")(train.command)


@app.callback()
def _root() -> None:
    pass


def run() -> None:
    """Run `partimento`; a known error becomes one line on stderr and exit code 1."""
    try:
        app()
    except (ValueError, OSError) as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    run()
