"""The cursor: walks the tokens and knows where the music stands.

One state machine serves three users. The codec asks which notes the tokens mean, the
grammar which tokens may follow, and the model what already sounds at the next token. It is
computed from the past only, so it is the same in training and decoding. Every function is
compiled by numba and works on plain arrays, so that a compiled decode loop can call it.

    piece   = BOS style? key? meter tempo bar+ (FILL content)* EOS
    bar     = BAR key? meter? tempo? (content | HOLE)
    content = chords? line*
    chords  = ((root quality | none) duration)+       from the bar's first tick on, within it
    line    = instrument (rest* dynamic? pitch+ duration)*
              pitches descend; an event starts before the bar ends and may ring past it;
              an empty line keeps the count when an earlier part of its instrument is silent

A HOLE leaves a bar out; the FILLs after the last bar give the content of the holes in order.
"""

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from partimento.tokenizer import vocabulary as v

Int32Array = npt.NDArray[np.int32]
Int16Array = npt.NDArray[np.int16]
ByteArray = npt.NDArray[np.uint8]

# Phases: what the last token was, as far as it decides what may follow.
PHASES = (
    *("begin", "after BOS", "after style", "after key", "after meter", "after tempo"),
    *("after BAR", "after bar key", "after bar meter", "after bar tempo", "after chord root"),
    *("after chord", "after chord duration", "in line", "after dynamic", "after rest"),
    *("after pitch", "after HOLE", "after FILL", "done"),
)
BEGIN, AFTER_BOS, AFTER_STYLE, AFTER_KEY, AFTER_METER, AFTER_TEMPO = range(6)
AFTER_BAR, AFTER_BAR_KEY, AFTER_BAR_METER, AFTER_BAR_TEMPO, AFTER_ROOT = range(6, 11)
AFTER_CHORD, AFTER_CHORD_DURATION, IN_LINE, AFTER_DYNAMIC, AFTER_REST = range(11, 16)
AFTER_PITCH, AFTER_HOLE, AFTER_FILL, DONE = range(16, 20)

# Columns of Cursor.scalars.
SCALARS = (
    *("phase", "style", "key", "meter", "tempo", "bar", "bars", "first_bar", "total_bars"),
    *("bar_start", "next_start", "tick", "length", "line", "instrument", "occurrence"),
    *("slot", "slots", "pending", "lowest", "chord_root", "chord_quality", "holes", "filled"),
)
PHASE, STYLE, KEY, METER, TEMPO, BAR, BARS, FIRST_BAR, TOTAL_BARS = range(9)
BAR_START, NEXT_START, TICK, LENGTH, LINE, INSTRUMENT, OCCURRENCE = range(9, 16)
SLOT, SLOTS, PENDING, LOWEST, CHORD_ROOT, CHORD_QUALITY, HOLES, FILLED = range(16, 24)

MAX_OCCURRENCES = 16
"""Lines of one instrument in one bar."""
MAX_SLOTS = 48
"""Lines of a piece (instrument and occurrence) whose past is remembered."""
MAX_HOLES = 64
HISTORY_BARS = 16
LAGS = (1, 2, 4, 8)
"""How many bars back the model is shown what this line did at this tick."""
MAX_BARS_LEFT = 32
T = v.MAX_BAR_TICKS

FEATURES: tuple[tuple[str, int], ...] = (
    ("phase", len(PHASES)),
    ("tick", T + 1),
    ("ticks_left", T + 1),
    ("meter", len(v.METERS) + 1),
    ("key", len(v.KEYS) + 1),
    ("style", len(v.STYLES) + 1),
    ("bar", 16),
    ("bars_left", MAX_BARS_LEFT + 2),
    ("instrument", len(v.INSTRUMENTS) + 1),
    ("occurrence", MAX_OCCURRENCES),
    ("line", 16),
    ("dynamic", len(v.DYNAMICS) + 1),
    ("chord_root", 14),
    ("chord_quality", len(v.CHORD_QUALITIES) + 1),
    ("last_pitch", 129),
    ("lowest_sounding", 129),
    ("onset_here", 2),
    ("next_onset", T + 1),
    *((f"pitch_{lag}_bars_ago", 130) for lag in LAGS),
    *((f"length_{lag}_bars_ago", 129) for lag in LAGS),
)
"""Name and number of values of each derived feature, in column order."""
SOUNDING_WIDTH = 128 + 12
"""Pitches, then pitch classes, that sound at the cursor (multi-hot)."""


