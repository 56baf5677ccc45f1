"""`partimento words`: the words that a prompt may use, and what a prompt becomes."""

from typing import Annotated

import typer

from partimento.cli.display import plain_lines, show_json


def command(
    prompt: Annotated[
        str | None, typer.Argument(help="A prompt to explain; without one, the table is printed.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say what a prompt becomes, or print the table of all words as Markdown.

    Example: partimento words "a slow waltz in D minor for strings, 16 bars"
    """
    from partimento.request.words import describe_lexicon, load_lexicon, read_prompt
    from partimento.request.words.lexicon import describe_settings
    from partimento.request.words.meaning import advice, installed_nearest

    if prompt is None:
        lexicon = load_lexicon()
        if not as_json:
            typer.echo(describe_lexicon(lexicon), nl=False)
            return
        show_json(
            [
                {
                    "words": list(entry.words),
                    "section": entry.section,
                    "settings": dict(entry.settings),
                    "note": entry.note,
                }
                for entry in lexicon.entries
            ]
        )
        return
    reading = read_prompt(prompt, nearest=installed_nearest())
    if as_json:
        show_json(
            {
                "prompt": prompt,
                "settings": dict(reading.settings),
                "understood": reading.understood,
                "taken": reading.taken,
                "overruled": reading.conflicts,
                "ignored": reading.ignored,
            }
        )
        return
    typer.echo("\n".join([reading.summary(), *advice(reading.ignored)]), err=True)
    rows = [
        (name, describe_settings({"": value}).strip()) for name, value in reading.settings.items()
    ]
    if rows:
        typer.echo("\n".join(plain_lines(rows, texts=2)))
