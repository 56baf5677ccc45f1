"""What becomes one line and what keeps its traceback."""

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from partimento.errors import SettingError

Call = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--without", "synthh"), "--without must be "),
        (("--pitch-range", "C9-C12"), "--pitch-range must be "),
        (("--pitch-range", "H1-C2"), "--pitch-range must be two notes such as C3-C6 or 48-84"),
        (("--key", "C", "--lock-key", "--chords", "F# B"), "--chords must lie in the key C major"),
        (("--instruments", "drums", "--chords", "C F"), "--chords must have an instrument beside"),
        (("--prompt", "a jig", "--top-p", "2"), "--top-p must be in (0, 1], got 2.0"),
        (("--engine", "torch", "--precision", "int8"), "--precision must be float32"),
    ],
)
def test_the_option_that_was_typed_is_the_one_that_is_named(
    generate: Call, options: tuple[str, ...], message: str
) -> None:
    code, out, err = generate("--bars", 1, *options, "out.mid")
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {message}"), err
    assert err.count("\n") == 1


def test_a_setting_that_was_not_typed_is_named_as_a_setting(
    generate: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object) -> None:
        raise SettingError("key", "must be another")

    monkeypatch.setattr("partimento.sampling.jobs.plan_of", refuse)
    assert generate("--bars", 1, "out.mid") == (2, "", "error: key must be another\n")


@pytest.mark.parametrize("error", [ValueError("shapes (3,) and (4,)"), OSError("no file of mine")])
def test_a_mistake_of_the_program_keeps_its_traceback_during_decoding_too(
    generate: Call, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*arguments: object) -> None:
        raise error

    monkeypatch.setattr("partimento.sampling.jobs.plan_of", fail)
    with pytest.raises(type(error)) as raised:
        generate("--bars", 1, "out.mid")
    assert raised.value is error


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "a.mid"), "a.mid: no such"),
        (PermissionError(errno.EACCES, "Permission denied", b"b.mid"), "b.mid: permission denied"),
        (OSError(errno.ENOSPC, "No space left on device"), "no space left on device"),
    ],
)
def test_what_the_system_refuses_is_one_line_with_the_file(
    generate: Call, monkeypatch: pytest.MonkeyPatch, error: OSError, line: str
) -> None:
    def fail(*arguments: object) -> None:
        raise error

    monkeypatch.setattr("partimento.sampling.jobs.plan_of", fail)
    code, _, err = generate("--bars", 1, "out.mid")
    assert code == 1
    assert err.startswith(f"error: {line}")
    assert err.count("\n") == 1


def test_a_prompt_file_names_the_setting_of_the_column(partimento: Call, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("bars,without\n1,synthh\n")
    code, _, err = partimento("batch", tmp_path / "a.csv", "--out", tmp_path / "out")
    assert code == 2
    assert err.splitlines()[0].startswith(f"{tmp_path / 'a.csv'}:2: without must be ")
