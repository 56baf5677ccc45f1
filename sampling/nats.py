"""What tokens cost a model: the negative logarithm of the probability that it gave each.

T time, V vocabulary
"""

import numpy as np
import numpy.typing as npt

from partimento.tokenizer.vocabulary import TokenArray


def nats_of(logits: npt.NDArray[np.float32], tokens: TokenArray) -> npt.NDArray[np.float64]:
    """(T,) nats of each token (T,), from the logits (T, V) before it."""
    wide = logits.astype(np.float64)
    highest = wide.max(axis=1)
    total = highest + np.log(np.exp(wide - highest[:, None]).sum(axis=1))
    nats: npt.NDArray[np.float64] = total - wide[np.arange(len(tokens)), tokens]
    return nats
