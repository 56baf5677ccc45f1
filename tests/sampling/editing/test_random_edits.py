"""Edits drawn at random from pieces of all styles: what is outside of them is equal.

PARTIMENTO_EDITS sets how many; a score by default.
"""

import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from partimento.errors import MidiError
from partimento.evaluation.infilling import excerpt
from partimento.music.bars import bar_starts
from partimento.music.difference import Difference, compare
from partimento.music.lines import line_names
from partimento.music.midi.reader import parse_midi, read_midi
from partimento.music.midi.writer import midi_bytes
from partimento.music.score import Score
from partimento.request.edit import Edit
from partimento.request.request import Request
from partimento.sampling.editing.edit import Alternative, edit_pieces
from partimento.sampling.editing.original import make_original
from partimento.sampling.editing.seams import seam_of
from partimento.sampling.engine import Engine
from partimento.sampling.provenance import without_provenance

COUNT = int(os.environ.get("PARTIMENTO_EDITS", "20"))
BARS = 24
"""Of a piece, from one of its bars on."""
TOGETHER = 20


@dataclass(frozen=True)
class Drawn:
    """An edit, and what it may change."""

    score: Score
    edit: Edit
    bars: frozenset[int]
    """Numbers, from 1."""
    lines: tuple[str, ...] | None
    """None: all lines."""
    further: int = 0
    """Lines that are added."""
    removed: int = 0
    instruments: tuple[str, ...] | None = None
    """Who is asked for."""


def draw(score: Score, rng: np.random.Generator) -> Drawn:
    """An edit of a score."""
    count = len(bar_starts(score))
    first = int(rng.integers(1, count + 1))
    last = min(count, first + int(rng.integers(4)))
    bars, some = f"{first}-{last}", frozenset(range(first, last + 1))
    everywhere = frozenset(range(1, count + 1))
    track = int(rng.integers(len(score.tracks)))
    line, name = str(track + 1), line_names(score)[track]
    choices = [
        Drawn(score, Edit(fill=bars), some, None),
        Drawn(score, Edit(fill=bars, line=line), some, (name,)),
        Drawn(score, Edit(reroll=line), everywhere, (name,)),
        Drawn(score, Edit(replace=(line,)), everywhere, (name,)),
        Drawn(score, Edit(replace=(line,)), everywhere, (name, "tuba"), 1, 1, ("tuba",)),
        Drawn(score, Edit(replace=(line,), bars=bars), some, (name, "oboe"), 1, 0, ("oboe",)),
        Drawn(score, Edit(add=("flute",)), everywhere, ("flute",), 1),
        Drawn(score, Edit(add=("drums",), bars=bars), some, ("drums",), 1),
        Drawn(score, Edit(accompany=("piano",)), everywhere, ("piano",), 1),
        Drawn(score, Edit(accompany=("harp",), bars=bars), some, ("harp",), 1),
        Drawn(score, Edit(loop=True), frozenset(seam_bars(score)), None),
    ]
    if not score.tracks[track].is_drum:
        voices = ("Alto", "Tenor", "Bass")
        choices.append(Drawn(score, Edit(harmonise="satb", line=line), everywhere, voices, 3))
    if len(score.tracks) > 1:
        choices.append(Drawn(score, Edit(remove=(line,)), everywhere, (name,), removed=1))
    return choices[int(rng.integers(len(choices)))]


def seam_bars(score: Score) -> list[int]:
    """Numbers of the bars that a loop of a score writes anew; none of one bar, which is no loop."""
    return [] if len(bar_starts(score)) < 2 else [bar + 1 for bar in seam_of(score).bars]


def check(drawn: Drawn, found: Difference) -> None:
    """Only what was asked for is different."""
    if drawn.edit.loop:
        check_loop(drawn, found)
        return
    # A further drum line has the channel, and so the kit and the pedals, of those that are there.
    known = {None, *line_names(drawn.score)}
    events = [change for change in found.events if change.line in known]
    assert {change.bar for change in found.notes} <= drawn.bars, drawn.edit
    assert not events or drawn.removed, (drawn.edit, events)
    added = sum(change.removed is None for change in found.lines)
    gone = sum(change.added is None for change in found.lines)
    assert added <= drawn.further, (drawn.edit, found.lines)
    # A line that is written anew may come out silent, and fall away.
    assert len(found.lines) - added <= max(gone, drawn.removed), (drawn.edit, found.lines)
    if drawn.lines is not None:
        lines = {plain(change.line) for change in found.notes}
        assert lines <= {*drawn.lines, *map(plain, drawn.lines)}, (drawn.edit, lines)


def plain(name: str) -> str:
    """The name of a line without the number that keeps it apart."""
    return name.removesuffix(" 2").removesuffix(" 3")


def check_loop(drawn: Drawn, found: Difference) -> None:
    """Only the last bars are different, the marks, and what is said and sounds on at the start."""
    seam = seam_of(drawn.score)
    start, last = found.bars[seam.first], found.bars[seam.end - 1]
    end = last.start + last.length
    for event in found.events:
        is_new = event.bar in drawn.bars or event.bar > seam.end
        assert is_new or (event.bar == seam.first + 1 and not event.removed), event
    for change in found.notes:
        if change.bar in drawn.bars:
            continue
        kept = [note for note in change.added if note.onset != start.start]
        cut = [replace(note, duration=end - note.onset) for note in change.removed]
        assert all(note.onset + note.duration >= end for note in change.removed), change
        assert {note.onset for note in kept} <= {note.onset for note in cut}, change
        assert all(note.onset + note.duration in (end, end - 1) for note in kept), change
        assert change.bar == seam.first + 1 or len(kept) == len(change.added), change


def check_ringing(before: Score, after: Score) -> None:
    """No key of a line is struck while it is down, unless it was so in the piece."""
    for track in after.tracks:
        old = {note for each in before.tracks for note in each.notes}
        until: dict[int, int] = {}
        for note in track.notes:
            if note not in old and note.onset < until.get(note.pitch, 0):
                raise AssertionError((track.name, note))
            until[note.pitch] = max(until.get(note.pitch, 0), note.onset + note.duration)


def test_what_is_outside_of_an_edit_is_equal(engine: Engine, corpus_files: list[Path]) -> None:
    rng = np.random.default_rng(COUNT)
    pieces = [read_midi(path)[0] for path in corpus_files]
    for first in range(0, COUNT, TOGETHER):
        drawn: list[Drawn] = []
        while len(drawn) < min(TOGETHER, COUNT - first):
            score = pieces[int(rng.integers(len(pieces)))]
            count = len(bar_starts(score))
            at = int(rng.integers(max(1, count - BARS)))
            try:
                found = draw(excerpt(score, at, min(BARS, count - at)), rng)
            except (MidiError, ValueError):
                continue  # silence
            if found.bars:
                drawn.append(found)
        wishes = [
            Alternative(
                make_original(each.score),
                each.edit,
                Request(seed=first + index, instruments=each.instruments),
            )
            for index, each in enumerate(drawn)
        ]
        for each, piece in zip(drawn, edit_pieces(wishes, engine), strict=True):
            assert piece is not None
            before, after = (
                parse_midi(midi_bytes(score), "")[0] for score in (each.score, piece.performance)
            )
            check(each, compare(before, without_provenance(after)))
            check_ringing(before, after)
