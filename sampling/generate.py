"""From requests to pieces: plan, decode, and the score with everything a file should hold."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import overload

from partimento import __version__
from partimento.music.key_finding import estimate_key
from partimento.music.keys import key_name
from partimento.music.loops import closed
from partimento.music.sketch_files import sketch_file
from partimento.request.request import Request
from partimento.sampling.best_of import best, candidates_of
from partimento.sampling.continuing import groups_of, new_bars, with_primer
from partimento.sampling.engine import Engine, OnBar
from partimento.sampling.finishing import as_asked, with_dynamic, with_parts
from partimento.sampling.jobs import Job
from partimento.sampling.looping import find_loop
from partimento.sampling.parts import count_finished, first_steps
from partimento.sampling.plan import Plan
from partimento.sampling.primer_bars import Primer
from partimento.sampling.provenance import Provenance
from partimento.sampling.redrawing import Draft, common_with, redraw
from partimento.sampling.sketcher import Sketcher
from partimento.sampling.sketching import Planned, with_sketches
from partimento.sampling.times import Times
from partimento.sampling.written import Piece as Piece
from partimento.sampling.written import Wish as Wish
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.decoding import decode
from partimento.tokenizer.vocabulary import TokenArray


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

    Where a choice is asked for, all candidates are decoded together, and the best one counts.
    `sketcher` draws the sketches; the one of the package by default.
    """
    groups = [candidates_of(wish) for wish in wishes]
    owners = [owner for owner, group in enumerate(groups) for _ in group]

    def hear(piece: int, bars: int) -> None:
        if on_bar is not None and owners.index(owners[piece]) == piece:  # one speaks for all
            on_bar(owners[piece], bars)

    together = [wish for group in groups for wish in group]
    written = iter(_write_each(together, engine, hear, should_stop, sketcher))
    return [best(group, [next(written) for _ in group], engine) for group in groups]


def _write_each(
    wishes: Sequence[Wish],
    engine: Engine,
    on_bar: OnBar | None,
    should_stop: Callable[[], bool] | None,
    sketcher: Sketcher | None,
) -> list[Piece | None]:
    """A piece for each wish, without a choice."""
    jobs = [wish.job for wish in wishes]
    planned = with_sketches(jobs, engine, sketcher)
    times = Times(len(jobs), on_bar)
    seeds = [job.seed for job in jobs]
    decoded = engine.decode([each.plan for each in planned], seeds, times.on_bar, should_stop)
    drafts = redraw(
        [
            _draft(wish, job, each, tokens)
            for wish, job, each, tokens in zip(wishes, jobs, planned, decoded, strict=True)
        ],
        engine,
        should_stop,
    )
    times.finish([bool(draft.redraws) for draft in drafts])
    pieces: list[Piece | None] = []
    for index, (wish, job, each) in enumerate(zip(wishes, jobs, planned, strict=True)):
        result, plan = drafts[index].tokens, each.plan
        finished = count_finished(result, plan)
        if not finished or (job.request.loop and result[-1] != v.EOS):  # half a loop is none
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
            redraws=drafts[index].redraws,
        )
        seconds_taken = times.seconds(index)
        piece = piece_of(result, each, provenance, wish.primer, seconds_taken, engine)
        if wish.is_candidate:
            piece = replace(piece, nats_a_note=_nats_a_note(engine, plan, piece.tokens))
        pieces.append(piece)
    return pieces


def _draft(wish: Wish, job: Job, planned: Planned, tokens: TokenArray) -> Draft:
    """What was decoded, and what of it is to be written anew."""
    request = job.request
    return Draft(
        planned.plan,
        job.seed,
        tokens,
        # The likeliest choice is the same with every seed.
        least=None if request.is_greedy else request.original,
        instruments=request.instruments,
        start=0 if wish.primer is None else wish.primer.token_ticks,
    )


def _nats_a_note(engine: Engine, plan: Plan, tokens: TokenArray) -> float | None:
    new = tokens[len(plan.prompt) :]
    notes = int(((new >= v.PITCH) & (new < v.DURATION)).sum())
    return float(engine.nats(plan, tokens).sum()) / notes if notes else None


def piece_of(
    tokens: TokenArray,
    planned: Planned,
    provenance: Provenance,
    primer: Primer | None,
    decode_seconds: float,
    engine: Engine,
) -> Piece:
    """The piece that was decoded, with all that a file of it holds."""
    request, plan = provenance.request, planned.plan
    new_tokens = len(tokens) - len(plan.prompt)
    if provenance.finished_bars is not None:
        tokens = first_steps(tokens, plan, provenance.finished_bars)
    bars = int((tokens == v.BAR).sum() - (plan.prompt == v.BAR).sum())
    score = decode(tokens)
    loop = None
    if request.loop:
        loop, further, taken = find_loop(tokens, request, engine, plan)
        score, tokens, bars = loop.score, loop.tokens, request.bars
        new_tokens += further
        decode_seconds += taken
    known = engine.known
    start = 0 if primer is None else primer.token_ticks
    common = None if known is None else common_with(known, score, request.instruments, start)
    if primer is not None:
        score, bars = new_bars(score, primer, groups_of(request, primer), bars)
    if request.dynamic is not None:
        score = replace(score, tracks=with_dynamic(score.tracks, request.dynamic))
    score = replace(score, keys=as_asked(score.keys, request.key))
    text = replace(provenance, style=score.style).to_text()
    new_from = 0
    if primer is None:
        score = with_parts(score, request, text)
    else:
        score = with_primer(score, primer, request, text, provenance.keeps_primer)
        if provenance.keeps_primer:
            bars += len(primer.bars)
            new_from = primer.end * score.ticks_per_quarter // primer.score.ticks_per_quarter
    if loop is not None:
        score = closed(score, loop.end)
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
        sketch=None if planned.guide is None or loop is not None else planned.guide.sketch,
        common=common,
        redraws=len(provenance.redraws),
    )
