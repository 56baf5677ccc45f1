"""From tokens to the score that they mean."""

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


def decode(tokens: TokenArray | list[int]) -> Score:
    """The score that tokens mean; a track for each line, numbered within its instrument.

    The sequence may stop anywhere (an unfinished event is left out). ValueError where the
    grammar forbids a token.
    """
    wide = np.asarray(tokens, np.int64)
    # What does not fit sixteen bits must not wrap around into a legal token.
    array = np.where((wide >= 0) & (wide < v.SIZE), wide, v.SIZE).astype(np.uint16)
    cursor = c.new_cursor()
    illegal = first_illegal(cursor, array)
    if illegal >= 0:
        raise PartimentoError(
            f"token number {illegal} ({v.name(int(wide[illegal]))}) cannot stand here: "
            f"{c.PHASES[cursor.scalars[c.PHASE]]}"
        )
    c.reset(cursor, 0, 0)
    state = cursor.scalars
    notes: dict[tuple[int, int], list[Note]] = {}
    changes = _Changes()
    for token in array.tolist():
        if v.DURATION <= token < v.REST:
            ticks = v.DURATIONS[token - v.DURATION]
            onset = int(state[c.BAR_START] + state[c.TICK])
            if state[c.PHASE] == c.AFTER_CHORD:
                root, quality = int(state[c.CHORD_ROOT]), int(state[c.CHORD_QUALITY])
                changes.add_chord(onset, ticks, root, quality)
            else:
                velocity = v.VELOCITIES[cursor.slot_state[state[c.SLOT], 1]]
                line = notes.setdefault((int(state[c.INSTRUMENT]), int(state[c.OCCURRENCE])), [])
                for pitch in cursor.pending[: state[c.PENDING]].tolist():
                    line.append(Note(onset, pitch, ticks, velocity))
        c.advance(cursor, token)
        if v.KEY <= token < v.DYNAMIC:
            changes.add(token, max(int(state[c.BAR_START]), 0))
    return Score(
        ticks_per_quarter=GRID_TICKS_PER_QUARTER,
        tracks=tuple(
            _track(instrument, occurrence, notes[instrument, occurrence])
            for instrument, occurrence in notes
        ),
        tempos=tuple(changes.tempos.values()),
        meters=tuple(changes.meters.values()),
        keys=tuple(changes.keys.values()),
        chords=tuple(sorted(changes.chords, key=lambda chord: chord.onset)),
        style=changes.style,
    )


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
