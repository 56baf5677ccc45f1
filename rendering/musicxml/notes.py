"""Notes and rests in MusicXML; the order of elements is the standard's."""

import xml.etree.ElementTree as ET
from dataclasses import dataclass

from partimento.rendering.drum_kit import drum
from partimento.rendering.notation.values import Value
from partimento.rendering.notation.written import Head, Written


@dataclass(frozen=True, slots=True)
class Voice:
    """Where a voice stands."""

    part: int
    """Index of its part."""
    is_drum: bool
    number: str
    """Unique in its part."""
    staff: str
    """Counted from 1."""
    stem: str | None
    """Where the stems of several voices on a staff point; None leaves it to the reader."""


def instrument_id(part: int, key: int | None) -> str:
    """Name of a part's sound, of one drum key where there are many."""
    return f"P{part + 1}-I1" if key is None else f"P{part + 1}-D{key}"


def add_value(measure: ET.Element, written: Written, voice: Voice) -> None:
    """Add a note, chord or rest to a measure, in place."""
    value = written.value
    for index, head in enumerate(written.heads):
        _add_note(measure, written, voice, head, index > 0)
    if written.heads:
        return
    note = ET.SubElement(measure, "note")
    if written.is_hidden:
        note.set("print-object", "no")
    ET.SubElement(note, "rest")
    ET.SubElement(note, "duration").text = str(value.ticks)
    ET.SubElement(note, "voice").text = voice.number
    _add_type(note, value)
    _add_time_modification(note, value)
    ET.SubElement(note, "staff").text = voice.staff
    _add_notations(note, written, is_first=True)


def add_full_rest(measure: ET.Element, ticks: int, voice: Voice) -> None:
    """Add the rest of a whole bar, in place."""
    note = ET.SubElement(measure, "note")
    ET.SubElement(note, "rest", measure="yes")
    ET.SubElement(note, "duration").text = str(ticks)
    ET.SubElement(note, "voice").text = voice.number
    ET.SubElement(note, "staff").text = voice.staff


def _add_note(
    measure: ET.Element, written: Written, voice: Voice, head: Head, is_chord: bool
) -> None:
    value, spelled, is_drum = written.value, head.spelled, voice.is_drum
    note = ET.SubElement(measure, "note")
    if is_chord:
        ET.SubElement(note, "chord")
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
        ET.SubElement(note, "instrument", id=instrument_id(voice.part, head.key))
    ET.SubElement(note, "voice").text = voice.number
    _add_type(note, value)
    if head.accidental:
        sign = ET.SubElement(note, "accidental")
        sign.text = head.accidental
        if head.is_courtesy:
            sign.set("cautionary", "yes")
    _add_time_modification(note, value)
    if voice.stem:
        ET.SubElement(note, "stem").text = voice.stem
    if is_drum and drum(head.key).head != "normal":
        ET.SubElement(note, "notehead").text = drum(head.key).head
    ET.SubElement(note, "staff").text = voice.staff
    if not is_chord:
        for number, state in enumerate(value.beams, start=1):
            ET.SubElement(note, "beam", number=str(number)).text = state
    _add_notations(note, written, is_first=not is_chord)


def _add_type(note: ET.Element, value: Value) -> None:
    ET.SubElement(note, "type").text = value.kind
    for _ in range(value.dots):
        ET.SubElement(note, "dot")


def _add_time_modification(note: ET.Element, value: Value) -> None:
    if value.is_triplet:
        ratio = ET.SubElement(note, "time-modification")
        ET.SubElement(ratio, "actual-notes").text = "3"
        ET.SubElement(ratio, "normal-notes").text = "2"


def _add_notations(note: ET.Element, written: Written, is_first: bool) -> None:
    """Add ties, and at the first note of a chord the ends of a triplet."""
    notations = ET.Element("notations")
    for is_tied, kind in ((written.is_tied_from, "stop"), (written.is_tied_to, "start")):
        if is_tied:
            ET.SubElement(notations, "tied", type=kind)
    value = written.value
    if is_first and value.tuplet:
        tuplet = ET.SubElement(notations, "tuplet", type=value.tuplet, number="1")
        if value.tuplet == "start":
            tuplet.set("bracket", "yes" if value.has_bracket else "no")
    if len(notations):
        note.append(notations)
