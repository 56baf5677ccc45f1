"""Notes as the MIREX task of symbolic music generation exchanges them: JSON on a sixteenth grid.

The task of 2025 ("2025:Symbolic Music Generation", music-ir.org) gives a prompt of piano music in
4/4, one bar of pickup and four bars, and asks for the twelve bars after it:
{"prompt": [{"start": 16, "pitch": 72, "duration": 6}, ...]} and {"generation": [...]}. `start` and
`duration` count sixteenths; the pickup has 0 to 15, the prompt's bars 16 to 79, the new ones 80 to
271, and a note that ends later is cut at 272.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple, cast

from partimento.errors import PartimentoError
from partimento.music.score import GRID_TICKS_PER_QUARTER, Meter, Note, Score, Track

BAR = 16
"""Sixteenths of a bar of 4/4."""
PICKUP, PROMPT_BARS, NEW_BARS = 1, 4, 12
FIRST = (PICKUP + PROMPT_BARS) * BAR
"""Sixteenth at which the new bars begin."""
END = FIRST + NEW_BARS * BAR
_TICKS = GRID_TICKS_PER_QUARTER // 4
_RANGES = {"start": (0, FIRST - 1), "pitch": (0, 127), "duration": (1, END)}


class Prompt(NamedTuple):
    """What is to be gone on from."""

    score: Score
    """On the token grid, from its first bar on."""
    bars: int
    """4, or 5 with a pickup."""


def read_prompt(text: str, name: str) -> Prompt:
    """The prompt of a file's text; PartimentoError says which note of which file is wrong."""
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise PartimentoError(
            f"{name}: not valid JSON ({error.msg} in line {error.lineno})"
        ) from None
    entries = content.get("prompt") if isinstance(content, dict) else None
    if not isinstance(entries, list) or not entries:
        raise PartimentoError(
            f'{name}: holds no notes; give {{"prompt": [{{"start": 16, "pitch": 72, "duration": '
            "6}, ...]}"
        )
    found = sorted(_note(entry, f"{name}: note {n}") for n, entry in enumerate(entries, 1))
    shift = 0 if found[0].onset < BAR * _TICKS else PICKUP * BAR * _TICKS
    notes = tuple(replace(note, onset=note.onset - shift) for note in found)
    score = Score(GRID_TICKS_PER_QUARTER, (Track(notes),), meters=(Meter(0, 4, 4),))
    return Prompt(score, PROMPT_BARS + (0 if shift else PICKUP))


def _note(entry: object, place: str) -> Note:
    if not isinstance(entry, dict):
        raise PartimentoError(f"{place} must be an object, got {entry!r}")
    values = []
    for name, (low, high) in _RANGES.items():
        value = cast("Mapping[str, object]", entry).get(name)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise PartimentoError(f"{place}: {name} must be in [{low}, {high}], got {value!r}")
        values.append(value)
    start, pitch, duration = values
    return Note(start * _TICKS, pitch, duration * _TICKS)


def write_generation(score: Score) -> str:
    """Twelve bars of a score, from tick 0, as the task's JSON.

    What lies between sixteenths goes to the nearest one; of notes that then are the same, the
    longest stays.
    """
    ticks = score.ticks_per_quarter / 4
    lengths: dict[tuple[int, int], int] = {}
    for note in (note for track in score.tracks if not track.is_drum for note in track.notes):
        start = FIRST + round(note.onset / ticks)
        end = min(max(FIRST + round((note.onset + note.duration) / ticks), start + 1), END)
        if start < END:
            place = (start, note.pitch)
            lengths[place] = max(lengths.get(place, 0), end - start)
    notes = [
        {"start": start, "pitch": pitch, "duration": length}
        for (start, pitch), length in sorted(lengths.items())
    ]
    return json.dumps({"generation": notes}, indent=2) + "\n"
