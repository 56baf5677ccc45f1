"""How the functions of the engines are compiled: few entry points, and what they are made of."""

from pathlib import Path

from partimento.tokenizer import compilation, harmony
from partimento.tokenizer.compilation import compiler, inner, kept_in, spliced

__all__ = ["FOLDER", "SOURCES", "compiled", "inner", "spliced"]

_ENGINES = ("choice", "decoding", "kernels", "packing", "pieces", "products", "vectors")

SOURCES = (
    *compilation.SOURCES,
    *(
        Path(__file__).with_name(f"{name}.py")
        for name in ("compilation", "constraints", "draw", "filters", "plan", "tonality")
    ),
    Path(harmony.__file__),
    *(Path(__file__).parent / "engines" / f"{name}.py" for name in _ENGINES),
)
"""What the compiled functions are made of, and where their constants stand."""

FOLDER = kept_in("sampling", SOURCES)
"""Where the machine code of the engine is kept between runs; None when it is not."""

compiled = compiler(FOLDER)
"""For a function that Python calls; its machine code is kept with all that it calls."""
