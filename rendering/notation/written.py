"""Bars as they are written: the values of each voice with heads, ties, accidentals and rests."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from partimento.music.bars import Bar
from partimento.music.pitch import LETTERS_BY_FIFTHS
from partimento.rendering.notation.metre import Metre
from partimento.rendering.notation.rhythm import write_voice
from partimento.rendering.notation.spelling import Spelled
from partimento.rendering.notation.values import Span, Value
from partimento.rendering.notation.voices import Sound

_SIGNS = {-2: "flat-flat", -1: "flat", 0: "natural", 1: "sharp", 2: "double-sharp"}
"""MusicXML's names."""


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
    is_hidden: bool = False
    """Whether this is a rest that is not printed."""


@dataclass(frozen=True, slots=True)
class StaffBar:
    """One bar of one staff."""

    voices: tuple[tuple[Written, ...], ...]
    """What fills the bar, the uppermost voice first; no voice when all rest."""


class Accidentals:
    """What stands for each line and space of a staff, in the course of a bar."""

    def __init__(self, fifths: int, before: dict[tuple[str, int], int]) -> None:
        # The signature gives F the first sharp and B the first flat.
        self.signature = {
            step: int(place < fifths) - int(place >= 7 + fifths)
            for place, step in enumerate(LETTERS_BY_FIFTHS)
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


def _values(
    sounds: Sequence[Sound], bar: Bar, metre: Metre
) -> list[tuple[Value, Sound | None, bool]]:
    """Write one voice of a bar; with the sound, None for a rest, and whether a tie follows."""
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
    values = write_voice(spans, metre)
    written: list[tuple[Value, Sound | None, bool]] = []
    for value, after in zip(values, [*values[1:], None], strict=True):
        if value.sound is None:
            written.append((value, None, False))
            continue
        sound = sounds[value.sound]
        is_longer = sound.end > bar.start + bar.length
        is_tied = is_longer if after is None else after.sound == value.sound
        written.append((value, sound, is_tied))
    return written


def drum_bars(
    by_bar: Sequence[Sequence[Sequence[Sound]]], bars: Sequence[Bar], metres: Sequence[Metre]
) -> tuple[StaffBar, ...]:
    """Write strokes: each as one value, what is left of its time as rests."""
    staff = []
    for found, bar, metre in zip(by_bar, bars, metres, strict=True):
        voices = []
        for sounds in found:
            sounds = _untied(sounds, bar, metre)
            voice = []
            for value, sound, _ in _values(sounds, bar, metre):
                heads = zip(sound.heads, sound.keys, strict=True) if sound else ()
                voice.append(Written(value, tuple(Head(*head, None) for head in heads)))
            voices.append(voice)
        staff.append(_without_needless_rests(voices))
    return tuple(staff)


def _untied(sounds: Sequence[Sound], bar: Bar, metre: Metre) -> Sequence[Sound]:
    """Shorten the strokes of a bar so that each is one value."""
    while True:
        ends: dict[int, int] = {}  # end of the first value by onset
        for value, sound, _ in _values(sounds, bar, metre):
            if sound is not None:
                ends.setdefault(sound.onset, bar.start + value.end)
        shorter = [replace(sound, end=ends[sound.onset]) for sound in sounds]
        if shorter == list(sounds):
            return shorter
        sounds = shorter


def pitched_bars(
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
            (number, value, sound, is_tied_to)
            for number, sounds in enumerate(found)
            for value, sound, is_tied_to in _values(sounds, bar, metre)
        ]
        accidentals = Accidentals(fifths, memory)
        voices: list[list[Written]] = [[] for _ in found]
        for number, value, sound, is_tied_to in sorted(values, key=lambda v: (v[1].start, v[0])):
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
            voices[number].append(Written(value, heads, is_tied_from, is_tied_to))
        memory = accidentals.sounding
        staff.append(_without_needless_rests(voices))
    return tuple(staff)


def _without_needless_rests(voices: Sequence[Sequence[Written]]) -> StaffBar:
    """A bar whose lower voices rest unseen; above more than two the upper one does, too.

    Where nothing sounds one voice shows it, and a triplet shows all its members.
    """
    sounding = [
        (written.value.start, written.value.end)
        for voice in voices
        for written in voice
        if written.heads
    ]

    def is_hidden(number: int, written: Written) -> bool:
        value = written.value
        if written.heads or value.is_triplet:
            return False
        is_filled = any(start < value.end and value.start < end for start, end in sounding)
        return number > 0 or (len(voices) > 2 and is_filled)

    return StaffBar(
        tuple(
            tuple(replace(written, is_hidden=is_hidden(number, written)) for written in voice)
            for number, voice in enumerate(voices)
        )
    )
