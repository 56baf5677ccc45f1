"""From requests to sketched plans: what each bar shall do, decided before the first note.

The header of a piece comes first, since a sketch is drawn in a key, a meter and a tempo: what is
left open of it, the model chooses as it would without a sketch. Then the flow draws the bars, or
a sketch is given; what the request forbids is taken out, noise of the level that `follow` asks
for goes in, and the decoder is told the rest.

T bars of a piece, the prompt's among them; W values of a sketch, D numbers of a bar's vector, C
inputs of a row.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from partimento.errors import PartimentoError, SettingError
from partimento.model.latent.flow_conditions import Conditions
from partimento.model.latent.guide import guide
from partimento.music.form import parse_form
from partimento.music.key_finding import KEY_PROFILES
from partimento.music.sketch import (
    LANES,
    LEVELS,
    ONSETS,
    PITCHES,
    SLOTS,
    WIDTH,
    Floats,
    Sketch,
    transpose_values,
)
from partimento.request.request import Request
from partimento.sampling.draw import derive_seed
from partimento.sampling.engine import Engine
from partimento.sampling.jobs import Job
from partimento.sampling.plan import FREE, SKIP, Plan
from partimento.sampling.sketch_pull import sketch_pull
from partimento.sampling.sketcher import Sketcher, load_sketcher
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.token_sketches import place_tokens, sketch_tokens

SKETCHES_BY_DEFAULT = False
"""Whether a piece is sketched when nothing is said of it."""
FOLLOW = 0.7
"""How closely a sketch is followed when nothing is said of it."""
GUIDANCE = 2.0
"""How strongly conditions count when nothing is said of it; docs/experiments.md."""
CHANGE = 0.1
"""How much a section is changed when it returns."""
DRAWING, TELLING = 2, 3
"""Which seeds of a piece's are those of its sketch and of the noise in it."""

_HEADER = ((v.STYLE, v.DYNAMIC), (v.KEY, v.METER), (v.METER, v.TEMPO), (v.TEMPO, v.STYLE))


@dataclass(frozen=True, slots=True, eq=False)
class Guide:
    """The sketch of a piece and what the decoder is told of it."""

    vectors: Floats
    """(T, D)."""
    sketch: Sketch
    """Of all bars, as it was before noise went in."""
    inputs: Floats
    """(T, ROWS, C); zero in the bars of the prompt, which are heard already."""
    pull: Floats
    """(T, PULLS) what the choice is weighed by beside it; none where it is hardly followed."""


@dataclass(frozen=True, slots=True, eq=False)
class Planned:
    """A plan that is complete."""

    plan: Plan
    guide: Guide | None = None
    sketcher: str | None = None
    """Name of what drew or told the sketch."""


def wants_sketch(request: Request) -> bool:
    """Whether a piece is to be sketched, where the weights can read one.

    Asked chords are a plan already: beside them a sketch must be asked for.
    """
    if request.no_sketch:
        return False
    return request.asks_for_sketch or (SKETCHES_BY_DEFAULT and request.chords is None)


def asking_for_sketch(request: Request) -> Request:
    """The request, with a sketch asked for; SettingError when none is wanted."""
    if request.no_sketch:
        raise SettingError("no_sketch", "leaves no sketch to be written; leave one of the two out")
    return request if request.asks_for_sketch else replace(request, follow=FOLLOW)


def with_sketches(
    jobs: Sequence[Job], engine: Engine, sketcher: Sketcher | None = None
) -> list[Planned]:
    """The plans of jobs, those that want a sketch with their headers decided and their guides.

    Without `sketcher` the parts of the package draw. A piece's sketch is the same alone or with
    others. PartimentoError when a sketch is asked for and the weights read none.
    """
    wanted = [_is_sketched(job, engine) for job in jobs]
    if not any(wanted):
        return [Planned(job.plan) for job in jobs]
    drawer = load_sketcher() if sketcher is None else sketcher
    sketched = [job for job, is_wanted in zip(jobs, wanted, strict=True) if is_wanted]
    headers = iter(_headers(sketched, engine))
    planned: list[Planned] = []
    for job, is_wanted in zip(jobs, wanted, strict=True):
        if not is_wanted:
            planned.append(Planned(job.plan))
            continue
        plan = job.plan._replace(header=next(headers))
        found = draw_guide(replace(job, plan=plan), drawer)
        told = plan._replace(sketch=found.inputs, pulled_bars=len(found.pull), pull=found.pull)
        planned.append(Planned(told, found, drawer.name))
    return planned


