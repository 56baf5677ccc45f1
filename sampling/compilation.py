"""How the functions of the engines are compiled: few entry points, and what they are made of."""

from pathlib import Path

from partimento.tokenizer.compilation import compiler, inner

__all__ = ["compiled", "inner"]

compiled = compiler(Path(__file__).parents[1] / "tokenizer", Path(__file__).parent)
"""For a function that Python calls; its machine code is kept on disk with all that it calls."""
