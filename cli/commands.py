"""The commands of `partimento`, each with its options; an import of this loads all of them."""

from functools import partial

import typer

from partimento.cli import (
    arrange,
    average,
    batch,
    blend,
    diff,
    edit,
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
    vary,
    vocabulary,
    warmup,
    words,
)
from partimento.cli.console import naming_options
from partimento.cli.options import expanded
from partimento.cli.quick_values import QuickCommand

app = typer.Typer(
    name="partimento",
    help="Generate music: a compact linear-attention Transformer writes MIDI on a plain CPU.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
_command = partial(app.command, cls=QuickCommand)
_command("arrange")(naming_options(expanded(arrange.command, arrange.SETTINGS)))
_command("average")(naming_options(average.command))
_command("batch")(naming_options(expanded(batch.command, batch.SETTINGS)))
_command("blend")(naming_options(expanded(blend.command, blend.SETTINGS)))
_command("diff")(naming_options(diff.command))
_command("edit")(naming_options(expanded(edit.command, edit.SETTINGS)))
_command("evaluate")(naming_options(expanded(evaluate.command)))
_command("express")(naming_options(express.command))
_command("generate")(naming_options(expanded(generate.command, generate.SETTINGS)))
_command("index")(naming_options(index.command))
_command("info")(naming_options(info.command))
_command("mirex")(naming_options(expanded(mirex.command)))
_command("page")(naming_options(page.command))
_command("render")(naming_options(render.command))
_command("replay")(naming_options(replay.command))
_command("show")(naming_options(show.command))
_command("sketch")(naming_options(sketch.command))
_command("tokenize")(naming_options(tokenize.command))
_command("train")(naming_options(expanded(train.command)))
_command("vary")(naming_options(expanded(vary.command, vary.SETTINGS)))
_command("vocabulary")(naming_options(vocabulary.command))
_command("warmup")(naming_options(warmup.command))
_command("words")(naming_options(words.command))


@app.callback(invoke_without_command=True)
def _root(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