def sketcher_name(jobs: Sequence[Job], engine: Engine) -> str | None:
    """Name of what draws the sketches of jobs; None where none of them has one."""
    return load_sketcher().name if any(_is_sketched(job, engine) for job in jobs) else None


def _is_sketched(job: Job, engine: Engine) -> bool:
    """Whether a job is sketched; PartimentoError when that is asked for and cannot be."""
    is_wanted = job.sketch is not None or wants_sketch(job.request)
    if is_wanted and job.is_asked and not engine.reads_sketches:
        raise PartimentoError(
            "a sketch is asked for, which these weights do not read; give weights that were "
            "trained with sketches, or leave the sketch out"
        )
    return is_wanted and engine.reads_sketches


def draw_guide(job: Job, sketcher: Sketcher) -> Guide:
    """The guide of a piece whose header is decided, or whose prompt has one."""
    request, plan = job.request, job.plan
    before = int((plan.prompt == v.BAR).sum())
    bars = plan.total_bars
    values, known = _given_bars(job, before, bars)
    seed = 0 if request.is_greedy else job.seed  # greedy pieces have no other
    rng = np.random.default_rng(derive_seed(seed, DRAWING))
    conditions = conditions_of(request, plan)
    guidance = GUIDANCE if request.guidance is None else request.guidance
    vectors = sketcher.autoencoder.encode(values)
    if request.form is not None:
        change = CHANGE if request.change is None else request.change
        sections = parse_form(request.form, bars)
        vectors = sketcher.draw_form(conditions, sections, change, rng, guidance)
    elif not known.all():
        vectors = sketcher.draw(conditions, vectors, known, rng, guidance)
    if conditions.key is not None and not known.any():
        vectors = in_key(vectors, conditions.key, sketcher)
        aim = sketcher.flow.aim(conditions.attributes)  # which other pitches may have missed
        vectors = vectors if aim is None else vectors + aim.shift(vectors)
    is_new: npt.NDArray[np.bool_] = np.arange(bars) >= before
    allowed = allowed_values(plan)
    follow = FOLLOW if request.follow is None else request.follow
    noise = np.random.default_rng(derive_seed(seed, TELLING))
    inputs = guide(vectors, sketcher.autoencoder, follow, noise, is_new, allowed)
    drawn = sketcher.autoencoder.decode(vectors)
    drawn[is_new] *= allowed
    drawn[:before] = values[:before]
    meters = _meters(plan, before)
    if job.sketch is not None and request.meter in job.sketch.meters[:1]:
        given = job.sketch.meters[: bars - before]
        meters[before : before + len(given)] = given
    return Guide(vectors, Sketch.of_values(drawn, meters), inputs, sketch_pull(drawn, follow))


def in_key(vectors: Floats, key: int, sketcher: Sketcher) -> Floats:
    """(T, D) the vectors of a piece moved to where its pitch classes suit a key best.

    The flow knows keys only roughly as yet: one piece in six was drawn in the one it was told.
    """
    values = sketcher.autoencoder.decode(vectors)
    onsets = values[:, :ONSETS].reshape(-1, SLOTS, LANES)
    classes = onsets[..., :12].sum((0, 1), dtype=np.float64)
    ways = sorted(range(-6, 6), key=abs)
    fits = [float(KEY_PROFILES[key] @ np.roll(classes, way)) for way in ways]
    semitones = ways[int(np.argmax(fits))]
    if semitones == 0:
        return vectors
    return sketcher.autoencoder.encode(transpose_values(values, semitones))


