"""Loops of given pieces: exact, marked, with a new end where the old one does not lead back."""

from dataclasses import replace

import pytest

from partimento.errors import SettingError
from partimento.music.bar_ranges import BarRanges
from partimento.music.difference import compare
from partimento.music.loops import LOOP_CONTROLLER, loop_of
from partimento.music.midi.reader import parse_midi
from partimento.music.midi.writer import midi_bytes
from partimento.music.score import Control, Meter, Note, Score, Tempo, Track
from partimento.request.edit import Edit
from partimento.request.request import Request
from partimento.sampling.editing import work
from partimento.sampling.editing.edit import Alternative, check, edit_pieces, replay_edit
from partimento.sampling.editing.original import make_original
from partimento.sampling.editing.seams import ANEW, as_loop, seam_of, unrolled
from partimento.sampling.engine import Engine
from partimento.sampling.generate import Piece
from partimento.sampling.provenance import read_provenance, without_provenance

BAR = 1920


def looped(score: Score, engine: Engine, edit: Edit | None = None) -> Piece:
    """The loop of a score."""
    wish = Alternative(make_original(score), edit or Edit(loop=True), Request(seed=1))
    [piece] = edit_pieces([wish], engine)
    assert piece is not None
    return piece


def read(score: Score) -> Score:
    """A score as its file has it."""
    return parse_midi(midi_bytes(score), "")[0]


