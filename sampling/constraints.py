"""The player's wishes as a mask: narrows what the grammar allows to what the plan allows.

Compiled by numba and called by every engine after `grammar.allowed`. The rules leave at least
one token wherever the grammar does: a line that may not end yet may always go on.
"""

import numpy as np

from partimento.sampling.compilation import compiled
from partimento.sampling.plan import FREE, SKIP, Plan, Rule, step_at
from partimento.sampling.voice_leading import lead_voices, lowest_sounding
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.compilation import as_int, inner, spliced

HEADER_BLOCKS = np.array(
    [[v.STYLE, v.DYNAMIC], [v.KEY, v.METER], [v.METER, v.TEMPO], [v.TEMPO, v.STYLE]], np.int32
)
"""First id and end of the blocks of the header: style, key, meter, tempo."""
DRUM_STYLE = v.STYLES.index("drums")


@compiled
def constrain(cursor: c.Cursor, plan: Plan, mask: c.ByteArray) -> None:
    """Clear what the plan forbids in the mask (SIZE,) of the grammar, in place."""
    phase = cursor.scalars[c.PHASE]
    if phase < c.AFTER_TEMPO:
        _constrain_header(cursor, plan, mask)
        return
    if phase == c.AFTER_BAR or phase == c.AFTER_BAR_KEY or phase == c.AFTER_BAR_METER:
        # Changes that were asked for are forced; the piece keeps its key, meter and tempo.
        mask[v.KEY : v.STYLE] = 0
    mask[v.HOLE] = 0
    # What ends the prompt's last bar keeps to the first step's rule, but owes it nothing.
    step = step_at(cursor.scalars, plan.steps_before)
    rules, rule = plan.rules, plan.rule_of[max(step, 0)]
    if not rules.may_label[rule]:
        mask[v.ROOT : v.SIZE] = 0
        if phase == c.AFTER_ROOT:
            mask[v.QUALITY : v.NO_CHORD] = 1
    _constrain_pitches(cursor, rules, rule, mask)
    if step >= 0 and rules.must_close[rule] and cursor.scalars[c.INSTRUMENT] != v.DRUMS:
        _close_on_tonic(cursor, mask)
    if phase == c.AFTER_PITCH and not rules.may_ring[rule]:
        _end_in_bar(cursor, mask)
    if phase >= c.AFTER_BAR:
        _constrain_lines(cursor, rules, rule, step >= 0, mask)
    if step >= 0 and rules.leads_voices[rule]:
        lead_voices(cursor, rules.voice_ranges[rule], mask)


@inner
def _constrain_header(cursor: c.Cursor, plan: Plan, mask: c.ByteArray) -> None:
    """Keep the first header block that is not skipped and has not been written, in place."""
    phase = cursor.scalars[c.PHASE]
    if phase == c.BEGIN:
        return
    for i in range(phase - c.AFTER_BOS, 4):
        first, end = HEADER_BLOCKS[i]
        wish = plan.header[i]
        if i == 1 and wish == FREE and cursor.scalars[c.STYLE] == DRUM_STYLE:
            wish = SKIP
        if wish == SKIP:
            continue
        for token in range(v.SIZE):
            if not first <= token < end or (wish >= 0 and token != first + wish):
                mask[token] = 0
        if i == 0 and wish == FREE:
            # A piece for drums alone must be asked for.
            mask[v.STYLE + DRUM_STYLE] = 0
        return


@spliced
def _constrain_pitches(cursor: c.Cursor, rules: Rule, rule: int, mask: c.ByteArray) -> None:
    """Pitches of the key, the range and the instrument, in place."""
    instrument = cursor.scalars[c.INSTRUMENT]
    kind = 1 if instrument == v.DRUMS else 0
    low = rules.lowest[rule, instrument] if instrument >= 0 else 0
    high = rules.highest[rule, instrument] if instrument >= 0 else 127
    for pitch in range(128):
        if not rules.pitches[rule, kind, pitch] or pitch < low or pitch > high:
            mask[v.PITCH + pitch] = 0


