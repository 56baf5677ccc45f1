"""Notation -> MusicXML 4.0, partwise; equal scores give equal bytes."""

import xml.etree.ElementTree as ET
from collections.abc import Sequence

from partimento.rendering.drum_kit import drum
from partimento.rendering.notation import Head, Notation, Written, WrittenPart
from partimento.rendering.piano_roll import merged
from partimento.rendering.rhythm import Value
from partimento.rendering.spelling import key_fifths
from partimento.rendering.staves import Clef
from partimento.tokenizer.bars import Bar
from partimento.tokenizer.score import GRID_TICKS_PER_QUARTER, Chord, Key, Tempo
from partimento.tokenizer.timeline import DEFAULT_BPM

_DOCTYPE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
    '"http://www.musicxml.org/dtds/partwise.dtd">\n'
)
_KINDS = {
    **{"maj": "major", "min": "minor", "dim": "diminished", "aug": "augmented"},
    **{"7": "dominant", "maj7": "major-seventh", "min7": "minor-seventh"},
    "sus": "suspended-fourth",
}
_SHARP_ROOTS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_FLAT_ROOTS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_VOICES_A_STAFF = 4
_SHOWN_TEMPO_CHANGE = 0.08
"""A tempo is printed when it differs by this share from the last one printed."""


def musicxml(notation: Notation, title: str = "") -> str:
    """The document as text."""
    root = ET.Element("score-partwise", version="4.0")
    if title:
        ET.SubElement(ET.SubElement(root, "work"), "work-title").text = _clean(title)
    encoding = ET.SubElement(ET.SubElement(root, "identification"), "encoding")
    ET.SubElement(encoding, "software").text = "Partimento"
    part_list = ET.SubElement(root, "part-list")
    for index, written in enumerate(notation.parts):
        _add_part_head(part_list, written, index)
    for index, written in enumerate(notation.parts):
        part = ET.SubElement(root, "part", id=f"P{index + 1}")
        _PartWriter(notation, written, index, part).write()
    ET.indent(root, " ")
    return _DOCTYPE + ET.tostring(root, encoding="unicode") + "\n"


def _add_part_head(part_list: ET.Element, written: WrittenPart, index: int) -> None:
    """Describe a part: its name, and how it sounds."""
    part = written.part
    entry = ET.SubElement(part_list, "score-part", id=f"P{index + 1}")
    ET.SubElement(entry, "part-name").text = _clean(part.name)
    keys = _drum_keys(written) if part.is_drum else [None]
    for key in keys:
        instrument = ET.SubElement(entry, "score-instrument", id=_instrument_id(index, key))
        name = part.name if key is None else drum(key).name
        ET.SubElement(instrument, "instrument-name").text = _clean(name)
    channels = [channel for channel in range(1, 17) if channel != 10]
    for key in keys:
        midi = ET.SubElement(entry, "midi-instrument", id=_instrument_id(index, key))
        channel = 10 if part.is_drum else channels[index % len(channels)]
        ET.SubElement(midi, "midi-channel").text = str(channel)
        ET.SubElement(midi, "midi-program").text = str(1 if part.is_drum else part.program + 1)
        if key is not None:
            ET.SubElement(midi, "midi-unpitched").text = str(key + 1)


def _drum_keys(written: WrittenPart) -> list[int]:
    notes = (note for staff in written.part.staves for note in staff.notes)
    return sorted({note.note.pitch for note in notes})


def _instrument_id(part: int, key: int | None) -> str:
    return f"P{part + 1}-I1" if key is None else f"P{part + 1}-D{key}"


