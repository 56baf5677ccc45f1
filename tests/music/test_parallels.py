"""Parallels between voices are found, and nothing that only looks like them."""

import pytest

from partimento.music.parallels import Parallel, find_parallels
from partimento.music.score import Note, Score, Track


def score(*voices: tuple[int, ...]) -> Score:
    """Voices in quarters; 0 is a rest."""
    return Score(
        24,
        tuple(
            Track(tuple(Note(24 * i, pitch, 24) for i, pitch in enumerate(voice) if pitch))
            for voice in voices
        ),
    )


@pytest.mark.parametrize(
    ("upper", "lower", "expected"),
    [
        ((67, 69), (60, 62), [Parallel(24, 0, 1, False)]),
        ((72, 74), (60, 62), [Parallel(24, 0, 1, True)]),
        ((60, 62), (60, 62), [Parallel(24, 0, 1, True)]),
        ((67, 81), (60, 62), [Parallel(24, 0, 1, False)]),
        ((67, 67), (60, 60), []),
        ((67, 69), (60, 60), []),
        ((67, 69), (60, 61), []),
        ((66, 68), (60, 62), []),
        ((67, 69, 71), (60, 0, 64), []),
        ((67, 0, 69), (60, 0, 62), [Parallel(48, 0, 1, False)]),
    ],
)
def test_two_voices(
    upper: tuple[int, ...], lower: tuple[int, ...], expected: list[Parallel]
) -> None:
    assert find_parallels(score(upper, lower)) == expected


def test_all_pairs_of_voices_count_and_drums_do_not() -> None:
    three = score((79, 81), (72, 74), (60, 62))
    assert [(p.upper, p.lower, p.is_octave) for p in find_parallels(three)] == [
        (0, 1, False),
        (0, 2, False),
        (1, 2, True),
    ]
    drums = Track(three.tracks[0].notes, is_drum=True)
    assert find_parallels(Score(24, (drums, three.tracks[1]))) == []
