"""Compiling ahead, the word to who waits, and what stays unimported."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from partimento.cli.compiling import compile_notice
from partimento.sampling import compilation
from partimento.tokenizer.compilation import compiler

Call = Callable[..., tuple[int, str, str]]


def test_warmup_makes_both_precisions_ready_and_says_where(
    partimento: Call, tiny_checkpoint: Path
) -> None:
    code, out, err = partimento("warmup", "--checkpoint", tiny_checkpoint)
    assert (code, err) == (0, "")
    assert out.startswith("ready for float32 and int8 after ")
    assert out.endswith(f" s, kept in {compilation.FOLDER}\n")


@pytest.mark.slow
def test_after_warmup_nothing_is_compiled(
    partimento: Call, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    assert partimento("warmup", "--checkpoint", tiny_checkpoint)[0] == 0
    program = (
        "import sys\n"
        "from partimento.cli.main import run_generate\n"
        "from partimento.tokenizer.compilation import when_compiling\n"
        "sys.argv = ['generate', *sys.argv[1:]]\n"
        "with when_compiling(lambda: print('compiling')):\n"
        "    run_generate()\n"
    )
    for precision in ("float32", "int8"):
        path = tmp_path / f"{precision}.mid"
        result = subprocess.run(
            [
                *(sys.executable, "-c", program, path, "--quiet", "--bars", "2", "--seed", "1"),
                *("--precision", precision, "--checkpoint", tiny_checkpoint),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (result.returncode, result.stderr) == (0, "")
        assert result.stdout == f"{path}\n"


def test_warmup_without_a_folder_to_keep_it_in_is_an_error_with_the_remedy(
    partimento: Call, tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compilation, "FOLDER", None)
    code, out, err = partimento("warmup", "--checkpoint", tiny_checkpoint)
    assert (code, out) == (1, "")
    assert err == (
        "error: no folder to keep machine code in; set NUMBA_CACHE_DIR to one that can be written\n"
    )


def compile_something() -> None:
    assert compiler(None)(lambda: 42)() == 42


def test_the_notice_is_one_line_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with compile_notice():
        compile_something()
        compile_something()
    assert capsys.readouterr() == ("", "compiling, this once (about 20 s)\n")
    with compile_notice(quiet=True):
        compile_something()
    with compile_notice():
        pass
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(compilation, "FOLDER", None)
    with compile_notice():
        compile_something()
    assert "set NUMBA_CACHE_DIR" in capsys.readouterr().err


def test_the_notice_is_silent_when_stderr_is_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with compile_notice():
        compile_something()
    assert capsys.readouterr() == ("", "")


def test_generate_imports_neither_torch_nor_what_it_does_not_need(
    tiny_checkpoint: Path, tmp_path: Path
) -> None:
    unneeded = {"torch", "pretty_midi", "rich.progress", "muspy", "symusic", "scipy", "cffi"}
    unneeded |= {"pydantic", "yaml", "partimento.request.words", "partimento.cli.batch"}
    program = (
        "import atexit, sys\n"
        f"atexit.register(lambda: print(sorted({unneeded} & set(sys.modules)), file=sys.stderr))\n"
        "from partimento.cli.main import run_generate\n"
        "sys.argv = ['generate', *sys.argv[1:]]\n"
        "run_generate()\n"
    )
    result = subprocess.run(
        [
            *(sys.executable, "-c", program, tmp_path / "out.mid", "--bars", "1", "--seed", "1"),
            *("--checkpoint", tiny_checkpoint),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONWARNINGS": "error"},
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr.splitlines()[-1] == "[]"
    assert (tmp_path / "out.mid").stat().st_size > 0


def test_libraries_that_numba_does_without_can_still_be_imported() -> None:
    program = (
        "from partimento.cli.compiling import load_compiler\n"
        "load_compiler()\n"
        "import scipy.linalg\n"
        "from partimento.tokenizer.cursor import new_cursor\n"
        "new_cursor()\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