class _PartWriter:
    """Writes the measures of one part."""

    def __init__(
        self, notation: Notation, written: WrittenPart, index: int, element: ET.Element
    ) -> None:
        self.notation, self.written, self.index, self.element = notation, written, index, element
        self.is_first = index == 0
        self.bpm: float | None = None  # as printed last

    def write(self) -> None:
        """Write all measures, in place."""
        bars = self.notation.bars
        # A short first bar is an upbeat of the meter that follows.
        is_upbeat = len(bars) > 1 and bars[0].length < min(bars[1].length, _full_length(bars[1]))
        meter: tuple[int, int] | None = None
        fifths: int | None = None
        for number, bar in enumerate(bars):
            is_short = bar.length != _full_length(bar) or (is_upbeat and number == 0)
            measure = ET.SubElement(
                self.element, "measure", number=str(number + (0 if is_upbeat else 1))
            )
            if is_short:
                measure.set("implicit", "yes")
            shown = bars[1].meter if is_upbeat and number == 0 else bar.meter
            key = self._key_at(bar, number)
            changes = ET.Element("attributes")
            if number == 0:
                ET.SubElement(changes, "divisions").text = str(GRID_TICKS_PER_QUARTER)
            if key is not None and key_fifths(key) != fifths and not self.written.part.is_drum:
                fifths = key_fifths(key)
                element = ET.SubElement(changes, "key")
                ET.SubElement(element, "fifths").text = str(fifths)
                ET.SubElement(element, "mode").text = "minor" if key.is_minor else "major"
            if shown != meter:
                meter = shown
                time = ET.SubElement(changes, "time")
                ET.SubElement(time, "beats").text = str(meter[0])
                ET.SubElement(time, "beat-type").text = str(meter[1])
            if number == 0:
                self._add_clefs(changes)
            if len(changes):
                measure.append(changes)
            if self.is_first:
                self._add_tempo(measure, bar, number)
            self._add_music(measure, bar, number)
            if number + 1 == len(bars):
                barline = ET.SubElement(measure, "barline", location="right")
                ET.SubElement(barline, "bar-style").text = "light-heavy"

    def _key_at(self, bar: Bar, number: int) -> Key | None:
        keys = self.notation.keys
        before = [key for i, key in enumerate(keys) if not i or key.tick < bar.start + bar.length]
        return before[-1] if before else None

    def _add_clefs(self, attributes: ET.Element) -> None:
        staves = self.written.part.staves
        if len(staves) > 1:
            ET.SubElement(attributes, "staves").text = str(len(staves))
        for number, staff in enumerate(staves, start=1):
            clef = ET.SubElement(attributes, "clef")
            if len(staves) > 1:
                clef.set("number", str(number))
            _fill_clef(clef, staff.clef)

    def _add_tempo(self, measure: ET.Element, bar: Bar, number: int) -> None:
        """Print the tempo where it changes enough for a reader, at most once a bar."""
        tempos = self.notation.score.tempos or (Tempo(0, DEFAULT_BPM),)
        before = [t for i, t in enumerate(tempos) if not i or t.tick < bar.start + bar.length]
        bpm = before[-1].bpm
        if self.bpm is not None and abs(bpm / self.bpm - 1) < _SHOWN_TEMPO_CHANGE:
            return
        self.bpm = bpm
        numerator, denominator = bar.meter
        is_compound = denominator >= 8 and numerator % 3 == 0
        direction = ET.SubElement(measure, "direction", placement="above")
        metronome = ET.SubElement(ET.SubElement(direction, "direction-type"), "metronome")
        unit, quarters = {1: ("whole", 4.0), 2: ("half", 2.0)}.get(denominator, ("quarter", 1.0))
        ET.SubElement(metronome, "beat-unit").text = unit
        if is_compound:
            quarters = 1.5
            ET.SubElement(metronome, "beat-unit-dot")
        ET.SubElement(metronome, "per-minute").text = f"{bpm / quarters:.0f}"
        ET.SubElement(direction, "sound", tempo=f"{bpm:g}")

    def _add_music(self, measure: ET.Element, bar: Bar, number: int) -> None:
        """Write the voices of all staves one after the other, each from the bar line."""
        is_later = False
        for staff, staff_bars in enumerate(self.written.staves):
            voices = staff_bars[number].voices or ((1, ()),)
            for place, (voice, written) in enumerate(voices):
                if is_later:
                    backup = ET.SubElement(measure, "backup")
                    ET.SubElement(backup, "duration").text = str(bar.length)
                chords = self._chords_in(bar) if self.is_first and not is_later else []
                label = (str(staff * _VOICES_A_STAFF + voice), staff + 1)
                if written:
                    self._add_voice(measure, written, chords, bar, label, place > 0)
                else:
                    for chord in chords:
                        _add_harmony(measure, chord, chord.onset - bar.start, self.notation.keys)
                    self._add_full_rest(measure, bar, label)
                is_later = True

    def _chords_in(self, bar: Bar) -> list[Chord]:
        chords = merged(self.notation.score.chords)
        return [c for c in chords if bar.start <= c.onset < bar.start + bar.length]

    def _add_voice(
        self,
        measure: ET.Element,
        voice: Sequence[Written],
        chords: list[Chord],
        bar: Bar,
        label: tuple[str, int],
        is_lower: bool,
    ) -> None:
        for written in voice:
            end = bar.start + written.value.end
            while chords and chords[0].onset < end:
                chord = chords.pop(0)
                offset = chord.onset - bar.start - written.value.start
                _add_harmony(measure, chord, offset, self.notation.keys)
            if written.heads:
                for index, head in enumerate(written.heads):
                    note = ET.SubElement(measure, "note")
                    self._fill_note(note, written, head, index > 0, label)
            elif len(voice) == 1:
                self._add_full_rest(measure, bar, label, is_hidden=is_lower)
            else:
                note = ET.SubElement(measure, "note")
                if is_lower:
                    # The rests of the upper voice say where the beats are.
                    note.set("print-object", "no")
                ET.SubElement(note, "rest")
                ET.SubElement(note, "duration").text = str(written.value.ticks)
                ET.SubElement(note, "voice").text = label[0]
                _add_kind(note, written.value)
                ET.SubElement(note, "staff").text = str(label[1])
                _add_notations(note, written, is_first=True)

    def _add_full_rest(
        self, measure: ET.Element, bar: Bar, label: tuple[str, int], is_hidden: bool = False
    ) -> None:
        note = ET.SubElement(measure, "note")
        if is_hidden:
            note.set("print-object", "no")
        ET.SubElement(note, "rest", measure="yes")
        ET.SubElement(note, "duration").text = str(bar.length)
        ET.SubElement(note, "voice").text = label[0]
        ET.SubElement(note, "staff").text = str(label[1])

    def _fill_note(
        self, note: ET.Element, written: Written, head: Head, is_chord: bool, label: tuple[str, int]
    ) -> None:
        value, is_drum = written.value, self.written.part.is_drum
        if is_chord:
            ET.SubElement(note, "chord")
        spelled = head.spelled
        place = ET.SubElement(note, "unpitched" if is_drum else "pitch")
        ET.SubElement(place, "display-step" if is_drum else "step").text = spelled.step
        if spelled.alter and not is_drum:
            ET.SubElement(place, "alter").text = str(spelled.alter)
        ET.SubElement(place, "display-octave" if is_drum else "octave").text = str(spelled.octave)
        ET.SubElement(note, "duration").text = str(value.ticks)
        for is_tied, kind in ((written.is_tied_from, "stop"), (written.is_tied_to, "start")):
            if is_tied:
                ET.SubElement(note, "tie", type=kind)
        if is_drum:
            ET.SubElement(note, "instrument", id=_instrument_id(self.index, head.key))
        ET.SubElement(note, "voice").text = label[0]
        _add_kind(note, value)
        if head.accidental:
            ET.SubElement(note, "accidental").text = head.accidental
        _add_time_modification(note, value)
        if is_drum:
            ET.SubElement(note, "stem").text = "up" if label[0] == "1" else "down"
            if drum(head.key).head != "normal":
                ET.SubElement(note, "notehead").text = drum(head.key).head
        ET.SubElement(note, "staff").text = str(label[1])
        if not is_chord:
            for number, state in enumerate(value.beams, start=1):
                ET.SubElement(note, "beam", number=str(number)).text = state
        _add_notations(note, written, is_first=not is_chord)


