"""The echo: what followed the last time that this passage occurred, at constant cost a token.

A state of fixed size cannot look up what came next the last time; the cursor can. What a line
writes is remembered as entries, each with a link to the one before it in its line. Tables hold,
by a hash of the last n entries, where that context ended last. A find is compared entry by entry,
so what is shown has really occurred, and how long the match is is known.

Four kinds of entries are kept apart. *In the line*: tokens of one line, a mark at each start of a
bar among them. *In any key*: tokens of any line, a pitch written as its distance from the line's
last pitch, so that sequences, imitation and transposed returns are found. *Shape* and *rhythm*:
these distances alone, and durations and rests alone, so that a tune is known in another rhythm,
and a rhythm with other notes.
"""

import numpy as np
import numpy.typing as npt

from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.compilation import inner, spliced

IN_LINE, ANY_KEY, SHAPE, RHYTHM = range(4)
KINDS = ("echo", "echo_in_any_key", "echo_of_shape", "echo_of_rhythm")
"""Names of the features that say what followed."""
ORDERS = ((3, 6, 12), (5, 8, 12), (4, 6, 10), (6, 10, 16))
"""Lengths of the contexts of each kind, in entries; the longest that is found counts."""
TABLE_BITS = 13
"""Contexts of one order: 2 ** 13; one that falls on another's place displaces it."""
REMEMBERED = 4096
"""Entries of each kind that are remembered; a power of two."""
MAX_LENGTH = 32
"""Entries of a match that are counted."""

# Columns of Cursor.echo_entries: what the entry is, the slot of its line, what followed it (-1:
# not known yet), the tick after it, and how many entries back the one before it in its line is.
CODE, LINE, NEXT, AT, BACK = range(5)
# Columns of Cursor.echo_lines: position of a line's last entry, its last pitch, and the places of
# the contexts that end there, one of each order. Each is -1 when there is none.
LAST, LAST_PITCH, PLACE = range(3)
LINE_COLUMNS = PLACE + 3

Int32Array = npt.NDArray[np.int32]
Int16Array = npt.NDArray[np.int16]

_WITHIN = REMEMBERED - 1
_MARK = v.SIZE
"""Entry of the start of a bar."""
_INTERVAL = 1000
"""Entry of a pitch, plus its distance from the line's last one."""
_ORDERS = np.array(ORDERS, np.int32)
_PLACES = np.uint64((1 << TABLE_BITS) - 1)
# FNV-1a, 64 bits, with a shift that brings high bits down: http://www.isthe.com/chongo/tech/comp/fnv/
_HASH_START = np.uint64(0xCBF29CE484222325)
_HASH_PRIME = np.uint64(0x100000001B3)
_SHIFT = np.uint64(29)


# These take the cursor's arrays, not the cursor: a call with a tuple counts the references of all
# arrays that it holds, which would take ten times as long as the echo itself.
@inner
def forget(tables: Int32Array, lines: Int32Array, counts: Int32Array) -> None:
    """Forget all entries, in place."""
    tables[:] = 0
    lines[:] = -1
    counts[:] = 0


@inner
def hear(
    tables: Int32Array,
    entries: Int16Array,
    lines: Int32Array,
    counts: Int32Array,
    token: int,
    line_before: int,
    line: int,
    tick: int,
) -> None:
    """Take in a token that the cursor has read, in place.

    `line_before` and `line` are the slots of the open line before and after it (-1: none), and
    `tick` is where the line stands after it.
    """
    if line_before >= 0:
        _close(tables, entries, lines, counts, IN_LINE, line_before, token)
    if token >= v.INSTRUMENT and token < v.KEY:
        _append(entries, lines, counts, IN_LINE, line, _MARK, tick)
    is_between = token < v.PITCH or (token >= v.INSTRUMENT and token < v.DYNAMIC)
    if line_before < 0 or line < 0 or is_between:
        return
    _append(entries, lines, counts, IN_LINE, line, token, tick)
    if token >= v.DYNAMIC:
        return
    code = token
    if token < v.DURATION:
        pitch = token - v.PITCH
        code = _INTERVAL + pitch - lines[ANY_KEY, line, LAST_PITCH]
        lines[ANY_KEY, line, LAST_PITCH] = pitch
    _close(tables, entries, lines, counts, ANY_KEY, line, code)
    _append(entries, lines, counts, ANY_KEY, line, code, tick)
    kind = SHAPE if token < v.DURATION else RHYTHM
    _close(tables, entries, lines, counts, kind, line, code)
    _append(entries, lines, counts, kind, line, code, tick)


