"""From the lines that tokens are written in to the tracks of a file: one an instrument.

A pianist's four lines are one track: a program shows one piano, and notation parts its voices
again. Parts stay apart where different people play them: where a player asks for two violins,
and where a further line of an instrument that plays one line at a time, as winds, brass, solo
strings and voices do, has notes in as good as every bar of the first one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from partimento.music.instruments import find_instrument
from partimento.music.score import Note, Score, Track
from partimento.tokenizer import vocabulary as v

ONE_LINE_PLAYERS = frozenset(
    v.INSTRUMENTS.index(name)
    for name in (
        *("violin", "viola", "cello", "contrabass", "choir", "trumpet", "trombone", "horn"),
        *("saxophone", "oboe", "bassoon", "clarinet", "flute"),
    )
)
"""Instruments of which each player, or group of players, has a line of its own."""
MIN_PLAYED_SHARE = 0.5
"""Of the bars in which the first line plays; a line with fewer is a second note now and then."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an instrument through a piece."""

    instrument: int
    number: int
    """Among the lines of the instrument."""
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Player:
    """What an instrument is called in the file, and its General MIDI program."""

    name: str
    program: int


Asked = dict[int, list[Player]]
"""The players that were asked for, by instrument."""


def asked_players(instruments: Sequence[str] | None) -> Asked:
    """The players of the names of instruments."""
    asked: Asked = {}
    for text in instruments or ():
        name, instrument, program = find_instrument(text)
        asked.setdefault(instrument, []).append(Player(name, program))
    return asked


def lines_of(score: Score) -> list[Line]:
    """The lines of a score that was decoded, by the names that `decode` gives its tracks."""
    lines = []
    for track in score.tracks:
        instrument = v.DRUMS if track.is_drum else v.INSTRUMENT_OF_PROGRAM[track.program]
        suffix = track.name.removeprefix(v.INSTRUMENTS[instrument]).strip()
        lines.append(Line(instrument, int(suffix) - 1 if suffix else 0, track.notes))
    return lines


def parts(lines: Sequence[Line], asked: Asked, bar_ticks: int) -> tuple[Track, ...]:
    """The tracks of lines, in the order of the instruments' first notes.

    `bar_ticks` is the length of a bar, by which it is judged how much a line plays.
    """
    by_instrument: dict[int, list[Line]] = {}
    for line in lines:
        by_instrument.setdefault(line.instrument, []).append(line)
    tracks: list[Track] = []
    for instrument, found in by_instrument.items():
        players = asked.get(instrument, [])
        by_part: dict[int, list[Note]] = {}
        for line, part in zip(found, _parts_of(found, len(players), bar_ticks), strict=True):
            by_part.setdefault(part, []).extend(line.notes)
        tracks += _named([by_part[part] for part in sorted(by_part)], instrument, players)
    return tuple(tracks)


def _parts_of(lines: list[Line], players: int, bar_ticks: int) -> list[int]:
    """The number of the part that each line of an instrument belongs to."""
    if players > 1:
        return [min(line.number, players - 1) for line in lines]
    if lines[0].instrument not in ONE_LINE_PLAYERS:
        return [0] * len(lines)
    played = [{note.onset // bar_ticks for note in line.notes} for line in lines]
    first = max(len(bars) for bars in played)
    return [
        line.number if len(bars) >= MIN_PLAYED_SHARE * first else 0
        for line, bars in zip(lines, played, strict=True)
    ]


def _named(parts_of_notes: list[list[Note]], instrument: int, players: list[Player]) -> list[Track]:
    """Tracks with names, numbered where there are several of one name, and programs."""
    usual = Player(v.INSTRUMENTS[instrument], v.REPRESENTATIVE_PROGRAMS[instrument])
    counts: dict[str, int] = {}
    tracks = []
    for index, notes in enumerate(parts_of_notes):
        player = players[min(index, len(players) - 1)] if players else usual
        number = counts[player.name] = counts.get(player.name, 0) + 1
        name = player.name if number == 1 else f"{player.name} {number}"
        is_drum = instrument == v.DRUMS
        tracks.append(Track(joined_notes(notes), 0 if is_drum else player.program, is_drum, name))
    return tracks


def joined_notes(notes: Sequence[Note]) -> tuple[Note, ...]:
    """The notes of several lines as one part plays them.

    Of notes of equal pitch and onset the longer length and the louder velocity stay; a note ends
    where its pitch is struck again.
    """
    found: dict[tuple[int, int], Note] = {}
    for note in notes:
        twin = found.get((note.onset, note.pitch), note)
        found[note.onset, note.pitch] = replace(
            note,
            duration=max(note.duration, twin.duration),
            velocity=max(note.velocity, twin.velocity),
        )
    struck: dict[int, int] = {}
    result = []
    for note in sorted(found.values(), reverse=True):
        end = min(note.onset + note.duration, struck.get(note.pitch, note.onset + note.duration))
        struck[note.pitch] = note.onset
        result.append(replace(note, duration=end - note.onset))
    return tuple(sorted(result))