@inner
def _close_on_tonic(cursor: c.Cursor, mask: c.ByteArray) -> None:
    """Where the bar begins, and in its second half, the key's chord on its root, in place.

    The root is for the lowest line. Between these places a voice may still step to its last
    note. Where the chord's notes are not left to a line, it is free.
    """
    s = cursor.scalars
    key = s[c.KEY]
    is_free = s[c.TICK] > 0 and 2 * s[c.TICK] < s[c.LENGTH]
    if key < 0 or is_free:
        return
    bass = (
        -1
        if _awaits_lower_line(cursor)
        else lowest_sounding(cursor, as_int(cursor.scalars[c.TICK]))
    )
    # Chords are written downwards: one that has begun may still reach the root.
    root = 128
    is_open = s[c.PHASE] == c.AFTER_PITCH
    if is_open:
        root = key % 12
        while root < 128 and not mask[v.PITCH + root]:
            root += 12
        if root < 128 and s[c.LOWEST] < bass and (s[c.LOWEST] - key) % 12 != 0:
            for token in range(v.DURATION, v.REST):
                mask[token] = 0
    least = min(bass, root)
    has_any = is_open
    for pitch in range(128):
        if mask[v.PITCH + pitch] and _closes(pitch, key, least):
            has_any = True
    if not has_any:
        return
    for pitch in range(128):
        if not _closes(pitch, key, least):
            mask[v.PITCH + pitch] = 0


@inner
def _closes(pitch: int, key: int, bass: int) -> bool:
    """Whether a pitch is the tonic, or above the bass and of the tonic's chord."""
    above = (pitch - key) % 12
    return above == 0 or (pitch > bass and (above == (3 if key >= 12 else 4) or above == 7))


@inner
def _awaits_lower_line(cursor: c.Cursor) -> bool:
    """Whether a line that played in the bar before, below the open one, is still to come."""
    s = cursor.scalars
    entry = (s[c.BAR] - 1) % c.HISTORY_BARS
    if cursor.history_bars[entry, 0] != s[c.BAR] - 1:
        return False
    own = cursor.slot_state[s[c.SLOT], 0]
    for instrument in range(len(v.INSTRUMENTS)):
        if instrument == v.DRUMS:
            continue
        for occurrence in range(cursor.occurrences[instrument], c.MAX_OCCURRENCES):
            slot = cursor.slot_of[instrument, occurrence]
            if slot < 0 or not 0 < cursor.slot_state[slot, 0] < own:
                continue
            for tick in range(cursor.history_bars[entry, 1]):
                if cursor.history[entry, slot, tick, 0]:
                    return True
    return False


@inner
def _end_in_bar(cursor: c.Cursor, mask: c.ByteArray) -> None:
    """Forbid durations that ring past the bar, in place."""
    s = cursor.scalars
    for i in range(len(v.DURATIONS)):
        if s[c.TICK] + v.DURATIONS[i] > s[c.LENGTH]:
            mask[v.DURATION + i] = 0


@spliced
def _constrain_lines(
    cursor: c.Cursor, rules: Rule, rule: int, is_new: bool, mask: c.ByteArray
) -> None:
    """Which instruments may follow, and whether the bar may end, in place."""
    s = cursor.scalars
    line_is_empty = s[c.PHASE] == c.IN_LINE and s[c.TICK] == 0
    lines_are_full = s[c.LINE] >= rules.most_together[rule]
    missing = False
    for instrument in range(len(v.INSTRUMENTS)):
        count = cursor.occurrences[instrument]
        lacks = (
            is_new
            and count < rules.least_lines[rule, instrument]
            and not (rules.may_rest[rule] and _has_played(cursor, instrument, count))
        )
        missing = missing or lacks
        if count >= rules.most_lines[rule, instrument] or (lines_are_full and not lacks):
            mask[v.INSTRUMENT + instrument] = 0
    # What was asked for is heard throughout, and the piece begins and ends with a note.
    must_break_silence = is_new and rules.must_sound[rule] and not cursor.onsets.any()
    must_sound = line_is_empty and (
        must_break_silence
        or (
            is_new
            and rules.least_lines[rule, s[c.INSTRUMENT]] >= cursor.occurrences[s[c.INSTRUMENT]]
            and not (rules.may_rest[rule] and _has_played(cursor, s[c.INSTRUMENT], s[c.OCCURRENCE]))
        )
    )
    if must_sound:
        mask[v.INSTRUMENT : v.KEY] = 0
    if must_sound or missing or must_break_silence:
        mask[v.BAR] = 0
        mask[v.EOS] = 0
        mask[v.FILL] = 0


@inner
def _has_played(cursor: c.Cursor, instrument: int, number: int) -> bool:
    """Whether a line of an instrument struck a note in each of the two bars before."""
    slot = cursor.slot_of[instrument, min(number, c.MAX_OCCURRENCES - 1)]
    if slot < 0:
        return False
    for back in range(1, 3):
        bar = cursor.scalars[c.BAR] - back
        entry = bar % c.HISTORY_BARS
        if bar < 0 or cursor.history_bars[entry, 0] != bar:
            return False
        played = False
        for tick in range(cursor.history_bars[entry, 1]):
            if cursor.history[entry, slot, tick, 0]:
                played = True
                break
        if not played:
            return False
    return True
