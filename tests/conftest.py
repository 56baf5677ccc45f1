"""What tests of several folders share."""

import json
import os
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import hypothesis
import numpy as np
import pytest

from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.grammar import allowed
from partimento.tokenizer.vocabulary import TokenArray

# numba compiles on the first call, and continuous integration runs on slow, shared machines.
# There the examples are the same each time: what passed once passes again; a developer's runs
# look for new ones.
hypothesis.settings.register_profile(
    "partimento", deadline=None, print_blob=True, derandomize="CI" in os.environ
)
hypothesis.settings.load_profile("partimento")

CORPUS = Path(__file__).parents[2] / "shared" / "data"
LegalWalk = Callable[..., TokenArray]

_WEIGHTS = {
    **{"pitch": 3.0, "duration": 4.0, "rest": 1.0, "instrument": 1.5, "dynamic": 0.4},
    **{"key": 0.3, "meter": 0.3, "tempo": 0.3, "style": 1.0, "chord root": 0.6},
    **{"chord quality": 1.0, "no chord": 0.2},
}
_SPECIAL_WEIGHTS = {v.BOS: 1.0, v.EOS: 0.05, v.BAR: 2.0, v.HOLE: 0.5, v.FILL: 2.0}


def _draw(rng: random.Random, legal: Sequence[int], favourites: set[int]) -> int:
    """A token of a block drawn first, so that the 128 pitches do not crowd out the rest."""
    choices: list[list[int]] = []
    weights: list[float] = []
    for token in legal:
        if token < v.PITCH:
            choices.append([token])
            weights.append(_SPECIAL_WEIGHTS[token])
    for block in v.BLOCKS[1:]:
        members = [token for token in legal if block.first <= token < block.end]
        if members:
            choices.append(members)
            weights.append(_WEIGHTS[block.name])
    members = rng.choices(choices, weights)[0]
    liked = [token for token in members if token in favourites]
    return rng.choice(liked if liked and rng.random() < 0.9 else members)


@pytest.fixture(scope="session")
def legal_walk() -> LegalWalk:
    """A function that draws a random sequence which the grammar allows, from BOS to EOS."""

    def walk(
        seed: int, length: int = 200, total_bars: int = 0, without: Sequence[int] = ()
    ) -> TokenArray:
        """About `length` tokens; few pitches and instruments, so that they meet often.

        Tokens in `without` are taken only at the end.
        """
        rng = random.Random(seed)
        favourites = {v.PITCH + rng.randrange(128) for _ in range(rng.choice((2, 8, 128)))}
        favourites |= {v.INSTRUMENT + rng.randrange(33) for _ in range(rng.choice((1, 3, 33)))}
        favourites |= {v.INSTRUMENT + v.DRUMS, v.DURATION + v.DURATIONS.index(288)}
        favourites |= {v.DURATION + i for i in range(rng.choice((12, 30, 64)))}
        cursor = c.new_cursor(total_bars)
        mask = np.zeros(v.SIZE, np.uint8)
        tokens: list[int] = []
        while cursor.scalars[c.PHASE] != c.DONE:
            allowed(cursor, mask)
            legal = np.flatnonzero(mask).tolist()
            assert legal, f"nothing may follow {[v.name(token) for token in tokens[-5:]]}"
            closing = [token for token in (v.EOS, v.FILL, v.BAR) if token in legal]
            if len(tokens) >= length and closing:
                tokens.append(closing[0])
            else:
                wanted = [token for token in legal if token not in without]
                tokens.append(_draw(rng, wanted or legal, favourites))
            c.advance(cursor, tokens[-1])
        return np.array(tokens, np.uint16)

    return walk


@pytest.fixture(scope="session")
def corpus_files() -> list[Path]:
    """Files of the corpus' test split, up to two of each style; skips where there is no corpus."""
    if not CORPUS.exists():
        pytest.skip("the corpus is not beside the repository")
    with (CORPUS / "manifest.jsonl").open() as lines:
        entries = [json.loads(line) for line in lines]
    found: dict[str, list[Path]] = {}
    # Long enough for bars to repeat, short enough to read them all in seconds.
    for entry in sorted(entries, key=lambda entry: (abs(entry["notes"] - 700), entry["path"])):
        files = found.setdefault(entry["style"], [])
        if entry["split"] == "test" and len(files) < 2:
            files.append(CORPUS / entry["path"])
    return [path for files in found.values() for path in files]
