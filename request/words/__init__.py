"""From a prompt in words to a request: `read_request`, or in steps `read_prompt` and `merge`."""

from partimento.request.words.lexicon import describe_lexicon, load_lexicon
from partimento.request.words.reading import Reading, merge, read_prompt, read_request

__all__ = [
    "Reading",
    "describe_lexicon",
    "load_lexicon",
    "merge",
    "read_prompt",
    "read_request",
]
