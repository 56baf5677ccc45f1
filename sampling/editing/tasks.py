"""What an edit writes, one task after the other: which bars, which lines, by whom."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from partimento.errors import SettingError
from partimento.music.bar_ranges import BarRanges
from partimento.music.bars import bar_starts
from partimento.music.facts import counted
from partimento.music.instruments import find_instrument
from partimento.music.lines import find_line
from partimento.music.score import Score
from partimento.request.edit import Edit
from partimento.sampling.instrument_parts import Player
from partimento.tokenizer import vocabulary as v

MOST_BARS = 48
"""Bars that one task fills: a piece of tokens may leave out 64."""
NEAR_BARS = 8
"""Runs of bars that are nearer to each other are filled together."""

Role = Literal["fill", "rewrite", "add", "accompany", "harmonise"]


@dataclass(frozen=True, slots=True)
class Task:
    """Bars of lines to write in one go."""

    role: Role
    bars: tuple[int, ...]
    """Indices of the score's bars, from 0, rising."""
    track: int | None = None
    """The track that is written anew, or the melody that is harmonised; None: all tracks, or a
    further one."""
    players: tuple[tuple[int, Player], ...] = ()
    """Instrument and name of who plays what is new, where no track of the score does."""
    is_anew: bool = False
    """Whether all bars are written one after the other, and not between what is kept."""


def tasks_of(edit: Edit, score: Score, instruments: Sequence[str] | None) -> list[Task]:
    """The tasks of an edit of a score, what is to be removed left aside.

    `instruments` are the players that are asked for. SettingError for bars and lines that there
    are none of.
    """
    count = len(bar_starts(score))
    everywhere = tuple(range(count))
    asked = players_of(instruments or ())
    tasks: list[Task] = []
    if edit.fill is not None:
        track = None if edit.line is None else _line(score, "line", edit.line)
        for bars in _runs(_bars("fill", edit.fill, count)):
            tasks.append(Task("fill" if track is None else "rewrite", bars, track))
    there = everywhere if edit.bars is None else _bars("bars", edit.bars, count)
    for name in (*([edit.reroll] if edit.reroll else ()), *(edit.replace or ())):
        setting = "reroll" if name == edit.reroll else "replace"
        track = _line(score, setting, name)
        tasks += _in_runs(Task("rewrite", there, track, asked[:1]), count)
    for player in players_of(edit.add or ()):
        tasks += _in_runs(Task("add", there, None, (player,)), count)
    for player in players_of(edit.accompany or ()):
        tasks += _in_runs(Task("accompany", there, None, (player,)), count)
    if edit.vary is not None:
        tasks += _variation(edit, score, there, count)
    if edit.harmonise:
        tasks.append(_harmony(edit, score, asked))
    return tasks


def _variation(edit: Edit, score: Score, bars: tuple[int, ...], count: int) -> list[Task]:
    """The tasks of a variation: all lines together, or one after the other beside kept ones."""
    kept = {_line(score, "keep", name) for name in edit.keep or ()}
    if len(kept) == len(score.tracks):
        raise SettingError("keep", "must leave a line to vary, got all of them")
    if kept:
        others = [index for index in range(len(score.tracks)) if index not in kept]
        return [task for i in others for task in _in_runs(Task("rewrite", bars, i), count)]
    if len(bars) == count:
        return [Task("fill", bars, is_anew=True)]
    return [Task("fill", run) for run in _runs(bars)]


def removed(edit: Edit, score: Score) -> Score:
    """The score without the lines that are to be taken out; SettingError when none is left."""
    gone = {_line(score, "remove", name) for name in edit.remove or ()}
    tracks = tuple(track for index, track in enumerate(score.tracks) if index not in gone)
    if not tracks:
        raise SettingError("remove", "must leave a line, got all of them")
    return replace(score, tracks=tracks)


def players_of(names: Iterable[str]) -> tuple[tuple[int, Player], ...]:
    """The instrument and the player of each name."""
    found = [find_instrument(name) for name in names]
    return tuple((instrument, Player(name, program)) for name, instrument, program in found)


def _in_runs(task: Task, count: int) -> list[Task]:
    """A task for all bars at once, or one for each run of bars."""
    if len(task.bars) == count:
        return [task]
    return [replace(task, bars=bars) for bars in _runs(task.bars)]


def _runs(bars: Sequence[int]) -> list[tuple[int, ...]]:
    """Bars that are written together: near each other, and not too many."""
    runs: list[list[int]] = []
    for bar in bars:
        if runs and bar - runs[-1][-1] <= NEAR_BARS and len(runs[-1]) < MOST_BARS:
            runs[-1].append(bar)
        else:
            runs.append([bar])
    return [tuple(run) for run in runs]


def _bars(setting: str, ranges: BarRanges, count: int) -> tuple[int, ...]:
    """Indices of bars; SettingError when the piece has fewer."""
    numbers = ranges.numbers
    if numbers[-1] > count:
        raise SettingError(
            setting, f"must be bars of the piece, which has {counted(count, 'bar')}, got {ranges}"
        )
    return tuple(number - 1 for number in numbers)


def _line(score: Score, setting: str, name: str) -> int:
    """Index of a line; SettingError that names those that there are."""
    try:
        return find_line(score, name)
    except ValueError as error:
        raise SettingError(setting, f"must be a line of the piece: {error}") from None


def _harmony(edit: Edit, score: Score, asked: tuple[tuple[int, Player], ...]) -> Task:
    """The task of writing the lower voices of a melody, up to its last bar."""
    melody = 0 if edit.line is None else _line(score, "line", edit.line)
    if len(score.tracks) > 1 and edit.line is None:
        raise SettingError(
            "line", f"must say which of {len(score.tracks)} lines is the melody to harmonise"
        )
    choir = v.INSTRUMENTS.index("choir")
    voices = asked or tuple(
        (choir, Player(name, v.REPRESENTATIVE_PROGRAMS[choir]))
        for name in ("Alto", "Tenor", "Bass")
    )
    if len(voices) != 3:
        raise SettingError("instruments", f"must name three voices, got {len(voices)}")
    count = len(bar_starts(replace(score, tracks=(score.tracks[melody],))))
    return Task("harmonise", tuple(range(count)), melody, voices)
