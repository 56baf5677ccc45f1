"""The cursor: where the music stands after the tokens so far.

One state machine serves three users. The codec asks which notes the tokens mean, the grammar
(`grammar.py`) which tokens may follow, and the model what already sounds at the next token
(`features.py`). It is computed from the past only, by `walk.py`, so it is the same in training
and decoding.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from partimento.tokenizer import echo
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.compilation import compiled

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
T = v.MAX_BAR_TICKS


class Cursor(NamedTuple):
    """State of the walk: plain arrays, changed in place by `walk.advance`."""

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
    echo_tables: Int32Array
    """(kinds, orders, places) position plus one of the entry that ends a context (0: none)."""
    echo_entries: Int16Array
    """(kinds, REMEMBERED, 5) what was written; columns as in echo.py."""
    echo_lines: Int32Array
    """(kinds, MAX_SLOTS, LINE_COLUMNS) where each line stands; columns as in echo.py."""
    echo_counts: Int32Array
    """(kinds,) entries so far."""


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
        echo_tables=np.zeros((len(echo.KINDS), 3, 1 << echo.TABLE_BITS), np.int32),
        echo_entries=np.zeros((len(echo.KINDS), echo.REMEMBERED, 5), np.int16),
        echo_lines=np.zeros((len(echo.KINDS), MAX_SLOTS, echo.LINE_COLUMNS), np.int32),
        echo_counts=np.zeros(len(echo.KINDS), np.int32),
    )
    reset(cursor, total_bars, first_bar)
    return cursor


@compiled
def reset(cursor: Cursor, total_bars: int, first_bar: int) -> None:
    """Put the cursor back before the first token, in place."""
    s = cursor.scalars
    s[:] = 0
    s[STYLE] = s[KEY] = s[METER] = s[TEMPO] = s[INSTRUMENT] = s[SLOT] = -1
    s[BAR] = s[CHORD_ROOT] = s[CHORD_QUALITY] = -1
    s[TOTAL_BARS], s[FIRST_BAR] = total_bars, first_bar
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
    echo.forget(cursor.echo_tables, cursor.echo_lines, cursor.echo_counts)
