"""Going on from files: their bars stay as they are, and what is in force goes on."""

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from partimento.errors import MidiError
from partimento.music.bars import bar_starts
from partimento.music.midi.reader import read_midi
from partimento.music.midi.writer import midi_bytes
from partimento.music.score import Chord, Control, Key, Meter, Note, Score, Tempo, Track
from partimento.music.timeline import seconds
from partimento.request.request import Request
from partimento.sampling.generate import Piece, generate
from partimento.sampling.plan import Plan
from partimento.sampling.primer import make_primer
from partimento.sampling.provenance import read_provenance
from partimento.sampling.replaying import replay
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.vocabulary import TokenArray

VIBES, SAX = 11, 66


class Echo:
    """Writes into each new bar what its plan forces, and a short note for each asked line."""

    name, checkpoint, precision = "echo", "none", "float32"
    known = None

    def __init__(self, *lines: tuple[int, int]) -> None:
        """Each line: the program and the pitch of its note."""
        self.lines = [
            [v.INSTRUMENT + v.INSTRUMENT_OF_PROGRAM[program], v.PITCH + pitch, v.DURATION + 11]
            for program, pitch in lines
        ]

    def decode(
        self,
        plans: Sequence[Plan],
        seeds: Sequence[int],
        on_bar: Callable[[int, int], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> list[TokenArray]:
        return [self._piece(plan) for plan in plans]

    def _piece(self, plan: Plan) -> TokenArray:
        tokens = plan.prompt.tolist()
        for start, end in pairwise(plan.forced_starts.tolist()):
            forced = plan.forced[start:end]
            tokens += [v.BAR, *forced.tolist(), *(token for line in self.lines for token in line)]
        return np.array([*tokens, v.EOS], np.uint16)


def tune(meter: tuple[int, int] = (4, 4), bars: int = 4, **changes: object) -> Score:
    """A file of another program: one eighth a bar for vibes and for a saxophone."""
    length = Meter(0, *meter).bar_ticks(480)
    onsets = range(0, bars * length, length)
    vibes = tuple(Note(onset, 72, 200, 61) for onset in onsets)
    sax = tuple(Note(onset + 3, 50, 231, 99) for onset in onsets)
    score = Score(
        480,
        (
            Track(vibes, VIBES, False, "Lead Vibes", (Control(5, "control", 7, 88),)),
            Track(sax, SAX, False, "Tenor Sax"),
        ),
        tempos=(Tempo(0, 100.0),),
        meters=(Meter(0, *meter),),
        texts=("by hand",),
    )
    return replace(score, **changes)  # type: ignore[arg-type]


def go_on(score: Score, engine: Echo | None = None, keep: bool = True, **wishes: object) -> Piece:
    request = Request.from_dict({"bars": 2, "seed": 1, "primer": "a.mid", **wishes})
    engine = engine or Echo((VIBES, 74), (SAX, 52))
    bars = request.primer_bars
    (piece,) = generate([request], engine, make_primer(score, bars=bars), keep)
    written = read_midi(io.BytesIO(midi_bytes(piece.score)))[0]
    provenance = read_provenance(written)
    assert provenance is not None
    assert midi_bytes(replay(provenance, engine).score) == midi_bytes(piece.score)
    return piece


def test_kept_bars_are_the_events_of_the_file() -> None:
    score = tune()
    piece = go_on(score)
    for kept, track in zip(score.tracks, piece.score.tracks, strict=True):
        assert track.notes[:4] == kept.notes
        assert (track.name, track.program, track.controls) == (
            *(kept.name, kept.program, kept.controls),
        )
    assert piece.score.texts[1:] == ("by hand",)
    assert piece.bars == 6


def test_new_notes_are_played_by_the_parts_of_the_file() -> None:
    vibes, sax = go_on(tune()).score.tracks
    assert [(n.onset, n.pitch) for n in vibes.notes[4:]] == [(7_680, 74), (9_600, 74)]
    assert [(n.onset, n.pitch) for n in sax.notes[4:]] == [(7_680, 52), (9_600, 52)]


def test_a_new_instrument_has_a_track_of_its_own() -> None:
    piece = go_on(tune(), Echo((VIBES, 74), (73, 80)))
    assert [(t.name, t.program) for t in piece.score.tracks] == [
        ("Lead Vibes", VIBES),
        ("Tenor Sax", SAX),
        ("flute", 73),
    ]


def test_a_further_line_goes_to_the_part_that_lies_nearest() -> None:
    score = tune()
    high, low = score.tracks[0], replace(score.tracks[1], program=VIBES)
    piece = go_on(replace(score, tracks=(high, low)), Echo((VIBES, 74), (VIBES, 52), (VIBES, 48)))
    assert [len(track.notes) for track in piece.score.tracks] == [6, 8]


def test_a_tempo_that_is_asked_for_is_that_of_the_new_bars_alone() -> None:
    for bpm in (93.0, 140.0, 119.88):
        piece = go_on(tune(), bpm=bpm)
        assert piece.score.tempos == (Tempo(0, 100.0), Tempo(7_680, bpm))


def test_the_tempo_in_force_at_the_end_goes_on() -> None:
    ritard = (Tempo(0, 100.0), Tempo(7_000, 80.0), Tempo(7_400, 45.0))
    assert go_on(tune(tempos=ritard)).score.tempos == ritard
    late = (Tempo(3_840, 60.0),)
    piece = go_on(tune(tempos=late))
    assert piece.score.tempos == late
    assert seconds(piece.score) == pytest.approx(4 + 8 + 8)


def test_a_tempo_outside_of_what_may_be_asked_for_goes_on_exactly() -> None:
    assert go_on(tune(tempos=(Tempo(0, 7.5),))).score.tempos == (Tempo(0, 7.5),)


def test_a_key_that_comes_late_in_the_last_bar_goes_on() -> None:
    keys = (Key(0, 0, False), Key(7_000, 4, False))
    piece = go_on(tune(keys=keys))
    assert piece.score.keys == keys
    new = piece.tokens[np.flatnonzero(piece.tokens == v.BAR)[4] :]
    assert v.KEY + 4 in new.tolist()


def test_without_the_primer_the_new_bars_have_its_tempo_meter_and_key() -> None:
    score = tune((7, 8), tempos=(Tempo(0, 100.0), Tempo(5, 72.5)), keys=(Key(0, 2, True),))
    piece = go_on(score, keep=False)
    assert piece.score.tempos == (Tempo(0, 72.5),)
    assert piece.score.meters == (Meter(0, 7, 8),)
    assert [(key.tonic, key.is_minor) for key in piece.score.keys] == [(2, True)]
    assert [(t.name, t.program, len(t.notes)) for t in piece.score.tracks] == [
        ("Lead Vibes", VIBES, 4),
        ("Tenor Sax", SAX, 4),
    ]
    assert piece.bars == 2


@pytest.mark.parametrize("meter", [(7, 8), (11, 8), (5, 8), (15, 16), (3, 16), (13, 4)])
def test_any_meter_goes_on_in_whole_bars(meter: tuple[int, int]) -> None:
    piece = go_on(tune(meter), bars=3)
    length = Meter(0, *meter).bar_ticks(480)
    assert piece.score.meters == (Meter(0, *meter),)
    assert piece.bars == 7
    assert len(bar_starts(piece.score)) == 7
    assert max(note.onset for track in piece.score.tracks for note in track.notes) < 7 * length


def test_a_regular_change_of_meters_goes_on() -> None:
    meters = (Meter(0, 4, 4), Meter(1_920, 3, 4), Meter(3_360, 4, 4), Meter(5_280, 3, 4))
    score = tune(meters=meters)
    piece = go_on(score)
    assert [(m.tick, m.numerator) for m in piece.score.meters[4:]] == [(6_720, 4), (8_640, 3)]


def test_a_meter_that_is_asked_for_is_that_of_the_new_bars() -> None:
    piece = go_on(tune((7, 8)), meter="3/4")
    assert piece.score.meters == (Meter(0, 7, 8), Meter(6_720, 3, 4))


def test_an_upbeat_is_not_filled_up() -> None:
    score = tune(meters=(Meter(0, 1, 4), Meter(480, 4, 4)))
    piece = go_on(score)
    assert piece.score.meters == score.meters
    assert piece.score.tracks[0].notes[:4] == score.tracks[0].notes


def test_the_first_bars_of_a_file_can_be_gone_on_from() -> None:
    score = tune()
    piece = go_on(score, primer_bars=2)
    assert [t.notes[:2] for t in piece.score.tracks] == [t.notes[:2] for t in score.tracks]
    assert [n.onset for n in piece.score.tracks[0].notes] == [0, 1_920, 3_840, 5_760]


def test_silent_bars_at_the_end_of_the_first_bars_are_kept() -> None:
    score = Score(480, (Track((Note(0, 60, 480), Note(9_600, 60, 480)), VIBES),))
    piece = go_on(score, primer_bars=3)
    assert piece.score.tracks[0].notes[1].onset == 5_760
    assert piece.bars == 5


def test_silent_bars_of_seven_eighths_are_kept_too() -> None:
    vibes = Track((Note(0, 60, 480), Note(9_600, 60, 480)), VIBES)
    piece = go_on(Score(480, (vibes,), meters=(Meter(0, 7, 8),)), primer_bars=3)
    assert piece.score.tracks[0].notes[1].onset == 3 * 1_680


def test_first_bars_without_a_note_are_refused() -> None:
    score = Score(480, (Track((Note(9_600, 60, 480),)),))
    with pytest.raises(MidiError, match=r"no notes in the first 2 bars; take more"):
        make_primer(score, bars=2)


def test_a_dynamic_that_is_asked_for_leaves_the_primer_alone() -> None:
    score = tune()
    piece = go_on(score, dynamic="ppp")
    assert [t.notes[:4] for t in piece.score.tracks] == [t.notes for t in score.tracks]
    # The saxophone played louder than mf before, and still plays louder than the vibraphone.
    assert [{n.velocity for n in t.notes[4:]} for t in piece.score.tracks] == [{16}, {33}]


def test_an_instrument_that_is_asked_for_by_its_program_is_not_played_by_another_one() -> None:
    piece = go_on(tune(), Echo((SAX, 52)), instruments=["alto sax"])
    assert [(t.name, t.program, len(t.notes)) for t in piece.score.tracks] == [
        ("Lead Vibes", VIBES, 4),
        ("Tenor Sax", SAX, 4),
        ("alto sax", 65, 2),
    ]


def test_chords_fill_bars_of_seven_eighths() -> None:
    piece = go_on(tune((7, 8)), chords="C G7", bars=4)
    assert [(c.onset // 84 % 4, c.root) for c in scaled_chords(piece.score)] == [
        *((0, 0), (0, 0), (1, 7), (1, 7), (2, 0), (2, 0), (3, 7), (3, 7)),
    ]


def scaled_chords(score: Score) -> list[Chord]:
    factor = score.ticks_per_quarter // 24
    return [replace(chord, onset=chord.onset // factor) for chord in score.chords]


def test_the_warnings_of_the_primer_say_what_the_model_hears() -> None:
    warnings = make_primer(tune((7, 8)), "a.mid").warnings
    assert warnings == (
        "a.mid: 4 x a bar of 7/8 written as 2/4 + 3/8, as the model hears it; the file's bars stay",
    )


def test_a_piece_that_goes_on_from_a_piece_of_this_program_tells_its_own_story() -> None:
    first = go_on(tune()).score
    second = go_on(first)
    assert sum(text.startswith("partimento ") for text in second.score.texts) == 1
    assert second.score.texts[1:] == ("by hand",)


def test_a_pedal_lengthens_what_the_model_hears_and_not_the_file() -> None:
    pedal = (Control(0, "control", 64, 127), Control(1900, "control", 64, 0))
    score = tune()
    held = replace(score, tracks=tuple(replace(t, controls=pedal) for t in score.tracks))
    dry, wet = make_primer(held), make_primer(held, has_pedal=True)
    assert dry.tokens.tolist() != wet.tokens.tolist()
    assert dry.score == wet.score
    [piece] = generate([Request(bars=1, seed=1)], Echo((VIBES, 72)), wet)
    stored = read_provenance(piece.score)
    assert stored is not None
    assert stored.primer is not None
    assert stored.primer.has_pedal
    assert replay(stored, Echo((VIBES, 72))).tokens.tolist() == piece.tokens.tolist()
