"""The measures of a part in MusicXML: signatures, clefs, tempo, chord symbols and music."""

import xml.etree.ElementTree as ET
from dataclasses import replace

from partimento.music.bars import Bar
from partimento.music.chord_finding import joined
from partimento.music.metre import is_compound
from partimento.music.score import GRID_TICKS_PER_QUARTER, Chord, Key, Tempo
from partimento.music.timeline import heard_tempos
from partimento.rendering.drum_kit import FEET
from partimento.rendering.musicxml.notes import Voice, add_full_rest, add_value
from partimento.rendering.notation.clefs import Clef
from partimento.rendering.notation.metre import metre_of
from partimento.rendering.notation.notation import (
    FEW_STAVES,
    Notation,
    WrittenPart,
    full_ticks,
)
from partimento.rendering.notation.rhythm import write_voice
from partimento.rendering.notation.spelling import spell_root
from partimento.rendering.notation.tempos import tempo_marks
from partimento.rendering.notation.values import Span
from partimento.rendering.notation.written import Written

_KINDS = {
    **{"maj": ("major", ""), "min": ("minor", "m")},
    **{"dim": ("diminished", "dim"), "aug": ("augmented", "+")},
    **{"7": ("dominant", "7"), "maj7": ("major-seventh", "maj7"), "min7": ("minor-seventh", "m7")},
    "sus": ("suspended-fourth", "sus4"),
}
"""MusicXML's name and the printed form of each chord quality."""
_VOICES_A_STAFF = 4
_BEAT_UNITS = {1: ("whole", 4.0), 2: ("half", 2.0), 16: ("eighth", 0.5), 32: ("16th", 0.25)}
"""What beats a meter of this denominator has, and their length in quarters; else a quarter."""


def write_measures(
    element: ET.Element, notation: Notation, written: WrittenPart, index: int, has_chords: bool
) -> None:
    """Write all measures of a part into its element, in place."""
    bars = notation.bars
    chords = _chords(notation) if has_chords else []
    start, tempos = bars[0].start, heard_tempos(notation.score)
    marks = tempo_marks(tempos, start, len(bars))
    for number, bar in enumerate(bars):
        measure = ET.SubElement(element, "measure", number=str(number + 1 - notation.is_upbeat))
        if bar.length != full_ticks(bar):
            measure.set("implicit", "yes")
        changes = _attributes(notation, written, number)
        if len(changes):
            measure.append(changes)
        inside: list[Tempo | Chord] = []
        if index == _leader(notation, number):
            inside += [m for m in marks if bar.start <= m.tick < bar.start + bar.length]
        inside += [c for c in chords if bar.start <= c.onset < bar.start + bar.length]
        _add_music(measure, notation, written, index, number, sorted(inside, key=_tick))
        if number + 1 == len(bars):
            bar_line = ET.SubElement(measure, "barline", location="right")
            ET.SubElement(bar_line, "bar-style").text = "light-heavy"


def _chords(notation: Notation) -> list[Chord]:
    """The chords from the first bar on."""
    start = notation.bars[0].start
    return [
        replace(chord, onset=max(start, chord.onset))
        for chord in joined(notation.score.chords)
        if chord.onset + chord.duration > start
    ]


def _attributes(notation: Notation, written: WrittenPart, number: int) -> ET.Element:
    """What changes at the beginning of a bar."""
    bar = notation.bars[number]
    before = notation.bars[number - 1] if number else None
    changes = ET.Element("attributes")
    if before is None:
        ET.SubElement(changes, "divisions").text = str(GRID_TICKS_PER_QUARTER)
    key = notation.key_at(bar)
    last = notation.key_at(before) if before else None
    is_new = key is not None and (last is None or key.fifths != last.fifths)
    if key is not None and is_new and not written.part.is_drum:
        element = ET.SubElement(changes, "key")
        ET.SubElement(element, "fifths").text = str(key.fifths)
        ET.SubElement(element, "mode").text = "minor" if key.is_minor else "major"
    if before is None or bar.meter != before.meter:
        time = ET.SubElement(changes, "time")
        ET.SubElement(time, "beats").text = str(bar.meter[0])
        ET.SubElement(time, "beat-type").text = str(bar.meter[1])
    if before is None:
        staves = written.part.staves
        if len(staves) > 1:
            ET.SubElement(changes, "staves").text = str(len(staves))
        for staff_number, staff in enumerate(staves, start=1):
            clef = ET.SubElement(changes, "clef")
            if len(staves) > 1:
                clef.set("number", str(staff_number))
            _fill_clef(clef, staff.clef)
    return changes


