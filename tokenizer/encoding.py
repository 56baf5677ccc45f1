"""From a quantised score to its tokens."""

from bisect import bisect_right
from dataclasses import dataclass, field

import numpy as np

from partimento.errors import PartimentoError
from partimento.music.bars import Bar, bar_starts
from partimento.music.score import (
    GRID_TICKS_PER_QUARTER,
    Key,
    Score,
)
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.chord_line import chord_lines
from partimento.tokenizer.vocabulary import TokenArray
from partimento.tokenizer.voices import Event, split_voices

LINE_VELOCITY_HYSTERESIS = 12
"""How far a line's loudness must leave its dynamic before a new one is written; half the
distance between two dynamics is 8, so that played unevenness writes none."""
DRUM_VELOCITY_HYSTERESIS = 20
"""The same for each drum stroke: accents and ghost notes are the music there."""
_DURATION_INDEX = {ticks: index for index, ticks in enumerate(v.DURATIONS)}


@dataclass(frozen=True, slots=True)
class Encoding:
    """Tokens of a score, and what did not fit."""

    tokens: TokenArray
    """(T,) token ids."""
    dropped_notes: int
    """Notes beyond the sixteen lines that one instrument may have in a bar."""


@dataclass(slots=True)
class _Part:
    """A voice of a track, with its events by bar."""

    instrument: int
    events: dict[int, list[Event]]


@dataclass(slots=True)
class _Memory:
    """The dynamic in force on each line, kept as the cursor keeps it."""

    slots: dict[tuple[int, int], int] = field(default_factory=dict)
    """Slot of each line (instrument and number); the lines beyond the last slot share it."""
    dynamics: dict[int, int] = field(default_factory=dict)
    """Of each slot whose dynamic was ever written."""

    def slot(self, line: tuple[int, int]) -> int:
        """The slot of a line, a new one at its first appearance."""
        return self.slots.setdefault(line, min(len(self.slots), c.MAX_SLOTS - 1))


def encode(score: Score) -> Encoding:
    """Tokens of a score on the grid whose bars all have a meter of the vocabulary.

    ValueError when the score has no notes or does not stand on the grid.
    """
    bars = _checked_bars(score)
    parts = _parts(score, bars)
    tokens: list[int] = [v.BOS]
    if score.style is not None:
        tokens.append(v.STYLE + v.style_index(score.style))
    keys = [(key.tick, _key_index(key)) for key in score.keys]
    tempos = [(tempo.tick, v.tempo_index(tempo.bpm)) for tempo in score.tempos]
    key = _in_force(keys, bars[0].start)
    meter = v.METERS.index(bars[0].meter)
    tempo = _in_force(tempos, bars[0].start)
    if tempo is None:
        tempo = v.tempo_index(120.0)
    tokens += [] if key is None else [v.KEY + key]
    tokens += [v.METER + meter, v.TEMPO + tempo]
    chords = chord_lines(score.chords, bars)
    memory = _Memory()
    dropped = 0
    for index, bar in enumerate(bars):
        tokens.append(v.BAR)
        new_key = _in_force(keys, bar.start)
        if new_key is not None and new_key != key:
            key = new_key
            tokens.append(v.KEY + key)
        new_meter = v.METERS.index(bar.meter)
        if new_meter != meter:
            meter = new_meter
            tokens.append(v.METER + meter)
        new_tempo = _in_force(tempos, bar.start)
        if new_tempo is not None and new_tempo != tempo:
            tempo = new_tempo
            tokens.append(v.TEMPO + tempo)
        tokens += chords.get(index, [])
        dropped += _encode_lines(parts, index, bar, memory, tokens)
    tokens.append(v.EOS)
    return Encoding(np.array(tokens, np.uint16), dropped)


def _checked_bars(score: Score) -> list[Bar]:
    """List the bars; ValueError for what no token can say, with the remedy."""
    if score.ticks_per_quarter != GRID_TICKS_PER_QUARTER:
        raise PartimentoError(
            f"a score must have {GRID_TICKS_PER_QUARTER} ticks a quarter to be encoded, "
            f"got {score.ticks_per_quarter}; quantise it first"
        )
    bars = bar_starts(score)
    if not bars:
        raise PartimentoError("a score must have at least one note to be encoded, got none")
    for bar in bars:
        if bar.meter not in v.METERS or bar.length != v.BAR_TICKS[v.METERS.index(bar.meter)]:
            raise PartimentoError(
                f"no token means a bar of {bar.meter[0]}/{bar.meter[1]} with {bar.length} ticks, "
                f"found at tick {bar.start}; re-bar the score first"
            )
    for note in (note for track in score.tracks for note in track.notes):
        if note.duration not in _DURATION_INDEX:
            raise PartimentoError(
                f"no token means a note of {note.duration} ticks, found at tick {note.onset}; "
                "quantise the score first"
            )
    return bars


