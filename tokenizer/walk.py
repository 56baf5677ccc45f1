"""The walk: how each token moves the cursor on.

Every function is compiled by numba and works on the cursor's plain arrays, so that a compiled
decode loop can call it.
"""

import numpy as np

from partimento.tokenizer import echo
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.compilation import compiled, inner, spliced
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
    CHORD_QUALITY,
    CHORD_ROOT,
    DONE,
    FILLED,
    HISTORY_BARS,
    HOLES,
    IN_LINE,
    INSTRUMENT,
    KEY,
    LENGTH,
    LINE,
    LOWEST,
    MAX_HOLES,
    MAX_OCCURRENCES,
    MAX_SLOTS,
    METER,
    NEXT_START,
    OCCURRENCE,
    PENDING,
    PHASE,
    SLOT,
    SLOTS,
    STYLE,
    TEMPO,
    TICK,
    Cursor,
    T,
)

_DURATIONS = np.array(v.DURATIONS, np.int32)
_RESTS = np.array(v.RESTS, np.int32)
_BAR_TICKS = np.array(v.BAR_TICKS, np.int32)


@inner
def _open_bar(cursor: Cursor, bar: int, start: int, keep_ringing: bool) -> None:
    """Clear the bar's own state and lay what still rings over its first ticks, in place."""
    s = cursor.scalars
    s[BAR], s[BAR_START], s[TICK], s[LINE] = bar, start, 0, 0
    s[INSTRUMENT] = s[SLOT] = -1
    s[OCCURRENCE] = s[PENDING] = 0
    cursor.chords[:] = -1
    cursor.sounding[:] = 0
    cursor.onsets[:] = 0
    cursor.occurrences[:] = 0
    entry = bar % HISTORY_BARS
    cursor.history[entry, : s[SLOTS]] = 0
    cursor.history_bars[entry, 0] = bar
    cursor.history_bars[entry, 1] = s[LENGTH]
    if not keep_ringing:
        # A filling stands before bars that were already written: nothing is known to ring.
        cursor.ringing[:] = 0
        cursor.slot_ringing[:] = 0
        return
    for kind in range(2):
        for pitch in range(128):
            until = cursor.ringing[kind, pitch]
            if until > start:
                _sound(cursor, kind, pitch, 0, int(until - start))


@inner
def _sound(cursor: Cursor, kind: int, pitch: int, tick: int, ticks: int) -> None:
    """Mark a pitch as sounding in the bar, in place."""
    bit = np.uint64(1) << np.uint64(pitch & 63)
    for t in range(tick, min(tick + ticks, T)):
        cursor.sounding[kind, t, pitch >> 6] |= bit


@inner
def _open_line(cursor: Cursor, instrument: int) -> None:
    """Start a line of an instrument, in place."""
    s = cursor.scalars
    occurrence = min(cursor.occurrences[instrument], MAX_OCCURRENCES - 1)
    cursor.occurrences[instrument] += 1
    slot = cursor.slot_of[instrument, occurrence]
    if slot < 0:
        slot = min(s[SLOTS], MAX_SLOTS - 1)
        if s[SLOTS] < MAX_SLOTS:
            s[SLOTS] += 1
            cursor.history[:, slot] = 0
        cursor.slot_of[instrument, occurrence] = slot
    s[SLOT], s[INSTRUMENT], s[OCCURRENCE], s[TICK] = slot, instrument, occurrence, 0
    s[LINE] += 1


@inner
def _close_event(cursor: Cursor, duration_index: int) -> None:
    """Sound the pending pitches and move the line's tick past them, in place."""
    s = cursor.scalars
    ticks = _DURATIONS[duration_index]
    kind = 1 if s[INSTRUMENT] == v.DRUMS else 0
    tick = s[TICK]
    until = s[BAR_START] + tick + ticks
    for i in range(s[PENDING]):
        pitch = cursor.pending[i]
        _sound(cursor, kind, pitch, int(tick), int(ticks))
        cursor.ringing[kind, pitch] = max(cursor.ringing[kind, pitch], until)
        cursor.slot_ringing[s[SLOT], pitch] = until
    cursor.onsets[kind, tick] = 1
    cursor.slot_state[s[SLOT], 0] = cursor.pending[0] + 1
    entry = s[BAR] % HISTORY_BARS
    cursor.history[entry, s[SLOT], tick, 0] = cursor.pending[0] + 1
    cursor.history[entry, s[SLOT], tick, 1] = duration_index
    s[PENDING] = 0
    s[TICK] = tick + ticks


