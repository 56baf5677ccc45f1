"""No file holds two rooms, and no function two thoughts."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = sorted(
    path.parent
    for path in ROOT.glob("*/__init__.py")
    if path.parent.name not in ("tests", "benchmarks")
)
MODULES = sorted(path for room in [*ROOMS, ROOT / "src"] for path in room.rglob("*.py"))
MAX_LINES = 300
MAX_FUNCTION_LINES = 60
LONG_FILES: set[str] = set()
"""Files that are longer still: none, and none is to be added."""
LONG_FUNCTIONS = {
    "cli/evaluate.py:command",
    *("cli/tokenize.py:command", "cli/train.py:command"),
    "tokenizer/cursor.py:advance",
}
"""Functions that are longer still; none is to be added."""


def place(path: Path) -> str:
    """A module's path from the root of the repository."""
    return path.relative_to(ROOT).as_posix()


def test_no_module_holds_two_rooms() -> None:
    lines = {place(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name for name, count in lines.items() if count > MAX_LINES} == LONG_FILES


def test_no_function_holds_two_thoughts() -> None:
    long = {
        f"{place(path)}:{node.name}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno >= MAX_FUNCTION_LINES
    }
    assert long == LONG_FUNCTIONS