def _parts(score: Score, bars: list[Bar]) -> list[_Part]:
    """First voices of all tracks in score order, then second voices, and so on.

    So a part keeps its number among the lines of its instrument when another part divides.
    """
    starts = [bar.start for bar in bars]
    by_rank: dict[int, list[_Part]] = {}
    for track in score.tracks:
        instrument = v.DRUMS if track.is_drum else v.INSTRUMENT_OF_PROGRAM[track.program]
        for rank, voice in enumerate(split_voices(track)):
            events: dict[int, list[Event]] = {}
            for event in voice:
                events.setdefault(bisect_right(starts, event.onset) - 1, []).append(event)
            by_rank.setdefault(rank, []).append(_Part(instrument, events))
    return [part for rank in sorted(by_rank) for part in by_rank[rank]]


def _encode_lines(
    parts: list[_Part],
    index: int,
    bar: Bar,
    memory: _Memory,
    tokens: list[int],
) -> int:
    """Append the lines of one bar; return how many notes found no line."""
    last_sounding: dict[int, int] = {}
    for number, part in enumerate(parts):
        if index in part.events:
            last_sounding[part.instrument] = number
    occurrences: dict[int, int] = {}
    dropped = 0
    for number, part in enumerate(parts):
        if number > last_sounding.get(part.instrument, -1):
            continue
        events = part.events.get(index, [])
        occurrence = occurrences.get(part.instrument, 0)
        if occurrence >= c.MAX_OCCURRENCES:
            dropped += sum(len(event.pitches) for event in events)
            continue
        occurrences[part.instrument] = occurrence + 1
        tokens.append(v.INSTRUMENT + part.instrument)
        slot = memory.slot((part.instrument, occurrence))
        is_drum = part.instrument == v.DRUMS
        _encode_events(events, bar.start, is_drum, slot, memory.dynamics, tokens)
    return dropped


def _encode_events(
    events: list[Event],
    tick: int,
    is_drum: bool,
    slot: int,
    dynamics: dict[int, int],
    tokens: list[int],
) -> None:
    """Append rests, dynamics, pitches and durations of a line from the bar's first tick on."""
    velocities = sorted(event.velocity for event in events)
    for number, event in enumerate(events):
        tokens += rest_tokens(event.onset - tick)
        if is_drum or number == 0:
            velocity = event.velocity if is_drum else velocities[len(velocities) // 2]
            current = dynamics.get(slot, v.DEFAULT_DYNAMIC)
            nearest = v.velocity_index(velocity)
            hysteresis = DRUM_VELOCITY_HYSTERESIS if is_drum else LINE_VELOCITY_HYSTERESIS
            if nearest != current and abs(velocity - v.VELOCITIES[current]) > hysteresis:
                dynamics[slot] = nearest
                tokens.append(v.DYNAMIC + nearest)
        tokens += [v.PITCH + pitch for pitch in event.pitches]
        tokens.append(v.DURATION + _DURATION_INDEX[event.duration])
        tick = event.end


def rest_tokens(ticks: int) -> list[int]:
    """The fewest rests that together last so many ticks, longest first.

    >>> [v.name(token) for token in rest_tokens(97)]
    ['rest 96', 'rest 1']
    """
    tokens = []
    while ticks > 0:
        index = bisect_right(v.RESTS, ticks) - 1
        tokens.append(v.REST + index)
        ticks -= v.RESTS[index]
    return tokens


def _key_index(key: Key) -> int:
    return key.tonic + 12 * key.is_minor


def _in_force(changes: list[tuple[int, int]], tick: int) -> int | None:
    """The value of the last change at or before a tick."""
    index = bisect_right(changes, tick, key=lambda change: change[0]) - 1
    return changes[index][1] if index >= 0 else None
