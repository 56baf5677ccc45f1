"""A score as it is written: parts of staves of bars of voices, with accidentals."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from partimento.rendering.drum_kit import drum
from partimento.rendering.errors import RenderingError
from partimento.rendering.rhythm import Span, Value, write_voice
from partimento.rendering.spelling import STEPS, Spelled, key_fifths, spell
from partimento.rendering.staves import Part, Staff, StaffNote, make_parts
from partimento.tokenizer.bars import Bar, bar_starts
from partimento.tokenizer.harmony import estimate_key
from partimento.tokenizer.quantize import quantize
from partimento.tokenizer.score import Key, Score

MAX_VOICES = 3
"""Voices on a staff; where more sound at once, notes are shortened rather than piled up."""
_FEET = {35, 36, 44}
"""Drum keys of the lower voice."""


@dataclass(frozen=True, slots=True)
class Sound:
    """Notes of one voice that start and end together."""

    onset: int
    end: int
    heads: tuple[Spelled, ...]
    """The highest first."""
    keys: tuple[int, ...]
    """MIDI note number of each head."""


@dataclass(frozen=True, slots=True)
class Head:
    """One note head."""

    spelled: Spelled
    key: int
    """MIDI note number, or drum key."""
    accidental: str | None
    """MusicXML's name of the sign to print; None for none."""


@dataclass(frozen=True, slots=True)
class Written:
    """A note, chord or rest in a bar."""

    value: Value
    heads: tuple[Head, ...]
    """Empty for a rest."""
    is_tied_from: bool = False
    """Whether a tie ends here."""
    is_tied_to: bool = False
    """Whether a tie starts here."""


@dataclass(frozen=True, slots=True)
class StaffBar:
    """One bar of one staff."""

    voices: tuple[tuple[int, tuple[Written, ...]], ...]
    """Number of each voice, 1 the uppermost, and what fills the bar; empty when all rest."""


@dataclass(frozen=True, slots=True)
class WrittenPart:
    """A part and its music, by staff and bar."""

    part: Part
    staves: tuple[tuple[StaffBar, ...], ...]


@dataclass(frozen=True, slots=True)
class Notation:
    """A score ready to be engraved."""

    score: Score
    """On the token grid."""
    bars: tuple[Bar, ...]
    keys: tuple[Key, ...]
    """Those of the score, or an estimated one at tick 0; empty without pitched notes."""
    parts: tuple[WrittenPart, ...]


def notate(score: Score) -> Notation:
    """Write a score down; it is put on the token grid first. RenderingError without notes."""
    if not score.note_count:
        raise RenderingError("the score has no notes; there is nothing to write down")
    score = quantize(score)[0]
    bars = _bars(score)
    keys = score.keys
    if not keys:
        estimate = estimate_key(score)
        keys = (estimate,) if estimate else ()
    parts = make_parts(score, spell(score, keys), bars)
    signatures = [_fifths_at(keys, bar) for bar in bars]
    return Notation(
        score,
        tuple(bars),
        keys,
        tuple(
            WrittenPart(
                part, tuple(_staff_bars(part, staff, bars, signatures) for staff in part.staves)
            )
            for part in parts
        ),
    )