@spliced
def _close(
    tables: Int32Array,
    entries: Int16Array,
    lines: Int32Array,
    counts: Int32Array,
    kind: int,
    line: int,
    code: int,
) -> None:
    """Note what follows the last entry of a line, so that it can be found, in place."""
    last = lines[kind, line, LAST]
    if last < 0 or counts[kind] - last > REMEMBERED:
        return
    entries[kind, last & _WITHIN, NEXT] = code
    for order in range(3):
        place = lines[kind, line, PLACE + order]
        if place >= 0:
            tables[kind, order, place] = last + 1


@inner
def _append(
    entries: Int16Array,
    lines: Int32Array,
    counts: Int32Array,
    kind: int,
    line: int,
    code: int,
    tick: int,
) -> None:
    """Add an entry to a line, and find the places of the contexts that it ends, in place."""
    at = counts[kind]
    counts[kind] = at + 1
    last = lines[kind, line, LAST]
    row = at & _WITHIN
    entries[kind, row, CODE] = code
    entries[kind, row, LINE] = line
    entries[kind, row, NEXT] = -1
    entries[kind, row, AT] = tick
    entries[kind, row, BACK] = at - last if last >= 0 and at - last < REMEMBERED else 0
    lines[kind, line, LAST] = at
    code_hash = _HASH_START ^ np.uint64(line + 1 if kind == IN_LINE else 0)
    order = int(np.int64(0))
    position = at
    for length in range(1, _ORDERS[kind, 2] + 1):
        row = position & _WITHIN
        code_hash = (code_hash ^ np.uint64(entries[kind, row, CODE])) * _HASH_PRIME
        code_hash ^= code_hash >> _SHIFT
        if length == _ORDERS[kind, order]:
            lines[kind, line, PLACE + order] = np.int64(code_hash & _PLACES)
            order += 1
        back = entries[kind, row, BACK]
        position -= back
        if back == 0 or at - position >= REMEMBERED:
            break
    for missing in range(order, 3):
        lines[kind, line, PLACE + missing] = -1


@inner
def recall(
    tables: Int32Array,
    entries: Int16Array,
    lines: Int32Array,
    counts: Int32Array,
    kind: int,
    line: int,
    tick: int,
    ids: Int16Array,
    column: int,
) -> None:
    """Write what followed the longest match of what the line wrote last into ids (F,), in place.

    In the column: the token plus one, 0 when there is no match. In the next one: entries that
    match, at most MAX_LENGTH, plus MAX_LENGTH when the match stood at the same tick of its bar.
    """
    count = counts[kind]
    for order in range(2, -1, -1):
        place = lines[kind, line, PLACE + order]
        if place < 0:
            continue
        position = tables[kind, order, place] - 1
        if position < 0 or count - position > REMEMBERED:
            continue
        row = position & _WITHIN
        if kind == IN_LINE and entries[kind, row, LINE] != line:
            continue
        length = _matching(entries, count, kind, position, lines[kind, line, LAST])
        if length >= _ORDERS[kind, order]:
            ids[column] = _token(lines[ANY_KEY, line, LAST_PITCH], entries[kind, row, NEXT]) + 1
            ids[column + 1] = length + (MAX_LENGTH if entries[kind, row, AT] == tick else 0)
            return


@inner
def _matching(entries: Int16Array, count: int, kind: int, position: int, last: int) -> int:
    """How many entries before and at two positions are equal, at most MAX_LENGTH."""
    for length in range(MAX_LENGTH):
        row, last_row = position & _WITHIN, last & _WITHIN
        if entries[kind, row, CODE] != entries[kind, last_row, CODE]:
            return length
        back, last_back = entries[kind, row, BACK], entries[kind, last_row, BACK]
        position -= back
        last -= last_back
        if back == 0 or last_back == 0 or count - position > REMEMBERED:
            return length + 1
    return MAX_LENGTH


@inner
def _token(last_pitch: int, code: int) -> int:
    """The token that an entry means after a line's last pitch; -1 beyond the 128 pitches."""
    if code < _INTERVAL - 128:
        return code
    pitch = last_pitch + code - _INTERVAL
    return v.PITCH + pitch if 0 <= pitch < 128 else -1