@pytest.fixture
def leads_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every end leads to the beginning."""
    monkeypatch.setattr(work, "ENOUGH", float("inf"))


def test_the_last_bars_are_new_and_all_else_is_equal(quartet: Score, engine: Engine) -> None:
    piece = looped(quartet, engine)
    after = read(piece.performance)
    assert loop_of(after) == (0, 8 * BAR)
    assert piece.bars == 8
    notes = [note for track in after.tracks for note in track.notes]
    assert max(note.onset + note.duration for note in notes) <= 8 * BAR
    found = compare(read(quartet), without_provenance(after))
    assert {change.bar for change in found.notes if change.removed} == {7, 8}
    wraps = [note for change in found.notes if change.bar == 1 for note in change.added]
    assert {note.onset for note in wraps} <= {0}
    assert {change.kind for change in found.events} == {"marker", f"controller {LOOP_CONTROLLER}"}
    assert {change.bar for change in found.events} == {1, 8}
    assert found.lines == ()


def test_the_same_loop_is_made_again(quartet: Score, engine: Engine) -> None:
    piece = looped(quartet, engine)
    stored = read_provenance(read(piece.performance))
    assert stored is not None
    assert midi_bytes(replay_edit(stored, engine).performance) == midi_bytes(piece.performance)


def test_an_end_that_leads_back_stays(quartet: Score, engine: Engine, leads_back: None) -> None:
    ringing = Note(7 * BAR, 91, 3 * BAR, 50)
    first = replace(quartet.tracks[0], notes=(*quartet.tracks[0].notes, ringing))
    first = replace(first, notes=tuple(sorted(first.notes)))
    score = replace(quartet, tracks=(first, *quartet.tracks[1:]))
    found = compare(score, without_provenance(looped(score, engine).score))
    [start, cut] = found.notes
    assert (start.removed, start.added) == ((), (Note(0, 91, 2 * BAR, 50),))
    assert (cut.removed, cut.added) == ((ringing,), (Note(7 * BAR, 91, BAR, 50),))
    assert [change.kind for change in found.events] == [
        *["marker", *[f"controller {LOOP_CONTROLLER}"] * 4, "marker"]
    ]


def test_bars_that_are_asked_for_are_new_in_any_case(
    quartet: Score, engine: Engine, leads_back: None
) -> None:
    piece = looped(quartet, engine, Edit(loop=True, bars="6-8"))
    found = compare(read(quartet), without_provenance(read(piece.performance)))
    assert {change.bar for change in found.notes if change.removed} == {6, 7, 8}


def test_a_new_end_does_not_slow_and_the_first_tempo_comes_back(
    quartet: Score, engine: Engine
) -> None:
    slowing = tuple(Tempo(7 * BAR + 480 * beat, 60.0 - 10 * beat) for beat in range(4))
    slow = replace(quartet, tempos=(*quartet.tempos, *slowing))
    assert looped(slow, engine).score.tempos == quartet.tempos
    unsaid = replace(quartet, tempos=(Tempo(BAR, 90.0),))
    assert looped(unsaid, engine).score.tempos == (Tempo(0, 120.0), Tempo(BAR, 90.0))


def test_pedals_and_bends_begin_as_they_did(quartet: Score) -> None:
    down = Control(2 * BAR, "control", 64, 127)
    volume = (Control(0, "control", 7, 90), Control(BAR, "control", 7, 40))
    track = replace(quartet.tracks[0], controls=(*volume, down))
    score = replace(quartet, tracks=(track, *quartet.tracks[1:]))
    seam = seam_of(score)
    found = as_loop(unrolled(score, seam), seam, is_anew=False).tracks[0].controls
    point = Control(0, "control", LOOP_CONTROLLER, 0)
    assert found == (point, Control(0, "control", 64, 0), *volume, down)


def test_an_upbeat_is_played_once(engine: Engine) -> None:
    upbeat = Note(0, 67, 480)
    notes = tuple(Note(480 + 480 * beat, 60 + beat % 5, 480) for beat in range(24))
    meters = (Meter(0, 1, 4), Meter(480, 4, 4))
    score = Score(480, (Track((upbeat, *notes), 40, name="violin"),), meters=meters)
    piece = looped(score, engine)
    assert loop_of(piece.score) == (480, 480 + 6 * BAR)
    kept = [note for note in piece.score.tracks[0].notes if note.onset < 480 + 4 * BAR]
    assert set(kept) >= {upbeat, *notes[:16]}
    point = [c for c in piece.score.tracks[0].controls if c.number == LOOP_CONTROLLER]
    assert [control.tick for control in point] == [480]


def test_a_loop_of_a_loop_is_marked_once(quartet: Score, engine: Engine, leads_back: None) -> None:
    once = looped(quartet, engine).score
    twice = looped(once, engine).score
    assert without_provenance(twice) == without_provenance(once)


def test_a_loop_of_what_is_edited_comes_last(quartet: Score, engine: Engine) -> None:
    piece = looped(quartet, engine, Edit(add=("drums",), bars="3-4", loop=True))
    drums = piece.score.tracks[4]
    assert {2, 3} <= {note.onset // BAR for note in drums.notes} <= {0, 2, 3, 6, 7}
    assert loop_of(piece.score) == (0, 8 * BAR)


def test_the_beginning_stands_behind_the_end(quartet: Score) -> None:
    longer = unrolled(quartet, seam_of(quartet))
    for track, own in zip(longer.tracks, quartet.tracks, strict=True):
        again = tuple(replace(note, onset=note.onset + 8 * BAR) for note in own.notes)
        assert track.notes == (*own.notes, *again)
    assert longer.tempos[-1] == Tempo(12 * BAR + 480, 72.5)
    assert longer.tempos[-2] == Tempo(8 * BAR, 96.0)


@pytest.mark.parametrize(
    ("bars", "asked", "message"),
    [
        (1, None, "loop needs at least two bars, got 1"),
        (8, "6-7", "bars must be the last ones of the loop, such as 7-8, and leave its first one"),
        (8, "4, 7-8", "bars must be the last ones of the loop"),
        (8, "1-8", "bars must be the last ones of the loop"),
    ],
)
def test_what_is_no_loop_is_refused(
    quartet: Score, bars: int, asked: str | None, message: str
) -> None:
    notes = [note for note in quartet.tracks[0].notes if note.onset < bars * BAR]
    score = replace(quartet, tracks=(replace(quartet.tracks[0], notes=tuple(notes)),))
    wish = Alternative(make_original(score), Edit(loop=True, bars=asked), Request(seed=1))
    with pytest.raises(SettingError, match=message):
        check(wish)


def test_an_edit_says_how_many_bars_it_writes(quartet: Score) -> None:
    original = make_original(quartet)
    assert check(Alternative(original, Edit(loop=True), Request())) == ANEW
    assert check(Alternative(original, Edit(loop=True, fill="2"), Request())) == ANEW + 1
    assert seam_of(quartet, BarRanges(((5, 8),))).bars == (4, 5, 6, 7)
