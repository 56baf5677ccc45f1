"""A score as it is written: parts of staves of bars of voices, with accidentals."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from partimento.rendering.errors import RenderingError
from partimento.rendering.metre import Metre, metre_of
from partimento.rendering.rhythm import write_voice
from partimento.rendering.spelling import Spelled, key_fifths, spell
from partimento.rendering.staves import Part, Staff, make_parts
from partimento.rendering.values import Span, Value
from partimento.rendering.voicing import Sound, drum_voices, make_sounds, share_voices
from partimento.tokenizer.bars import Bar, bar_starts, rebar
from partimento.tokenizer.harmony import estimate_key
from partimento.tokenizer.quantize import quantize
from partimento.tokenizer.score import Key, Score

_SHORTEST = 3
"""Ticks of a thirty-second, which every bar must be a multiple of."""
_EIGHTH = 12


@dataclass(frozen=True, slots=True)
class Head:
    """One note head."""

    spelled: Spelled
    key: int
    """MIDI note number, or drum key."""
    accidental: str | None
    """MusicXML's name of the sign to print; None for none."""
    is_courtesy: bool = False
    """Whether the sign only reminds of what holds anyway."""


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

    voices: tuple[tuple[Written, ...], ...]
    """What fills the bar, the uppermost voice first; no voice when all rest."""


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
    """The first starts later than tick 0 where silence before an upbeat is left out."""
    is_upbeat: bool
    """Whether the first bar is the end of a whole one."""
    keys: tuple[Key, ...]
    """Those of the score, or an estimated one at tick 0; empty without pitched notes."""
    parts: tuple[WrittenPart, ...]

    def key_at(self, bar: Bar) -> Key | None:
        """The key of a bar: the last that begins in it or before."""
        return _key_at(self.keys, bar)


def notate(score: Score) -> Notation:
    """Write a score down; it is put on the token grid first. RenderingError without notes.

    Silence before an upbeat of at most half a bar is left out; everything else stays in place.
    """
    if not score.note_count:
        raise RenderingError("the score has no notes; there is nothing to write down")
    score = quantize(score)[0]
    bars = _bars(score)
    if any(bar.length % _SHORTEST for bar in bars):  # a meter that no note values fill
        score = quantize(rebar(score)[0])[0]
        bars = _bars(score)
    bars, is_upbeat = _without_silence(score, bars)
    keys = score.keys
    if not keys:
        estimate = estimate_key(score)
        keys = (estimate,) if estimate else ()
    metres = [
        metre_of(bar.meter, bar.length, is_upbeat and not index) for index, bar in enumerate(bars)
    ]
    signatures = []
    for bar in bars:
        key = _key_at(keys, bar)
        signatures.append(key_fifths(key) if key else 0)
    parts = make_parts(score, spell(score, keys), bars)
    written = []
    for part in parts:
        staves = []
        for staff in part.staves:
            found = _by_bar(part, staff, bars, metres)
            if part.is_drum:
                staves.append(_drum_bars(found, bars, metres))
            else:
                staves.append(_pitched_bars(found, bars, metres, signatures))
        written.append(WrittenPart(part, tuple(staves)))
    return Notation(score, tuple(bars), is_upbeat, keys, tuple(written))


def _bars(score: Score) -> list[Bar]:
    """The bars of a score, to the end of its last note."""
    bars = bar_starts(score)
    while bars[-1].start + bars[-1].length < score.end:
        last = bars[-1]
        bars.append(Bar(last.start + last.length, _full(last), last.meter))
    return bars


