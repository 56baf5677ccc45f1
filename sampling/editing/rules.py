"""What the new bars of an edit are held to: which lines play, how high, and where they sound."""

from dataclasses import dataclass, field

import numpy as np

from partimento.errors import SettingError
from partimento.music.instrument_ranges import HAS_VOICES, PLAYABLE
from partimento.music.lines import instrument_of
from partimento.music.score import Score
from partimento.request.request import Request
from partimento.sampling.chord_pull import chord_weights
from partimento.sampling.editing.outline import Outline
from partimento.sampling.editing.tasks import Task
from partimento.sampling.ensembles import LINES_EACH
from partimento.sampling.plan import Integers, Plan, Rule
from partimento.sampling.rules import NARROW_RANGE
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.bar_lines import Line, sounding
from partimento.tokenizer.conditioning import Vector, tell_ensemble

SATB_RANGES = ((60, 81), (53, 74), (47, 69), (36, 64))
"""Lowest and highest note of soprano, alto, tenor and bass in Bach's chorales of the training
split, but for one note in a hundred."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Where a task writes: the piece around it."""

    score: Score
    task: Task
    outline: Outline
    own: list[Line]
    """Lines of the outline that are written anew, where not all."""
    window: range
    """Bars of the tokens that the model sees."""
    written: tuple[int, ...]
    """Those of them that it writes."""
    counts: Integers = field(init=False)
    """(instruments,) kept lines of each instrument."""

    def __post_init__(self) -> None:
        counts = np.zeros(len(v.INSTRUMENTS), np.int32)
        for instrument, _ in self.outline.lines:
            counts[instrument] += 1
        for instrument, _ in self.own:
            counts[instrument] -= 1
        object.__setattr__(self, "counts", counts)

    @property
    def instrument(self) -> int:
        """Of the line that is written, where not all are."""
        if self.task.role == "harmonise":
            return v.INSTRUMENTS.index("choir")
        return self.task.players[0][0] if self.task.players else self.own[0][0]

    @property
    def others(self) -> int:
        """Kept lines of that instrument."""
        return int(self.counts[self.instrument])


def hold(plan: Plan, scene: Scene, request: Request) -> Plan:
    """The plan, held to what a task writes."""
    steps = [
        Rule(*(np.array(values[rule]) for values in plan.rules)) for rule in plan.rule_of.tolist()
    ]
    most, lowest, highest = _lines_and_ranges(scene)
    room = _room(plan, lowest, highest)
    most = _playing(scene, most, room)
    keeps_instruments = scene.task.role == "fill" and request.instruments is not None
    ends = scene.window.stop == len(scene.outline.bars)
    voices = scene.task.role == "harmonise"
    held = []
    # Steps behind those that are written are those of bars that stay: none of them is reached.
    for step, bar in zip(steps, scene.written, strict=False):
        if not keeps_instruments:
            step = step._replace(
                most_lines=most,
                most_together=np.array(most.sum() + scene.counts.sum(), np.int32),
                least_lines=_least(scene, bar),
                lowest=lowest,
                highest=highest,
                may_ring=np.array(room[most > 0].min() >= NARROW_RANGE),
            )
        is_last = ends and bar == scene.window.stop - 1
        held.append(
            step._replace(
                must_close=np.array(is_last and bool(step.must_close)),
                may_rest=np.array(scene.task.role in ("fill", "add")),
                may_label=np.array(False),
                chord_weights=chord_weights(request.chord_pull if request.chords else 0.0),
                leads_voices=np.array(voices),
                voice_ranges=np.array(SATB_RANGES, np.int32) if voices else step.voice_ranges,
            )
        )
    return plan._replace(
        rule_of=np.minimum(np.arange(len(steps), dtype=np.int32), len(held) - 1),
        rules=Rule(*(np.stack(values) for values in zip(*held, strict=True))),
        told=_told(scene, most)[None] if not keeps_instruments else plan.told,
    )


