"""The entry points: `partimento COMMAND` and `generate`."""

import sys

import typer

from partimento.cli import (
    batch,
    evaluate,
    generate,
    info,
    page,
    render,
    replay,
    show,
    tokenize,
    train,
    vocabulary,
    warmup,
    words,
)
from partimento.cli.console import JobError, UsageError, usage_message

app = typer.Typer(
    name="partimento",
    help="Generate music: a compact linear-attention Transformer writes MIDI on a plain CPU.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("batch")(batch.command)
app.command("evaluate")(evaluate.command)
app.command("generate")(generate.command)
app.command("info")(info.command)
app.command("page")(page.command)
app.command("render")(render.command)
app.command("replay")(replay.command)
app.command("show")(show.command)
app.command("tokenize")(tokenize.command)
app.command("train")(train.command)
app.command("vocabulary")(vocabulary.command)
app.command("warmup")(warmup.command)
app.command("words")(words.command)

generate_app = typer.Typer(name="generate", add_completion=False, pretty_exceptions_enable=False)
generate_app.command()(generate.command)


@app.callback(invoke_without_command=True)
def _root(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def run() -> None:
    """Run `partimento`."""
    _run(app)


def run_generate() -> None:
    """Run `generate`, the same as `partimento generate`."""
    _run(generate_app)


def _run(program: typer.Typer) -> None:
    """A known error becomes one line on stderr: exit code 2 for usage, 1 for a failed job."""
    try:
        code = program(standalone_mode=False)
    except UsageError as error:
        code = _complain(usage_message(error), 2)
    except (JobError, ValueError, OSError) as error:
        code = _complain(" ".join(str(error).split()), 1)
    except (KeyboardInterrupt, typer.Abort):
        code = _complain("interrupted", 130)
    sys.exit(code)


def _complain(message: str, code: int) -> int:
    typer.echo(f"error: {message}", err=True)
    return code


if __name__ == "__main__":
    run()
