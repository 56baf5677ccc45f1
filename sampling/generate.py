"""From requests to pieces: plan, decode, and the score with everything a file should hold."""

import io
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import overload

from partimento import __version__
from partimento.music.expression import express
from partimento.music.key_finding import estimate_key
from partimento.music.keys import KeyName, key_name
from partimento.music.score import Key, Note, Score, Tempo, Track
from partimento.music.sketch import Sketch
from partimento.music.sketch_files import read_sketch, sketch_file
from partimento.music.swing import swing
from partimento.music.timeline import seconds
from partimento.request.request import Request
from partimento.request.values import Mode
from partimento.sampling.continuing import groups_of, new_bars, with_primer
from partimento.sampling.engine import Engine, OnBar
from partimento.sampling.instrument_parts import asked_players, lines_of, parts
from partimento.sampling.jobs import Job, job_of
from partimento.sampling.parts import count_finished, first_steps
from partimento.sampling.primer import Primer, primer_of
from partimento.sampling.provenance import Provenance
from partimento.sampling.sketch_reading import FoundSketch
from partimento.sampling.sketcher import Sketcher
from partimento.sampling.sketching import Planned, with_sketches
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.decoding import decode
from partimento.tokenizer.vocabulary import TokenArray


@dataclass(frozen=True, slots=True)
class Wish:
    """One piece to write."""

    request: Request
    primer: Primer | None = None
    keep_primer: bool = True
    """Whether the piece holds the primer's bars too."""
    sketch: FoundSketch | None = None
    """Of the new bars, which the piece follows instead of one that is drawn."""

    @property
    def job(self) -> Job:
        """With what the request leaves open filled in."""
        given = None if self.sketch is None else self.sketch.sketch
        return job_of(self.request, self.primer, given)


@dataclass(frozen=True, slots=True)
class Piece:
    """A generated piece and how it was made."""

    score: Score
    """With the stored settings among its texts; on the token grid, but for a primer's bars."""
    tokens: TokenArray
    """(T,) what was decoded, the primer included."""
    request: Request
    """With the seed that was used."""
    bars: int
    """Finished bars of the score, the primer's included when it was kept."""
    key: str | None
    """The key found in the notes; None when there is none, as in a drum piece."""
    is_complete: bool
    """False when decoding was stopped early."""
    decode_seconds: float
    """From when the piece began until its last bar was finished, among the others of a batch."""
    new_tokens: int
    """Tokens that were decoded, whatever the file keeps; none of the primer's."""
    new_from: int = 0
    """The first tick of the score that is not the primer's."""
    sketch: Sketch | None = None
    """What was followed; of all bars, the primer's too. None where there was no sketch."""

    @property
    def performance(self) -> Score:
        """The score as it is played, with its expression and swing: for MIDI files and sound."""
        request = self.request
        seed = 0 if request.is_greedy else request.seed or 0  # greedy pieces have no other
        played = express(self.score, request.expression, seed, self.new_from)
        return swing(played, request.swing or 0.0, self.new_from)

    @property
    def music_seconds(self) -> float:
        """Length of the bars in seconds, as they are played."""
        return seconds(self.performance)


