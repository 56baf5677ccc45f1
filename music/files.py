"""Files that are written whole or not at all, in one way everywhere.

The bytes go into a temporary file in the same folder, onto the disk, and only then under their
name: a crash, a full disk or a power cut leaves the old file. A new file has the rights that the
user's umask gives, a replaced one keeps its own. A symbolic link is written through to its
target; one that leads nowhere is refused. What is no plain file (a device, a pipe) is written to
as it is.
"""

import errno
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from os import PathLike
from pathlib import Path

from partimento.errors import FileTakenError, PartimentoError

PART = ".part-"
"""What the names of temporary files begin with."""


def write_whole(
    path: str | PathLike[str], content: bytes, *, staging: str | PathLike[str] | None = None
) -> None:
    """Write bytes to a file, replacing one that is there; OSError names the file.

    The temporary file stands beside it, or in `staging`, a folder on the same disk.
    """
    with replacing(path, staging=staging) as temporary:
        temporary.write_bytes(content)


@contextmanager
def replacing(
    path: str | PathLike[str],
    *,
    force: bool = True,
    staging: str | PathLike[str] | None = None,
) -> Iterator[Path]:
    """Yield a temporary path of the same ending, which becomes `path` unless an error comes.

    Without `force` FileTakenError when `path` is there. OSError names `path` when the folder
    cannot be written to or the disk is full.
    """
    path = Path(path)
    target = target_of(path)
    _refuse_existing(path, force)
    is_plain = not target.exists() or target.is_file()
    folder = Path(staging) if staging is not None else target.parent
    temporary = folder / f"{PART}{secrets.token_hex(8)}{path.suffix.lower()}"
    try:
        if not is_plain:  # the folder of a device is none to put files into
            yield from _copied_into(target)
            return
        # As any new file follows the umask, unlike mkstemp's, which only the owner reads.
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        yield temporary
        _refuse_existing(path, force)
        with suppress(FileNotFoundError):
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        _sync(temporary)
        temporary.replace(target)
    except OSError as error:
        if error.errno is None or error.filename not in (None, str(temporary), temporary):
            raise
        raise type(error)(error.errno, error.strerror, str(path)) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def target_of(path: str | PathLike[str]) -> Path:
    """The file that a path leads to through symbolic links; PartimentoError when they lead nowhere.

    A path that is no link, whether a file is there or not, leads to itself.
    """
    path = Path(path)
    if not path.is_symlink():
        return path
    try:
        return path.resolve(strict=True)
    except FileNotFoundError as error:
        if path.exists():  # a pipe, which has no name of its own
            return path
        raise PartimentoError(
            f"{path}: is a link to {os.readlink(path)}, which is not there; remove the link or "
            "give another name"
        ) from error
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop, up to Python 3.12
        if isinstance(error, OSError) and error.errno != errno.ELOOP:
            raise
        raise PartimentoError(
            f"{path}: is a link that leads back to itself; remove it or give another name"
        ) from error


def _refuse_existing(path: Path, force: bool) -> None:
    if not force and path.exists():
        raise FileTakenError(f"{path} exists")


def _copied_into(target: Path) -> Iterator[Path]:
    """Yield a path elsewhere whose bytes go into a device or pipe at the end."""
    with tempfile.TemporaryDirectory() as folder:
        temporary = Path(folder) / f"whole{target.suffix.lower()}"
        yield temporary
        with temporary.open("rb") as source, target.open("wb") as file:
            shutil.copyfileobj(source, file)


def _sync(path: Path) -> None:
    """Wait until a file is on the disk: a power cut may else leave a name without content."""
    descriptor = os.open(path, os.O_RDWR)  # Windows syncs only what is open for writing
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
