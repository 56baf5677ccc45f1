"""How the functions of the engines are compiled: few entry points, kept with what they call."""

from pathlib import Path

from partimento.tokenizer.compilation import compiler, kept_in, sources_of

FOLDER = kept_in("sampling", sources_of(Path(__file__).parent / "engines" / "decoding.py"))
"""Where the machine code of the engine is kept between runs; None when it is not."""

compiled = compiler(FOLDER)
"""For a function that Python calls; its machine code is kept with all that it calls."""
