"""Plain values are read as typer reads them, without what typer loads for it."""

import os
import subprocess
import sys
from enum import Enum
from pathlib import Path
from typing import Annotated, Literal

import pytest
import typer
from typer.core import TyperCommand

from partimento.cli.quick_values import QuickCommand, plain


class Precision(Enum):
    """A choice by name."""

    float32 = "float32"
    int8 = "int8"


def heard(arguments: list[str], cls: type[TyperCommand]) -> object:
    """What a command with options of all kinds takes, or the error of usage."""
    taken: list[object] = []
    app = typer.Typer(add_completion=False)

    @app.command(cls=cls)
    def command(
        number: int = 1,
        factor: float = 1.0,
        bounded: Annotated[int, typer.Option(min=3)] = 3,
        name: str | None = None,
        mode: Literal["slow", "quick"] | None = None,
        precision: Precision = Precision.int8,
        folder: Annotated[Path, typer.Option(exists=True, file_okay=False)] = Path(),
        several: Annotated[list[int] | None, typer.Option()] = None,
        out: Annotated[Path | None, typer.Argument()] = None,
    ) -> None:
        taken.extend([number, factor, bounded, name, mode, precision, folder, several, out])

    try:
        app(arguments, standalone_mode=False)
    except Exception as error:  # what typer raises for usage has no public name
        return type(error), str(error)
    return taken


@pytest.mark.parametrize(
    "arguments",
    [
        *([], ["--number", "7"], ["--number", "-007"], ["--number", "1.5"], ["--number", "1_000"]),
        *(["--number", "٣"], ["--number", " 3"], ["--factor", "0.95"], ["--factor", "1e-3"]),
        *(["--factor", "a bit"], ["--bounded", "2"], ["--bounded", "4"], ["--name", ""]),
        *(["--mode", "slow"], ["--mode", "fast"], ["--precision", "float32"]),
        *(["--precision", "int4"], ["--folder", "/nowhere"], ["--several", "1", "--several", "2"]),
        *(["out.mid"], ["/"], [""], ["--nothing"]),
    ],
    ids=" ".join,
)
def test_values_and_errors_are_those_of_typer(arguments: list[str]) -> None:
    assert heard(arguments, QuickCommand) == heard(arguments, TyperCommand)


def test_a_value_that_is_not_plain_is_left_to_typer() -> None:
    assert plain(int, "1e3") is None
    assert plain(bool, "yes") is None
    assert plain(tuple[int, int], "1 2") is None


def test_plain_values_load_no_pydantic() -> None:
    program = (
        "import sys, typer\n"
        "from partimento.cli.quick_values import QuickCommand\n"
        "app = typer.Typer()\n"
        "@app.command(cls=QuickCommand)\n"
        "def command(out: str, seed: int = 1) -> None:\n"
        "    print(out, seed, 'pydantic' in sys.modules)\n"
        "app(['out.mid', '--seed', '3'])\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ
    )
    assert result.stdout == "out.mid 3 False\n"
