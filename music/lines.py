"""The lines of a score by name: its tracks, as people point at them."""

import difflib
import re

from partimento.errors import PartimentoError
from partimento.music.instruments import (
    DRUMS,
    INSTRUMENT_OF_PROGRAM,
    INSTRUMENTS,
    find_family,
    find_instrument,
)
from partimento.music.score import Score, Track

_NUMBERED = re.compile(r"(.+?)\s+(\d{1,3})")


def instrument_of(track: Track) -> int:
    """Index into INSTRUMENTS of what plays a track."""
    return DRUMS if track.is_drum else INSTRUMENT_OF_PROGRAM[track.program]


def line_names(score: Score) -> tuple[str, ...]:
    """What each track is called: by its own name, else by its instrument, numbered from 2 on.

    >>> line_names(Score(24, (Track((), 40), Track((), 40), Track((), 0, name="Solo"))))
    ('violin', 'violin 2', 'Solo')
    """
    counts: dict[int, int] = {}
    names = []
    for track in score.tracks:
        instrument = instrument_of(track)
        number = counts[instrument] = counts.get(instrument, 0) + 1
        own = INSTRUMENTS[instrument]
        names.append(track.name or (own if number == 1 else f"{own} {number}"))
    return tuple(names)


def find_line(score: Score, text: str) -> int:
    """Index of the track that a text means; PartimentoError names those that there are.

    Its name in the file counts first, then its number from 1, then its instrument, with a number
    where several tracks have it: "cello", "violin 2", "bass".

    >>> pair = Score(24, (Track((), 40), Track((), 40), Track((), 32)))
    >>> [find_line(pair, text) for text in ("2", "violin 1", "violin 2", "bass")]
    [1, 0, 1, 2]
    """
    plain = text.strip().casefold()
    named = [i for i, track in enumerate(score.tracks) if track.name.casefold() == plain and plain]
    if len(named) == 1:
        return named[0]
    if plain.isdecimal():
        if 1 <= int(plain) <= len(score.tracks):
            return int(plain) - 1
        raise PartimentoError(f"there is no line {plain}; {_listed(score)}")
    name, number = plain, None
    if numbered := _NUMBERED.fullmatch(plain):
        name, number = numbered[1], int(numbered[2])
    found = named or _players(score, name)
    if number is not None and 1 <= number <= len(found):
        return found[number - 1]
    if number is None and len(found) == 1:
        return found[0]
    if number is None and len(found) > 1:
        numbers = " or ".join(str(index + 1) for index in found)
        raise PartimentoError(
            f"{text!r} may be several lines; say which by its number, {numbers}: {_listed(score)}"
        )
    near = difflib.get_close_matches(plain, [n.casefold() for n in line_names(score)], n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    raise PartimentoError(f"there is no line {text!r}; {hint}{_listed(score)}")


def _players(score: Score, name: str) -> list[int]:
    """Indices of the tracks that an instrument of some name plays, of its family if none."""
    try:
        _, instrument, program = find_instrument(name)
        family = set(find_family(name))
    except PartimentoError:
        return []
    playing = [instrument_of(track) for track in score.tracks]
    exact = [
        index
        for index, track in enumerate(score.tracks)
        if playing[index] == instrument and (track.is_drum or track.program == program)
    ]
    same = [index for index, found in enumerate(playing) if found == instrument]
    return exact if len(exact) == 1 else same or [i for i, p in enumerate(playing) if p in family]


def _listed(score: Score) -> str:
    """The lines with their numbers."""
    names = ", ".join(f"{number} {name}" for number, name in enumerate(line_names(score), start=1))
    return f"the lines are {names}"


def new_name(score: Score, name: str) -> str:
    """A name for a further track, numbered where a track has it already.

    >>> new_name(Score(24, (Track((), 40, name="violin"),)), "violin")
    'violin 2'
    """
    taken = {track.name.casefold() for track in score.tracks}
    number = 1
    found = name
    while found.casefold() in taken:
        number += 1
        found = f"{name} {number}"
    return found
