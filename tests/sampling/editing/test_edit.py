"""Edited pieces: what was asked for is new, and all else is equal, event for event."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from partimento.errors import SettingError
from partimento.music.difference import Difference, compare
from partimento.music.midi.reader import parse_midi
from partimento.music.midi.writer import midi_bytes
from partimento.music.score import Meter, Note, Score, Track
from partimento.request.edit import Edit
from partimento.request.request import Request
from partimento.sampling.editing.edit import (
    Alternative,
    check,
    edit_pieces,
    replay_edit,
    request_for,
)
from partimento.sampling.editing.original import make_original
from partimento.sampling.engine import Engine
from partimento.sampling.generate import Piece
from partimento.sampling.provenance import read_provenance, without_provenance

Wishes = Mapping[str, object]


def edited(score: Score, engine: Engine, edit: Edit, **wishes: object) -> Piece:
    """The piece that comes out of an edit with seed 1."""
    original = make_original(score)
    request = request_for({"seed": 1, **wishes}, original)
    [piece] = edit_pieces([Alternative(original, edit, request)], engine)
    assert piece is not None
    return piece


def difference(score: Score, piece: Piece) -> Difference:
    """What the file of an edited piece has otherwise than that of the score."""
    before, after = (parse_midi(midi_bytes(s), "")[0] for s in (score, piece.performance))
    return compare(before, without_provenance(after))


def lines(found: Difference) -> set[str]:
    return {change.line for change in found.notes}


def test_bars_are_filled_and_nothing_else_changes(quartet: Score, engine: Engine) -> None:
    found = difference(quartet, edited(quartet, engine, Edit(fill="3-4, 7")))
    assert set(found.changed_bars) <= {3, 4, 7}
    assert found.notes
    assert (found.lines, found.events) == ((), ())


def test_one_line_of_some_bars_is_filled(quartet: Score, engine: Engine) -> None:
    found = difference(quartet, edited(quartet, engine, Edit(fill="3-4", line="violin 2")))
    assert (found.changed_bars, lines(found)) == ((3, 4), {"Violin 2"})
    assert (found.lines, found.events) == ((), ())


@pytest.mark.parametrize(
    ("edit", "line", "bars"),
    [
        (Edit(reroll="viola"), "Viola", range(1, 9)),
        (Edit(reroll="viola", bars="2-3"), "Viola", (2, 3)),
        (Edit(replace=("cello",)), "Cello", range(1, 9)),
    ],
)
def test_a_line_is_written_anew(
    quartet: Score, engine: Engine, edit: Edit, line: str, bars: tuple[int, ...]
) -> None:
    found = difference(quartet, edited(quartet, engine, edit))
    assert lines(found) == {line}
    assert set(found.changed_bars) <= set(bars)
    assert {change.bar for change in found.notes if change.added} == set(bars)
    assert (found.lines, found.events) == ((), ())


def test_another_player_takes_a_line_over(quartet: Score, engine: Engine) -> None:
    piece = edited(quartet, engine, Edit(replace=("cello",)), instruments=("tuba",))
    assert [track.name for track in piece.score.tracks] == ["Violin 1", "Violin 2", "Viola", "tuba"]
    assert piece.score.tracks[3].program == 58
    assert lines(difference(quartet, piece)) == {"Cello", "tuba"}


def test_lines_that_are_added_leave_the_others_and_the_first_ones_stay(
    quartet: Score, engine: Engine
) -> None:
    first = edited(quartet, engine, Edit(add=("drums",)))
    assert lines(difference(quartet, first)) == {"drums"}
    second = edited(first.score, engine, Edit(add=("drums", "flute")))
    names = [track.name for track in second.score.tracks]
    assert names[4:] == ["drums", "drums 2", "flute"]
    assert lines(difference(first.score, second)) == {"drums 2", "flute"}
    assert all(len({n.onset // 1920 for n in t.notes}) >= 4 for t in second.score.tracks[4:])


def test_a_line_is_added_to_some_bars_only(quartet: Score, engine: Engine) -> None:
    piece = edited(quartet, engine, Edit(add=("flute",), bars="4-5"))
    assert {note.onset // 1920 for note in piece.score.tracks[4].notes} == {3, 4}


def test_lines_are_taken_out(quartet: Score, engine: Engine) -> None:
    piece = edited(quartet, engine, Edit(remove=("2", "cello")))
    assert [track.name for track in piece.score.tracks] == ["Violin 1", "Viola"]
    assert piece.new_tokens == 0


def test_an_accompaniment_plays_throughout_below_the_tune(quartet: Score, engine: Engine) -> None:
    tune = replace(quartet, tracks=quartet.tracks[:1])
    piece = edited(tune, engine, Edit(accompany=("piano",)))
    notes = piece.score.tracks[1].notes
    assert {note.onset // 1920 for note in notes} == set(range(8))
    pitches = [note.pitch for note in tune.tracks[0].notes]
    assert max(note.pitch for note in notes) <= round(sum(pitches) / len(pitches))


def test_a_melody_is_harmonised_in_order_and_in_range(quartet: Score, engine: Engine) -> None:
    tune = replace(quartet, tracks=quartet.tracks[:1])
    piece = edited(tune, engine, Edit(harmonise="satb"))
    assert [track.name for track in piece.score.tracks] == ["Violin 1", "Alto", "Tenor", "Bass"]
    assert piece.score.tracks[0] == tune.tracks[0]
    for upper, lower in zip(piece.score.tracks, piece.score.tracks[1:], strict=False):
        for note in lower.notes:
            # What random weights let ring over a bar line is no voice of the next bar.
            bar = note.onset // 1920 * 1920
            above = [n for n in upper.notes if bar <= n.onset <= note.onset][-1:]
            sung = [n.pitch for n in above if note.onset < n.onset + n.duration]
            assert note.pitch <= min(sung, default=127)
    for track, (low, high) in zip(
        piece.score.tracks[1:], ((53, 74), (47, 69), (36, 64)), strict=True
    ):
        assert all(low <= note.pitch <= high for note in track.notes)


def test_a_melody_that_ends_before_the_others_is_harmonised_to_its_end(
    quartet: Score, engine: Engine
) -> None:
    early = replace(quartet.tracks[0], notes=quartet.tracks[0].notes[:20])
    score = replace(quartet, tracks=(early, *quartet.tracks[1:]))
    piece = edited(score, engine, Edit(harmonise="satb", line="1"))
    assert {note.onset // 1920 for note in piece.score.tracks[6].notes} == set(range(5))


def test_wishes_hold_for_what_is_new(quartet: Score, engine: Engine) -> None:
    edit = Edit(fill="3-6")
    low = edited(quartet, engine, edit, pitch_range="C2-B2")  # the cello alone has these notes
    added = [(c.line, n) for c in difference(quartet, low).notes for n in c.added]
    assert added
    assert all(line == "Cello" and 36 <= note.pitch <= 47 for line, note in added)
    with pytest.raises(SettingError, match="pitch_range must hold a note that the violin can play"):
        edited(quartet, engine, Edit(reroll="Violin 1"), pitch_range="C2-B2")
    scale = edited(quartet, engine, edit, lock_key=True)
    added = [n for change in difference(quartet, scale).notes for n in change.added]
    assert {(note.pitch - 2) % 12 for note in added} <= {0, 2, 4, 5, 7, 9, 11}
    other = edited(quartet, engine, edit, lock_key=True, key="Eb major")
    added = [n for change in difference(quartet, other).notes for n in change.added]
    assert {(note.pitch - 3) % 12 for note in added} <= {0, 2, 4, 5, 7, 9, 11}
    assert difference(quartet, other).events == ()
    for name in ("bpm", "bars", "prompt"):
        with pytest.raises(ValueError, match=f"setting '{name}' does not exist"):
            edited(quartet, engine, edit, **{name: 100})


def test_new_notes_are_as_loud_as_the_kept_ones_or_as_it_is_asked(
    quartet: Score, engine: Engine
) -> None:
    quiet = replace(
        quartet,
        tracks=tuple(
            replace(t, notes=tuple(replace(n, velocity=30) for n in t.notes))
            for t in quartet.tracks
        ),
    )
    piece = edited(quiet, engine, Edit(reroll="viola", bars="4-5"))
    velocities = [n.velocity for n in piece.score.tracks[2].notes if 3 <= n.onset // 1920 < 5]
    assert abs(sum(velocities) / len(velocities) - 30) < 20  # a dynamic louder at most
    loud = edited(quiet, engine, Edit(reroll="viola", bars="4-5"), dynamic="ff")
    velocities = [n.velocity for n in loud.score.tracks[2].notes if 3 <= n.onset // 1920 < 5]
    assert sum(velocities) / len(velocities) > 80


def test_the_same_seed_gives_the_same_piece_alone_with_others_and_again(
    quartet: Score, engine: Engine
) -> None:
    original = make_original(quartet)
    edit = Edit(fill="3", add=("flute",))
    wishes = [Alternative(original, edit, Request(seed=seed)) for seed in (1, 2, 3)]
    together = edit_pieces(wishes, engine)
    assert len({midi_bytes(piece.score) for piece in together if piece is not None}) == 3
    for wish, piece in zip(wishes, together, strict=True):
        [alone] = edit_pieces([wish], engine)
        assert piece is not None
        assert alone is not None
        assert alone.score == piece.score
        stored = read_provenance(parse_midi(midi_bytes(piece.performance), "")[0])
        assert stored is not None
        assert midi_bytes(replay_edit(stored, engine).performance) == midi_bytes(piece.performance)


def test_an_edit_that_is_stopped_gives_nothing(quartet: Score, engine: Engine) -> None:
    original = make_original(quartet)
    long = Alternative(original, Edit(fill="3-6", add=("flute",)), Request(seed=1))
    short = Alternative(original, Edit(remove=("1",)), Request(seed=1))
    stopped, done = edit_pieces([long, short], engine, should_stop=lambda: True)
    assert stopped is None
    assert done is not None


@pytest.mark.parametrize(
    ("edit", "wishes", "message"),
    [
        (Edit(fill="8-9"), {}, "fill must be bars of the piece, which has 8 bars, got 8-9"),
        (Edit(reroll="tuba"), {}, "reroll must be a line of the piece: there is no line 'tuba'"),
        (Edit(replace=("violin",)), {}, "replace must be a line of the piece: 'violin' may be"),
        (Edit(remove=("1", "2", "3", "4")), {}, "remove must leave a line"),
        (Edit(harmonise="satb"), {}, "line must say which of 4 lines is the melody"),
        (
            Edit(harmonise="satb", line="1"),
            {"instruments": ("flute",)},
            "instruments must name three voices, got 1",
        ),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    quartet: Score, edit: Edit, wishes: Wishes, message: str
) -> None:
    original = make_original(quartet)
    with pytest.raises(SettingError) as error:
        check(Alternative(original, edit, request_for(wishes, original)))
    assert str(error.value).startswith(message)


def test_a_silent_or_empty_bar_can_be_filled(quartet: Score, engine: Engine) -> None:
    rests = tuple(
        replace(t, notes=tuple(n for n in t.notes if n.onset // 1920 != 4)) for t in quartet.tracks
    )
    silent = replace(quartet, tracks=rests)
    found = difference(silent, edited(silent, engine, Edit(fill="5")))
    assert set(found.changed_bars) == {5}


def test_an_upbeat_and_meters_that_tokens_do_not_have_are_edited_in_place(
    quartet: Score, engine: Engine
) -> None:
    notes = tuple(Note(240 * eighth, 60 + eighth % 5, 240) for eighth in range(2 + 7 * 5))
    odd = Score(
        480, (Track(notes, 73),), meters=(Meter(0, 2, 8), Meter(480, 7, 8)), tempos=quartet.tempos
    )
    found = difference(odd, edited(odd, engine, Edit(fill="3-4")))
    assert set(found.changed_bars) == {3, 4}
    found = difference(odd, edited(odd, engine, Edit(fill="1")))
    assert set(found.changed_bars) == {1}