class Cursor(NamedTuple):
    """State of the walk: plain arrays, changed in place by `advance`."""

    scalars: Int32Array
    """(len(SCALARS),)"""
    pending: Int32Array
    """(128,) pitches of the open event."""
    sounding: npt.NDArray[np.uint64]
    """(2, T, 2) bit masks of pitches at each tick of the bar: melodic, drums."""
    chords: Int32Array
    """(T, 2) chord in force at each tick of the bar: root (12: no chord), quality; -1 unknown."""
    onsets: ByteArray
    """(2, T) whether a note starts at a tick of the bar: melodic, drums."""
    ringing: Int32Array
    """(2, 128) absolute tick until which a pitch sounds: melodic, drums."""
    slot_of: Int32Array
    """(instruments, MAX_OCCURRENCES) slot of a line, -1 when new."""
    occurrences: Int32Array
    """(instruments,) lines of each instrument so far in this bar."""
    slot_state: Int32Array
    """(MAX_SLOTS, 2) last top pitch plus one (0: none), dynamic."""
    slot_ringing: Int32Array
    """(MAX_SLOTS, 128) absolute tick until which a pitch sounds in a line."""
    history: ByteArray
    """(HISTORY_BARS, MAX_SLOTS, T, 2) top pitch plus one and duration index of each event."""
    history_bars: Int32Array
    """(HISTORY_BARS, 2) the bar number that each entry of history holds, and its length."""
    holes: Int32Array
    """(MAX_HOLES, 4) bar number, start, meter index and key of each hole."""


_DURATIONS = np.array(v.DURATIONS, np.int32)
_RESTS = np.array(v.RESTS, np.int32)
_BAR_TICKS = np.array(v.BAR_TICKS, np.int32)
_LAGS = np.array(LAGS, np.int32)


def new_cursor(total_bars: int = 0, first_bar: int = 0) -> Cursor:
    """A cursor before the first token.

    `total_bars` is the planned length (0: unknown); `first_bar` is where an excerpt starts
    within its piece.
    """
    instruments = len(v.INSTRUMENTS)
    cursor = Cursor(
        scalars=np.zeros(len(SCALARS), np.int32),
        pending=np.zeros(128, np.int32),
        sounding=np.zeros((2, T, 2), np.uint64),
        chords=np.full((T, 2), -1, np.int32),
        onsets=np.zeros((2, T), np.uint8),
        ringing=np.zeros((2, 128), np.int32),
        slot_of=np.zeros((instruments, MAX_OCCURRENCES), np.int32),
        occurrences=np.zeros(instruments, np.int32),
        slot_state=np.zeros((MAX_SLOTS, 2), np.int32),
        slot_ringing=np.zeros((MAX_SLOTS, 128), np.int32),
        history=np.zeros((HISTORY_BARS, MAX_SLOTS, T, 2), np.uint8),
        history_bars=np.zeros((HISTORY_BARS, 2), np.int32),
        holes=np.zeros((MAX_HOLES, 4), np.int32),
    )
    reset(cursor, total_bars, first_bar)
    return cursor


@numba.njit(cache=True, nogil=True)
def reset(cursor: Cursor, total_bars: int, first_bar: int) -> None:
    """Put the cursor back before the first token, in place."""
    s = cursor.scalars
    s[:] = 0
    s[STYLE] = s[KEY] = s[METER] = s[TEMPO] = s[INSTRUMENT] = s[SLOT] = -1
    s[BAR] = -1
    s[CHORD_ROOT] = s[CHORD_QUALITY] = -1
    s[TOTAL_BARS] = total_bars
    s[FIRST_BAR] = first_bar
    cursor.ringing[:] = 0
    cursor.slot_of[:] = -1
    cursor.slot_state[:, 0] = 0
    cursor.slot_state[:, 1] = v.DEFAULT_DYNAMIC
    cursor.slot_ringing[:] = 0
    cursor.history_bars[:] = -1
    cursor.chords[:] = -1
    cursor.sounding[:] = 0
    cursor.onsets[:] = 0
    cursor.occurrences[:] = 0


@numba.njit(cache=True, nogil=True)
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
                _sound(cursor, kind, pitch, 0, until - start)


@numba.njit(cache=True, nogil=True)
def _sound(cursor: Cursor, kind: int, pitch: int, tick: int, ticks: int) -> None:
    """Mark a pitch as sounding in the bar, in place."""
    bit = np.uint64(1) << np.uint64(pitch & 63)
    for t in range(tick, min(tick + ticks, T)):
        cursor.sounding[kind, t, pitch >> 6] |= bit


@numba.njit(cache=True, nogil=True)
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


