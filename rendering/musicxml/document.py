"""Notation -> MusicXML 4.0, partwise; equal scores give equal bytes."""

import xml.etree.ElementTree as ET

from partimento.rendering.drum_kit import drum
from partimento.rendering.musicxml.measures import write_measures
from partimento.rendering.musicxml.notes import instrument_id
from partimento.rendering.notation.notation import Notation, WrittenPart
from partimento.rendering.notation.parts import Group, abbreviation, group_parts

_DOCTYPE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
    '"http://www.musicxml.org/dtds/partwise.dtd">\n'
)
_CHANNELS = [channel for channel in range(1, 17) if channel != 10]


def musicxml(notation: Notation, title: str = "") -> str:
    """The document as text."""
    root = ET.Element("score-partwise", version="4.0")
    if title := _one_line(title):
        ET.SubElement(ET.SubElement(root, "work"), "work-title").text = title
    encoding = ET.SubElement(ET.SubElement(root, "identification"), "encoding")
    ET.SubElement(encoding, "software").text = "Partimento"
    part_list = ET.SubElement(root, "part-list")
    groups = group_parts([written.part for written in notation.parts])
    for index, written in enumerate(notation.parts):
        for number, group in enumerate(groups, start=1):
            if group.first == index:
                _start_group(part_list, group, number)
        _add_part_head(part_list, written, index, len(notation.parts) > 1)
        for number, group in enumerate(groups, start=1):
            if group.last == index:
                ET.SubElement(part_list, "part-group", type="stop", number=str(number))
    pitched = [i for i, written in enumerate(notation.parts) if not written.part.is_drum]
    for index, written in enumerate(notation.parts):
        part = ET.SubElement(root, "part", id=f"P{index + 1}")
        has_chords = index == (pitched or [0])[0]
        write_measures(part, notation, written, index, has_chords)
    ET.indent(root, " ")
    return _DOCTYPE + ET.tostring(root, encoding="unicode") + "\n"


def _start_group(part_list: ET.Element, group: Group, number: int) -> None:
    element = ET.SubElement(part_list, "part-group", type="start", number=str(number))
    ET.SubElement(element, "group-symbol").text = "bracket"
    ET.SubElement(element, "group-barline").text = "yes" if group.has_joined_bar_lines else "no"


def _add_part_head(
    part_list: ET.Element, written: WrittenPart, index: int, is_one_of_many: bool
) -> None:
    """Describe a part: its name, and how it sounds."""
    part = written.part
    entry = ET.SubElement(part_list, "score-part", id=f"P{index + 1}")
    ET.SubElement(entry, "part-name").text = _one_line(part.name)
    if is_one_of_many:
        ET.SubElement(entry, "part-abbreviation").text = abbreviation(_one_line(part.name))
    keys = _drum_keys(written) if part.is_drum else [None]
    for key in keys:
        instrument = ET.SubElement(entry, "score-instrument", id=instrument_id(index, key))
        name = part.name if key is None else drum(key).name
        ET.SubElement(instrument, "instrument-name").text = _one_line(name)
    for key in keys:
        midi = ET.SubElement(entry, "midi-instrument", id=instrument_id(index, key))
        channel = 10 if part.is_drum else _CHANNELS[index % len(_CHANNELS)]
        ET.SubElement(midi, "midi-channel").text = str(channel)
        ET.SubElement(midi, "midi-program").text = str(1 if part.is_drum else part.program + 1)
        if key is not None:
            ET.SubElement(midi, "midi-unpitched").text = str(key + 1)


def _drum_keys(written: WrittenPart) -> list[int]:
    return sorted(
        {
            head.key
            for staff in written.staves
            for bar in staff
            for voice in bar.voices
            for value in voice
            for head in value.heads
        }
    )


def _one_line(text: str) -> str:
    """One line without the control characters that XML forbids."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
