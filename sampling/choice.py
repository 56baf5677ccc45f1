"""The choice of the next token of a piece: the one place where a token is decided.

Both engines call `choose` on the model's logits and then `read` on the token, compiled:

    forced?  -> the plan's tokens right after a step opens: no logits, no random number
    grammar -> constraints -> a bar that is too long must end -> the pulls of key, chord, sketch
    and lines -> temperature of the step, top-k, top-p, min-p -> softmax -> draw

**Loops.** Music repeats itself, so repetition is left alone until the last bars are literally
identical: three equal bars in a row, or a pattern of two bars three times. Then the next bar is
written with the temperature 1.5 times as high, and 1.5 times more for each further bar (or
pattern) that the loop goes on, up to 5. A temperature below 0.7 counts as 0.7 for that bar, and
narrow filters open to top-k 8, top-p 0.8 and min-p 0.1. The bar after that has the player's
settings again. A rule may leave loops alone, and a greedy choice, at temperature 0 or with a
top-k of 1, always does: it is the same for every seed.
Bars count as neighbours when they stand side by side in the piece: a bar that is left out, or a
filling elsewhere, begins anew.
"""

import numpy as np
import numpy.typing as npt

from partimento.sampling.chord_pull import BEATS, pull_lengths, pull_to_chord
from partimento.sampling.compilation import compiled
from partimento.sampling.constraints import constrain
from partimento.sampling.draw import draw, next_uniform
from partimento.sampling.filters import Logits, apply_mask, filter_logits
from partimento.sampling.key_pull import MEMORY, hear_event, pull_to_key
from partimento.sampling.line_pull import count_event, pull_lines
from partimento.sampling.pieces import (
    FORCED,
    FORCED_END,
    LOOP,
    SAME_AS_LAST,
    SAME_AS_SECOND_LAST,
    STEP_TOKENS,
    Piece,
    piece_at,
)
from partimento.sampling.plan import Plan, Rule, step_at
from partimento.sampling.sketch_pull import pull_to_sketch
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.compilation import as_int, inner, spliced
from partimento.tokenizer.features import write_features
from partimento.tokenizer.grammar import allowed
from partimento.tokenizer.walk import advance

MAX_BAR_TOKENS = 2000
"""A bar of more tokens must end; the longest of the corpus has 1,100."""

LOOP_FACTOR = 1.5
"""The temperature of a bar after a loop, times this for each repetition too many."""
LOOP_TEMPERATURES = (0.7, 5.0)
"""Least temperature before the factor, and most after it."""
LOOP_FILTERS = (8, 0.8, 0.1)
"""Least top-k, least top-p and most min-p of a bar after a loop."""

DURATIONS = np.array(v.DURATIONS, np.int64)

# FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/
_HASH_START = np.uint64(0xCBF29CE484222325)
_HASH_PRIME = np.uint64(0x100000001B3)


@spliced
def choose(piece: Piece, logits: Logits, mask: c.ByteArray) -> int:
    """Id of the next token of a piece; -1 when none is possible, which is a bug.

    Changes the logits (V,) and the scratch mask (V,) in place, and advances the piece's random
    numbers by one, unless the token was forced. The token is still to be read.
    """
    counters = piece.counters
    if counters[FORCED] < counters[FORCED_END]:
        token = as_int(piece.plan.forced[counters[FORCED]])
        counters[FORCED] += 1
        return token
    allowed(piece.cursor, mask)
    constrain(piece.cursor, piece.plan, mask)
    step = step_at(piece.cursor.scalars, piece.plan.steps_before)
    if step < 0:
        _open_after_prompt(mask)
    if counters[STEP_TOKENS] >= MAX_BAR_TOKENS:
        _end_bar(mask)
    apply_mask(logits, mask)
    rules, rule = piece.plan.rules, piece.plan.rule_of[max(step, 0)]
    _pull(piece, rules, rule, step, logits)
    temperature = float(piece.plan.temperatures[max(step, 0)])
    top_k = as_int(rules.top_k[rule])
    top_p, min_p = rules.top_p[rule], rules.min_p[rule]
    is_greedy = temperature == 0 or top_k == 1
    if counters[LOOP] > 0 and rules.breaks_loops[rule] and not is_greedy:
        least, most = LOOP_TEMPERATURES
        temperature = min(max(temperature, least) * LOOP_FACTOR ** counters[LOOP], most)
        top_k = max(top_k, LOOP_FILTERS[0]) if top_k > 0 else 0
        top_p = max(top_p, LOOP_FILTERS[1])
        min_p = min(min_p, LOOP_FILTERS[2])
    filter_logits(logits, temperature, top_k, top_p, min_p)
    return int(draw(logits, next_uniform(piece.random)))


