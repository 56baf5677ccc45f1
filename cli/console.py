"""What all commands share: results go to stdout, everything else to stderr, one line an error."""

import errno
from collections.abc import Callable, Mapping
from functools import wraps
from typing import NoReturn, ParamSpec, cast

import typer

from partimento.errors import FileTakenError, PartimentoError, RemedyError, SettingError

P = ParamSpec("P")

UsageError: type[Exception] = cast("type[Exception]", typer.BadParameter.__mro__[1])
"""Any error of usage; typer's home for it differs between its versions."""

_FULL_OR_READ_ONLY = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, errno.EPIPE}
)
"""What goes wrong with a disk, or with a reader that went away, while one writes to an open file:
the system's error then names no file."""


def fail(message: str) -> NoReturn:
    """End the command with one line on stderr and exit code 1."""
    raise PartimentoError(message)


def naming_options(command: Callable[P, None]) -> Callable[P, None]:
    """The command, with a wrong setting as an error of usage that names the option typed."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except SettingError as error:
            if error.setting not in kwargs:
                raise
            raise usage_error(error, kwargs) from error

    return run


def usage_error(error: SettingError, options: Mapping[str, object]) -> typer.BadParameter:
    """A wrong setting as an error of usage, exit code 2; one that was typed is named as its option.

    >>> error = SettingError("top_p", "must be in (0, 1], got 1.4")
    >>> usage_error(error, {"top_p": 1.4}).message
    '--top-p must be in (0, 1], got 1.4'
    """
    value = options.get(error.setting)
    if value is None or value is False:
        return typer.BadParameter(str(error))
    return typer.BadParameter(f"{option(error.setting)} {error.problem}")


def option(setting: str) -> str:
    """The option of a setting.

    >>> option("top_p")
    '--top-p'
    """
    return f"--{setting.replace('_', '-')}"


def usage_message(error: Exception) -> str:
    """The one line of an error of usage."""
    message: str = getattr(error, "format_message", error.__str__)()
    return message.removeprefix("Invalid value: ")


def known_message(error: PartimentoError) -> str:
    """The one line of an error that the user can mend."""
    if isinstance(error, RemedyError):
        return error.told(option)
    remedy = "; give another name, or --force to replace it"
    return " ".join(str(error).split()) + remedy * isinstance(error, FileTakenError)


def system_message(error: OSError) -> str | None:
    """The one line of what the system refuses, with the file; None when that is nobody's wish.

    >>> system_message(FileNotFoundError(errno.ENOENT, "No such file or directory", "a.mid"))
    'a.mid: no such file or directory'
    """
    reason = (error.strerror or str(error)).strip()
    reason = reason[:1].lower() + reason[1:]
    if error.filename is not None:
        name = error.filename
        return f"{name.decode(errors='replace') if isinstance(name, bytes) else name}: {reason}"
    return reason if error.errno in _FULL_OR_READ_ONLY else None
