"""Note time on chord tones, counted by hand."""

import pytest

from partimento.evaluation.heard_chords import (
    LOOPS,
    chord_requests,
    chord_times,
    is_chord_tone,
    measure_chords,
)
from partimento.music.score import Chord, Meter, Note, Score, Track
from partimento.request.request import Request


def score(*notes: tuple[int, int, int]) -> Score:
    """Two bars of 4/4 with drums that count nothing."""
    pitched = Track(tuple(Note(*note) for note in notes))
    drums = Track((Note(0, 38, 24), Note(168, 38, 24)), is_drum=True)
    return Score(24, (pitched, drums), meters=(Meter(0, 4, 4),), style="folk")


def test_a_note_counts_in_each_chord_in_which_it_sounds() -> None:
    # C, E and F for a quarter each; then G over the bar line, into A minor.
    piece = score((0, 60, 24), (24, 64, 24), (48, 65, 24), (72, 67, 48))
    request = Request(chords="C Am", bars=2)
    assert chord_times(piece, request) == [(72, 96), (0, 24)]
    found = measure_chords([(request, piece)])
    assert (found.pieces, found.on_chord, found.bars_without) == (1, 72 / 120, 0.5)
    assert found.by_style == {"folk": 72 / 120}


def test_chords_with_beats_part_a_bar() -> None:
    piece = score((0, 60, 96), (96, 64, 96))
    request = Request(chords="C:2 G:2", meter="4/4", bars=2)
    assert chord_times(piece, request) == [(48, 96), (48, 96)]


def test_a_silent_bar_is_one_without_its_chord() -> None:
    assert measure_chords([(Request(chords="C"), score((0, 60, 24)))]).bars_without == 0.5


def test_every_pitch_belongs_where_there_is_no_chord() -> None:
    assert is_chord_tone(61, Chord(0, 96, None))
    assert not is_chord_tone(61, Chord(0, 96, 0, "maj7"))


@pytest.mark.parametrize("loop", LOOPS)
def test_each_loop_is_asked_for_in_each_style(loop: str) -> None:
    requests = chord_requests(["folk", "jazz"], [loop], [1, 2])
    assert [(r.style, str(r.chords), r.seed) for r in requests] == [
        ("folk", loop, 1),
        ("folk", loop, 2),
        ("jazz", loop, 1),
        ("jazz", loop, 2),
    ]