def conditions_of(request: Request, plan: Plan) -> Conditions:
    """What the flow is told of a piece: its header, who plays, the attributes."""
    tokens = plan.prompt
    values: list[int | None] = []
    for wish, (first, end) in zip(plan.header.tolist(), _HEADER, strict=True):
        said = tokens[(tokens >= first) & (tokens < end)]
        values.append(wish if wish >= 0 else int(said[-1]) - first if len(said) else None)
    style, key, meter, tempo = values
    instruments = tuple(np.flatnonzero(plan.told[0, : len(v.INSTRUMENTS)]).tolist()) or None
    return Conditions(style, key, meter, tempo, instruments, request.attributes)


def allowed_values(plan: Plan) -> Floats:
    """(W,) 1 where the rules of a plan let a bar have something, else 0."""
    rules = plan.rules
    players = rules.most_lines.max(0) > 0
    melodic = np.array([i for i in np.flatnonzero(players).tolist() if i != v.DRUMS], np.int64)
    number = np.arange(PITCHES)
    low, high = rules.lowest.min(0)[melodic, None], rules.highest.max(0)[melodic, None]
    playable = ((low <= number) & (number <= high)).any(0)
    pitches = np.flatnonzero(playable & (rules.pitches[:, 0].max(0) > 0))
    lanes = np.zeros(LANES, np.bool_)
    lanes[:12] = np.isin(np.arange(12), pitches % 12)
    lanes[12:] = players[v.DRUMS]
    used = np.isin(number, pitches)
    parts = (np.tile(lanes, SLOTS), used, players, np.ones(len(LEVELS), np.bool_))
    return np.concatenate(parts).astype(np.float32)


def _given_bars(job: Job, before: int, bars: int) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """(T, W) the values of the prompt's bars and of those of a given sketch; (T,) which are."""
    values = sketch_tokens(job.plan.prompt)[:before]
    if job.sketch is not None:
        values = np.concatenate([values, job.sketch.values()])[:bars]
    known: npt.NDArray[np.bool_] = np.arange(bars) < len(values)
    missing = np.zeros((bars - len(values), WIDTH), np.float32)
    return np.concatenate([values, missing]), known


def _headers(jobs: Sequence[Job], engine: Engine) -> list[npt.NDArray[np.int32]]:
    """(4,) the header of each piece: what is left open is written by the model."""
    open_jobs = [job for job in jobs if _is_open(job)]
    plans = [_header_only(job.plan) for job in open_jobs]
    seeds = [job.seed for job in open_jobs]
    written = iter(engine.decode(plans, seeds) if plans else [])
    headers = []
    for job in jobs:
        header = job.plan.header.copy()
        if _is_open(job):
            tokens = next(written)
            for column, (first, end) in enumerate(_HEADER):
                said = tokens[(tokens >= first) & (tokens < end)]
                header[column] = int(said[0]) - first if len(said) else SKIP
        headers.append(header)
    return headers


def _is_open(job: Job) -> bool:
    """Whether a header is to be written, and not all of it is decided."""
    return not (job.plan.prompt == v.BAR).any() and bool((job.plan.header == FREE).any())


def _header_only(plan: Plan) -> Plan:
    """The plan of a piece that ends when its header is written and its first bar opened."""
    starts = np.ones_like(plan.forced_starts)
    starts[0] = 0
    return plan._replace(forced=np.array([v.EOS], np.uint16), forced_starts=starts)


def _meters(plan: Plan, before: int) -> list[tuple[int, int]]:
    """The meter of each bar; none where a prompt's meters change and the new ones are open."""
    heard = [v.METERS[index] for index in place_tokens(plan.prompt).meters[:before].tolist()]
    meter = int(plan.header[2])
    if meter < 0 and not heard:
        return []
    new = v.METERS[meter] if meter >= 0 else heard[-1]
    return [*heard, *[new] * (plan.total_bars - before)]
