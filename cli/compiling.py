"""Getting compiled code under way: what numba need not load, and a word to who waits."""

import gc
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

UNUSED = ("scipy", "cffi")
LOADED = (
    *("numba.core.typing.cffi_utils", "numba.np.arraymath"),
    *("partimento.sampling.generate", "partimento.sampling.engines.numba_engine"),
)
"""The modules of numba that ask for them, once, and what needs numba."""


@contextmanager
def compile_notice(quiet: bool = False) -> Iterator[None]:
    """Say in one line on stderr, when that is a terminal, that something is compiled first."""
    load_compiler()
    if quiet or not sys.stderr.isatty():
        yield
        return
    from partimento.sampling.compilation import FOLDER
    from partimento.tokenizer.compilation import when_compiling

    where = "this once" if FOLDER is not None else "each time: set NUMBA_CACHE_DIR to a folder"
    with when_compiling(lambda: typer.echo(f"compiling, {where} (about 20 s)", err=True)):
        yield


def load_compiler() -> None:
    """Load numba, without scipy and cffi, and without looking for garbage meanwhile.

    Where they are installed, numba loads them for functions that nothing here calls, which
    takes nearly as long as loading numba itself. A tenth of the time would go into collections
    that find nothing.
    """
    hidden = [name for name in UNUSED if name not in sys.modules]
    # An entry of None makes an import fail as if nothing was installed.
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # typed without None
    gc.disable()
    try:
        for module in LOADED:
            importlib.import_module(module)
        gc.freeze()
    finally:
        gc.enable()
        for name in hidden:
            del sys.modules[name]