def _fill_clef(element: ET.Element, clef: Clef) -> None:
    ET.SubElement(element, "sign").text = clef.sign
    if clef.sign != "percussion":
        ET.SubElement(element, "line").text = str(clef.line)
    if clef.octaves:
        ET.SubElement(element, "clef-octave-change").text = str(clef.octaves)


def _leader(notation: Notation, number: int) -> int:
    """Index of the part above which the tempo of a bar stands: the first one.

    In larger scores, which are printed without the staves that are silent and without what
    stands above them, the first one that plays.
    """
    if number and notation.staff_count > FEW_STAVES:
        for place in range(number, len(notation.bars)):
            for index, written in enumerate(notation.parts):
                if any(staff[place].voices for staff in written.staves):
                    return index
    return 0


def _tick(above: Tempo | Chord) -> int:
    """Where something stands above the music."""
    return above.tick if isinstance(above, Tempo) else above.onset


def _add_above(
    measure: ET.Element, above: Tempo | Chord, offset: int, bar: Bar, key: Key | None
) -> None:
    """Write a tempo or a chord symbol `offset` ticks after what comes next."""
    if isinstance(above, Tempo):
        _add_tempo(measure, above.bpm, offset, bar)
    else:
        _add_harmony(measure, above, offset, key)


def _add_tempo(measure: ET.Element, bpm: float, offset: int, bar: Bar) -> None:
    unit, quarters = _BEAT_UNITS.get(bar.meter[1], ("quarter", 1.0))
    direction = ET.SubElement(measure, "direction", placement="above")
    metronome = ET.SubElement(ET.SubElement(direction, "direction-type"), "metronome")
    ET.SubElement(metronome, "beat-unit").text = unit
    if is_compound(bar.meter):
        quarters *= 1.5
        ET.SubElement(metronome, "beat-unit-dot")
    ET.SubElement(metronome, "per-minute").text = f"{bpm / quarters:.0f}"
    if offset > 0:
        ET.SubElement(direction, "offset", sound="yes").text = str(offset)
    ET.SubElement(direction, "sound", tempo=f"{bpm:g}")


def _add_music(
    measure: ET.Element,
    notation: Notation,
    written: WrittenPart,
    index: int,
    number: int,
    above: list[Tempo | Chord],
) -> None:
    """Write the voices of all staves one after the other, each from the bar line."""
    bar = notation.bars[number]
    key = notation.key_at(bar)
    is_later = False
    for staff, staff_bars in enumerate(written.staves):
        voices = staff_bars[number].voices or ((),)
        for place, values in enumerate(voices):
            if is_later:
                backup = ET.SubElement(measure, "backup")
                ET.SubElement(backup, "duration").text = str(bar.length)
            label = str(staff * _VOICES_A_STAFF + place + 1)
            stem = None if len(voices) == 1 else "down" if place else "up"
            if written.part.is_drum:
                is_foot = any(head.key in FEET for value in values for head in value.heads)
                stem = "down" if is_foot else "up"
            voice = Voice(index, written.part.is_drum, label, str(staff + 1), stem)
            if not values:
                for mark in above:
                    _add_above(measure, mark, _tick(mark) - bar.start, bar, key)
                if bar.length == full_ticks(bar):
                    add_full_rest(measure, bar.length, voice)
                else:  # readers take a full rest for one of the whole meter
                    metre = metre_of(bar.meter, bar.length, notation.is_upbeat and not number)
                    for rest in write_voice([Span(0, bar.length, None)], metre):
                        add_value(measure, Written(rest, ()), voice)
            for value in values:
                while above and _tick(above[0]) < bar.start + value.value.end:
                    mark = above.pop(0)
                    offset = _tick(mark) - bar.start - value.value.start
                    _add_above(measure, mark, offset, bar, key)
                add_value(measure, value, voice)
            above = []
            is_later = True


def _add_harmony(measure: ET.Element, chord: Chord, offset: int, key: Key | None) -> None:
    """Write a chord symbol `offset` ticks after what comes next."""
    harmony = ET.SubElement(measure, "harmony")
    root = ET.SubElement(harmony, "root")
    step, alter = ("C", 0) if chord.root is None else spell_root(chord.root, chord.quality, key)
    letter = ET.SubElement(root, "root-step")
    letter.text = step
    if alter:
        ET.SubElement(root, "root-alter").text = str(alter)
    kind = ET.SubElement(harmony, "kind")
    if chord.root is None:
        letter.set("text", "")
        kind.text, shown = "none", "N.C."
    else:
        kind.text, shown = _KINDS.get(chord.quality, ("major", ""))
    kind.set("text", shown)
    if offset > 0:
        ET.SubElement(harmony, "offset").text = str(offset)
