"""Help is quick to load, and every command's ends in an example."""

import re
import subprocess
import sys
from collections.abc import Callable

import pytest

Call = Callable[..., tuple[int, str, str]]
COMMANDS = (
    *(
        "arrange",
        "average",
        "batch",
        "blend",
        "diff",
        "edit",
        "evaluate",
        "generate",
        "index",
        "info",
        "mirex",
        "page",
        "render",
        "replay",
        "show",
        "sketch",
        "tokenize",
        "train",
    ),
    *("vary", "vocabulary", "warmup", "words"),
)
HEAVY = ("mido", "muspy", "numba", "numpy", "pretty_midi", "torch", "yaml", "PIL")


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys; from partimento.cli.main import run; sys.argv = ['partimento', '--help']\n"
        "try:\n    run()\n"
        f"finally:\n    print('HEAVY', [name for name in {HEAVY} if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout.splitlines()[-1] == "HEAVY []"


def test_help_lists_every_command(partimento: Call) -> None:
    code, out, _ = partimento("--help")
    assert code == 0
    for command in COMMANDS:
        assert re.search(rf"^\W*{command} ", out, re.MULTILINE), command


@pytest.mark.parametrize("command", COMMANDS)
def test_the_description_of_a_command_ends_in_an_example(partimento: Call, command: str) -> None:
    code, out, _ = partimento(command, "--help")
    assert code == 0
    description = re.split(r"╭|\n *Options", out)[0]
    assert re.search(rf"Example: (partimento )?{command} ", description)