def _full(bar: Bar) -> int:
    """Length of a whole bar of its meter."""
    return max(1, 96 * bar.meter[0] // bar.meter[1])


def _without_silence(score: Score, bars: list[Bar]) -> tuple[list[Bar], bool]:
    """The bars with a short first one where that is an upbeat, and whether it is."""
    first = bars[0]
    if len(bars) < 2:
        return bars, False
    is_cut = first.length < _full(first)
    if first.length < bars[1].length and (is_cut or 2 * first.length <= bars[1].length):
        return [first._replace(meter=bars[1].meter), *bars[1:]], True
    onset = min(track.notes[0].onset for track in score.tracks if track.notes)
    silence = onset // _EIGHTH * _EIGHTH
    if onset >= first.length or 2 * silence < first.length:
        return bars, False
    return [Bar(silence, first.length - silence, first.meter), *bars[1:]], True


def _key_at(keys: Sequence[Key], bar: Bar) -> Key | None:
    before = [key for i, key in enumerate(keys) if not i or key.tick < bar.start + bar.length]
    return before[-1] if before else None


def _by_bar(
    part: Part, staff: Staff, bars: Sequence[Bar], metres: Sequence[Metre]
) -> list[list[list[Sound]]]:
    """The voices of each bar, with their sounds that reach into it."""
    if part.is_drum:
        beats = [
            bar.start + beat
            for bar, metre in zip(bars, metres, strict=True)
            for beat in metre.beats[:-1]
        ]
        lines = drum_voices(staff.notes, [*beats, bars[-1].start + bars[-1].length])
    else:
        lines = [make_sounds(staff.notes)]
    by_bar: list[list[list[Sound]]] = [[] for _ in bars]
    for sounds in lines:
        index = 0
        for position, bar in enumerate(bars):
            end = bar.start + bar.length
            stop = index
            while stop < len(sounds) and sounds[stop].onset < end:
                stop += 1
            inside = [sound for sound in sounds[index:stop] if sound.end > bar.start]
            if part.is_drum:
                by_bar[position] += [inside] if inside else []
            else:
                by_bar[position] = share_voices(inside)
            while index < stop and sounds[index].end <= end:
                index += 1
    return by_bar


def _values(sounds: Sequence[Sound], bar: Bar, metre: Metre) -> list[tuple[Value, Sound | None]]:
    """Write one voice of a bar; None for a rest."""
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
    return [
        (value, None if value.sound is None else sounds[value.sound])
        for value in write_voice(spans, metre)
    ]


def _drum_bars(
    by_bar: Sequence[Sequence[Sequence[Sound]]], bars: Sequence[Bar], metres: Sequence[Metre]
) -> tuple[StaffBar, ...]:
    """Write strokes: each as one value, what is left of its time as rests."""
    staff = []
    for found, bar, metre in zip(by_bar, bars, metres, strict=True):
        voices = []
        for sounds in found:
            sounds = _untied(sounds, bar, metre)
            voice = []
            for value, sound in _values(sounds, bar, metre):
                heads = zip(sound.heads, sound.keys, strict=True) if sound else ()
                voice.append(Written(value, tuple(Head(*head, None) for head in heads)))
            voices.append(tuple(voice))
        staff.append(StaffBar(tuple(voices)))
    return tuple(staff)


def _untied(sounds: Sequence[Sound], bar: Bar, metre: Metre) -> Sequence[Sound]:
    """Shorten the strokes of a bar so that each is one value."""
    while True:
        ends: dict[int, int] = {}  # end of the first value by onset
        for value, sound in _values(sounds, bar, metre):
            if sound is not None:
                ends.setdefault(sound.onset, bar.start + value.end)
        shorter = [replace(sound, end=ends[sound.onset]) for sound in sounds]
        if shorter == list(sounds):
            return shorter
        sounds = shorter


def _pitched_bars(
    by_bar: Sequence[Sequence[Sequence[Sound]]],
    bars: Sequence[Bar],
    metres: Sequence[Metre],
    signatures: Sequence[int],
) -> tuple[StaffBar, ...]:
    """Write voices, and their accidentals in the order of time."""
    staff = []
    memory: dict[tuple[str, int], int] = {}  # what stood in the bar before
    before = signatures[0]
    for found, bar, metre, fifths in zip(by_bar, bars, metres, signatures, strict=True):
        if fifths != before:  # the new signature is reminder enough
            before, memory = fifths, {}
        values = [
            (number, value, sound)
            for number, sounds in enumerate(found)
            for value, sound in _values(sounds, bar, metre)
        ]
        accidentals = _Accidentals(fifths, memory)
        voices: list[list[Written]] = [[] for _ in found]
        for number, value, sound in sorted(values, key=lambda v: (v[1].start, v[0])):
            if sound is None:
                voices[number].append(Written(value, ()))
                continue
            is_tied_from = bar.start + value.start > sound.onset
            # A tie carries the accidental over the bar line; it counts for no later note.
            is_carried = is_tied_from and sound.onset < bar.start
            heads = tuple(
                Head(name, key, *((None, False) if is_carried else accidentals.sign(name)))
                for name, key in zip(sound.heads, sound.keys, strict=True)
            )
            is_tied_to = bar.start + value.end < sound.end
            voices[number].append(Written(value, heads, is_tied_from, is_tied_to))
        memory = accidentals.sounding
        staff.append(StaffBar(tuple(map(tuple, voices))))
    return tuple(staff)


class _Accidentals:
    """What stands for each line and space of a staff, in the course of a bar."""

    def __init__(self, fifths: int, before: dict[tuple[str, int], int]) -> None:
        # The signature gives F the first sharp and B the first flat.
        self.signature = {
            step: int(place < fifths) - int(place >= 7 + fifths)
            for place, step in enumerate("FCGDAEB")
        }
        self.before = before
        """Alterations of the bar before, which readers still have in their ears."""
        self.sounding: dict[tuple[str, int], int] = {}

    def sign(self, name: Spelled) -> tuple[str | None, bool]:
        """The sign that a note needs, and whether it is only a courtesy; in order of time."""
        place = (name.step, name.octave)
        signed = self.signature[name.step]
        is_needed = self.sounding.get(place, signed) != name.alter
        others = {alter for (step, _), alter in self.sounding.items() if step == name.step}
        is_courtesy = place not in self.sounding and (
            self.before.get(place, signed) != name.alter or not others <= {name.alter}
        )
        self.sounding[place] = name.alter
        sign = _SIGNS[name.alter] if is_needed or is_courtesy else None
        return sign, is_courtesy and not is_needed


_SIGNS = {-2: "flat-flat", -1: "flat", 0: "natural", 1: "sharp", 2: "double-sharp"}