@numba.njit(cache=True, nogil=True)
def _close_event(cursor: Cursor, duration_index: int) -> None:
    """Sound the pending pitches and move the line's tick past them, in place."""
    s = cursor.scalars
    ticks = _DURATIONS[duration_index]
    kind = 1 if s[INSTRUMENT] == v.DRUMS else 0
    tick = s[TICK]
    until = s[BAR_START] + tick + ticks
    for i in range(s[PENDING]):
        pitch = cursor.pending[i]
        _sound(cursor, kind, pitch, tick, ticks)
        cursor.ringing[kind, pitch] = max(cursor.ringing[kind, pitch], until)
        cursor.slot_ringing[s[SLOT], pitch] = until
    cursor.onsets[kind, tick] = 1
    cursor.slot_state[s[SLOT], 0] = cursor.pending[0] + 1
    entry = s[BAR] % HISTORY_BARS
    cursor.history[entry, s[SLOT], tick, 0] = cursor.pending[0] + 1
    cursor.history[entry, s[SLOT], tick, 1] = duration_index
    s[PENDING] = 0
    s[TICK] = tick + ticks


@numba.njit(cache=True, nogil=True)
def advance(cursor: Cursor, token: int) -> None:
    """Read one token that the grammar allows, in place."""
    s = cursor.scalars
    if token < v.PITCH:
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
    elif token < v.DURATION:
        cursor.pending[min(s[PENDING], 127)] = token - v.PITCH
        s[PENDING] = min(s[PENDING] + 1, 128)
        s[LOWEST] = token - v.PITCH
        s[PHASE] = AFTER_PITCH
    elif token < v.REST:
        if s[PHASE] == AFTER_CHORD:
            end = s[TICK] + _DURATIONS[token - v.DURATION]
            cursor.chords[s[TICK] : end, 0] = s[CHORD_ROOT]
            cursor.chords[s[TICK] : end, 1] = s[CHORD_QUALITY]
            s[TICK] = end
            s[PHASE] = AFTER_CHORD_DURATION
        else:
            _close_event(cursor, token - v.DURATION)
            s[PHASE] = IN_LINE
    elif token < v.INSTRUMENT:
        s[TICK] += _RESTS[token - v.REST]
        s[PHASE] = AFTER_REST
    elif token < v.KEY:
        _open_line(cursor, token - v.INSTRUMENT)
        s[PHASE] = IN_LINE
    elif token < v.METER:
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
    elif token < v.DYNAMIC:
        s[STYLE] = token - v.STYLE
        s[PHASE] = AFTER_STYLE
    elif token < v.ROOT:
        cursor.slot_state[s[SLOT], 1] = token - v.DYNAMIC
        s[PHASE] = AFTER_DYNAMIC
    elif token < v.QUALITY:
        s[CHORD_ROOT] = token - v.ROOT
        s[PHASE] = AFTER_ROOT
    elif token < v.NO_CHORD:
        s[CHORD_QUALITY] = token - v.QUALITY
        s[PHASE] = AFTER_CHORD
    else:
        s[CHORD_ROOT], s[CHORD_QUALITY] = 12, -1
        s[PHASE] = AFTER_CHORD


@numba.njit(cache=True, nogil=True)
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
        _allow_pitches(cursor, mask, s[LOWEST])
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


@numba.njit(cache=True, nogil=True)
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


@numba.njit(cache=True, nogil=True)
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


@numba.njit(cache=True, nogil=True)
def _allow_event(cursor: Cursor, mask: ByteArray) -> None:
    """A pitch, a dynamic before it, or a rest that leaves room for a note in the bar."""
    s = cursor.scalars
    # Where every pitch still rings, no note could follow the dynamic or the rest.
    if _allow_pitches(cursor, mask, 128):
        mask[v.DYNAMIC : v.ROOT] = 1
        for i in range(len(v.RESTS)):
            if s[TICK] + _RESTS[i] < s[LENGTH]:
                mask[v.REST + i] = 1


@numba.njit(cache=True, nogil=True)
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


@numba.njit(cache=True, nogil=True)
def _allow_lengths(cursor: Cursor, mask: ByteArray) -> None:
    """Every duration; in a piece of planned length none that rings past its end.

    The bars that are left are taken to be as long as this one.
    """
    s = cursor.scalars
    room = s[LENGTH] * (s[TOTAL_BARS] - s[BAR]) - s[TICK]
    for i in range(len(v.DURATIONS)):
        if s[TOTAL_BARS] == 0 or _DURATIONS[i] <= room:
            mask[v.DURATION + i] = 1


@numba.njit(cache=True, nogil=True)
def _allow_chord_lengths(cursor: Cursor, mask: ByteArray) -> None:
    """Durations of a chord label: within the bar."""
    s = cursor.scalars
    for i in range(len(v.DURATIONS)):
        if s[TICK] + _DURATIONS[i] <= s[LENGTH]:
            mask[v.DURATION + i] = 1