@spliced
def _read_mark(cursor: Cursor, token: int) -> None:
    """Begin, end, open a bar, leave a bar out, or fill one that was left out, in place."""
    s = cursor.scalars
    if token == v.BOS:
        s[PHASE] = AFTER_BOS
    elif token == v.EOS:
        s[PHASE] = DONE
    elif token == v.BAR:
        start = s[NEXT_START]
        s[NEXT_START] = start + s[LENGTH]
        _open_bar(cursor, s[BARS], start, True)
        s[BARS] += 1
        s[PHASE] = AFTER_BAR
    elif token == v.HOLE:
        hole = cursor.holes[min(s[HOLES], MAX_HOLES - 1)]
        hole[0], hole[1], hole[2], hole[3] = s[BAR], s[BAR_START], s[METER], s[KEY]
        s[HOLES] += 1
        s[PHASE] = AFTER_HOLE
    elif token == v.FILL:
        hole = cursor.holes[min(s[FILLED], MAX_HOLES - 1)]
        s[FILLED] += 1
        s[METER], s[KEY] = hole[2], hole[3]
        s[LENGTH] = _BAR_TICKS[s[METER]]
        _open_bar(cursor, hole[0], hole[1], False)
        s[PHASE] = AFTER_FILL


@spliced
def _read_duration(cursor: Cursor, duration_index: int) -> None:
    """Close the chord label or the event that it follows, in place."""
    s = cursor.scalars
    if s[PHASE] == AFTER_CHORD:
        end = s[TICK] + _DURATIONS[duration_index]
        cursor.chords[s[TICK] : end, 0] = s[CHORD_ROOT]
        cursor.chords[s[TICK] : end, 1] = s[CHORD_QUALITY]
        s[TICK] = end
        s[PHASE] = AFTER_CHORD_DURATION
    else:
        _close_event(cursor, duration_index)
        s[PHASE] = IN_LINE


@spliced
def _read_setting(cursor: Cursor, token: int) -> None:
    """Take a key, meter, tempo or style, of the piece or of the bar, in place."""
    s = cursor.scalars
    if token < v.METER:
        s[KEY] = token - v.KEY
        s[PHASE] = AFTER_BAR_KEY if s[BARS] else AFTER_KEY
    elif token < v.TEMPO:
        s[METER] = token - v.METER
        s[LENGTH] = _BAR_TICKS[s[METER]]
        if s[BARS]:
            s[NEXT_START] = s[BAR_START] + s[LENGTH]
            cursor.history_bars[s[BAR] % HISTORY_BARS, 1] = s[LENGTH]
        s[PHASE] = AFTER_BAR_METER if s[BARS] else AFTER_METER
    elif token < v.STYLE:
        s[TEMPO] = token - v.TEMPO
        s[PHASE] = AFTER_BAR_TEMPO if s[BARS] else AFTER_TEMPO
    else:
        s[STYLE] = token - v.STYLE
        s[PHASE] = AFTER_STYLE


@spliced
def _read_chord(cursor: Cursor, token: int) -> None:
    """Take the root or the quality of a chord label, or that there is no chord, in place."""
    s = cursor.scalars
    if token < v.QUALITY:
        s[CHORD_ROOT] = token - v.ROOT
        s[PHASE] = AFTER_ROOT
    elif token < v.NO_CHORD:
        s[CHORD_QUALITY] = token - v.QUALITY
        s[PHASE] = AFTER_CHORD
    else:
        s[CHORD_ROOT], s[CHORD_QUALITY] = 12, -1
        s[PHASE] = AFTER_CHORD


@compiled
def advance(cursor: Cursor, token: int) -> None:
    """Read one token that the grammar allows, in place."""
    s = cursor.scalars
    line = s[SLOT]
    if token < v.PITCH:
        _read_mark(cursor, token)
    elif token < v.DURATION:
        cursor.pending[min(s[PENDING], 127)] = token - v.PITCH
        s[PENDING] = min(s[PENDING] + 1, 128)
        s[LOWEST] = token - v.PITCH
        s[PHASE] = AFTER_PITCH
    elif token < v.REST:
        _read_duration(cursor, token - v.DURATION)
    elif token < v.INSTRUMENT:
        s[TICK] += _RESTS[token - v.REST]
        s[PHASE] = AFTER_REST
    elif token < v.KEY:
        _open_line(cursor, token - v.INSTRUMENT)
        s[PHASE] = IN_LINE
    elif token < v.DYNAMIC:
        _read_setting(cursor, token)
    elif token < v.ROOT:
        cursor.slot_state[s[SLOT], 1] = token - v.DYNAMIC
        s[PHASE] = AFTER_DYNAMIC
    else:
        _read_chord(cursor, token)
    echo.hear(
        cursor.echo_tables, cursor.echo_entries, cursor.echo_lines, cursor.echo_counts,
        token, line, s[SLOT], s[TICK],
    )  # fmt: skip
