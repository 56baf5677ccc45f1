"""What all commands share: results go to stdout, everything else to stderr, one line an error."""

import re
from typing import NoReturn, cast

import typer

UsageError: type[Exception] = cast("type[Exception]", typer.BadParameter.__mro__[1])
"""Any error of usage; typer's home for it differs between its versions."""


class JobError(Exception):
    """A job that cannot be done; the message is one line with the remedy, the exit code 1."""


def fail(message: str) -> NoReturn:
    """End the command with one line on stderr and exit code 1."""
    raise JobError(message)


def usage_error(error: ValueError) -> typer.BadParameter:
    """A wrong value as an error of usage, exit code 2; a setting is named as its option.

    >>> usage_error(ValueError("top_p must be in (0, 1], got 1.4")).message
    '--top-p must be in (0, 1], got 1.4'
    """
    message = re.sub(
        r"^([a-z]+(?:_[a-z]+)*)(?= must | needs | with beats | \S+ holds )",
        lambda match: f"--{match[1].replace('_', '-')}",
        str(error),
    )
    return typer.BadParameter(message)


def usage_message(error: Exception) -> str:
    """The one line of an error of usage."""
    message: str = getattr(error, "format_message", error.__str__)()
    return message.removeprefix("Invalid value: ")
