"""Scores as they are written: no note lost, accidentals that say the right pitch, upbeats."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from partimento.music.midi.reader import read_midi
from partimento.music.score import Key, Meter, Note, Score, Track
from partimento.rendering.drum_kit import FEET, drum
from partimento.rendering.errors import RenderingError
from partimento.rendering.notation.notation import Notation, notate
from partimento.rendering.notation.voices import MAX_VOICES
from partimento.rendering.notation.written import StaffBar, Written
from partimento.tokenizer.decoding import decode

Walk = Callable[..., object]
_SIGNS = {"flat-flat": -2, "flat": -1, "natural": 0, "sharp": 1, "double-sharp": 2}


def score_of(*notes: Note, program: int = 73, **changes: object) -> Score:
    """One track in 4/4 and C major unless said otherwise."""
    settings = {"meters": (Meter(0, 4, 4),), "keys": (Key(0, 0, False),), **changes}
    return Score(24, (Track(tuple(sorted(notes)), program),), **settings)


def melody(*pitches: int, ticks: int = 24) -> list[Note]:
    return [Note(ticks * i, pitch, ticks) for i, pitch in enumerate(pitches)]


def signs(notation: Notation) -> list[str]:
    """Letter, sign and, for a courtesy, a question mark of each head in the first staff."""
    return [
        f"{head.spelled.step}{head.accidental or ''}{'?' * head.is_courtesy}"
        for bar in notation.parts[0].staves[0]
        for voice in bar.voices
        for written in voice
        for head in written.heads
    ]


def in_time(bar: StaffBar) -> Iterator[Written]:
    """What a bar holds from left to right, the upper voice first."""
    values = [(w.value.start, number, w) for number, v in enumerate(bar.voices) for w in v]
    return (written for _, _, written in sorted(values, key=lambda v: v[:2]))


def sounding(notation: Notation) -> Iterator[tuple[int, bool, int, int, int]]:
    """Index of the part, whether it is drums, onset, end and key of each note, ties joined."""
    for index, written_part in enumerate(notation.parts):
        for staff in written_part.staves:
            held: dict[tuple[int, int], list[int]] = defaultdict(list)
            for bar, staff_bar in zip(notation.bars, staff, strict=True):
                for written in in_time(staff_bar):
                    onset = bar.start + written.value.start
                    end = bar.start + written.value.end
                    for head in written.heads:
                        start = held[head.key, onset].pop() if written.is_tied_from else onset
                        if written.is_tied_to:
                            held[head.key, end].append(start)
                        else:
                            yield index, written_part.part.is_drum, start, end, head.key
            assert not any(held.values()), "a tie leads nowhere"


def check_reading(notation: Notation) -> None:
    """Read every staff as a musician does: signature, signs that hold for a bar, ties."""
    naturals = dict(zip("CDEFGAB", (0, 2, 4, 5, 7, 9, 11), strict=True))
    for written_part in notation.parts:
        if written_part.part.is_drum:
            continue
        for staff in written_part.staves:
            tied: dict[tuple[int, int], int] = {}  # what a tie carries, by key and tick
            for bar, staff_bar in zip(notation.bars, staff, strict=True):
                key = notation.key_at(bar)
                fifths = key.fifths if key else 0
                order = "FCGDAEB"
                signature = {
                    step: (order.index(step) < fifths) - (order.index(step) >= 7 + fifths)
                    for step in order
                }
                held: dict[tuple[str, int], int] = {}
                for written in in_time(staff_bar):
                    onset = bar.start + written.value.start
                    for head in written.heads:
                        place = (head.spelled.step, head.spelled.octave)
                        carried = (
                            tied.pop((head.key, onset), None) if written.is_tied_from else None
                        )
                        if head.accidental:
                            alter = held[place] = _SIGNS[head.accidental]
                        elif carried is not None:
                            alter = carried
                        else:
                            alter = held.get(place, signature[place[0]])
                        pitch = 12 * place[1] + 12 + naturals[place[0]] + alter
                        assert pitch == head.key
                        if written.is_tied_to:
                            tied[head.key, bar.start + written.value.end] = alter


def check_against(score: Score, notation: Notation) -> None:
    """Every note is there, with its pitch and onset, and ends where it did or before a rest."""
    expected = {(n.onset, n.pitch) for t in score.tracks if not t.is_drum for n in t.notes}
    found = [note for note in sounding(notation) if not note[1]]
    assert {(onset, key) for _, _, onset, _, key in found} == expected
    ends = defaultdict(set)
    for track in score.tracks:
        for n in track.notes:
            ends[n.onset, n.pitch].add(n.onset + n.duration)
    # Voices and keys that are struck again shorten; only before a rest a note gets longer.
    assert all(end <= max(ends[onset, key]) + 5 for _, _, onset, end, key in found)
    strokes = {(n.onset, drum(n.pitch)) for t in score.tracks if t.is_drum for n in t.notes}
    assert {(n[2], drum(n[4])) for n in sounding(notation) if n[1]} == strokes
    for written_part in notation.parts:
        for staff in written_part.staves:
            for bar, staff_bar in zip(notation.bars, staff, strict=True):
                assert len(staff_bar.voices) <= MAX_VOICES
                for voice in staff_bar.voices:
                    assert sum(written.value.ticks for written in voice) == bar.length


def test_random_scores_lose_no_note_and_read_right(legal_walk: Walk) -> None:
    notes = 0
    for seed in range(60):
        score = decode(legal_walk(seed, 160))
        if score.note_count:
            notation = notate(score)
            check_against(score, notation)
            check_reading(notation)
            notes += score.note_count
    assert notes > 1500


def test_pieces_of_every_style_lose_no_note_and_read_right(corpus_files: list[Path]) -> None:
    for path in corpus_files[::2]:
        notation = notate(read_midi(path)[0])
        check_against(notation.score, notation)
        check_reading(notation)


def test_single_lines_keep_every_length_exactly(legal_walk: Walk) -> None:
    for lengths in ([24, 36, 12, 48, 6, 18, 72, 96, 120, 24], [8, 8, 8, 16, 8, 24, 32, 16, 48]):
        notes, tick = [], 0
        for index, ticks in enumerate(lengths * 3):
            notes.append(Note(tick, 60 + index % 7, ticks))
            tick += ticks
        for meter in (Meter(0, 4, 4), Meter(0, 3, 4), Meter(0, 6, 8), Meter(0, 5, 4)):
            notation = notate(score_of(*notes, meters=(meter,)))
            assert [n[2:] for n in sounding(notation)] == [
                (n.onset, n.onset + n.duration, n.pitch) for n in notes
            ]


def test_three_voices_on_a_staff_keep_every_length() -> None:
    upper = [Note(0, 76, 48), Note(48, 77, 72), Note(120, 76, 72)]
    middle = [Note(0, 72, 96), Note(96, 71, 24), Note(120, 72, 72)]
    lower = [Note(24 * i, 60 + i % 3, 24) for i in range(8)]
    notes = [*upper, *middle, *lower]
    notation = notate(score_of(*notes, program=11))
    assert Counter(n[2:] for n in sounding(notation)) == Counter(
        (n.onset, n.onset + n.duration, n.pitch) for n in notes
    )
    assert [len(bar.voices) for bar in notation.parts[0].staves[0]] == [3, 2]


def test_the_higher_of_two_that_overlap_is_the_upper_voice() -> None:
    low, high = Note(0, 60, 96), [Note(24 * i, 72 + i, 24) for i in range(4)]
    (bar,) = notate(score_of(low, *high)).parts[0].staves[0]
    assert [[w.heads[0].key for w in voice] for voice in bar.voices] == [[72, 73, 74, 75], [60]]
    # A voice that is free does not stay divided.
    after = notate(score_of(low, *high, *[Note(96 + 24 * i, 60, 24) for i in range(4)]))
    assert [len(bar.voices) for bar in after.parts[0].staves[0]] == [2, 1]


def test_more_voices_than_a_staff_holds_shorten_the_oldest_note() -> None:
    notes = [Note(12 * i, 60 + 2 * i, 96) for i in range(6)]
    notation = notate(score_of(*notes))
    found = {n[4]: n[3] - n[2] for n in sounding(notation)}
    assert set(found) == {60, 62, 64, 66, 68, 70}
    assert found[60] == 12 * MAX_VOICES
    assert found[70] == 96


def test_a_key_that_two_hands_hold_ends_where_it_is_struck_again() -> None:
    hands = (Track((Note(0, 60, 96),), 0, name="piano"), Track((Note(48, 60, 48),), 0))
    notation = notate(Score(24, hands))
    assert sorted(n[2:] for n in sounding(notation)) in (
        [(0, 48, 60), (48, 96, 60)],
        [(0, 96, 60), (48, 96, 60)],  # on different staves
    )


@pytest.mark.parametrize(
    ("pitches", "key", "expected"),
    [
        # A sign holds to the end of the bar, for its own octave.
        ([66, 66, 67, 65], Key(0, 0, False), "Fsharp F G Fnatural"),
        ([66, 78, 66, 67], Key(0, 0, False), "Fsharp Fsharp F G"),
        ([66, 67, 67, 67, 65, 67, 67, 67], Key(0, 0, False), "Fsharp G G G Fnatural? G G G"),
        ([66, 67, 67, 67, 66, 67, 67, 67], Key(0, 0, False), "Fsharp G G G Fsharp G G G"),
        ([66, 65, 67, 66], Key(0, 7, False), "F Fnatural G Fsharp"),
        # Another octave: a courtesy.
        ([66, 67, 77, 67], Key(0, 0, False), "Fsharp G Fnatural? G"),
    ],
)
def test_signs_hold_for_a_bar_and_reminders_follow(
    pitches: list[int], key: Key, expected: str
) -> None:
    assert " ".join(signs(notate(score_of(*melody(*pitches), keys=(key,))))) == expected


def test_a_tie_carries_its_sign_over_the_bar_line_but_no_further() -> None:
    notes = [Note(0, 67, 72), Note(72, 66, 48), Note(120, 67, 24), Note(144, 66, 48)]
    assert signs(notate(score_of(*notes))) == ["G", "Fsharp", "F", "G", "Fsharp"]


def test_ties_join_what_a_bar_line_parts() -> None:
    notation = notate(score_of(Note(48, 67, 48 + 96 + 24)))
    flat = [w for bar in notation.parts[0].staves[0] for v in bar.voices for w in v if w.heads]
    assert [(w.is_tied_from, w.is_tied_to) for w in flat] == [
        *((False, True), (True, True), (True, False))
    ]


def test_a_new_key_and_meter_hold_from_their_bar() -> None:
    notes = melody(*[60] * 4, *[61] * 6)
    changed = score_of(
        *notes,
        meters=(Meter(0, 4, 4), Meter(96, 3, 4)),
        keys=(Key(0, 0, False), Key(96, 1, False)),
    )
    notation = notate(changed)
    assert [bar.meter for bar in notation.bars] == [(4, 4), (3, 4), (3, 4)]
    assert signs(notation) == [*"CCCC", *"DDDDDD"]


def test_without_a_key_one_is_estimated() -> None:
    notation = notate(score_of(*melody(66, 68, 70, 71, 73, 75, 77, 78, 70, 66), keys=()))
    assert notation.keys == (Key(0, 6, False),)
    assert signs(notation) == [name[0] for name in signs(notation)]


@pytest.mark.parametrize(
    ("onset", "start"),
    [(72, 72), (84, 84), (48, 48), (78, 72), (24, 0), (0, 0), (96, 0)],
)
def test_silence_before_an_upbeat_of_half_a_bar_at_most_is_left_out(onset: int, start: int) -> None:
    notation = notate(score_of(Note(onset, 60, 12), *[Note(96 + 24 * i, 62, 24) for i in range(4)]))
    assert notation.bars[0].start == start
    assert notation.bars[0].length == 96 - start
    assert notation.is_upbeat == (start > 0)
    assert sorted(n[2] for n in sounding(notation))[0] == onset


def test_a_short_first_bar_is_an_upbeat_of_the_next_meter() -> None:
    notes = [Note(0, 60, 24), *[Note(24 + 24 * i, 62, 24) for i in range(8)]]
    notation = notate(score_of(*notes, meters=(Meter(0, 1, 4), Meter(24, 4, 4))))
    assert notation.is_upbeat
    assert [(bar.length, bar.meter) for bar in notation.bars] == [
        *((24, (4, 4)), (96, (4, 4)), (96, (4, 4)))
    ]


def test_a_bar_that_no_notes_fill_is_made_one_that_they_do() -> None:
    meters = (Meter(0, 4, 4), Meter(97, 4, 4))
    notes = melody(*[60 + i % 5 for i in range(12)])
    notation = notate(score_of(*notes, meters=meters))
    assert all(bar.length % 3 == 0 for bar in notation.bars)
    assert len(list(sounding(notation))) == 12


def test_drums_have_feet_below_and_no_ties() -> None:
    beat = [Note(24 * i, 42, 6) for i in range(4)] + [Note(0, 36, 6), Note(60, 36, 6)]
    beat += [Note(24, 38, 6), Note(24, 40, 6), Note(72, 38, 6)]
    drums = Track(tuple(sorted(beat)), is_drum=True)
    notation = notate(Score(24, (drums,), meters=(Meter(0, 4, 4),)))
    (bar,) = notation.parts[0].staves[0]
    upper, lower = bar.voices
    keys = [[head.key for head in written.heads] for written in upper]
    # A snare and another snare in one stroke are written as one.
    assert keys == [[42], [42, 38], [42], [42, 38]]
    assert all(head.key in FEET for written in lower for head in written.heads)
    assert [w.value.kind for w in lower] == ["quarter", "quarter", "eighth", "eighth", "quarter"]
    assert not any(w.is_tied_to for voice in bar.voices for w in voice)


def test_rests_of_lower_voices_are_not_printed_but_those_of_triplets_are() -> None:
    low = [Note(0, 60, 12), Note(48 + 8, 60, 8), Note(48 + 16, 60, 8)]
    high = [Note(24 * i, 72, 24) for i in range(4)]
    (bar,) = notate(score_of(*low, *high, program=11)).parts[0].staves[0]
    rests = [(w.value.start, w.is_hidden) for w in bar.voices[1] if not w.heads]
    assert rests == [(12, True), (24, True), (48, False), (72, True)]


def test_a_score_without_notes_is_an_error() -> None:
    with pytest.raises(RenderingError, match="no notes"):
        notate(Score(24, (Track(()),)))
