"""From the tokens of a task to the score with what is new in it, played as what is around it."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from partimento.music.continuation import scaled
from partimento.music.dynamics import DYNAMICS
from partimento.music.expression import express
from partimento.music.lines import new_name
from partimento.music.score import Note, Score, Track
from partimento.music.splicing import Span, spliced
from partimento.music.swing import swing
from partimento.request.request import Request
from partimento.sampling.editing.tasks import Task
from partimento.sampling.editing.windows import Window
from partimento.sampling.instrument_parts import Player, asked_players, joined_notes
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.decoding import Decoder, LineNote
from partimento.tokenizer.vocabulary import TokenArray

LEAST_NOTES = 4
"""Kept notes of a line that tell how loud it is."""
_LEVEL = 16
"""Steps of velocity between two dynamics: how far new notes may be from the kept ones on the
whole."""
_UNEVEN = 10.0
"""Standard deviation of the velocities of parts that are played with all expression."""
_BANKS = (0, 32)
"""Controllers that choose a bank, which belongs to a program."""


@dataclass(frozen=True, slots=True)
class _Further:
    """A track that is added."""

    number: int
    instrument: int
    player: Player


_Target = int | _Further
"""Who plays new notes: a track of the score, by index, or a further one."""


def with_result(score: Score, window: Window, tokens: TokenArray, request: Request) -> Score:
    """The score with what the tokens of a window say of the bars that they write."""
    new, kept = _apart(Decoder().feed(tokens), window)
    places, task = window.outline.places, window.task
    loudness = _loudness(score, window, kept)
    parts: dict[_Target, list[Note]] = {}
    for line in new:
        placed = places.placed(line.note)
        if placed is not None and places.bar_at(line.note.onset) in task.bars:
            target = _target(line, window, request, len(score.tracks))
            parts.setdefault(target, []).append(placed)
    if request.dynamic is not None:
        parts = _with_dynamic(parts, request.dynamic)
    else:
        parts = {
            target: loudness.get(
                target if isinstance(target, int) else None, loudness[None]
            ).fitted(notes)
            for target, notes in parts.items()
        }
    score = _with_player(score, task, len(places.bars))
    tracks: list[Track] = []
    for target, notes in parts.items():
        if isinstance(target, int):
            track = score.tracks[target]
        else:
            named = replace(score, tracks=(*score.tracks, *tracks))
            program, is_drum = target.player.program, target.instrument == v.DRUMS
            name = new_name(named, target.player.name)
            track = Track((), 0 if is_drum else program, is_drum, name)
        tracks.append(replace(track, notes=joined_notes(notes), controls=()))
    meters = scaled(replace(score, tracks=()), places.resolution)
    spans = _spans(window)
    result = spliced(
        score,
        spans,
        range(len(score.tracks)) if task.role == "fill" else _cut(task),
        swing(replace(meters, tracks=tuple(tracks)), request.swing or 0.0),
        [target if isinstance(target, int) else None for target in parts],
        drops_silent=False,
    )
    return _expressed(result, score, spans, list(parts), request)


def without_silent(score: Score) -> Score:
    """The score without tracks that have no note, which no file keeps."""
    return replace(score, tracks=tuple(track for track in score.tracks if track.notes))


def _apart(found: Iterable[LineNote], window: Window) -> tuple[list[LineNote], list[LineNote]]:
    """The new notes and the kept ones, at their ticks in the piece."""
    starts = window.outline.places.token_starts
    new: list[LineNote] = []
    kept: list[LineNote] = []
    written = set(window.written)
    for line in found:
        onset = line.note.onset + starts[window.first]
        is_new = bisect_right(starts, onset) - 1 in written and (
            window.instrument is None
            or (line.instrument == window.instrument and line.occurrence >= window.others)
        )
        moved = line._replace(note=replace(line.note, onset=onset))
        (new if is_new else kept).append(moved)
    return new, kept


def _cut(task: Task) -> tuple[int, ...]:
    return () if task.role != "rewrite" or task.track is None else (task.track,)


def _target(line: LineNote, window: Window, request: Request, tracks: int) -> _Target:
    """Who plays a new note of a line."""
    task = window.task
    if task.role == "fill":
        own = window.targets.get((line.instrument, line.occurrence))
        if own is not None:
            return window.outline.lines[own]
        asked = asked_players(request.instruments).get(line.instrument, [])
        usual = Player(v.INSTRUMENTS[line.instrument], v.REPRESENTATIVE_PROGRAMS[line.instrument])
        return _Further(line.instrument, line.instrument, asked[-1] if asked else usual)
    if task.role == "rewrite" and task.track is not None:
        is_everywhere = len(task.bars) == len(window.outline.places.bars)
        if not task.players or is_everywhere:
            return task.track
    number = min(line.occurrence - window.others, len(task.players) - 1)
    return _Further(number, *task.players[number])


def _with_player(score: Score, task: Task, bars: int) -> Score:
    """The score with the track that another player takes over from beginning to end."""
    if task.role != "rewrite" or not task.players or len(task.bars) < bars or task.track is None:
        return score
    instrument, player = task.players[0]
    is_drum = instrument == v.DRUMS
    old = score.tracks[task.track]
    controls = tuple(
        c for c in old.controls if c.kind != "kit" and (c.kind, c.number) not in _BANK_CONTROLS
    )
    tracks = list(score.tracks)
    name = new_name(score, player.name)
    program = 0 if is_drum else player.program
    tracks[task.track] = replace(
        old, name=name, program=program, is_drum=is_drum, controls=controls
    )
    return replace(score, tracks=tuple(tracks))


_BANK_CONTROLS = tuple(("control", number) for number in _BANKS)


def _spans(window: Window) -> list[Span]:
    """The ticks of the score that a task writes anew."""
    spans: list[Span] = []
    for bar in window.task.bars:
        start, length, _ = window.outline.places.bars[bar]
        if spans and spans[-1].end == start:
            spans[-1] = Span(spans[-1].start, start + length)
        else:
            spans.append(Span(start, start + length))
    return spans


@dataclass(frozen=True, slots=True)
class _Loudness:
    """How loud kept notes are, in the file and in the tokens."""

    heard: float = v.VELOCITIES[v.DEFAULT_DYNAMIC]
    told: float = v.VELOCITIES[v.DEFAULT_DYNAMIC]

    def fitted(self, notes: list[Note]) -> list[Note]:
        """New notes as loud as the tokens say beside the kept ones, within a dynamic of them."""
        mean = float(np.mean([note.velocity for note in notes]))
        steps = min(max(mean - self.told, -_LEVEL), _LEVEL)
        return [_louder(note, self.heard + steps - mean) for note in notes]


def _loudness(
    score: Score, window: Window, kept: Sequence[LineNote]
) -> dict[int | None, _Loudness]:
    """How loud the kept notes of each track are around what is new; None: of all tracks."""
    places = window.outline.places
    own_bars = set(window.task.bars)
    told: dict[int | None, list[int]] = {}
    heard: dict[int | None, list[int]] = {}
    bars: set[int] = set()
    for line in kept:
        own = window.targets.get((line.instrument, line.occurrence))
        bar = places.bar_at(line.note.onset)
        if own is not None and bar is not None and (bar not in own_bars or window.is_whole):
            bars.add(bar)
            for key in (window.outline.lines[own], None):
                told.setdefault(key, []).append(line.note.velocity)
    starts = [bar.start for bar in places.bars]
    for index, track in enumerate(score.tracks):
        for note in track.notes:
            if bisect_right(starts, note.onset) - 1 in bars:
                for key in (index, None):
                    heard.setdefault(key, []).append(note.velocity)
    result: dict[int | None, _Loudness] = {None: _Loudness()}
    for key, values in told.items():
        if len(values) >= LEAST_NOTES and heard.get(key):
            result[key] = _Loudness(float(np.mean(heard[key])), float(np.mean(values)))
    return result


def _louder(note: Note, steps: float) -> Note:
    """A note some steps of velocity louder."""
    return replace(note, velocity=min(max(round(note.velocity + steps), 1), 127))


def _with_dynamic(parts: dict[_Target, list[Note]], dynamic: str) -> dict[_Target, list[Note]]:
    """New notes as loud as a dynamic on the whole."""
    velocities = [note.velocity for notes in parts.values() for note in notes]
    steps = v.VELOCITIES[DYNAMICS.index(dynamic)] - float(np.mean(velocities or [0]))
    return {target: [_louder(note, steps) for note in notes] for target, notes in parts.items()}


def _expressed(
    result: Score, before: Score, spans: Sequence[Span], targets: list[_Target], request: Request
) -> Score:
    """The score with new notes shaped as unevenly as the kept ones are played."""
    factor = result.ticks_per_quarter // before.ticks_per_quarter
    spans = [Span(span.start * factor, span.end * factor) for span in spans]
    kept = [
        [note.velocity for note in track.notes if not any(note.onset * factor in s for s in spans)]
        for track in before.tracks
    ]
    own = [kept[target] for target in targets if isinstance(target, int)]
    spread = [np.std(values) for values in own or kept if len(values) >= LEAST_NOTES]
    amount = min(request.expression, float(np.mean(spread)) / _UNEVEN if spread else 0.0)
    seed = 0 if request.is_greedy else request.seed or 0
    played = express(result, amount, seed)
    further = iter(range(len(before.tracks), len(result.tracks)))
    places = {t if isinstance(t, int) else next(further, len(result.tracks)) for t in targets}
    tracks = list(result.tracks)
    for index in places & set(range(len(tracks))):
        notes = zip(tracks[index].notes, played.tracks[index].notes, strict=True)
        shaped = tuple(new if any(n.onset in s for s in spans) else n for n, new in notes)
        tracks[index] = replace(tracks[index], notes=shaped)
    return replace(result, tracks=tuple(tracks))
