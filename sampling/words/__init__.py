"""From a prompt in words to a request: `read_prompt`, and `merge` with explicit options."""

from partimento.sampling.words.lexicon import describe_lexicon, load_lexicon
from partimento.sampling.words.reading import Reading, merge, read_prompt

__all__ = ["Reading", "describe_lexicon", "load_lexicon", "merge", "read_prompt"]
