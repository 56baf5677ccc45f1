"""No file holds two rooms, no function two thoughts, and every module has a test of its own."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = sorted(
    path.parent
    for path in ROOT.glob("*/__init__.py")
    if path.parent.name not in ("tests", "benchmarks")
)
MODULES = sorted(path for room in [*ROOMS, ROOT / "src"] for path in room.rglob("*.py"))
MAX_LINES = 300
MAX_FUNCTION_LINES = 60
LONG_FILES: dict[str, int] = {}
"""Files that are longer still, and how long: to be split, never to grow."""
LONG_FUNCTIONS: dict[str, int] = {}
"""Functions that are longer still, and how long: to be split, never to grow."""


def place(path: Path) -> str:
    """A module's path from the root of the repository."""
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_no_module_holds_two_rooms(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONG_FILES.get(place(path), MAX_LINES), f"{path} has {lines} lines"


def test_no_function_holds_two_thoughts() -> None:
    long = {}
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > MAX_FUNCTION_LINES:
                    long[f"{place(path)}:{node.name}"] = lines
    assert long == LONG_FUNCTIONS