@spliced
def _pull(piece: Piece, rules: Rule, rule: int, step: int, logits: Logits) -> None:
    """Weigh the events of a melodic line by the key and the chords in force, in place."""
    s = piece.cursor.scalars
    if s[c.INSTRUMENT] < 0 or s[c.INSTRUMENT] == v.DRUMS:
        return
    if s[c.KEY] >= 0:
        power = float(rules.key_return[rule])
        pull_to_key(logits, s[c.KEY], rules.key_weights[rule], power, piece.heard)
    tick = min(s[c.TICK], c.T - 1)
    root, quality = piece.cursor.chords[tick, 0], piece.cursor.chords[tick, 1]
    if 0 <= root < 12:
        is_on_beat = tick % BEATS[max(s[c.METER], 0)] == 0
        weights = rules.chord_weights[rule]
        pull_to_chord(logits, root, quality, is_on_beat, weights)
        if s[c.PHASE] == c.AFTER_PITCH:
            pitches, chords = (
                piece.cursor.pending[: s[c.PENDING]],
                piece.cursor.chords[: s[c.LENGTH]],
            )
            pull_lengths(logits, pitches, chords, tick, _next_chord(piece.plan, step), weights)
    if s[c.BAR] < piece.plan.pulled_bars:
        pull_to_sketch(logits, s, piece.cursor.onsets[0], piece.plan.pull[s[c.BAR]])
    if piece.plan.aims.max() >= 0:
        pull_lines(logits, s, _last_pitch(piece.cursor), _beat(s), piece.plan.aims, piece.counts)


@inner
def _last_pitch(cursor: c.Cursor) -> int:
    """The top pitch of the last event of the open line; -1 where there was none."""
    return as_int(cursor.slot_state[cursor.scalars[c.SLOT], 0]) - 1


@inner
def _beat(s: c.Int32Array) -> int:
    """Ticks of a beat where a cursor stands."""
    return as_int(BEATS[max(s[c.METER], 0)])


@inner
def _next_chord(plan: Plan, step: int) -> tuple[int, int]:
    """Root and quality of the first chord that the next step opens with; -1 when it has none."""
    if step + 2 < len(plan.forced_starts):
        for place in range(plan.forced_starts[step + 1], plan.forced_starts[step + 2]):
            token = as_int(plan.forced[place])
            if v.ROOT <= token < v.QUALITY:
                return token - v.ROOT, as_int(plan.forced[place + 1]) - v.QUALITY
    return as_int(-1), as_int(-1)


@spliced
def read(piece: Piece, token: int) -> None:
    """Take a token into the piece, in place: cursor, forced tokens, and the watch for loops."""
    s = piece.cursor.scalars
    if v.DURATION <= token < v.REST and s[c.PENDING] > 0 and s[c.INSTRUMENT] != v.DRUMS:
        pitches, ticks = piece.cursor.pending[: s[c.PENDING]], DURATIONS[token - v.DURATION]
        hear_event(piece.heard, pitches, ticks)
        count_event(piece.counts, s, pitches, _last_pitch(piece.cursor), _beat(s), ticks)
    last, was_left_out = s[c.BAR], s[c.PHASE] == c.AFTER_HOLE
    opens = token == v.BAR or token == v.FILL
    if not opens:
        piece.hashes[0] = (piece.hashes[0] ^ np.uint64(token)) * _HASH_PRIME
        piece.counters[STEP_TOKENS] += 1
    elif last >= 0:
        _close_bar(piece)
    advance(piece.cursor, token)
    if opens:
        for pitch_class in range(12):
            piece.heard[pitch_class] *= np.float32(MEMORY)
        if was_left_out or s[c.BAR] != last + 1:
            _forget_bars(piece)
        _open_step(piece)


