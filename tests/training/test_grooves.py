"""Grooves: bars of drummers, chosen by meter, kind and tempo."""

import numpy as np
import pytest

from partimento.music.score import Meter, Note, Score, Tempo, Track
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.encoding import encode
from partimento.training.corpus import Entry, Piece
from partimento.training.grooves import Groove, Grooves
from partimento.training.strokes import Stroke

FOUR, THREE, CUT = (v.METERS.index(meter) for meter in ((4, 4), (3, 4), (2, 2)))


def drummer(name: str, pitch: int, meter: tuple[int, int] = (4, 4), bpm: float = 100) -> Piece:
    """Twelve bars with a stroke on each beat, louder in the second bar, and a hi-hat's edge."""
    beats = meter[0]
    notes = [Note(24 * i, pitch, 6, 120 if i // beats == 1 else 80) for i in range(12 * beats)] + [
        Note(24 * beats * bar, 22, 6, 80) for bar in range(12)
    ]
    score = Score(
        24,
        (Track(tuple(sorted(notes)), is_drum=True),),
        tempos=(Tempo(0, bpm),),
        meters=(Meter(0, *meter),),
        style="drums",
    )
    return Piece(Entry(f"midi/{name}.mid", "drums"), encode(score).tokens, score.note_count)


def pitches(bars: list[list[Stroke]]) -> set[int]:
    return {min(stroke.pitches) for bar in bars for stroke in bar}


def test_a_groove_has_its_strokes_on_drums_of_general_midi_and_its_dynamics() -> None:
    groove = Groove(drummer("a_rock", 36))
    assert len(groove.bars) == 12
    assert groove.bars[0][0] == Stroke(0, (42, 36), 6, v.velocity_index(80))
    assert groove.bars[0][1] == Stroke(24, (36,), 6, v.velocity_index(80))
    assert {stroke.dynamic for stroke in groove.bars[1]} == {v.velocity_index(120)}


def test_patterns_have_the_meter_and_as_many_bars_as_asked() -> None:
    grooves = Grooves([drummer("a_rock", 36), drummer("b_rock", 38, (3, 4))])
    for seed in range(10):
        rng = np.random.default_rng(seed)
        assert pitches(grooves.draw(FOUR, 5, (), 7, rng)) == {36}
        assert pitches(grooves.draw(CUT, 5, (), 7, rng)) == {36}
        assert len(grooves.draw(THREE, 5, (), 90, rng)) == 90
    assert grooves.draw(v.METERS.index((6, 8)), 5, (), 7, rng) == []


@pytest.mark.parametrize(
    ("kinds", "tempo", "expected"),
    [
        (("jazz",), 100, {40}),
        (("rock",), 100, {36}),
        (("rock",), 200, {38}),
        (("tango",), 100, {36, 40}),
    ],
)
def test_the_kind_counts_before_the_tempo(
    kinds: tuple[str, ...], tempo: float, expected: set[int]
) -> None:
    grooves = Grooves(
        [drummer("a_rock", 36), drummer("b_rock", 38, bpm=200), drummer("c_jazz", 40, bpm=100)]
    )
    rng = np.random.default_rng(0)
    drawn = [grooves.draw(FOUR, v.tempo_index(tempo), kinds, 4, rng) for _ in range(40)]
    assert set().union(*map(pitches, drawn)) == expected


def test_pieces_of_other_styles_are_no_grooves() -> None:
    piece = drummer("a", 36)
    other = Piece(Entry("a.mid", "pop"), piece.tokens, piece.notes)
    assert Grooves([other]).draw(FOUR, 5, (), 4, np.random.default_rng(0)) == []
