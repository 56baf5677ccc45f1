"""`partimento vocabulary`: the map of the 384 tokens."""

from typing import Annotated

import typer

from partimento.cli.display import show_json, show_table

UNITS = {
    "pitch": "MIDI note number; the drum key on a drum line",
    "duration": "ticks, 24 to the quarter",
    "rest": "ticks, 24 to the quarter",
    "tempo": "quarter notes a minute",
}
"""What the values of a block count."""


def command(
    as_json: Annotated[
        bool, typer.Option("--json", help="One object: the name of every id, by block.")
    ] = False,
) -> None:
    """Print the map of the 384 tokens: their blocks, ids and values.

    Example: partimento vocabulary
    """
    from partimento.tokenizer.vocabulary import BLOCKS, SIZE, fingerprint

    if as_json:
        blocks = [
            {
                "name": block.name,
                "first": block.first,
                "end": block.end,
                "unit": UNITS.get(block.name),
                "values": block.values,
            }
            for block in BLOCKS
        ]
        show_json({"size": SIZE, "fingerprint": fingerprint(), "blocks": blocks})
        return
    rows = []
    for block in BLOCKS:
        ids = str(block.first)
        if len(block.values) > 1:
            ids += f"..{block.end - 1}"
        unit = f" ({UNITS[block.name]})" if block.name in UNITS else ""
        rows.append((block.name, ids, str(len(block.values)), summarize(block.values) + unit))
    show_table(("block", "ids", "count", "values"), rows, texts=4)


def summarize(values: tuple[str, ...]) -> str:
    """The values in a row, runs of three and more whole numbers as first..last.

    >>> summarize(("1", "2", "3", "5", "6", "none"))
    '1..3, 5, 6, none'
    """
    parts: list[str] = []
    start = 0
    while start < len(values):
        end = start + 1
        while end < len(values) and _follows(values[end - 1], values[end]):
            end += 1
        if end - start < 3:
            end = start + 1
            parts.append(values[start])
        else:
            parts.append(f"{values[start]}..{values[end - 1]}")
        start = end
    return ", ".join(parts)


def _follows(value: str, following: str) -> bool:
    return value.isdigit() and following.isdigit() and int(following) == int(value) + 1
