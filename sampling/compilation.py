"""How the functions of the engines are compiled: few entry points, and what they are made of."""

from pathlib import Path
from typing import cast

import numba

from partimento.tokenizer import compilation

compiled = compilation.compiler(Path(compilation.__file__).parent, Path(__file__).parent)
"""For a function that Python calls; its machine code is kept on disk with all that it calls."""


def inner(function: compilation.Function) -> compilation.Function:
    """For a function that only compiled code calls.

    Without a wrapper for Python, and without machine code of its own on disk, it compiles in
    half the time.
    """
    decorate = numba.njit(
        nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True
    )
    return cast(compilation.Function, decorate(function))
