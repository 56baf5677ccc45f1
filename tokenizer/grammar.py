"""The grammar: which tokens may follow where a cursor stands.

    piece   = BOS style? key? meter tempo bar+ (FILL content)* EOS
    bar     = BAR key? meter? tempo? (content | HOLE)
    content = chords? line*
    chords  = ((root quality | none) duration)+       from the bar's first tick on, within it
    line    = instrument (rest* dynamic? pitch+ duration)*
              pitches descend; an event starts before the bar ends and may ring past it;
              an empty line keeps the count when an earlier part of its instrument is silent

A HOLE leaves a bar out; the FILLs after the last bar give the content of the holes in order.
"""

import numpy as np
import numpy.typing as npt

from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.compilation import as_int, compiled, inner
from partimento.tokenizer.cursor import (
    AFTER_BAR,
    AFTER_BAR_KEY,
    AFTER_BAR_METER,
    AFTER_BAR_TEMPO,
    AFTER_BOS,
    AFTER_CHORD,
    AFTER_CHORD_DURATION,
    AFTER_DYNAMIC,
    AFTER_FILL,
    AFTER_HOLE,
    AFTER_KEY,
    AFTER_METER,
    AFTER_PITCH,
    AFTER_REST,
    AFTER_ROOT,
    AFTER_STYLE,
    AFTER_TEMPO,
    BAR,
    BAR_START,
    BARS,
    BEGIN,
    DONE,
    FILLED,
    HOLES,
    IN_LINE,
    LENGTH,
    LOWEST,
    MAX_HOLES,
    MAX_OCCURRENCES,
    MAX_SLOTS,
    PHASE,
    SLOT,
    TICK,
    TOTAL_BARS,
    ByteArray,
    Cursor,
)
from partimento.tokenizer.walk import advance

_DURATIONS = np.array(v.DURATIONS, np.int32)
_RESTS = np.array(v.RESTS, np.int32)


@compiled
def allowed(cursor: Cursor, mask: ByteArray) -> None:
    """Set mask (SIZE,) to 1 where the grammar lets a token follow, else 0, in place."""
    s = cursor.scalars
    mask[:] = 0
    phase = s[PHASE]
    if phase == BEGIN:
        mask[v.BOS] = 1
    elif phase <= AFTER_TEMPO:
        if phase == AFTER_BOS:
            mask[v.STYLE : v.DYNAMIC] = 1
        if phase <= AFTER_STYLE:
            mask[v.KEY : v.METER] = 1
        if phase <= AFTER_KEY:
            mask[v.METER : v.TEMPO] = 1
        if phase == AFTER_METER:
            mask[v.TEMPO : v.STYLE] = 1
        if phase == AFTER_TEMPO:
            mask[v.BAR] = 1
    elif phase == AFTER_ROOT:
        mask[v.QUALITY : v.NO_CHORD] = 1
    elif phase == AFTER_CHORD:
        _allow_chord_lengths(cursor, mask)
    elif phase == AFTER_DYNAMIC:
        _allow_pitches(cursor, mask, 128)
    elif phase == AFTER_PITCH:
        _allow_pitches(cursor, mask, int(s[LOWEST]))
        _allow_lengths(cursor, mask)
    elif phase == AFTER_REST:
        _allow_event(cursor, mask)
    elif phase != DONE:
        if phase <= AFTER_BAR_TEMPO:
            _allow_changes(cursor, mask)
        is_before_lines = phase <= AFTER_BAR_TEMPO or phase in (AFTER_CHORD_DURATION, AFTER_FILL)
        if is_before_lines and s[TICK] < s[LENGTH]:
            mask[v.ROOT : v.QUALITY] = 1
            mask[v.NO_CHORD] = 1
        if phase == IN_LINE and s[TICK] < s[LENGTH]:
            _allow_event(cursor, mask)
        _allow_next_line(cursor, mask)


@inner
def _allow_changes(cursor: Cursor, mask: ByteArray) -> None:
    """After BAR: key, meter and tempo changes in this order, or a hole."""
    s = cursor.scalars
    if s[PHASE] == AFTER_BAR:
        mask[v.KEY : v.METER] = 1
    if s[PHASE] <= AFTER_BAR_KEY:
        mask[v.METER : v.TEMPO] = 1
    if s[PHASE] <= AFTER_BAR_METER:
        mask[v.TEMPO : v.STYLE] = 1
    if s[HOLES] < MAX_HOLES:
        mask[v.HOLE] = 1


@inner
def _allow_next_line(cursor: Cursor, mask: ByteArray) -> None:
    """Where a line may end: another line, the next bar, a filling, or the end of the piece."""
    s = cursor.scalars
    if s[PHASE] != AFTER_HOLE:
        for instrument in range(len(v.INSTRUMENTS)):
            if cursor.occurrences[instrument] < MAX_OCCURRENCES:
                mask[v.INSTRUMENT + instrument] = 1
    if s[FILLED] == 0 and (s[TOTAL_BARS] == 0 or s[BARS] < s[TOTAL_BARS]):
        mask[v.BAR] = 1
    if s[TOTAL_BARS] == 0 or s[BARS] >= s[TOTAL_BARS]:
        if s[FILLED] < s[HOLES]:
            mask[v.FILL] = 1
        else:
            mask[v.EOS] = 1


@inner
def _allow_event(cursor: Cursor, mask: ByteArray) -> None:
    """A pitch, a dynamic before it, or a rest that leaves room for a note in the bar."""
    s = cursor.scalars
    # Where every pitch still rings, no note could follow the dynamic or the rest.
    if _allow_pitches(cursor, mask, 128):
        mask[v.DYNAMIC : v.ROOT] = 1
        for i in range(len(v.RESTS)):
            if s[TICK] + _RESTS[i] < s[LENGTH]:
                mask[v.REST + i] = 1


@inner
def _allow_pitches(cursor: Cursor, mask: ByteArray, below: int) -> bool:
    """Pitches below the lowest of the open event that do not still ring; whether there are any."""
    s = cursor.scalars
    now = s[BAR_START] + s[TICK]
    found = False
    for pitch in range(below):
        if cursor.slot_ringing[s[SLOT], pitch] <= now or s[SLOT] == MAX_SLOTS - 1:
            mask[v.PITCH + pitch] = 1
            found = True
    return found


@inner
def _allow_lengths(cursor: Cursor, mask: ByteArray) -> None:
    """Every duration; in a piece of planned length none that rings past its end.

    The bars that are left are taken to be as long as this one.
    """
    s = cursor.scalars
    room = s[LENGTH] * (s[TOTAL_BARS] - s[BAR]) - s[TICK]
    for i in range(len(v.DURATIONS)):
        if s[TOTAL_BARS] == 0 or _DURATIONS[i] <= room:
            mask[v.DURATION + i] = 1


@inner
def _allow_chord_lengths(cursor: Cursor, mask: ByteArray) -> None:
    """Durations of a chord label: within the bar."""
    s = cursor.scalars
    for i in range(len(v.DURATIONS)):
        if s[TICK] + _DURATIONS[i] <= s[LENGTH]:
            mask[v.DURATION + i] = 1


@compiled
def first_illegal(cursor: Cursor, tokens: npt.NDArray[np.uint16]) -> int:
    """Index of the first token that the grammar forbids, -1 when there is none."""
    mask = np.zeros(v.SIZE, np.uint8)
    for t in range(len(tokens)):
        allowed(cursor, mask)
        token = as_int(tokens[t])
        if token >= v.SIZE or not mask[token]:
            return t
        advance(cursor, token)
    return -1
