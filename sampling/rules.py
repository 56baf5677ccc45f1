"""From a request to the rules of its bars: what the first, the last and all others are held to."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from partimento.errors import SettingError
from partimento.music.instrument_ranges import HAS_VOICES
from partimento.music.instruments import find_family
from partimento.music.keys import KeyName
from partimento.music.pitch import name_note
from partimento.music.scales import SCALES
from partimento.request.request import Request
from partimento.sampling.chord_pull import chord_weights
from partimento.sampling.ensembles import LINES_EACH, Ensemble, indices
from partimento.sampling.key_pull import RETURN, key_weights
from partimento.sampling.plan import VOICES, Rule
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.vocabulary import TokenArray

MAX_LINES = 10
"""Lines of a bar when the player names no instruments; 99 % of the corpus' bars have fewer."""
GUITARS = find_family("guitar")
DRUM_KEYS = range(35, 82)
"""The keys of the General MIDI drum map."""
NARROW_RANGE = 24
"""Allowed pitches below which no note rings over a bar line: one that still rings cannot be
struck again in its line, and a line must never run out of pitches."""

Tokens = Sequence[int]


def rules_of_steps(
    request: Request,
    prompt: TokenArray,
    style: int,
    new_bars: int,
    forced: Sequence[Tokens],
    ensemble: Ensemble,
) -> list[Rule]:
    """The rule of each step: the first one shows the instruments, the last bar closes the piece."""
    before = int((prompt == v.BAR).sum())
    is_open = request.chords is None or request.chords.is_open
    instruments = ensemble.players
    pitches = _pitches(request, prompt)
    most = _most_lines(instruments, indices(request.without), style)
    lowest, highest = _ranges(ensemble, pitches[0])
    room = [int(pitches[0, lowest[i] : highest[i] + 1].sum()) for i in {*instruments} - {v.DRUMS}]
    usual = Rule(
        pitches=pitches,
        key_weights=key_weights(_key_pull(request)),
        # A primer may be elsewhere than its signature: new music stays with it, unless it is told.
        key_return=np.array(
            0.0 if before and request.key is None else RETURN * _key_pull(request), np.float32
        ),
        chord_weights=chord_weights(request.chord_pull if request.chords else 0.0),
        most_lines=most,
        least_lines=_counts(instruments if ensemble.is_heard else ()),
        may_rest=np.array(True),
        lowest=lowest,
        highest=highest,
        most_together=np.array(most.sum() if instruments else MAX_LINES, np.int32),
        may_ring=np.array(min([int(pitches[0].sum()), *room]) >= NARROW_RANGE),
        may_label=np.array(before == 0 and is_open),
        must_sound=np.array(False),
        must_close=np.array(False),
        top_k=np.array(request.top_k or 0, np.int32),
        top_p=np.array(request.top_p, np.float64),
        min_p=np.array(request.min_p, np.float64),
        breaks_loops=np.array(not request.allow_loops),
        leads_voices=np.array(False),
        voice_ranges=np.array([(0, 127)] * VOICES, np.int32),
    )
    bars = _bars_of_steps(prompt, new_bars, forced)
    written = [step for step, opening in enumerate(forced) if v.HOLE not in opening]
    rules = [usual] * len(forced)
    if written:
        rules[written[0]] = usual._replace(may_rest=np.array(False), must_sound=np.array(True))
    for step in written:
        if bars[step] == before + new_bars - 1:
            rules[step] = rules[step]._replace(
                must_sound=np.array(True), must_close=np.array(is_open)
            )
    return rules


def _bars_of_steps(prompt: TokenArray, new_bars: int, forced: Sequence[Tokens]) -> list[int]:
    """Number of the bar that each step writes."""
    number, holes = -1, []
    for token in prompt.tolist():
        number += token == v.BAR
        if token == v.HOLE:
            holes.append(number)
    new = [number + 1 + step for step in range(new_bars)]
    holes = holes[int((prompt == v.FILL).sum()) :]
    new_holes = [bar for bar, opening in zip(new, forced, strict=False) if v.HOLE in opening]
    return [*new, *holes, *new_holes]


def _counts(instruments: Sequence[int]) -> npt.NDArray[np.int32]:
    """How many players each instrument has."""
    counts = np.zeros(len(v.INSTRUMENTS), np.int32)
    np.add.at(counts, list(instruments), 1)
    return counts


def _most_lines(
    instruments: Sequence[int], without: Sequence[int], style: int
) -> npt.NDArray[np.int32]:
    """Most lines of each instrument."""
    if instruments:
        each = np.where(HAS_VOICES, LINES_EACH, 1).astype(np.int32)
        return np.asarray(each * _counts(instruments), np.int32)
    lines = np.full(len(v.INSTRUMENTS), MAX_LINES, np.int32)
    # A kit alone is a style of its own; others get one when it is asked for.
    if style == v.STYLES.index("drums"):
        lines[:] = 0
        lines[v.DRUMS] = MAX_LINES
    if style == v.STYLES.index("guitar"):
        lines[[index for index in range(len(lines)) if index not in GUITARS]] = 0
    lines[list(without)] = 0
    return lines


def _ranges(
    ensemble: Ensemble, pitches: npt.NDArray[np.uint8]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Lowest and highest pitch of each instrument: what its player can play.

    SettingError when none of the allowed pitches (128,) is among them.
    """
    ranges = np.array([(0, 127)] * len(v.INSTRUMENTS), np.int32)
    for index in set(ensemble.players):
        low, high = ranges[index] = ensemble.range_of(index)
        if index != v.DRUMS and not pitches[low : high + 1].any():
            raise SettingError(
                "pitch_range",
                f"must hold a note that the {v.INSTRUMENTS[index]} plays: {name_note(low)} to "
                f"{name_note(high)}",
            )
    return ranges[:, 0].copy(), ranges[:, 1].copy()


def _key_pull(request: Request) -> float:
    """How much the key pulls: not at all where a scale, or chords without a key, are the wish."""
    has_other_centre = request.scale is not None or (request.chords and request.key is None)
    return 0.0 if has_other_centre else request.key_pull


def _pitches(request: Request, prompt: TokenArray) -> npt.NDArray[np.uint8]:
    """Allowed pitches of melodic lines and of drums."""
    allowed = np.zeros((2, 128), np.uint8)
    allowed[1, DRUM_KEYS.start : DRUM_KEYS.stop] = 1
    low, high = request.pitch_range or (0, 127)
    allowed[0, low : high + 1] = 1
    scale = request.scale
    if request.lock_key or scale is not None:
        if isinstance(request.key, KeyName):
            tonic, is_minor = request.key.tonic, request.key.is_minor
        else:
            index = last_value(prompt, v.KEY, v.METER, -1)
            if index < 0:
                name = "lock_key" if scale is None else "scale"
                raise SettingError(name, "needs a key; give one, or a primer that has one")
            tonic, is_minor = index % 12, index >= 12
        steps = SCALES[scale or ("minor" if is_minor else "major")]
        for pitch in range(128):
            if (pitch - tonic) % 12 not in steps:
                allowed[0, pitch] = 0
    if not allowed[0].any():
        held = request.key if scale is None else f"{scale} on {request.key}"
        raise SettingError(
            "pitch_range", f"{request.pitch_range} holds no note of {held}; widen the range"
        )
    return allowed


def last_value(tokens: TokenArray, first: int, end: int, otherwise: int) -> int:
    """Value of the last token of a block of ids."""
    found = tokens[(tokens >= first) & (tokens < end)]
    return int(found[-1]) - first if len(found) else otherwise
