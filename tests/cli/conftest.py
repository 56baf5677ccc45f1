"""The command line as a user meets it: arguments in; exit code, stdout and stderr out."""

import sys
from collections.abc import Callable

import pytest

from partimento.cli.main import run


@pytest.fixture
def partimento(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run `partimento` with some arguments."""

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["partimento", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            run()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return call
