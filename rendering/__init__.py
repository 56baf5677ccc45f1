"""From a score to what people hear, see and open."""

from partimento.rendering.output import ENDINGS, check_path, write

__all__ = ["ENDINGS", "check_path", "write"]
