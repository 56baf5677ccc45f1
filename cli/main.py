"""The entry points: `partimento COMMAND` and `generate`."""

import sys

import typer

from partimento.cli import (
    arrange,
    batch,
    blend,
    diff,
    evaluate,
    express,
    generate,
    index,
    info,
    mirex,
    page,
    render,
    replay,
    show,
    sketch,
    tokenize,
    train,
    vocabulary,
    warmup,
    words,
)
from partimento.cli.console import (
    UsageError,
    known_message,
    naming_options,
    system_message,
    usage_message,
)
from partimento.cli.options import expanded
from partimento.cli.streams import mend_streams
from partimento.errors import PartimentoError
from partimento.music.midi.text import displayed

app = typer.Typer(
    name="partimento",
    help="Generate music: a compact linear-attention Transformer writes MIDI on a plain CPU.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("arrange")(naming_options(expanded(arrange.command, arrange.SETTINGS)))
app.command("batch")(naming_options(expanded(batch.command, batch.SETTINGS)))
app.command("blend")(naming_options(expanded(blend.command, blend.SETTINGS)))
app.command("diff")(naming_options(diff.command))
app.command("evaluate")(naming_options(expanded(evaluate.command)))
app.command("express")(naming_options(express.command))
_generate = naming_options(expanded(generate.command, generate.SETTINGS))
app.command("generate")(_generate)
app.command("index")(naming_options(index.command))
app.command("info")(naming_options(info.command))
app.command("mirex")(naming_options(expanded(mirex.command)))
app.command("page")(naming_options(page.command))
app.command("render")(naming_options(render.command))
app.command("replay")(naming_options(replay.command))
app.command("show")(naming_options(show.command))
app.command("sketch")(naming_options(sketch.command))
app.command("tokenize")(naming_options(tokenize.command))
app.command("train")(naming_options(expanded(train.command)))
app.command("vocabulary")(naming_options(vocabulary.command))
app.command("warmup")(naming_options(warmup.command))
app.command("words")(naming_options(words.command))

generate_app = typer.Typer(name="generate", add_completion=False, pretty_exceptions_enable=False)
generate_app.command()(_generate)


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