def _bars(score: Score) -> list[Bar]:
    """The bars of a score, to the end of its last note."""
    bars = bar_starts(score)
    while bars[-1].start + bars[-1].length < score.end:
        last = bars[-1]
        numerator, denominator = last.meter
        bars.append(Bar(last.start + last.length, 96 * numerator // denominator, last.meter))
    return bars


def _fifths_at(keys: Sequence[Key], bar: Bar) -> int:
    """The signature of a bar: that of the last key that begins in it or before."""
    before = [
        key for index, key in enumerate(keys) if not index or key.tick < bar.start + bar.length
    ]
    return key_fifths(before[-1]) if before else 0


def _staff_bars(
    part: Part, staff: Staff, bars: Sequence[Bar], signatures: Sequence[int]
) -> tuple[StaffBar, ...]:
    voices = _drum_voices(staff, bars) if part.is_drum else _voices(staff)
    by_bar: list[list[tuple[int, list[Sound]]]] = [[] for _ in bars]
    for number, sounds in enumerate(voices, start=1):
        index = 0
        for position, bar in enumerate(bars):
            while index < len(sounds) and sounds[index].end <= bar.start:
                index += 1
            inside = []
            for sound in sounds[index:]:
                if sound.onset >= bar.start + bar.length:
                    break
                inside.append(sound)
            if inside:
                by_bar[position].append((number, inside))
    return tuple(
        _staff_bar(found, bar, fifths, part.is_drum)
        for found, bar, fifths in zip(by_bar, bars, signatures, strict=True)
    )


def _staff_bar(
    found: list[tuple[int, list[Sound]]], bar: Bar, fifths: int, is_drum: bool
) -> StaffBar:
    """Write the voices of one bar, then its accidentals in the order of time."""
    written: list[tuple[int, Value, Sound | None]] = []
    for number, sounds in found:
        spans: list[Span] = []
        tick = 0
        for index, sound in enumerate(sounds):
            start, end = max(0, sound.onset - bar.start), min(bar.length, sound.end - bar.start)
            if start > tick:
                spans.append(Span(tick, start, None))
            spans.append(Span(start, end, index))
            tick = end
        if tick < bar.length:
            spans.append(Span(tick, bar.length, None))
        for value in write_voice(spans, bar.meter, bar.length):
            written.append((number, value, None if value.sound is None else sounds[value.sound]))
    state = {step: _signature_alter(step, fifths) for step in STEPS}
    sounding: dict[tuple[str, int], int] = {}
    done: dict[int, list[Written]] = {}
    for number, value, sound in sorted(written, key=lambda w: (w[1].start, w[0])):
        if sound is None:
            done.setdefault(number, []).append(Written(value, ()))
            continue
        is_tied_from = bar.start + value.start > sound.onset
        heads = []
        for spelled, key in zip(sound.heads, sound.keys, strict=True):
            place = (spelled.step, spelled.octave)
            known = sounding.get(place, state[spelled.step])
            # A tie carries the accidental over the bar line; it counts for no later note.
            is_carried = is_tied_from and sound.onset < bar.start
            shows = not is_drum and not is_carried and known != spelled.alter
            heads.append(Head(spelled, key, _ACCIDENTALS[spelled.alter] if shows else None))
            if not is_carried:
                sounding[place] = spelled.alter
        is_tied_to = bar.start + value.end < sound.end
        done.setdefault(number, []).append(Written(value, tuple(heads), is_tied_from, is_tied_to))
    return StaffBar(tuple((number, tuple(done[number])) for number in sorted(done)))


_ACCIDENTALS = {-2: "flat-flat", -1: "flat", 0: "natural", 1: "sharp", 2: "double-sharp"}


def _signature_alter(step: str, fifths: int) -> int:
    """What a key signature does to a letter."""
    place = "FCGDAEB".index(step)
    return int(place < fifths) - int(place >= 7 + fifths)


def _sounds(notes: Sequence[StaffNote]) -> list[tuple[int, Sound]]:
    """Join notes of a line that start and end together; with the line."""

    def form(n: StaffNote) -> tuple[int, int, int]:
        return n.note.onset, n.note.duration, n.line

    sounds = []
    for (onset, duration, line), group in groupby(sorted(notes, key=form), key=form):
        members = sorted(group, key=lambda n: -n.note.pitch)
        heads = tuple(n.spelled for n in members)
        keys = tuple(n.note.pitch for n in members)
        sounds.append((line, Sound(onset, onset + duration, heads, keys)))
    return sounds


def _voices(staff: Staff) -> list[list[Sound]]:
    """Share the sounds among voices: of two that overlap the higher is in the upper voice."""
    sounds = _sounds(staff.notes)
    number = [0] * len(sounds)
    # From high to low: one below every sound above that overlaps.
    order = sorted(range(len(sounds)), key=lambda i: (-sounds[i][1].keys[0], sounds[i][0]))
    rank = {index: place for place, index in enumerate(order)}
    overlapping: list[list[int]] = [[] for _ in sounds]
    active: list[int] = []
    for index, (_, sound) in enumerate(sounds):
        active = [i for i in active if sounds[i][1].end > sound.onset]
        for other in active:
            high, low = sorted((index, other), key=rank.__getitem__)
            overlapping[low].append(high)
        active.append(index)
    for index in order:
        number[index] = 1 + max((number[i] for i in overlapping[index]), default=0)
    voices: list[list[Sound]] = [[] for _ in range(min(max(number, default=1), MAX_VOICES))]
    for index, (_, sound) in enumerate(sounds):
        _append(voices[min(number[index], MAX_VOICES) - 1], sound)
    return voices


def _append(voice: list[Sound], sound: Sound) -> None:
    """Add a sound, in place; one that would overlap joins or shortens the one before."""
    if voice and voice[-1].end > sound.onset:
        last = voice.pop()
        if last.onset == sound.onset:
            pairs = sorted(
                zip((*last.keys, *sound.keys), (*last.heads, *sound.heads), strict=True),
                reverse=True,
            )
            end = min(last.end, sound.end)
            heads, keys = tuple(h for _, h in pairs), tuple(k for k, _ in pairs)
            sound = Sound(sound.onset, end, heads, keys)
        else:
            voice.append(replace(last, end=sound.onset))
    voice.append(sound)


def _drum_voices(staff: Staff, bars: Sequence[Bar]) -> list[list[Sound]]:
    """Hands above, feet below; each stroke lasts to the next one or to the end of its beat."""
    voices: list[list[Sound]] = []
    starts = [bar.start for bar in bars]
    for is_feet in (False, True):
        notes = [n for n in staff.notes if (n.note.pitch in _FEET) == is_feet]
        strokes = []
        for onset, group in groupby(notes, key=lambda n: n.note.onset):
            keys = sorted({n.note.pitch for n in group}, key=_drum_place, reverse=True)
            strokes.append((onset, keys))
        voice = []
        for index, (onset, keys) in enumerate(strokes):
            bar = bars[bisect_right(starts, onset) - 1]
            beat_end = bar.start + ((onset - bar.start) // 24 + 1) * 24
            end = min(beat_end, bar.start + bar.length)
            if index + 1 < len(strokes):
                end = min(end, strokes[index + 1][0])
            heads = tuple(Spelled(drum(k).step, 0, drum(k).octave) for k in keys)
            voice.append(Sound(onset, end, heads, tuple(keys)))
        voices.append(voice)
    return voices


def _drum_place(key: int) -> tuple[int, int]:
    return drum(key).octave * 7 + STEPS.index(drum(key).step), key
