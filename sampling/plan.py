"""What a decode loop must keep to: a request as plain arrays that compiled code reads."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from partimento.errors import SettingError
from partimento.music.instruments import find_instrument
from partimento.music.keys import KeyName
from partimento.music.scales import SCALES
from partimento.request.request import Request
from partimento.request.schedules import bar_temperatures
from partimento.sampling.key_pull import key_weights
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.chord_line import chord_tokens
from partimento.tokenizer.vocabulary import TokenArray

FREE = -1
"""Header value that the model chooses."""
SKIP = -2
"""Header value that is left out."""

MAX_LINES = 10
"""Lines of a bar when the player names no instruments; 99 % of the corpus' bars have fewer."""
LINES_EACH = 4
"""Lines that one named instrument may have in a bar: two hands of two voices on a piano."""
DRUM_KEYS = range(35, 82)
"""The keys of the General MIDI drum map."""
NARROW_RANGE = 24
"""Allowed pitches below which no note rings over a bar line: one that still rings cannot be
struck again in its line, and a line must never run out of pitches."""


class Plan(NamedTuple):
    """Constraints of one piece, all arrays; `constraints.constrain` applies them."""

    prompt: TokenArray
    """(P,) tokens that the piece starts with: BOS, or the whole primer."""
    header: npt.NDArray[np.int32]
    """(4,) index of style, key, meter and tempo, or FREE or SKIP."""
    bars: npt.NDArray[np.int32]
    """(2,) bars of the prompt, bars of the whole piece."""
    pitches: npt.NDArray[np.uint8]
    """(2, 128) whether a pitch is allowed: melodic lines, drums."""
    lines: npt.NDArray[np.int32]
    """(2, instruments) most lines of an instrument in a bar, least in the first new bar."""
    limits: npt.NDArray[np.int32]
    """(4,) most lines of a bar; whether notes may ring over bar lines; whether the model may
    write chord labels; whether the last bar closes on the key's chord."""
    forced: TokenArray
    """(N,) tokens that new bars must open with: changes and chord labels."""
    forced_starts: npt.NDArray[np.int32]
    """(total bars + 1,) where the tokens of each bar start in `forced`."""
    temperatures: npt.NDArray[np.float32]
    """(total bars,)"""
    filters: npt.NDArray[np.float64]
    """(3,) top-k (0: off), top-p, min-p."""
    key_weights: npt.NDArray[np.float32]
    """(2, 12) what the logit of each degree of a major or minor key gains."""


def make_plan(request: Request, primer: TokenArray | None = None) -> Plan:
    """Turn a request into a plan; `primer` (T,) is a piece of tokens to go on from.

    ValueError when wishes cannot hold together, such as a range without a pitch of the key.
    """
    prompt = np.array([v.BOS], np.uint16) if primer is None else _without_end(primer)
    before = int((prompt == v.BAR).sum())
    total = before + request.bars
    style = FREE if request.style is None else v.style_index(request.style)
    asked_key = request.key if isinstance(request.key, KeyName) else None
    key = FREE if asked_key is None else asked_key.index
    meter = FREE if request.meter is None else v.METERS.index(request.meter)
    tempo = FREE if request.bpm is None else v.tempo_index(request.bpm)
    instruments = _indices(request.instruments)
    if style == FREE and v.DRUMS in instruments and len(set(instruments)) == 1:
        style = v.STYLES.index("drums")
    if style == v.STYLES.index("drums") and request.key is None:
        key = SKIP
    if request.chords is not None and meter == FREE:
        meter = _last(prompt, v.METER, v.TEMPO, v.METERS.index((4, 4)))
    header = np.array([style, key, meter, tempo], np.int32)
    openings: list[list[int]] = [[] for _ in range(total)]
    if before:
        openings[before] += _changes(prompt, header)
    if request.chords is not None:
        labels = request.chords.by_bar(v.METERS[meter], request.bars, asked_key)
        for bar, spans in enumerate(labels):
            openings[before + bar] += chord_tokens(spans)
    pitches = _pitches(request, prompt)
    is_open = request.chords is None or request.chords.is_open
    return Plan(
        prompt=prompt,
        header=header,
        bars=np.array([before, total], np.int32),
        pitches=pitches,
        lines=_lines(instruments, _indices(request.without), style),
        limits=np.array(
            [
                MAX_LINES if not instruments else LINES_EACH * len(instruments),
                int(pitches[0].sum()) >= NARROW_RANGE,
                before == 0 and is_open,
                is_open,
            ],
            np.int32,
        ),
        forced=np.array([token for bar in openings for token in bar], np.uint16),
        forced_starts=np.cumsum([0, *(len(bar) for bar in openings)]).astype(np.int32),
        temperatures=np.concatenate(
            [np.full(before, request.temperature, np.float32), bar_temperatures(request)]
        ),
        filters=np.array([request.top_k or 0, request.top_p, request.min_p], np.float64),
        key_weights=key_weights(_key_pull(request)),
    )


def _without_end(primer: TokenArray) -> TokenArray:
    return primer[:-1] if len(primer) and primer[-1] == v.EOS else primer


def _last(tokens: TokenArray, first: int, end: int, otherwise: int) -> int:
    """Value of the last token of a block of ids."""
    found = tokens[(tokens >= first) & (tokens < end)]
    return int(found[-1]) - first if len(found) else otherwise


def _changes(prompt: TokenArray, header: npt.NDArray[np.int32]) -> list[int]:
    """Tokens that turn a primer's key, meter and tempo into the asked ones."""
    changes = []
    for value, first, end in zip(
        header[1:].tolist(),
        (v.KEY, v.METER, v.TEMPO),
        (v.METER, v.TEMPO, v.STYLE),
        strict=True,
    ):
        if value >= 0 and _last(prompt, first, end, -1) != value:
            changes.append(first + value)
    return changes


def _indices(names: tuple[str, ...] | None) -> list[int]:
    """Index of each instrument."""
    return [find_instrument(name)[1] for name in names or ()]


def _lines(instruments: list[int], without: list[int], style: int) -> npt.NDArray[np.int32]:
    """Most and least lines of each instrument."""
    lines = np.zeros((2, len(v.INSTRUMENTS)), np.int32)
    if not instruments:
        lines[0] = MAX_LINES
        # A kit alone is a style of its own; others get one when it is asked for.
        if style == v.STYLES.index("drums"):
            lines[0] = 0
            lines[0, v.DRUMS] = MAX_LINES
        lines[0, without] = 0
        return lines
    for instrument in instruments:
        lines[0, instrument] += LINES_EACH
        lines[1, instrument] += 1
    return lines


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
            index = _last(prompt, v.KEY, v.METER, -1)
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
