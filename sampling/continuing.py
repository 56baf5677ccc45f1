"""Going on from a primer: its bars as they are in their file, then the new ones.

New notes are played by the primer's own parts where these hold the line that they are written
in. Tempo and meter in force at the end of the primer go on, exactly, until something else is
asked for; nothing that is asked for changes the primer's bars.
"""

from collections.abc import Sequence
from dataclasses import replace

from partimento.music.continuation import continued
from partimento.music.keys import key_name
from partimento.music.score import GRID_TICKS_PER_QUARTER, Meter, Note, Score, Tempo, Track
from partimento.music.timeline import from_tick
from partimento.request.request import Request
from partimento.sampling.bar_groups import BarGroups
from partimento.sampling.ensembles import primer_ensemble, usual_ensemble, usual_style
from partimento.sampling.instrument_parts import (
    Asked,
    Line,
    asked_players,
    joined_notes,
    lines_of,
    parts,
)
from partimento.sampling.looping import draft_request
from partimento.sampling.plan import Plan
from partimento.sampling.planning import make_plan
from partimento.sampling.primer_bars import Primer
from partimento.tokenizer import vocabulary as v

BPM_RANGE = (10.0, 400.0)
"""What a request may ask for; the tempo of a file may lie outside."""


def plan_of(request: Request, primer: Primer | None) -> Plan:
    """The plan of a request, after a primer when there is one."""
    if request.loop:
        return plan_of(draft_request(request), None)
    if primer is None:
        request = replace(request, style=usual_style(request))
        return make_plan(request, ensemble=usual_ensemble(request))
    keys = primer.score.keys
    if request.key is None and keys and key_name(keys[-1]).index != primer.token_key:
        # Tokens change key at bar lines only; this change came later.
        request = replace(request, key=key_name(keys[-1]))
    groups = groups_of(request, primer)
    ensemble = primer_ensemble(request, primer)
    return make_plan(request, primer.tokens, groups=groups, ensemble=ensemble)


def groups_of(request: Request, primer: Primer) -> BarGroups:
    """How the new bars after a primer are written."""
    return primer.groups(request.bars, request.meter)


def usual_bpm(primer: Primer) -> float:
    """The tempo in force at the end of a primer, within what a request may say."""
    low, high = BPM_RANGE
    return min(max(primer.bpm, low), high)


def new_bars(score: Score, primer: Primer, groups: BarGroups, finished: int) -> tuple[Score, int]:
    """What was written after a primer, from tick 0 in the primer's meters, and its whole bars.

    `score` is all that was decoded, `finished` how many new bars of the tokens count.
    """
    count = groups.bars_within(finished)
    end = groups.ends[count - 1] if count else 0
    new = from_tick(score, primer.token_ticks)
    tracks = (replace(t, notes=tuple(n for n in t.notes if n.onset < end)) for t in new.tracks)
    starts = (0, *groups.ends)
    meters: list[Meter] = []
    for start, meter in zip(starts, groups.bars[:count], strict=False):
        if not meters or (meters[-1].numerator, meters[-1].denominator) != meter:
            meters.append(Meter(start, *meter))
    new = replace(new, tracks=tuple(track for track in tracks if track.notes), meters=tuple(meters))
    return new, count


def with_primer(
    new: Score, primer: Primer, request: Request, text: str, keeps_primer: bool
) -> Score:
    """The primer's bars, where they are kept, and the new ones as the file has them.

    `text` is what is stored in it.
    """
    asked = asked_players(request.instruments)
    bpm = primer.bpm if request.bpm == usual_bpm(primer) else request.bpm
    new = replace(
        new,
        texts=(text, *primer.score.texts),
        tempos=() if bpm is None else (Tempo(0, bpm),),
        keys=() if request.key is None else new.keys,
    )
    joined = _joined(new, primer, asked)
    if keeps_primer:
        return joined
    start = primer.end * joined.ticks_per_quarter // primer.score.ticks_per_quarter
    return from_tick(joined, start)


def _joined(new: Score, primer: Primer, asked: Asked) -> Score:
    """The primer's bars and then new ones, which the primer's parts play where they can."""
    tracks: list[Track] = []
    places: list[int | None] = []
    fresh: list[Line] = []
    for line in lines_of(new):
        place = _place(line, primer, asked)
        if place is None:
            fresh.append(line)
        elif place in places:
            index = places.index(place)
            notes = joined_notes([*tracks[index].notes, *line.notes])
            tracks[index] = replace(tracks[index], notes=notes)
        else:
            places.append(place)
            tracks.append(Track(line.notes))
    added = parts(fresh, asked, 4 * GRID_TICKS_PER_QUARTER)
    new = replace(new, tracks=(*tracks, *added))
    return continued(primer.score, primer.end, new, [*places, *[None] * len(added)])


def _place(line: Line, primer: Primer, asked: Asked) -> int | None:
    """Index of the primer's track that a new line goes on, or None.

    The one that has this line; else, of those of its instrument, the one that lies nearest.
    Where instruments were asked for, only tracks with their programs.
    """
    programs = {player.program for player in asked.get(line.instrument, [])}
    tracks = primer.score.tracks
    fitting = [
        index
        for index, track in enumerate(tracks)
        if _instrument(track) == line.instrument
        and (not programs or track.is_drum or track.program in programs)
    ]
    own = primer.lines.get((line.instrument, line.number))
    if own in fitting:
        return own
    middle = _mean_pitch(line.notes)
    return min(fitting, key=lambda i: abs(_mean_pitch(tracks[i].notes) - middle), default=None)


def _instrument(track: Track) -> int:
    return v.DRUMS if track.is_drum else v.INSTRUMENT_OF_PROGRAM[track.program]


def _mean_pitch(notes: Sequence[Note]) -> float:
    return sum(note.pitch for note in notes) / max(1, len(notes))
