"""The passages of the lines in a row of tokens, all at once.

T time, N notes.
"""

import numpy as np

from partimento.music.passages import Hashes, number_steps, passage_hashes
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.token_sketches import note_table, place_tokens
from partimento.tokenizer.vocabulary import TokenArray


def passages_of_tokens(tokens: TokenArray, length: int) -> Hashes:
    """The hashes of all passages of so many notes in a row of tokens (T,) of one or more pieces.

    They are those of `music.passages` for the lines that `decode` makes of the pieces.
    """
    places = place_tokens(tokens)
    notes = note_table(tokens, places)
    pitched = notes.instrument != v.DRUMS
    bars, line = notes.bar[pitched], notes.line[pitched]
    onset = (np.cumsum(places.lengths) - places.lengths)[bars] + notes.tick[pitched]
    order = np.lexsort((-notes.pitch[pitched], onset, line))
    line = line[order]
    table = np.stack([onset[order], -notes.pitch[pitched][order]], axis=1)  # (N, 2)
    steps = number_steps(np.diff(table, axis=0))
    # Passages that would reach over the end of a line are none.
    behind = np.searchsorted(line, line, "right")
    hashes = passage_hashes(steps, length)
    whole = np.arange(len(hashes)) + length <= behind[: len(hashes)]
    found: Hashes = hashes[whole]
    return found
