"""A score as the page draws and plays it: plain numbers, in time instead of ticks."""

from collections.abc import Callable
from dataclasses import dataclass

from partimento.music.metre import beats
from partimento.music.score import Score
from partimento.music.timeline import TempoMap
from partimento.rendering.roll.contents import Line, chord_name, read_contents


@dataclass(frozen=True, slots=True)
class Part:
    """One track."""

    name: str
    program: int
    drums: bool
    notes: tuple[int, ...]
    """Four numbers a note: milliseconds since the note before it, pitch, length in milliseconds,
    velocity."""


@dataclass(frozen=True, slots=True)
class Music:
    """A piece's notes and what a roll shows around them; times in milliseconds."""

    parts: tuple[Part, ...]
    bars: tuple[int, ...]
    """Start of each bar."""
    beats: tuple[int, ...]
    """Start of each beat inside a bar."""
    chords: tuple[tuple[int, str], ...]
    """Start and name."""
    length: int
    """End of the last bar, or of the last note."""


def describe_music(score: Score) -> Music:
    """What the page draws and plays of a score; RenderingError for one without notes."""
    contents = read_contents(score)
    at = _clock(score)
    bars, key = contents.bars, contents.key
    return Music(
        parts=tuple(
            Part(line.name, line.program, line.is_drum, _numbers(line, at))
            for line in contents.lines
        ),
        bars=tuple(at(bar.start) for bar in bars),
        beats=tuple(
            at(bar.start + tick)
            for bar in bars
            for tick in beats(bar.length, bar.meter, score.ticks_per_quarter)
        ),
        chords=tuple((at(chord.onset), chord_name(chord, key)) for chord in contents.chords),
        length=at(max(score.end, bars[-1].start + bars[-1].length)),
    )


def _clock(score: Score) -> Callable[[int], int]:
    """A function from a tick to its time in milliseconds."""
    tempo_map = TempoMap.of(score)
    return lambda tick: round(1000 * tempo_map.seconds(tick))


def _numbers(line: Line, at: Callable[[int], int]) -> tuple[int, ...]:
    """The notes of a part as one list of numbers."""
    numbers: list[int] = []
    last = 0
    for note in line.notes:
        onset = at(note.onset)
        length = max(1, at(note.onset + note.duration) - onset)
        numbers += (onset - last, note.pitch, length, note.velocity)
        last = onset
    return tuple(numbers)