def _fill_clef(element: ET.Element, clef: Clef) -> None:
    ET.SubElement(element, "sign").text = clef.sign
    ET.SubElement(element, "line").text = str(clef.line)
    if clef.octaves:
        ET.SubElement(element, "clef-octave-change").text = str(clef.octaves)


def _add_kind(note: ET.Element, value: Value) -> None:
    ET.SubElement(note, "type").text = value.kind
    for _ in range(value.dots):
        ET.SubElement(note, "dot")
    if note.find("rest") is not None:
        _add_time_modification(note, value)


def _add_time_modification(note: ET.Element, value: Value) -> None:
    if value.is_triplet:
        ratio = ET.SubElement(note, "time-modification")
        ET.SubElement(ratio, "actual-notes").text = "3"
        ET.SubElement(ratio, "normal-notes").text = "2"


def _add_notations(note: ET.Element, written: Written, is_first: bool) -> None:
    """Add ties, and at the first note of a chord the ends of a triplet's bracket."""
    notations = ET.Element("notations")
    for is_tied, kind in ((written.is_tied_from, "stop"), (written.is_tied_to, "start")):
        if is_tied and written.heads:
            ET.SubElement(notations, "tied", type=kind)
    if is_first and written.value.tuplet:
        tuplet = ET.SubElement(notations, "tuplet", type=written.value.tuplet, number="1")
        if written.value.tuplet == "start":
            tuplet.set("bracket", "yes")
    if len(notations):
        note.append(notations)


def _add_harmony(measure: ET.Element, chord: Chord, offset: int, keys: Sequence[Key]) -> None:
    """Write a chord symbol `offset` ticks after what comes next."""
    harmony = ET.SubElement(measure, "harmony")
    is_sharp = bool(keys) and key_fifths(keys[0]) > 0
    if chord.root is None:
        root, kind = "C", "none"
    else:
        root = (_SHARP_ROOTS if is_sharp else _FLAT_ROOTS)[chord.root]
        kind = _KINDS.get(chord.quality, "major")
    element = ET.SubElement(harmony, "root")
    ET.SubElement(element, "root-step").text = root[0]
    if len(root) > 1:
        ET.SubElement(element, "root-alter").text = "1" if root[1] == "#" else "-1"
    entry = ET.SubElement(harmony, "kind")
    entry.text = kind
    if kind == "none":
        entry.set("text", "N.C.")
    if offset > 0:
        ET.SubElement(harmony, "offset").text = str(offset)


def _full_length(bar: Bar) -> int:
    return bar.meter[0] * 96 // bar.meter[1]


def _clean(text: str) -> str:
    """One line without the control characters that XML forbids."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
