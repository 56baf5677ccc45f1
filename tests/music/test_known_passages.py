"""What pieces have in common with music of which only hashes are kept."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from partimento.errors import PartimentoError
from partimento.music.known_passages import (
    LONGEST,
    NOTHING,
    PASSAGE,
    Common,
    KnownPassages,
    joined,
    know,
    read_known,
    save_known,
)
from partimento.music.passages import lines_of, passage_hashes
from partimento.music.score import Note, Score, Track


def draw_notes(count: int, seed: int, start: int = 0) -> list[Note]:
    """A line of random steps."""
    rng = np.random.default_rng(seed)
    onsets = start + np.cumsum(rng.choice([6, 12, 24], count))
    pitches = 40 + rng.permutation(48)[np.arange(count) % 48]
    return [Note(o, p, 6) for o, p in zip(onsets.tolist(), pitches.tolist(), strict=True)]


def moved(notes: list[Note], ticks: int, semitones: int) -> list[Note]:
    return [Note(n.onset + ticks, n.pitch + semitones, 3) for n in notes]


def score_of(*lines: list[Note], is_drum: bool = False) -> Score:
    return Score(24, tuple(Track(tuple(sorted(line)), is_drum=is_drum) for line in lines))


def known_of(scores: Iterable[Score], *trained: str) -> KnownPassages:
    hashes = [passage_hashes(x.steps, PASSAGE) for score in scores for x in lines_of(score)]
    return know(np.concatenate(hashes), frozenset(trained))


THEME = draw_notes(25, seed=1)
KNOWN = known_of([score_of(THEME, draw_notes(200, seed=2))], "abc")


def test_a_run_is_found_in_another_key_with_its_length_and_share() -> None:
    before, after = draw_notes(40, seed=3), draw_notes(35, seed=4, start=2000)
    piece = score_of([*before, *moved(THEME, 1000, 5), *after])
    assert KNOWN.common(piece) == Common(25, 0.25)
    assert KNOWN.common(score_of(before, after)) == Common(0, 0.0)
    first = min(n.onset for n in THEME) + 1000
    assert KNOWN.first_run(piece, 24) == first
    assert KNOWN.first_run(piece, 26) is None
    assert KNOWN.first_run(piece, 16, start=first + 1) == THEME[1].onset + 1000
    assert KNOWN.common(piece, start=2000) == Common(0, 0.0)


def test_one_changed_note_cuts_a_run() -> None:
    theme = [Note(n.onset, n.pitch + (i == 12), 6) for i, n in enumerate(THEME)]
    assert KNOWN.common(score_of(theme)) == Common(0, 0.0)
    theme = [Note(n.onset, n.pitch + (i == 4), 6) for i, n in enumerate(THEME)]
    assert KNOWN.common(score_of(theme)) == Common(20, 0.8)


def test_what_a_few_steps_make_and_drums_are_nobodys_own() -> None:
    drone = score_of([Note(12 * i, 48, 12) for i in range(80)])
    assert known_of([drone]).common(drone) == Common(0, 0.0)
    assert KNOWN.common(score_of(THEME, is_drum=True)) == NOTHING
    assert KNOWN.common(score_of()) == NOTHING


def test_collections_are_known_together_and_kept_in_a_file(tmp_path: Path) -> None:
    other = draw_notes(64, seed=9)
    both = joined([KNOWN, known_of([score_of(other)], "def")])
    path = tmp_path / "passages.npz"
    save_known(both, path)
    found = read_known(path)
    assert found.trained == {"abc", "def"}
    assert found.common(score_of(other)) == Common(LONGEST, 1.0)
    assert found.common(score_of(THEME)) == Common(25, 1.0)
    size = path.stat().st_size
    save_known(both, path)
    assert path.stat().st_size == size


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"none of these", None])
def test_another_file_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "passages.npz"
    if content is None:
        np.savez(path, about=np.zeros(3))
    else:
        path.write_bytes(content)
    with pytest.raises(PartimentoError, match="partimento index"):
        read_known(path)
