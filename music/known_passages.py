"""What a piece has in common with a collection of music, of which only hashes are kept.

All passages of PASSAGE notes of the collection are in a set of a few bits each. A longer run is
found where every passage of PASSAGE notes in it is in the set: by chance that happens to hardly
any, since a passage that is not in the set is said to be with a chance of 2 ** -B, and to five
in a row with one of 2 ** -5B. What is found may also come from several places of the collection,
one behind the other.
"""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from partimento.errors import PartimentoError
from partimento.music.files import write_whole
from partimento.music.fuse_filter import FuseFilter, Shape, bits_within, build
from partimento.music.passages import (
    Hashes,
    Places,
    are_own,
    covered,
    lines_of,
    passage_hashes,
)
from partimento.music.score import Score

PASSAGE = 12
"""Notes of the passages that are kept."""
SHORTEST, LONGEST = 16, 64
"""Notes of the runs that are told apart; a longer one is one of LONGEST. Shorter ones are in all
music, and in a set of so few bits too often by chance."""
MOST_BYTES = 2_990_000
"""Of the table of a set."""
FORMAT = 1


class Common(NamedTuple):
    """What a piece has in common with the collection."""

    longest: int
    """Notes of its longest run; 0 when that has fewer than SHORTEST."""
    share: float
    """Of its pitched notes, in runs of SHORTEST notes or more."""


NOTHING = Common(0, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class KnownPassages:
    """The passages of one collection or more."""

    sets: tuple[FuseFilter, ...]
    trained: frozenset[str] = frozenset()
    """Fingerprints of the training data that the collections are, or are part of."""

    def common(self, score: Score, start: int = 0) -> Common:
        """What a score on the token grid has in common with the collection, from a tick on."""
        longest = notes = inside = 0
        for line in lines_of(score, start):
            notes += len(line.onsets)
            runs = self._runs(line.steps)
            if runs.any():
                longest = max(longest, int(runs.max()))
                inside += int(covered(runs >= SHORTEST, SHORTEST).sum())
        return Common(longest, inside / notes) if notes else NOTHING

    def first_run(self, score: Score, notes: int, start: int = 0) -> int | None:
        """The tick at which the first run of so many notes or more begins, or None.

        `notes` is SHORTEST to LONGEST; the run is looked for from the tick `start` on.
        """
        found = [
            int(line.onsets[np.argmax(long)])
            for line in lines_of(score, start)
            if (long := self._runs(line.steps) >= notes).any()
        ]
        return min(found, default=None)

    def _runs(self, steps: Hashes) -> Places:
        """(N - SHORTEST + 1,) notes of the longest run at each note that is known and counts."""
        runs = np.zeros(max(0, len(steps) + 2 - SHORTEST), np.int64)
        known = self._known_ahead(steps)[: len(runs)] + PASSAGE - 1
        for length in range(SHORTEST, LONGEST + 1):
            starts = np.flatnonzero(known >= length)
            runs[starts[are_own(steps, length, starts)]] = length
            if not len(starts) or not runs.any():
                break
        return runs

    def _known_ahead(self, steps: Hashes) -> Places:
        """(N - PASSAGE + 1,) how many passages in a row are known, from each on."""
        hashes = passage_hashes(steps, PASSAGE)
        known = np.zeros(len(hashes), bool)
        for held in self.sets:
            known |= held.holds(hashes)
        places = np.arange(len(known))
        unknown = np.where(known, len(known), places)
        ahead: Places = np.minimum.accumulate(unknown[::-1])[::-1] - places
        return ahead


def know(hashes: Hashes, trained: frozenset[str] = frozenset()) -> KnownPassages:
    """The passages of a collection, by the hashes of all its runs of PASSAGE notes."""
    hashes = np.unique(hashes)
    bits = bits_within(len(hashes), MOST_BYTES)
    if not bits:
        raise PartimentoError(
            f"the passages of {len(hashes):,} places do not fit into {MOST_BYTES:,} bytes; "
            "index less music"
        )
    return KnownPassages((build(hashes, bits),), trained)


def joined(known: Sequence[KnownPassages]) -> KnownPassages:
    """The passages of all collections together."""
    sets = tuple(held for each in known for held in each.sets)
    return KnownPassages(sets, frozenset().union(*(each.trained for each in known)))


def save_known(known: KnownPassages, path: Path) -> None:
    """Write the passages to a file, whole or not at all; an .npz that numpy can open."""
    about = {
        "format": FORMAT,
        "passage": PASSAGE,
        "trained": sorted(known.trained),
        "sets": [
            {"shape": list(held.shape), "seed": held.seed, "bits": held.bits} for held in known.sets
        ],
    }
    content = io.BytesIO()
    text = np.frombuffer(json.dumps(about).encode(), np.uint8)
    tables = {f"table_{number}": held.table for number, held in enumerate(known.sets)}
    np.savez(content, about=text, **tables)  # type: ignore[arg-type]  # no option is among them
    write_whole(path, content.getvalue())


def read_known(path: Path) -> KnownPassages:
    """Read the passages that `save_known` wrote; PartimentoError for any other file."""
    try:
        with np.load(path) as arrays:
            about = json.loads(arrays["about"].tobytes())
            if (about["format"], about["passage"]) != (FORMAT, PASSAGE):
                raise PartimentoError(
                    f"{path}: was made by another version; make it again with `partimento index`"
                )
            sets = tuple(
                FuseFilter(
                    Shape(*each["shape"]), each["seed"], each["bits"], arrays[f"table_{number}"]
                )
                for number, each in enumerate(about["sets"])
            )
            return KnownPassages(sets, frozenset(about["trained"]))
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        if isinstance(error, PartimentoError):
            raise
        raise PartimentoError(
            f"{path}: no index of passages, or a damaged one ({type(error).__name__}); make it "
            "again with `partimento index`"
        ) from None
