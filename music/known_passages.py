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
import numpy.typing as npt

from partimento.errors import PartimentoError
from partimento.music.files import write_whole
from partimento.music.fuse_filter import FuseFilter, Shape, bits_within, build
from partimento.music.passages import Flags, Hashes, are_own, covered, lines_of, passage_hashes
from partimento.music.score import Score

Ints = npt.NDArray[np.int64]

PASSAGE = 12
"""Notes of the passages that are kept."""
LENGTHS = tuple(range(16, 65, 4))
"""Notes of the runs that are told apart. Shorter ones are in all music, and in a set of so few
bits too often by chance."""
MOST_BYTES = 2_990_000
"""Of the table of a set."""
FORMAT = 1


class Common(NamedTuple):
    """What a piece has in common with the collection."""

    longest: int
    """Notes of its longest run, one of LENGTHS; 0 when it has none of these."""
    share: float
    """Of its pitched notes, in runs of LENGTHS[0] notes or more."""


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
            ahead = self._known_ahead(line.steps)
            for length in LENGTHS:
                starts = _runs(ahead, line.steps, length)
                if not starts.any():
                    continue
                longest = max(longest, length)
                if length == LENGTHS[0]:
                    inside += int(covered(starts, length).sum())
        return Common(longest, inside / notes) if notes else NOTHING

    def first_run(self, score: Score, length: int, start: int = 0) -> int | None:
        """The tick at which the first run of so many notes begins, from a tick on; or None."""
        found = [
            int(line.onsets[np.argmax(starts)])
            for line in lines_of(score, start)
            if (starts := _runs(self._known_ahead(line.steps), line.steps, length)).any()
        ]
        return min(found, default=None)

    def _known_ahead(self, steps: Hashes) -> Ints:
        """(N - PASSAGE + 1,) how many passages in a row are known from each on."""
        hashes = passage_hashes(steps, PASSAGE)
        known = np.zeros(len(hashes), bool)
        for held in self.sets:
            known |= held.holds(hashes)
        places = np.arange(len(known))
        unknown = np.where(known, len(known), places)
        ahead: Ints = np.minimum.accumulate(unknown[::-1])[::-1] - places
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
    np.savez(content, about=text, **tables)
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


def _runs(ahead: Ints, steps: Hashes, length: int) -> Flags:
    """(N - L + 1,) at which notes a run of so many begins that is known and counts."""
    count = max(0, len(steps) + 2 - length)
    starts: Flags = ahead[:count] > length - PASSAGE
    if starts.any():
        starts &= are_own(steps, length)
    return starts
