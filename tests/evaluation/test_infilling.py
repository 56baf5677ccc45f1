"""The nearness of new bars to the original ones, by hand."""

from dataclasses import replace
from math import isclose, log2

import pytest

from partimento.evaluation.infilling import excerpt, nearness, note_f1, passage
from partimento.music.score import Meter, Note, Score, Track

TUNE = Track(tuple(Note(24 * beat, 60 + 2 * (beat % 4), 24) for beat in range(16)))
DRUMS = Track(tuple(Note(48 * beat, 36, 6) for beat in range(8)), is_drum=True)
PIECE = Score(24, (TUNE, DRUMS), meters=(Meter(0, 4, 4),))


def with_notes(*notes: Note) -> Score:
    return replace(PIECE, tracks=(replace(TUNE, notes=tuple(sorted(notes))), DRUMS))


def test_a_passage_holds_the_notes_of_its_bars() -> None:
    two = passage(PIECE, [1, 2])
    assert two.starts == (0, 96, 192)
    assert len(two.notes) == 8 + 4
    assert two.notes[0] == (Note(0, 36, 6), True)
    assert len(passage(PIECE, [1, 2], track=0).notes) == 8


def test_the_original_is_nearest_to_itself() -> None:
    found = nearness(passage(PIECE, [0, 1]), passage(PIECE, [0, 1]))
    assert (found.note_f1, found.groove_similarity, found.entropy_difference) == (1, 1, 0)
    assert isclose(found.content_preservation, 1)
    assert found.notes_per_bar == 6


def test_notes_count_by_onset_and_pitch_and_drums_apart() -> None:
    one = passage(PIECE, [0], track=0)
    half = passage(with_notes(*TUNE.notes[:2], *TUNE.notes[4:]), [0], track=0)
    assert isclose(note_f1(half, one), 2 * 2 / (2 + 4))
    longer = passage(with_notes(*(replace(n, duration=7) for n in TUNE.notes)), [0], track=0)
    assert note_f1(longer, one) == 1
    silence = passage(with_notes(*TUNE.notes[4:]), [0], track=0)
    assert note_f1(silence, silence) == 1
    assert note_f1(silence, one) == 0


def test_groove_entropy_and_content_by_hand() -> None:
    one = passage(PIECE, [0], track=0)
    same_pitch = passage(with_notes(*(replace(n, pitch=60) for n in TUNE.notes)), [0], track=0)
    assert isclose(nearness(same_pitch, one).entropy_difference, log2(4))
    late = passage(with_notes(*(replace(n, onset=n.onset + 12) for n in TUNE.notes)), [0], track=0)
    assert isclose(nearness(late, one).groove_similarity, 1 - 8 / 64)
    other = passage(with_notes(*(replace(n, pitch=n.pitch + 1) for n in TUNE.notes)), [0], track=0)
    assert nearness(other, one).content_preservation == 0
    # Chroma of C D | E F against C C | C C: each half is averaged with its neighbour.
    assert isclose(nearness(same_pitch, one).content_preservation, 0.5)


@pytest.mark.parametrize(("first", "count"), [(0, 2), (1, 3)])
def test_an_excerpt_is_a_piece_of_its_own(first: int, count: int) -> None:
    found = excerpt(PIECE, first, count)
    assert found.tracks[0].notes[0] == Note(0, 60, 24)
    assert len(found.tracks[0].notes) == 4 * count
