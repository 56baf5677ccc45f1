"""Voices of a choir, kept in range, in order and out of parallels while they are written.

Lines are written from the highest voice down. A voice sings one note at a time, stays below the
one above it for the whole length of the note, and does not move with another voice from one
fifth to the next, or from one octave or unison to the next, while it has another way to go.
Compiled by numba and called by `constraints.constrain`.
"""

import numpy as np

from partimento.sampling.plan import VOICES, Integers
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.compilation import as_int, inner


@inner
def lead_voices(cursor: c.Cursor, ranges: Integers, mask: c.ByteArray) -> None:
    """Narrow the mask (SIZE,) of a line of the choir, `ranges` (VOICES, 2) of whose voices, in
    place; where nothing would be left, the stricter rules give way."""
    s = cursor.scalars
    voice = s[c.LINE] - 1
    if not 0 <= voice < VOICES:
        return
    if s[c.PHASE] == c.AFTER_PITCH:
        mask[v.PITCH : v.DURATION] = 0
        _end_before_crossing(cursor, mask)
        return
    tick = as_int(s[c.TICK])
    if tick >= s[c.LENGTH]:
        return
    top = _lowest_above(cursor, tick)
    if not _narrow(mask, as_int(ranges[voice, 0]), min(top, as_int(ranges[voice, 1]))):
        _narrow(mask, as_int(0), top)
    _avoid_parallels(cursor, mask)


@inner
def lowest_sounding(cursor: c.Cursor, tick: int) -> int:
    """The lowest melodic pitch that sounds at a tick of the bar; 128 when there is none."""
    for pitch in range(128):
        bits = cursor.sounding[0, tick, pitch // 64]
        if (bits >> np.uint64(pitch % 64)) & np.uint64(1):
            return pitch
    return 128


@inner
def _lowest_above(cursor: c.Cursor, tick: int) -> int:
    """The lowest pitch that the lines above sing at a tick of the bar; 128 when none does."""
    s = cursor.scalars
    lowest = 128
    for above in range(s[c.OCCURRENCE]):
        slot = as_int(cursor.slot_of[s[c.INSTRUMENT], above])
        # What rings over from the bar before is its last event.
        for back in range(2):
            bar = as_int(s[c.BAR]) - back
            entry = bar % c.HISTORY_BARS
            if bar < 0 or cursor.history_bars[entry, 0] != bar:
                break
            length = as_int(cursor.history_bars[entry, 1])
            at = tick if back == 0 else length - 1
            while at >= 0 and cursor.history[entry, slot, at, 0] == 0:
                at -= 1
            if at >= 0:
                until = at + v.DURATIONS[cursor.history[entry, slot, at, 1]]
                if until > tick + back * length:
                    lowest = min(lowest, as_int(cursor.history[entry, slot, at, 0]) - 1)
                break
    return lowest


@inner
def _narrow(mask: c.ByteArray, low: int, high: int) -> bool:
    """Keep the pitches of a range, unless there are none, in place; whether there are any."""
    for pitch in range(low, min(high, 127) + 1):
        if mask[v.PITCH + pitch]:
            for other in range(128):
                if not low <= other <= high:
                    mask[v.PITCH + other] = 0
            return True
    return False


@inner
def _end_before_crossing(cursor: c.Cursor, mask: c.ByteArray) -> None:
    """Forbid lengths under which a voice above goes below the open note, in place.

    The shortest length is always left.
    """
    s = cursor.scalars
    room = 1
    end = min(as_int(s[c.LENGTH]), c.T)
    while s[c.TICK] + room < end and _lowest_above(cursor, s[c.TICK] + room) >= s[c.LOWEST]:
        room += 1
    if s[c.TICK] + room >= end:
        return
    for i in range(1, len(v.DURATIONS)):
        if v.DURATIONS[i] > room:
            mask[v.DURATION + i] = 0


@inner
def _avoid_parallels(cursor: c.Cursor, mask: c.ByteArray) -> None:
    """Forbid pitches that move in parallels with a voice above, unless all do, in place."""
    s = cursor.scalars
    slot, tick = as_int(s[c.SLOT]), as_int(s[c.TICK])
    own = cursor.slot_state[slot, 0] - 1
    if own < 0:
        return
    entry = s[c.BAR] % c.HISTORY_BARS
    is_parallel = np.zeros(128, np.uint8)
    for above in range(s[c.OCCURRENCE]):
        other = cursor.slot_of[s[c.INSTRUMENT], above]
        now = as_int(cursor.history[entry, other, tick, 0]) - 1
        if other < 0 or now < 0:
            continue
        before = _pitch_before(cursor, as_int(other), tick)
        distance = (before - own) % 12
        if before < 0 or before == now or (distance != 0 and distance != 7):
            continue
        for pitch in range(128):
            if pitch != own and (now - pitch) % 12 == distance:
                is_parallel[pitch] = 1
    for pitch in range(128):
        if mask[v.PITCH + pitch] and not is_parallel[pitch]:
            for other_pitch in range(128):
                if is_parallel[other_pitch]:
                    mask[v.PITCH + other_pitch] = 0
            return


@inner
def _pitch_before(cursor: c.Cursor, slot: int, tick: int) -> int:
    """The last pitch that a line struck before a tick of this bar, in it or the bar before; -1
    when there is none."""
    bar = as_int(cursor.scalars[c.BAR])
    for back in range(2):
        entry = (bar - back) % c.HISTORY_BARS
        if bar - back < 0 or cursor.history_bars[entry, 0] != bar - back:
            return -1
        last = tick if back == 0 else as_int(cursor.history_bars[entry, 1])
        for at in range(min(last, c.T) - 1, -1, -1):
            if cursor.history[entry, slot, at, 0]:
                return as_int(cursor.history[entry, slot, at, 0]) - 1
    return -1
