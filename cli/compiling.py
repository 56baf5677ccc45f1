"""Getting compiled code under way: loading numba quickly, and a line for those who wait."""

import gc
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

NOT_NEEDED = ("scipy", "cffi", "yaml")
"""Libraries that numba loads where they are installed, for functions that nothing here calls; yaml
for a file `.numba_config.yaml`."""
THAT_LOAD_THEM = ("numba.core.typing.cffi_utils", "numba.np.arraymath")
"""The modules of numba that look for those libraries, once, when they are loaded."""
THAT_NEED_NUMBA = ("partimento.sampling.generate", "partimento.sampling.engines.numba_engine")


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
    """Load numba as if what it does not need were not installed; later it can be imported again.

    That saves 0.25 s of the 1 s that a warm start takes. Garbage is not looked for meanwhile, nor
    later among what was loaded: there is none, and looking takes another tenth of a second.
    """
    hidden = [name for name in NOT_NEEDED if name not in sys.modules]
    if Path(".numba_config.yaml").exists() and "yaml" in hidden:
        hidden.remove("yaml")
    # An entry of None makes an import fail as if nothing was installed.
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # typed without None
    gc.disable()
    try:
        for module in (*THAT_LOAD_THEM, *THAT_NEED_NUMBA):
            importlib.import_module(module)
        gc.freeze()
    finally:
        gc.enable()
        for name in hidden:
            del sys.modules[name]
