"""How the functions of the engines are compiled: few entry points, and what they are made of."""

from pathlib import Path

from partimento.model import compiled as network
from partimento.music import key_finding
from partimento.tokenizer import compilation
from partimento.tokenizer.compilation import compiler, kept_in

SOURCES = (
    *compilation.SOURCES,
    *(
        Path(__file__).parent / f"{name}.py"
        for name in (
            *("choice", "compilation", "constraints", "draw", "engines/decoding", "filters"),
            *("key_pull", "pieces", "plan"),
        )
    ),
    *(
        Path(network.__file__).with_name(f"{name}.py")
        for name in ("kernels", "packing", "products", "vectors")
    ),
    Path(key_finding.__file__),
)
"""What the compiled functions are made of, and where their constants stand."""

FOLDER = kept_in("sampling", SOURCES)
"""Where the machine code of the engine is kept between runs; None when it is not."""

compiled = compiler(FOLDER)
"""For a function that Python calls; its machine code is kept with all that it calls."""
