"""What the training music has too is written anew: the bars from there on, with another seed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from partimento.errors import PartimentoError
from partimento.music.known_passages import Common, KnownPassages
from partimento.music.score import Note, Score
from partimento.sampling.draw import derive_seed
from partimento.sampling.engine import Engine, OnBar
from partimento.sampling.instrument_parts import asked_players, lines_of, parts
from partimento.sampling.plan import Plan, is_opener
from partimento.sampling.provenance import Redraw
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.decoding import decode
from partimento.tokenizer.token_sketches import place_tokens
from partimento.tokenizer.vocabulary import TokenArray
from partimento.tokenizer.voices import voice_tracks

MAX_REDRAWS = 12
"""Of one piece; then it stays as it is, and that is said."""
TRIES = 2
"""With other seeds from the bar in which a run begins, before one goes a bar further back."""
_FIRST_SEED = 1_000_000
"""Number of the first seed that is derived; smaller ones are those of the pieces of a run."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A piece that was decoded."""

    plan: Plan
    seed: int
    tokens: TokenArray
    """(T,) prompt included."""
    least: int | None = None
    """Notes of a run in common with the training music that is written anew; None: none is."""
    instruments: tuple[str, ...] | None = None
    """That were asked for."""
    start: int = 0
    """Tick of the tokens from which runs count: the end of a primer."""
    redraws: tuple[Redraw, ...] = ()


def redraw(
    drafts: Sequence[Draft], engine: Engine, should_stop: Callable[[], bool] | None = None
) -> list[Draft]:
    """Write anew what has a run in common with the training music, all pieces together.

    What still has one after MAX_REDRAWS, or when it is stopped, is left as it is then.
    PartimentoError when that music is not known.
    """
    drafts = list(drafts)
    if all(draft.least is None for draft in drafts):
        return drafts
    known = engine.known
    if known is None:
        raise PartimentoError(
            "there is no index of the music that these weights were trained on; make it with "
            "`partimento index`, or leave `original` out"
        )
    for _ in range(MAX_REDRAWS):
        found = [(index, _next(draft, known)) for index, draft in enumerate(drafts)]
        waiting = [(index, each) for index, each in found if each is not None]
        if not waiting or (should_stop is not None and should_stop()):
            break
        plans = [from_step(drafts[i].plan, drafts[i].tokens, each.step) for i, each in waiting]
        seeds = [each.seed for _, each in waiting]
        written = engine.decode(plans, seeds, None, should_stop)
        for (index, each), tokens in zip(waiting, written, strict=True):
            redraws = (*drafts[index].redraws, each)
            drafts[index] = replace(drafts[index], tokens=tokens, redraws=redraws)
    return drafts


def redecode(draft: Draft, engine: Engine, on_bar: OnBar, bars: int | None) -> TokenArray:
    """The tokens of a piece that was redrawn so, from its first seed on; so many bars, or all."""
    plan, seed = draft.plan, draft.seed
    for each in draft.redraws:
        plan = from_step(draft.plan, _decode(plan, seed, engine, each.step + 1), each.step)
        seed = each.seed
    return _decode(plan, seed, engine, bars, on_bar)


def from_step(plan: Plan, tokens: TokenArray, step: int) -> Plan:
    """The plan of the same piece that keeps what was written before a step."""
    starts = np.flatnonzero(is_opener(tokens))
    return plan._replace(prompt=tokens[: starts[plan.steps_before + step]])


def common_with(
    known: KnownPassages, score: Score, instruments: tuple[str, ...] | None, start: int
) -> Common:
    """What decoded tokens have in common with the training music from a tick on, at most."""
    found = [known.common(view, start) for view in _views(score, instruments)]
    return Common(max(each.longest for each in found), max(each.share for each in found))


def _views(score: Score, instruments: tuple[str, ...] | None) -> list[Score]:
    """The lines of tokens apart, and as a reader of the file parts them: by player, then by voice.

    A run may be hidden in the one and heard in the other.
    """
    bar_ticks = score.meters[0].bar_ticks(score.ticks_per_quarter)
    tracks = parts(lines_of(score), asked_players(instruments), bar_ticks)
    fitting = tuple(
        replace(track, notes=tuple(with_token(note) for note in track.notes)) for track in tracks
    )
    voices = tuple(voice for track in fitting for voice in voice_tracks(track))
    return [score, replace(score, tracks=voices)]


def with_token(note: Note) -> Note:
    """The note, held no longer than a token can say: lines that are joined may add up to others.

    How long a note is held does not count in a passage.
    """
    longest: int = v.DURATIONS[bisect_right(v.DURATIONS, note.duration) - 1]
    return replace(note, duration=longest)


def _next(draft: Draft, known: KnownPassages) -> Redraw | None:
    """What is to be written anew next; None when a piece has no run, or was stopped."""
    if draft.least is None or draft.tokens[-1] != v.EOS:
        return None
    views = _views(decode(draft.tokens), draft.instruments)
    runs = [known.first_run(score, draft.least, draft.start) for score in views]
    tick = min((run for run in runs if run is not None), default=None)
    if tick is None:
        return None
    ends = np.cumsum(place_tokens(draft.tokens).lengths)
    bar = int(np.searchsorted(ends, tick, "right"))
    run = bar - int((draft.plan.prompt == v.BAR).sum())
    tried = sum(run - MAX_REDRAWS // TRIES <= each.step <= run for each in draft.redraws)
    seed = derive_seed(draft.seed, _FIRST_SEED + len(draft.redraws))
    return Redraw(max(0, run - tried // TRIES), seed)


def _decode(
    plan: Plan,
    seed: int,
    engine: Engine,
    bars: int | None,
    on_bar: OnBar = lambda piece, bars: None,
) -> TokenArray:
    """The tokens of a plan until at least so many of its steps are finished."""
    finished = 0

    def count(piece: int, bars: int) -> None:
        nonlocal finished
        finished += bars
        on_bar(piece, bars)

    [tokens] = engine.decode([plan], [seed], count, lambda: bars is not None and finished >= bars)
    return tokens
