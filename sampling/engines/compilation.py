"""How the engine's functions are compiled: few entry points, and what they are made of."""

import numba

entry = numba.njit(cache=True, nogil=True)
"""A function that Python calls; its machine code is kept on disk with all that it calls."""

inner = numba.njit(nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""A function that only compiled code calls. Without a wrapper for Python, and without machine
code of its own on disk, it compiles in half the time. Divisions do not check for zero, so that
loops with them are vectorised."""