@inner
def _open_step(piece: Piece) -> None:
    """Count and hash from nothing, and look up what must come first, in place."""
    piece.hashes[0] = _HASH_START
    piece.counters[STEP_TOKENS] = 0
    step = step_at(piece.cursor.scalars, piece.plan.steps_before)
    if step >= 0:
        piece.counters[FORCED] = piece.plan.forced_starts[step]
        piece.counters[FORCED_END] = piece.plan.forced_starts[step + 1]


@inner
def _close_bar(piece: Piece) -> None:
    """Compare the bar that ends to the two before it, in place."""
    counters, hashes = piece.counters, piece.hashes
    for column, before in ((SAME_AS_LAST, 1), (SAME_AS_SECOND_LAST, 2)):
        counters[column] = counters[column] + 1 if hashes[0] == hashes[before] else 0
    hashes[2] = hashes[1]
    hashes[1] = hashes[0]
    # A A A: two bars are like the last one. A B A B A B: four are like the second last.
    loop = max(counters[SAME_AS_LAST] - 1, counters[SAME_AS_SECOND_LAST] // 2 - 1)
    counters[LOOP] = max(loop, 0)


@inner
def _forget_bars(piece: Piece) -> None:
    """Begin anew with the watch for loops, in place."""
    counters, hashes = piece.counters, piece.hashes
    counters[SAME_AS_LAST] = counters[SAME_AS_SECOND_LAST] = counters[LOOP] = 0
    hashes[:] = 0


@inner
def _open_after_prompt(mask: c.ByteArray) -> None:
    """Keep only BAR and FILL, in place, as soon as one may follow: the prompt is complete."""
    bar, fill = mask[v.BAR], mask[v.FILL]
    if bar or fill:
        mask[:] = 0
        mask[v.BAR], mask[v.FILL] = bar, fill


@inner
def _end_bar(mask: c.ByteArray) -> None:
    """Keep what ends the bar or else what ends the open event, where there is such a token."""
    ends = mask[v.BAR] or mask[v.EOS] or mask[v.FILL]
    closes = mask[v.DURATION : v.REST].any()
    for token in range(v.SIZE):
        is_end = token == v.BAR or token == v.EOS or token == v.FILL
        is_length = v.DURATION <= token < v.REST
        if (ends and not is_end) or (not ends and closes and not is_length):
            mask[token] = 0


@compiled
def choose_tokens(
    pieces: Piece,
    slots: npt.NDArray[np.int64],
    logits: npt.NDArray[np.float32],
    mask: c.ByteArray,
    tokens: npt.NDArray[np.int64],
) -> None:
    """`choose` for the pieces in some slots (N,) from logits (N, V), into tokens (N,)."""
    for row in range(len(slots)):
        tokens[row] = choose(piece_at(pieces, slots[row]), logits[row], mask)


@compiled
def read_tokens(
    pieces: Piece,
    slots: npt.NDArray[np.int64],
    tokens: npt.NDArray[np.int64],
    ids: c.Int16Array,
    sounding: c.ByteArray,
) -> None:
    """`read` tokens (N,) into the pieces of slots (N,), and write what the model sees beside
    each: features (N, F) and sounding entries (N, S), all in place."""
    for row in range(len(slots)):
        piece = piece_at(pieces, slots[row])
        read(piece, tokens[row])
        write_features(piece.cursor, ids[row], sounding[row])


def describe(pieces: Piece, slot: int) -> str:
    """Where the piece of a slot stands, for an error message."""
    state = pieces.cursor.scalars[slot]
    return (
        f"{c.PHASES[state[c.PHASE]]}, bar {state[c.BAR] + 1} of {state[c.TOTAL_BARS]}, "
        f"tick {state[c.TICK]} of {state[c.LENGTH]}, line {state[c.LINE]}"
    )
