"""Tables for people, and where they stand in the document."""

from collections.abc import Sequence
from pathlib import Path

Row = Sequence[str]


def table(head: Row, rows: Sequence[Row]) -> str:
    """A Markdown table; all columns but the first are aligned to the right."""
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def rate(seconds_per_token: float | None) -> str:
    """Tokens a second."""
    return "-" if seconds_per_token is None else number(1 / seconds_per_token)


def number(value: float) -> str:
    """Three significant digits, without an exponent.

    >>> number(12345.6), number(45.67), number(0.01234)
    ('12,300', '45.7', '0.0123')
    """
    if value == 0:
        return "0"
    digits = 2
    size = abs(value)
    while size >= 10:
        size /= 10
        digits -= 1
    while size < 1:
        size *= 10
        digits += 1
    return f"{round(value, digits):,.{max(0, digits)}f}"


def times(value: float | None) -> str:
    """A ratio."""
    return "-" if value is None else f"{number(value)}x"


def share(value: float) -> str:
    """A part of a whole."""
    return f"{100 * value:.0f} %"


SECTIONS = ("machine", "goals", "single", "batch", "limits", "start")


def markers(name: str) -> tuple[str, str]:
    """What stands before and after a section of the document."""
    return f"<!-- begin {name} -->", f"<!-- end {name} -->"


def check(document: Path) -> None:
    """Raise ValueError when a section has no markers in the document."""
    text = document.read_text(encoding="utf-8")
    for name in SECTIONS:
        begin, end = markers(name)
        if not -1 < text.find(begin) < text.find(end):
            raise ValueError(f"{document}: no markers {begin} and {end}; add them")


def fill(document: Path, sections: dict[str, str]) -> None:
    """Replace what stands between the markers of each section, in place."""
    check(document)
    text = document.read_text(encoding="utf-8")
    for name, content in sections.items():
        begin, end = markers(name)
        before, _, rest = text.partition(begin)
        after = rest.partition(end)[2]
        text = f"{before}{begin}\n{content}\n{end}{after}"
    document.write_text(text, encoding="utf-8")
