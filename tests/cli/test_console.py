"""How errors become one line: known ones, wrong usage, and what the system refuses."""

import errno

import pytest
import typer

from partimento.cli.console import (
    fail,
    known_message,
    naming_options,
    system_message,
    usage_message,
)
from partimento.errors import FileTakenError, PartimentoError, SettingError


def test_a_wrong_setting_is_named_as_the_option_that_was_typed() -> None:
    @naming_options
    def command(top_p: float | None) -> None:
        raise SettingError("top_p", "must be in (0, 1], got 1.4")

    with pytest.raises(typer.BadParameter) as caught:
        command(top_p=1.4)
    assert usage_message(caught.value) == "--top-p must be in (0, 1], got 1.4"
    with pytest.raises(typer.BadParameter) as caught:
        command(top_p=None)  # it came from elsewhere, such as a prompt
    assert usage_message(caught.value) == "top_p must be in (0, 1], got 1.4"


def test_a_bug_keeps_its_traceback() -> None:
    @naming_options
    def command(top_p: float) -> None:
        raise ValueError("shapes do not fit")

    with pytest.raises(ValueError, match="shapes do not fit"):
        command(top_p=1.0)


def test_a_known_error_is_one_line_whatever_it_holds() -> None:
    assert known_message(PartimentoError("a\n  b")) == "a b"
    assert known_message(FileTakenError("out.mid exists")).endswith("--force to replace it")
    with pytest.raises(PartimentoError, match="no music"):
        fail("no music")


def test_the_system_names_the_file_or_the_full_disk_and_nothing_else_is_caught() -> None:
    missing = FileNotFoundError(errno.ENOENT, "No such file or directory", b"a.mid")
    assert system_message(missing) == "a.mid: no such file or directory"
    assert system_message(OSError(errno.ENOSPC, "No space left")) == "no space left"
    assert system_message(OSError(errno.EINVAL, "Invalid argument")) is None
