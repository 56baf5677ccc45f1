"""Tracks of a file from lines: one an instrument, unless the parts are apart on purpose."""

from partimento.music.score import Note, Track
from partimento.sampling.instrument_parts import (
    Line,
    asked_players,
    joined_notes,
    lines_of,
    parts,
)
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.decoding import decode

BAR = 96


def line(name: str, number: int, bars: int = 4, pitch: int = 60) -> Line:
    """A note at the start of each bar."""
    notes = tuple(Note(bar * BAR, pitch, 24) for bar in range(bars))
    return Line(v.INSTRUMENTS.index(name), number, notes)


def names(tracks: tuple[Track, ...]) -> list[tuple[str, int]]:
    return [(track.name, len(track.notes)) for track in tracks]


def test_a_pianist_is_one_track() -> None:
    lines = [line("piano", number, pitch=72 - 7 * number) for number in range(4)]
    assert names(parts(lines, {}, BAR)) == [("piano", 16)]


def test_a_drummer_is_one_track() -> None:
    [drums] = parts([line("drums", number, pitch=36 + number) for number in range(4)], {}, BAR)
    assert (drums.name, drums.is_drum, drums.program, len(drums.notes)) == ("drums", True, 0, 16)


def test_each_instrument_has_a_track_in_the_order_of_its_first_note() -> None:
    lines = [line("harp", 0), line("flute", 0), line("harp", 1, pitch=55)]
    assert names(parts(lines, {}, BAR)) == [("harp", 8), ("flute", 4)]


def test_the_voices_of_a_choir_are_parts() -> None:
    lines = [line("choir", number) for number in range(4)]
    assert names(parts(lines, {}, BAR)) == [
        ("choir", 4),
        ("choir 2", 4),
        ("choir 3", 4),
        ("choir 4", 4),
    ]


def test_two_violins_that_play_along_are_parts() -> None:
    assert names(parts([line("violin", 0), line("violin", 1, 2)], {}, BAR)) == [
        ("violin", 4),
        ("violin 2", 2),
    ]


def test_a_second_note_now_and_then_is_no_second_violin() -> None:
    lines = [line("violin", 0, 8), line("violin", 1, 3, pitch=67)]
    assert names(parts(lines, {}, BAR)) == [("violin", 11)]


def test_two_players_that_were_asked_for_are_two_tracks() -> None:
    lines = [line("piano", number, pitch=50 + number) for number in range(4)]
    asked = asked_players(["piano", "piano"])
    assert names(parts(lines, asked, BAR)) == [("piano", 4), ("piano 2", 12)]


def test_programs_that_were_asked_for_are_written() -> None:
    asked = asked_players(["tenor sax", "baritone sax", "flute"])
    lines = [line("saxophone", 0), line("saxophone", 1), line("flute", 0)]
    assert [(track.name, track.program) for track in parts(lines, asked, BAR)] == [
        ("tenor sax", 66),
        ("baritone sax", 67),
        ("flute", 73),
    ]


def test_numbers_have_no_gaps() -> None:
    lines = [line("choir", 0), line("choir", 1, 1, 64), line("choir", 3)]
    assert names(parts(lines, {}, BAR)) == [("choir", 5), ("choir 2", 4)]


def test_a_note_ends_where_another_line_strikes_its_pitch() -> None:
    held, struck = Note(0, 60, 96), Note(48, 60, 24)
    assert joined_notes([held, struck]) == (Note(0, 60, 48), struck)


def test_of_one_note_in_two_lines_the_longer_and_louder_stays() -> None:
    assert joined_notes([Note(0, 60, 24, 90), Note(0, 60, 48, 40)]) == (Note(0, 60, 48, 90),)


def test_the_lines_of_decoded_tokens_are_known_by_their_tracks() -> None:
    note = [v.PITCH + 60, v.DURATION + 23]
    flute, piano = v.INSTRUMENT + v.INSTRUMENTS.index("flute"), v.INSTRUMENT
    tokens = [v.BOS, v.METER + 2, v.TEMPO, v.BAR, piano, piano, *note, flute, *note, piano, *note]
    assert [(found.instrument, found.number) for found in lines_of(decode([*tokens, v.EOS]))] == [
        (0, 1),
        (v.INSTRUMENTS.index("flute"), 0),
        (0, 2),
    ]