@overload
def generate(
    requests: Sequence[Request],
    engine: Engine,
    primer: Primer | None = None,
    keep_primer: bool = True,
    on_bar: OnBar | None = None,
    should_stop: None = None,
) -> list[Piece]: ...
@overload
def generate(
    requests: Sequence[Request],
    engine: Engine,
    primer: Primer | None,
    keep_primer: bool,
    on_bar: OnBar | None,
    should_stop: Callable[[], bool],
) -> list[Piece | None]: ...
def generate(
    requests: Sequence[Request],
    engine: Engine,
    primer: Primer | None = None,
    keep_primer: bool = True,
    on_bar: OnBar | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Sequence[Piece | None]:
    """Decode all requests together; the same request gives the same piece alone or with others.

    `on_bar` hears (piece, finished new bars). When `should_stop` turns true, pieces with at
    least one finished bar are cut to their finished bars, and None stands for the others.
    PartimentoError for wishes that cannot be met together.
    """
    wishes = [Wish(request, primer, keep_primer) for request in requests]
    return generate_each(wishes, engine, on_bar, should_stop)


def generate_each(
    wishes: Sequence[Wish],
    engine: Engine,
    on_bar: OnBar | None = None,
    should_stop: Callable[[], bool] | None = None,
    sketcher: Sketcher | None = None,
) -> list[Piece | None]:
    """As `generate`, with a primer and a sketch of its own for each piece; None: it is left out.

    `sketcher` draws the sketches; the one of the package by default.
    """
    jobs = [wish.job for wish in wishes]
    planned = with_sketches(jobs, engine, sketcher)
    times = _Times(len(jobs), on_bar)
    seeds = [job.seed for job in jobs]
    decoded = engine.decode([each.plan for each in planned], seeds, times.on_bar, should_stop)
    pieces: list[Piece | None] = []
    for index, (wish, job, each) in enumerate(zip(wishes, jobs, planned, strict=True)):
        result, plan = decoded[index], each.plan
        finished = count_finished(result, plan)
        if not finished:
            pieces.append(None)
            continue
        provenance = Provenance(
            version=__version__,
            request=job.request,
            checkpoint=engine.checkpoint,
            engine=engine.name,
            precision=engine.precision,
            primer=None if wish.primer is None else wish.primer.stored,
            keeps_primer=wish.keep_primer,
            finished_bars=None if result[-1] == v.EOS else finished,
            sketcher=None if each.guide is None else each.sketcher,
            sketch=None if job.sketch is None else sketch_file(job.sketch),
        )
        pieces.append(_piece(result, each, provenance, wish.primer, times.seconds(index)))
    return pieces


class _Times:
    """How long each piece takes, among the others."""

    def __init__(self, pieces: int, on_bar: OnBar | None = None) -> None:
        self._began = [time.perf_counter()] * pieces
        self._last = list(self._began)
        self._on_bar = on_bar

    def on_bar(self, piece: int, bars: int) -> None:
        """Note when a piece begins, and when it has finished some bars; pass that on."""
        self._last[piece] = time.perf_counter()
        if bars == 0:
            self._began[piece] = self._last[piece]
        elif self._on_bar is not None:
            self._on_bar(piece, bars)

    def seconds(self, piece: int) -> float:
        """Until the last bar that is finished."""
        return self._last[piece] - self._began[piece]


def replay(provenance: Provenance, engine: Engine, sketcher: Sketcher | None = None) -> Piece:
    """Make a piece again, as far as it went; engine and sketcher must hold the same weights."""
    primer = None if provenance.primer is None else primer_of(provenance.primer)
    sketch = None if provenance.sketch is None else read_sketch(io.BytesIO(provenance.sketch))
    [planned] = with_sketches([job_of(provenance.request, primer, sketch)], engine, sketcher)
    finished = 0

    def count(piece: int, bars: int) -> None:
        nonlocal finished
        finished += bars

    def is_enough() -> bool:
        return provenance.finished_bars is not None and finished >= provenance.finished_bars

    times = _Times(1, count)
    [tokens] = engine.decode([planned.plan], [provenance.seed], times.on_bar, is_enough)
    return _piece(tokens, planned, provenance, primer, times.seconds(0))


def _piece(
    tokens: TokenArray,
    planned: Planned,
    provenance: Provenance,
    primer: Primer | None,
    decode_seconds: float,
) -> Piece:
    request, plan = provenance.request, planned.plan
    new_tokens = len(tokens) - len(plan.prompt)
    if provenance.finished_bars is not None:
        tokens = first_steps(tokens, plan, provenance.finished_bars)
    bars = int((tokens == v.BAR).sum() - (plan.prompt == v.BAR).sum())
    score = decode(tokens)
    if primer is not None:
        score, bars = new_bars(score, primer, groups_of(request, primer), bars)
    if request.dynamic is not None:
        score = replace(score, tracks=_with_dynamic(score.tracks, request.dynamic))
    score = replace(score, keys=_as_asked(score.keys, request.key))
    text = replace(provenance, style=score.style).to_text()
    new_from = 0
    if primer is None:
        score = _with_parts(score, request, text)
    else:
        score = with_primer(score, primer, request, text, provenance.keeps_primer)
        if provenance.keeps_primer:
            bars += len(primer.bars)
            new_from = primer.end * score.ticks_per_quarter // primer.score.ticks_per_quarter
    key = estimate_key(score)
    return Piece(
        score=score,
        tokens=tokens,
        request=request,
        bars=bars,
        key=None if key is None else str(key_name(key)),
        is_complete=provenance.finished_bars is None,
        decode_seconds=decode_seconds,
        new_tokens=new_tokens,
        new_from=new_from,
        sketch=None if planned.guide is None else planned.guide.sketch,
    )


def _as_asked(keys: tuple[Key, ...], asked: KeyName | Mode | None) -> tuple[Key, ...]:
    """The keys of a score, the asked one spelled as it was asked for."""
    if not isinstance(asked, KeyName):
        return keys
    key = asked.at()
    same = (key.tonic, key.is_minor)
    return tuple(replace(key, tick=k.tick) if (k.tonic, k.is_minor) == same else k for k in keys)


def _with_parts(score: Score, request: Request, text: str) -> Score:
    """A decoded score with the tracks and the tempo of a file, and what is stored in it."""
    bpm = request.bpm or float(round(score.tempos[0].bpm))
    bar_ticks = score.meters[0].bar_ticks(score.ticks_per_quarter)
    return replace(
        score,
        tracks=parts(lines_of(score), asked_players(request.instruments), bar_ticks),
        tempos=(Tempo(0, bpm), *(tempo for tempo in score.tempos if tempo.tick > 0)),
        texts=(text,),
    )


def _with_dynamic(tracks: tuple[Track, ...], dynamic: str) -> tuple[Track, ...]:
    """Move the loudness of all notes as many levels as a dynamic is from mf."""
    levels = v.DYNAMICS.index(dynamic) - v.DEFAULT_DYNAMIC

    def moved(note: Note) -> Note:
        level = v.velocity_index(note.velocity) + levels
        return replace(note, velocity=v.VELOCITIES[min(max(level, 0), len(v.VELOCITIES) - 1)])

    return tuple(replace(track, notes=tuple(map(moved, track.notes))) for track in tracks)
