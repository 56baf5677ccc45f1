"""What the model sees beside each token: integers and a multi-hot vector, from the cursor.

F features, S sounding entries, T time.
"""

import numpy as np
import numpy.typing as npt

from partimento.tokenizer import echo
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.compilation import as_int, compiled, spliced
from partimento.tokenizer.cursor import (
    BAR,
    CHORD_QUALITY,
    CHORD_ROOT,
    FIRST_BAR,
    HISTORY_BARS,
    INSTRUMENT,
    KEY,
    LENGTH,
    LINE,
    MAX_OCCURRENCES,
    METER,
    OCCURRENCE,
    PHASE,
    PHASES,
    SLOT,
    STYLE,
    TICK,
    TOTAL_BARS,
    ByteArray,
    Cursor,
    Int16Array,
    T,
)
from partimento.tokenizer.walk import advance

LAGS = (1, 2, 4, 8)
"""How many bars back the model is shown what this line did at this tick."""
MAX_BARS_LEFT = 32

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
    *(
        (name, size)
        for kind in echo.KINDS
        for name, size in ((kind, v.SIZE + 1), (f"{kind}_length", 2 * echo.MAX_LENGTH + 1))
    ),
)
"""Name and number of values of each derived feature, in column order."""
SOUNDING_WIDTH = 128 + 12
"""Pitches, then pitch classes, that sound at the cursor (multi-hot)."""


def column(name: str) -> int:
    """Where a feature stands among the columns."""
    return [known for known, _ in FEATURES].index(name)


F_PHASE = column("phase")
F_TICK = column("tick")
F_TICKS_LEFT = column("ticks_left")
F_METER = column("meter")
F_KEY = column("key")
F_STYLE = column("style")
F_BAR = column("bar")
F_BARS_LEFT = column("bars_left")
F_INSTRUMENT = column("instrument")
F_OCCURRENCE = column("occurrence")
F_LINE = column("line")
F_DYNAMIC = column("dynamic")
F_CHORD_ROOT = column("chord_root")
F_CHORD_QUALITY = column("chord_quality")
F_LAST_PITCH = column("last_pitch")
F_LOWEST_SOUNDING = column("lowest_sounding")
F_ONSET_HERE = column("onset_here")
F_NEXT_ONSET = column("next_onset")
F_PITCHES_AGO = column(f"pitch_{LAGS[0]}_bars_ago")
F_LENGTHS_AGO = column(f"length_{LAGS[0]}_bars_ago")
F_ECHO = column(echo.KINDS[0])

_LAGS = np.array(LAGS, np.int32)


@compiled
def write_features(cursor: Cursor, ids: Int16Array, sounding: ByteArray) -> None:
    """Write the derived features of the next token into ids (F,) and sounding (S,), in place."""
    s = cursor.scalars
    ids[:] = 0
    sounding[:] = 0
    tick = min(s[TICK], T)
    ids[F_PHASE] = s[PHASE]
    ids[F_TICK] = tick
    ids[F_TICKS_LEFT] = max(s[LENGTH] - tick, 0)
    ids[F_METER] = s[METER] + 1
    ids[F_KEY] = s[KEY] + 1
    ids[F_STYLE] = s[STYLE] + 1
    if s[BAR] >= 0:
        ids[F_BAR] = (s[BAR] + s[FIRST_BAR]) % 16
    if s[TOTAL_BARS] > 0:
        ids[F_BARS_LEFT] = 1 + min(max(s[TOTAL_BARS] - s[BAR] - 1, 0), MAX_BARS_LEFT)
    ids[F_LINE] = min(s[LINE], 15)
    if s[SLOT] < 0 or tick >= s[LENGTH]:
        if s[CHORD_ROOT] >= 0:
            ids[F_CHORD_ROOT] = s[CHORD_ROOT] + 1
            ids[F_CHORD_QUALITY] = s[CHORD_QUALITY] + 1
    elif cursor.chords[tick, 0] >= 0:
        ids[F_CHORD_ROOT] = cursor.chords[tick, 0] + 1
        ids[F_CHORD_QUALITY] = cursor.chords[tick, 1] + 1
    if s[SLOT] < 0:
        return
    ids[F_INSTRUMENT] = s[INSTRUMENT] + 1
    ids[F_OCCURRENCE] = s[OCCURRENCE]
    ids[F_DYNAMIC] = cursor.slot_state[s[SLOT], 1] + 1
    ids[F_LAST_PITCH] = cursor.slot_state[s[SLOT], 0]
    for kind in range(len(echo.KINDS)):
        echo.recall(
            cursor.echo_tables, cursor.echo_entries, cursor.echo_lines, cursor.echo_counts,
            kind, s[SLOT], s[TICK], ids, F_ECHO + 2 * kind,
        )  # fmt: skip
    if tick >= s[LENGTH]:
        return
    kind = 1 if s[INSTRUMENT] == v.DRUMS else 0
    _write_sounding(cursor, kind, tick, ids, sounding)
    ids[F_ONSET_HERE] = cursor.onsets[kind, tick]
    for t in range(tick + 1, s[LENGTH]):
        if cursor.onsets[kind, t]:
            ids[F_NEXT_ONSET] = t - tick
            break
    for i in range(len(_LAGS)):
        _write_lag(cursor, tick, i, ids)


@spliced
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
                if ids[F_LOWEST_SOUNDING] == 0:
                    ids[F_LOWEST_SOUNDING] = pitch + 1
                sounding[pitch] = 1
                if kind == 0:
                    sounding[128 + pitch % 12] = 1


@spliced
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
        ids[F_PITCHES_AGO + i] = line[tick, 0] + 1
        ids[F_LENGTHS_AGO + i] = line[tick, 1] + 1
        return
    ids[F_PITCHES_AGO + i] = 1
    ticks = 64
    for t in range(tick + 1, min(tick + 64, cursor.history_bars[entry, 1])):
        if line[t, 0]:
            ticks = t - tick
            break
    ids[F_LENGTHS_AGO + i] = 64 + ticks


@compiled
def featurize(
    cursor: Cursor, tokens: npt.NDArray[np.uint16], ids: Int16Array, sounding: ByteArray
) -> None:
    """Walk tokens (T,) and write what the model sees beside each: (T, F) and (T, S), in place.

    Row t is the state after token t: where token t + 1 will stand.
    """
    for t in range(len(tokens)):
        advance(cursor, as_int(tokens[t]))
        write_features(cursor, ids[t], sounding[t])