def _lines_and_ranges(scene: Scene) -> tuple[Integers, Integers, Integers]:
    """(instruments,) most lines of each instrument, its lowest and its highest pitch."""
    ranges = np.array(PLAYABLE, np.int32)
    lowest, highest = ranges[:, 0].copy(), ranges[:, 1].copy()
    for track in scene.score.tracks:
        index = instrument_of(track)
        lowest[index] = min(lowest[index], *(note.pitch for note in track.notes), 127)
        highest[index] = max(highest[index], *(note.pitch for note in track.notes), 0)
    most = scene.counts.copy()
    if scene.task.role == "fill":
        return most, lowest, highest
    instrument = scene.instrument
    most[[index for index in range(len(most)) if index != instrument]] = 0  # these are forced
    if scene.task.role == "harmonise":
        most[instrument] = len(SATB_RANGES)
    elif scene.task.players:
        most[instrument] += LINES_EACH if HAS_VOICES[instrument] else 1
    else:
        most[instrument] += len(scene.own)
    if scene.task.role == "accompany" and instrument != v.DRUMS:
        top = max(_mean_pitch(scene.score, index) for index in range(len(scene.score.tracks)))
        highest[instrument] = min(highest[instrument], max(top, lowest[instrument] + 12))
    return most, lowest, highest


def _room(plan: Plan, lowest: Integers, highest: Integers) -> Integers:
    """(instruments,) pitches that each instrument may play; drums have room enough."""
    allowed = plan.rules.pitches[0, 0]
    room = [int(allowed[low : high + 1].sum()) for low, high in zip(lowest, highest, strict=True)]
    room[v.DRUMS] = 128
    return np.array(room, np.int32)


def _playing(scene: Scene, most: Integers, room: Integers) -> Integers:
    """The most lines of each instrument that has a note to play; SettingError when none has."""
    playing = np.where(room > 0, most, 0).astype(np.int32)
    is_missing = scene.task.role != "fill" and not playing[scene.instrument]
    if is_missing or not playing.any():
        name = v.INSTRUMENTS[scene.instrument] if is_missing else "lines of these bars"
        raise SettingError("pitch_range", f"must hold a note that the {name} can play")
    return playing


def _mean_pitch(score: Score, index: int) -> int:
    """Of a track; 0 of drums."""
    track = score.tracks[index]
    pitches = [note.pitch for note in track.notes]
    return 0 if track.is_drum or not pitches else round(sum(pitches) / len(pitches))


def _least(scene: Scene, bar: int) -> Integers:
    """(instruments,) least lines of each instrument in a bar: a new line plays, one that is written
    anew where it played before."""
    least = np.zeros(len(v.INSTRUMENTS), np.int32)
    if scene.task.role == "fill":
        return least
    heard = sounding(scene.outline.bars[bar].lines)
    if scene.task.role == "harmonise":
        least[scene.instrument] = len(SATB_RANGES) if heard else 0
    elif scene.task.role != "rewrite" or heard & set(scene.own):
        least[scene.instrument] = scene.others + 1
    return least


def _told(scene: Scene, most: Integers) -> Vector:
    """What the network is told: the lines that play around, and the new one."""
    lines = np.zeros(len(v.INSTRUMENTS), np.int64)
    kept = [bar for bar in scene.window if bar not in scene.written]
    for bar in kept or scene.window:
        counts = np.zeros_like(lines)
        for instrument, number in sounding(scene.outline.bars[bar].lines):
            counts[instrument] = max(counts[instrument], number + 1)
        lines = np.maximum(lines, counts)
    if scene.task.role == "fill":
        return tell_ensemble(np.minimum(lines, most))
    if scene.task.role != "rewrite" or scene.task.players:
        lines[scene.instrument] = most[scene.instrument]
    is_open = np.zeros(len(lines), np.bool_)
    is_open[scene.instrument] = HAS_VOICES[scene.instrument] and scene.task.role != "harmonise"
    return tell_ensemble(lines, is_open)
