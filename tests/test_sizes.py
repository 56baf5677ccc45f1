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
MAX_PARAMETERS = 10
"""That a command lists by hand; more of them are groups, dataclasses that `expanded` spreads."""


def place(path: Path) -> str:
    """A module's path from the root of the repository."""
    return path.relative_to(ROOT).as_posix()


def test_no_module_holds_two_rooms() -> None:
    lines = {place(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name for name, count in lines.items() if count > MAX_LINES} == set()


def test_no_function_holds_two_thoughts() -> None:
    long = {
        f"{place(path)}:{node.name}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno >= MAX_FUNCTION_LINES
    }
    assert long == set()


def test_no_command_lists_more_options_than_one_can_read() -> None:
    counts = {
        place(path): len(node.args.args) + len(node.args.kwonlyargs)
        for path in (ROOT / "cli").glob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name == "command"
    }
    assert len(counts) > 10
    assert {name: count for name, count in counts.items() if count > MAX_PARAMETERS} == {}