@numba.njit(cache=True, nogil=True)
def features(cursor: Cursor, ids: Int16Array, sounding: ByteArray) -> None:
    """Write the derived features of the next token into ids (F,) and sounding (S,), in place."""
    s = cursor.scalars
    ids[:] = 0
    sounding[:] = 0
    tick = min(s[TICK], T)
    ids[0] = s[PHASE]
    ids[1] = tick
    ids[2] = max(s[LENGTH] - tick, 0)
    ids[3] = s[METER] + 1
    ids[4] = s[KEY] + 1
    ids[5] = s[STYLE] + 1
    if s[BAR] >= 0:
        ids[6] = (s[BAR] + s[FIRST_BAR]) % 16
    if s[TOTAL_BARS] > 0:
        ids[7] = 1 + min(max(s[TOTAL_BARS] - s[BAR] - 1, 0), MAX_BARS_LEFT)
    ids[10] = min(s[LINE], 15)
    if s[SLOT] < 0 or tick >= s[LENGTH]:
        if s[CHORD_ROOT] >= 0:
            ids[12] = s[CHORD_ROOT] + 1
            ids[13] = s[CHORD_QUALITY] + 1
    elif cursor.chords[tick, 0] >= 0:
        ids[12] = cursor.chords[tick, 0] + 1
        ids[13] = cursor.chords[tick, 1] + 1
    if s[SLOT] < 0:
        return
    ids[8] = s[INSTRUMENT] + 1
    ids[9] = s[OCCURRENCE]
    ids[11] = cursor.slot_state[s[SLOT], 1] + 1
    ids[14] = cursor.slot_state[s[SLOT], 0]
    if tick >= s[LENGTH]:
        return
    kind = 1 if s[INSTRUMENT] == v.DRUMS else 0
    _write_sounding(cursor, kind, tick, ids, sounding)
    ids[16] = cursor.onsets[kind, tick]
    for t in range(tick + 1, s[LENGTH]):
        if cursor.onsets[kind, t]:
            ids[17] = t - tick
            break
    for i in range(len(_LAGS)):
        _write_lag(cursor, tick, i, ids)


@numba.njit(cache=True, nogil=True)
def _write_sounding(
    cursor: Cursor, kind: int, tick: int, ids: Int16Array, sounding: ByteArray
) -> None:
    """Pitches and pitch classes sounding at a tick, and the lowest of them, in place."""
    for word in range(2):
        bits = cursor.sounding[kind, tick, word]
        if bits == 0:
            continue
        for i in range(64):
            if (bits >> np.uint64(i)) & np.uint64(1):
                pitch = word * 64 + i
                if ids[15] == 0:
                    ids[15] = pitch + 1
                sounding[pitch] = 1
                if kind == 0:
                    sounding[128 + pitch % 12] = 1


@numba.njit(cache=True, nogil=True)
def _write_lag(cursor: Cursor, tick: int, i: int, ids: Int16Array) -> None:
    """What this line did at this tick some bars ago: pitch and length of note or wait, in place.

    Pitch: 0 nothing known, 1 no note starts, 2 + top pitch. Length: 0 nothing known,
    1 + duration index of the note, or 64 + ticks (at most 64) until the next one.
    """
    s = cursor.scalars
    bar = s[BAR] - _LAGS[i]
    entry = bar % HISTORY_BARS
    if bar < 0 or cursor.history_bars[entry, 0] != bar or tick >= cursor.history_bars[entry, 1]:
        return
    line = cursor.history[entry, s[SLOT]]
    if line[tick, 0]:
        ids[18 + i] = line[tick, 0] + 1
        ids[18 + len(LAGS) + i] = line[tick, 1] + 1
        return
    ids[18 + i] = 1
    ticks = 64
    for t in range(tick + 1, min(tick + 64, cursor.history_bars[entry, 1])):
        if line[t, 0]:
            ticks = t - tick
            break
    ids[18 + len(LAGS) + i] = 64 + ticks


@numba.njit(cache=True, nogil=True)
def featurize(
    cursor: Cursor, tokens: npt.NDArray[np.uint16], ids: Int16Array, sounding: ByteArray
) -> None:
    """Walk tokens (T,) and write what the model sees beside each: (T, F) and (T, S), in place.

    Row t is the state after token t: where token t + 1 will stand.
    """
    for t in range(len(tokens)):
        advance(cursor, tokens[t])
        features(cursor, ids[t], sounding[t])


@numba.njit(cache=True, nogil=True)
def first_illegal(cursor: Cursor, tokens: npt.NDArray[np.uint16]) -> int:
    """Index of the first token that the grammar forbids, -1 when there is none."""
    mask = np.zeros(v.SIZE, np.uint8)
    for t in range(len(tokens)):
        allowed(cursor, mask)
        if tokens[t] >= v.SIZE or not mask[tokens[t]]:
            return t
        advance(cursor, tokens[t])
    return -1
