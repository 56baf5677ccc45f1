"""From tokens to the score that they mean, at once or as they come."""

from copy import deepcopy
from typing import NamedTuple

import numpy as np

from partimento.errors import PartimentoError
from partimento.music.score import (
    GRID_TICKS_PER_QUARTER,
    Chord,
    Key,
    Meter,
    Note,
    Score,
    Tempo,
    Track,
)
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.grammar import first_illegal
from partimento.tokenizer.vocabulary import TokenArray
from partimento.tokenizer.walk import advance


class LineNote(NamedTuple):
    """A note, and the line that plays it."""

    instrument: int
    occurrence: int
    """Number of the line among those of its instrument."""
    note: Note


class Decoder:
    """Reads tokens as they come, and knows what they mean so far."""

    def __init__(self) -> None:
        self._checked, self._cursor = c.new_cursor(), c.new_cursor()
        self._count = 0
        self._notes: dict[tuple[int, int], list[Note]] = {}
        self._changes = _Changes()

    def feed(self, tokens: TokenArray | list[int]) -> list[LineNote]:
        """Read further tokens (T,); the notes that they finish.

        They may stop anywhere; a note comes with its length, whatever part of it was read before.
        ValueError where the grammar forbids a token, without reading any of these.
        """
        array = self._legal(tokens)
        state = self._cursor.scalars
        finished = []
        for token in array.tolist():
            if v.DURATION <= token < v.REST:
                finished += self._close(token - v.DURATION)
            advance(self._cursor, token)
            if v.KEY <= token < v.DYNAMIC:
                self._changes.add(token, max(int(state[c.BAR_START]), 0))
        for line in finished:
            self._notes.setdefault((line.instrument, line.occurrence), []).append(line.note)
        self._count += len(array)
        return finished

    def score(self) -> Score:
        """What was read so far, a track for each line; an unfinished event is left out."""
        changes = self._changes
        return Score(
            ticks_per_quarter=GRID_TICKS_PER_QUARTER,
            tracks=tuple(_track(*line, notes) for line, notes in self._notes.items()),
            tempos=tuple(changes.tempos.values()),
            meters=tuple(changes.meters.values()),
            keys=tuple(changes.keys.values()),
            chords=tuple(sorted(changes.chords, key=lambda chord: chord.onset)),
            style=changes.style,
        )

    def _legal(self, tokens: TokenArray | list[int]) -> TokenArray:
        """The tokens as an array; ValueError where the grammar forbids one."""
        wide = np.asarray(tokens, np.int64)
        # What does not fit sixteen bits must not wrap around into a legal token.
        array = np.where((wide >= 0) & (wide < v.SIZE), wide, v.SIZE).astype(np.uint16)
        illegal = first_illegal(self._checked, array)
        if illegal >= 0:
            phase = c.PHASES[self._checked.scalars[c.PHASE]]
            self._checked = deepcopy(self._cursor)
            raise PartimentoError(
                f"token number {self._count + illegal} ({v.name(int(wide[illegal]))}) "
                f"cannot stand here: {phase}"
            )
        return array

    def _close(self, duration_index: int) -> list[LineNote]:
        """The notes that a duration finishes; none for the one of a chord label, which is noted."""
        state = self._cursor.scalars
        ticks = v.DURATIONS[duration_index]
        onset = int(state[c.BAR_START] + state[c.TICK])
        if state[c.PHASE] == c.AFTER_CHORD:
            root, quality = int(state[c.CHORD_ROOT]), int(state[c.CHORD_QUALITY])
            self._changes.add_chord(onset, ticks, root, quality)
            return []
        velocity = v.VELOCITIES[self._cursor.slot_state[state[c.SLOT], 1]]
        line = (int(state[c.INSTRUMENT]), int(state[c.OCCURRENCE]))
        return [
            LineNote(*line, Note(onset, pitch, ticks, velocity))
            for pitch in self._cursor.pending[: state[c.PENDING]].tolist()
        ]


def decode(tokens: TokenArray | list[int]) -> Score:
    """The score that tokens mean; a track for each line, numbered within its instrument.

    The sequence may stop anywhere (an unfinished event is left out). ValueError where the
    grammar forbids a token.
    """
    decoder = Decoder()
    decoder.feed(tokens)
    return decoder.score()


class _Changes:
    """Collects what the header, change and chord tokens say; the last one at a tick counts."""

    def __init__(self) -> None:
        self.style: str | None = None
        self.tempos: dict[int, Tempo] = {}
        self.meters: dict[int, Meter] = {}
        self.keys: dict[int, Key] = {}
        self.chords: list[Chord] = []

    def add(self, token: int, tick: int) -> None:
        if token >= v.STYLE:
            self.style = v.STYLES[token - v.STYLE]
        elif token >= v.TEMPO:
            self.tempos[tick] = Tempo(tick, v.TEMPOS[token - v.TEMPO])
        elif token >= v.METER:
            self.meters[tick] = Meter(tick, *v.METERS[token - v.METER])
        else:
            self.keys[tick] = Key(tick, (token - v.KEY) % 12, token - v.KEY >= 12)

    def add_chord(self, onset: int, ticks: int, root: int, quality: int) -> None:
        name = "" if root == 12 else v.CHORD_QUALITIES[quality]
        self.chords.append(Chord(onset, ticks, None if root == 12 else root, name))


def _track(instrument: int, occurrence: int, notes: list[Note]) -> Track:
    """A track of one line; numbered when its instrument has several."""
    name = v.INSTRUMENTS[instrument]
    return Track(
        notes=tuple(sorted(notes)),
        program=v.REPRESENTATIVE_PROGRAMS[instrument],
        is_drum=instrument == v.DRUMS,
        name=name if occurrence == 0 else f"{name} {occurrence + 1}",
    )
