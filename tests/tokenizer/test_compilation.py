"""Machine code is kept under the name of all sources it is made of, wherever one may write."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from partimento.tokenizer import compilation, cursor
from partimento.tokenizer.compilation import (
    as_int,
    compiler,
    inner,
    kept_in,
    sources_of,
    when_compiling,
)

ROOT = Path(__file__).parents[2]
FILES = ("a.py", "b.py")


def test_the_sources_are_a_module_and_all_that_it_imports_at_any_remove() -> None:
    folder = Path(compilation.__file__).parents[1]
    found = sources_of(folder / "sampling" / "engines" / "decoding.py")
    names = [path.relative_to(folder).as_posix() for path in found]
    assert names[0] == "sampling/engines/decoding.py"
    assert len(set(names)) == len(names)
    for path in found:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("partimento"):
                place = folder.joinpath(*(node.module or "").split(".")[1:])
                parts = [place.with_suffix(".py"), *(place / f"{n.name}.py" for n in node.names)]
                assert {part for part in parts if part.is_file()} <= set(found)


@pytest.mark.parametrize("folder", ["tokenizer", "sampling", "model"])
def test_whatever_is_compiled_is_among_the_sources(folder: str) -> None:
    root = Path(compilation.__file__).parents[1]
    sources = set(sources_of(root / "sampling" / "engines" / "decoding.py"))
    for path in (ROOT / folder).rglob("*.py"):
        if re.search(
            r"^@(compiled|inner|spliced|intrinsic)\b", path.read_text(encoding="utf-8"), re.M
        ):
            assert root / path.relative_to(ROOT) in sources, path


@pytest.fixture
def sources(tmp_path: Path) -> list[Path]:
    """Two files."""
    paths = [tmp_path / name for name in FILES]
    for path in paths:
        path.write_text("x = 1\n")
    return paths


def test_a_change_in_any_source_leads_to_another_folder(
    sources: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compilation.config, "CACHE_DIR", str(tmp_path / "kept"))
    first = kept_in("test", sources)
    assert first == kept_in("test", sources)
    assert first is not None
    assert first.parent == tmp_path / "kept"
    seen = {first}
    for path in sources:
        path.write_text("x = 2\n")
        folder = kept_in("test", sources)
        assert folder is not None
        assert folder not in seen
        seen.add(folder)


@pytest.mark.slow
def test_a_compiled_function_is_loaded_in_the_next_process_and_not_compiled(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "from pathlib import Path\n"
        "from partimento.tokenizer.compilation import compiler, kept_in, when_compiling\n"
        "@compiler(Path(__file__).parent / 'kept')\n"
        "def double(x):\n    return 2 * x\n"
        "with when_compiling(lambda: print('compiling')):\n"
        "    print(double(21), double(4))\n"
    )
    runs = [
        subprocess.run([sys.executable, module], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert runs == ["compiling\n42 8\n", "42 8\n"]


def test_without_a_folder_functions_are_compiled_all_the_same() -> None:
    heard = []
    with when_compiling(lambda: heard.append(1)):
        assert compiler(None)(lambda x: x + 1)(np.int64(3)) == 4
        assert compiler(None)(lambda x: x + 2)(np.int64(3)) == 5
    assert heard == [1]


def test_other_settings_of_numba_are_left_as_they_were(tmp_path: Path) -> None:
    before = compilation.config.CACHE_DIR
    compiler(tmp_path)(cursor.new_cursor)
    assert before == compilation.config.CACHE_DIR


def test_inner_functions_serve_compiled_ones() -> None:
    @inner
    def twice(x: int) -> int:
        return 2 * x

    @compiler(None)
    def four_times(x: int) -> int:
        return twice(twice(x))

    assert four_times(3) == 12


def test_any_whole_number_becomes_one_of_64_bits() -> None:
    @compiler(None)
    def less(x: int) -> int:
        return as_int(x) - 5

    for number in (np.uint16(3), np.int32(3), np.uint64(3)):
        assert less(number) == -2


@pytest.mark.slow
def test_the_program_runs_where_no_folder_can_be_written(tmp_path: Path) -> None:
    """A file stands in the place of every folder, which stops even a superuser."""
    package = tmp_path / "partimento"
    package.mkdir()
    (package / "__init__.py").touch()
    for folder in ("tokenizer", "music"):
        shutil.copytree(ROOT / folder, package / folder, ignore=lambda *_: ["__pycache__"])
    shutil.copy(ROOT / "src" / "partimento" / "errors.py", package)
    (package / "tokenizer" / "__pycache__").touch()
    program = (
        "from partimento.tokenizer import compilation, cursor\n"
        "assert compilation.__file__.startswith({place!r}), compilation.__file__\n"
        "sources = compilation.sources_of()\n"
        "print(compilation.kept_in('test', sources), cursor.new_cursor().scalars[0])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program.format(place=str(tmp_path))],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "PYTHONPATH": str(tmp_path),
            "PYTHONDONTWRITEBYTECODE": "1",
            "NUMBA_CACHE_DIR": "/dev/null/kept",
            "HOME": "/dev/null",
            "XDG_CACHE_HOME": "/dev/null/cache",
            "LOCALAPPDATA": "/dev/null/local",
        },
    )
    assert result.stderr == ""
    assert result.stdout == "None 0\n"


def test_a_filled_folder_that_cannot_be_written_is_copied_to_one_that_can(
    sources: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compilation.config, "CACHE_DIR", str(tmp_path / "image"))
    image = kept_in("test", sources)
    assert image is not None
    (image / "code.nbc").write_bytes(b"machine code")
    really = compilation._can_write
    monkeypatch.setattr(compilation, "_can_write", lambda path: path != image and really(path))
    monkeypatch.setattr(compilation, "__file__", str(tmp_path / "program" / "compilation.py"))
    copied = kept_in("test", sources)
    assert copied is not None
    assert copied.parent == tmp_path / "program" / "__pycache__"
    assert (copied / "code.nbc").read_bytes() == b"machine code"
    # Nowhere else to go either: a temporary folder, filled all the same.
    monkeypatch.setattr(compilation, "_can_write", lambda path: False)
    temporary = kept_in("test", sources)
    assert temporary is not None
    assert temporary not in (image, copied)
    assert (temporary / "code.nbc").read_bytes() == b"machine code"
