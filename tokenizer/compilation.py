"""How functions are compiled by numba, and where their machine code is kept between runs.

Left alone, numba keeps machine code beside each source file for as long as that one file stays
the same. The compiled functions here call each other across files, so their folder is named
after the contents of all files they are made of: an upgrade finds nothing stale.
"""

import atexit
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TypeVar, cast

import numba
import numpy as np
from numba.core import config, event
from numba.misc.appdirs import AppDirs

Function = TypeVar("Function", bound=Callable[..., object])

_IMPORT = re.compile(r"^from partimento\.?([\w.]*) import (\([^)]*\)|.+)$", re.MULTILINE)
"""The module, without this package's name, and the names that it gives."""


def compiler(folder: Path | None) -> Callable[[Function], Function]:
    """A decorator for functions that Python calls; their machine code is kept in the folder.

    They let other threads run. Divisions do not check for zero: loops with them are vectorised.
    """

    def compiled(function: Function) -> Function:
        decorate = numba.njit(
            cache=folder is not None, nogil=True, error_model="numpy", no_cfunc_wrapper=True
        )
        others = config.CACHE_DIR
        config.CACHE_DIR = str(folder)  # numba reads it while it decorates
        try:
            return cast(Function, decorate(function))
        finally:
            config.CACHE_DIR = others

    return compiled


def inner(function: Function) -> Function:
    """For a function that only compiled code calls.

    Without a wrapper for Python, and without machine code of its own on disk, it compiles in
    half the time.
    """
    decorate = numba.njit(
        nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True
    )
    return cast(Function, decorate(function))


def spliced(function: Function) -> Function:
    """For a long function that one compiled function calls: it becomes a part of that one.

    Compiled on its own, it would be optimised twice, alone and in its caller.
    """
    return cast(Function, numba.njit(nogil=True, error_model="numpy", inline="always")(function))


@inner
def as_int(number: int) -> int:
    """Any whole number of compiled code as a signed one of 64 bits.

    Functions compile once for each type they are called with, and an unsigned number meets a
    signed one as a float.
    """
    return int(np.int64(number))


def sources_of(*modules: Path) -> list[Path]:
    """Modules of this package and all of it that they import, at any remove; themselves first.

    What is compiled takes functions and constants from there.
    """
    found = dict.fromkeys(modules)
    waiting = list(modules)
    while waiting:
        for path in _imported_by(waiting.pop()):
            if path not in found:
                found[path] = None
                waiting.append(path)
    return list(found)


@cache
def _imported_by(module: Path) -> tuple[Path, ...]:
    """The modules of this package that one of them imports from, or imports."""
    root = str(Path(__file__).parents[1])
    found = []
    for origin, names in _IMPORT.findall(module.read_text(encoding="utf-8")):
        place = os.path.join(root, *origin.split("."))
        if os.path.isfile(f"{place}.py"):
            found.append(f"{place}.py")
            continue
        parts = (f"{place}/{name.split()[0]}.py" for name in names.strip("()\n ,").split(","))
        found += [part for part in parts if os.path.isfile(part)]
    return tuple(map(Path, found))


def kept_in(name: str, sources: Sequence[Path]) -> Path | None:
    """The folder for what is compiled from some sources; None when it is kept nowhere.

    Tried in this order: where NUMBA_CACHE_DIR points, beside the sources, the user's cache. A
    folder that can only be read, as in an image that another user built, is copied to the next
    place, which may be a temporary one.
    """
    name = f"partimento-{name}-{_fingerprint(sources)}"
    roots = [Path(__file__).parent / "__pycache__"]
    if config.CACHE_DIR:
        roots.insert(0, Path(config.CACHE_DIR))
    roots.append(Path(AppDirs("partimento", appauthor=False).user_cache_dir))
    found = None
    for root in roots:
        folder = root / name
        if _can_write(folder):
            break
        if found is None and _is_filled(folder):
            found = folder
    else:
        if found is None:
            return None
        try:
            folder = Path(tempfile.mkdtemp(prefix="partimento-"))
        except OSError:
            return None
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if found is not None and not _is_filled(folder):
        shutil.copytree(found, folder, dirs_exist_ok=True)
    return folder


def _fingerprint(sources: Sequence[Path]) -> str:
    """First 16 hexadecimal digits of the SHA-256 of some files."""
    digest = hashlib.sha256()
    for path in sources:
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def _can_write(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


def _is_filled(folder: Path) -> bool:
    try:
        return any(folder.iterdir())
    except OSError:
        return False


@contextmanager
def when_compiling(notify: Callable[[], None]) -> Iterator[None]:
    """Call `notify` as soon as a function has to be compiled; once, and never when all are kept."""
    listener = _First(notify)
    event.register("numba:compile", listener)
    try:
        yield
    finally:
        event.unregister("numba:compile", listener)


class _First(event.Listener):  # type: ignore[misc]  # numba's classes have no types
    """Hears the first compilation."""

    def __init__(self, notify: Callable[[], None]) -> None:
        self._notify: Callable[[], None] | None = notify

    def on_start(self, event: event.Event) -> None:
        notify, self._notify = self._notify, None
        if notify is not None:
            notify()

    def on_end(self, event: event.Event) -> None:
        """Nothing to do."""


_ENTRIES = [Path(__file__).with_name(name) for name in ("features.py", "grammar.py")]
compiled = compiler(kept_in("tokenizer", sources_of(*_ENTRIES)))
"""For a function of this folder that Python calls."""
