"""Options of groups and settings become what the command takes."""

import inspect
from dataclasses import dataclass
from typing import Annotated

import typer

from partimento.cli.commands import app
from partimento.cli.options import Asked, expanded
from partimento.request.request import REQUEST_SETTINGS


@dataclass(frozen=True)
class Pair:
    """Two options."""

    left: Annotated[int, typer.Option(help="Left.")] = 1
    right: Annotated[bool, typer.Option("--right")] = False


def test_a_group_and_the_settings_are_flattened_and_put_together_again() -> None:
    heard: list[object] = []

    def command(asked: Asked, pair: Pair, name: str = "x") -> None:
        heard.extend([asked, pair, name])

    flat = expanded(command, {name: REQUEST_SETTINGS[name] for name in ("bars", "lock_key")})
    assert list(inspect.signature(flat).parameters) == ["bars", "lock_key", "left", "right", "name"]
    flat(bars=4, lock_key=False, left=2, right=True, name="y")
    assert heard == [{"bars": 4}, Pair(2, True), "y"]


def test_no_command_lists_more_than_ten_parameters_by_hand() -> None:
    for command in app.registered_commands:
        assert command.callback is not None
        written = inspect.unwrap(command.callback, stop=lambda f: hasattr(f, "__signature__"))
        module = inspect.getmodule(written)
        source = getattr(module, "command", written)
        assert len(inspect.signature(source).parameters) <= 10, command.name


def test_every_wish_is_an_option_of_generate_and_of_batch() -> None:
    for command in app.registered_commands:
        if command.name in ("generate", "batch"):
            assert command.callback is not None
            assert set(REQUEST_SETTINGS) <= set(inspect.signature(command.callback).parameters)
