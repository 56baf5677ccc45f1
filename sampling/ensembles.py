"""Who plays: the instruments that were asked for, those of the primer, or those of the style.

A request that names no instruments leaves them open, but not any of them: without a limit a model
lets a contrabass strike one note of a piano piece. The usual ensembles are those of the training
pieces of each style, with weights near theirs. Pop and jazz are mostly for bands, with bass and
drums; since the pieces in the corpus are not, their bands are held to play throughout, as
instruments that were asked for are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from partimento.music.instrument_ranges import HAS_VOICES, PLAYABLE
from partimento.music.instruments import (
    DRUMS,
    INSTRUMENT_OF_PROGRAM,
    INSTRUMENTS,
    find_instrument,
)
from partimento.request.request import Request
from partimento.sampling.draw import derive_seed
from partimento.sampling.primer_bars import Primer
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.conditioning import count_lines

LINES_EACH = 4
"""Lines that one instrument with several voices may have in a bar: two hands of two voices on a
piano. A flute has one."""
LEAST_RANGE = 12
"""Notes in the range that is asked for, below which an instrument of a usual ensemble stays out."""
_ENSEMBLE_SEED, _STYLE_SEED = 2, 3

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Ensemble:
    """The players of a piece."""

    players: tuple[int, ...] = ()
    """An instrument for each; none: whoever the model chooses."""
    is_heard: bool = True
    """Whether each plays throughout; else each may play."""
    reach: dict[int, Range] = field(default_factory=dict)
    """Notes beyond an instrument's own that it was given before, by instrument."""

    def range_of(self, instrument: int) -> Range:
        """Lowest and highest note of one of the players."""
        low, high = PLAYABLE[instrument]
        least, most = self.reach.get(instrument, (low, high))
        return min(low, least), max(high, most)


USUAL: dict[str, tuple[tuple[int, str], ...]] = {
    "keyboard": ((80, "piano"), (15, "organ"), (3, "harpsichord"), (2, "electric piano")),
    "pop": (
        (20, "piano, flute, strings, electric bass, drums"),
        (15, "piano, synth lead, synth pad, electric bass, drums"),
        (15, "piano, electric guitar, electric bass, drums"),
        (12, "piano, saxophone, strings, electric bass, drums"),
        (12, "piano, choir, steel guitar, electric bass, drums"),
        (11, "electric piano, electric guitar, synth pad, electric bass, drums"),
        (15, "piano, flute, strings"),
    ),
    "song": ((83, "piano, choir"), (11, "piano"), (2, "piano, flute"), (2, "piano, clarinet")),
    "quartet": ((100, "violin, violin, viola, cello"),),
    "game": (
        (8, "distortion guitar, electric bass, strings, synth lead, synth pad, drums"),
        (8, "distortion guitar, electric bass, strings, synth lead, drums"),
        (4, "distortion guitar, electric bass, strings, brass, synth lead, synth pad, drums"),
        (4, "organ, distortion guitar, electric bass, synth lead, drums"),
        (4, "electric bass, strings, brass, synth lead, drums"),
        (4, "piano, electric bass, strings, synth lead, drums"),
        (2, "mallets, distortion guitar, electric bass, strings, synth lead, synth pad, drums"),
        (2, "bells, contrabass, strings, harp, timpani, drums"),
        (2, "piano, bells, strings, drums"),
    ),
    "choral": ((94, "choir"), (4, "harpsichord, violin, viola, oboe"), (2, "organ, choir")),
    "drums": ((100, "drums"),),
    "folk": ((86, "flute"), (8, "nylon guitar, acoustic bass, flute"), (5, "piano")),
    "classical": (
        (13, "piano"),
        (
            22,
            "violin, violin, viola, cello, contrabass, timpani, trumpet, trumpet, horn, horn, "
            "oboe, oboe, bassoon, bassoon, clarinet, clarinet, flute, flute",
        ),
        (9, "organ, violin, violin, choir, horn, horn"),
        (8, "organ, violin, violin, choir, trumpet, trumpet"),
        (8, "piano, violin"),
        (4, "violin"),
        (4, "cello"),
        (3, "violin, cello"),
        (3, "horn, horn, bassoon, clarinet, clarinet"),
    ),
    "orchestral": (
        (
            60,
            "violin, violin, viola, cello, contrabass, timpani, trumpet, trumpet, horn, horn, "
            "oboe, oboe, bassoon, bassoon, clarinet, clarinet, flute, flute",
        ),
        (
            40,
            "violin, violin, viola, cello, contrabass, timpani, trumpet, trombone, horn, horn, "
            "oboe, bassoon, clarinet, flute",
        ),
    ),
    "chorale": ((49, "organ"), (35, "choir"), (15, "piano")),
    "guitar": ((95, "nylon guitar"), (5, "steel guitar")),
    "jazz": (
        (45, "piano, acoustic bass, drums"),
        (15, "saxophone, piano, acoustic bass, drums"),
        (15, "trumpet, piano, acoustic bass, drums"),
        (25, "piano"),
    ),
}
"""Ensembles of each style, and of orchestral music, each with its weight."""
STYLE_WEIGHTS = {
    **{"classical": 16, "keyboard": 14, "pop": 12, "song": 12, "quartet": 12, "game": 8},
    **{"choral": 8, "folk": 6, "chorale": 5, "guitar": 5, "jazz": 3},
}
"""How often training draws each style, in hundredths; a kit alone must be asked for."""
BANDS = ("pop", "jazz")
"""Styles whose ensembles play throughout."""


def asked_ensemble(request: Request) -> Ensemble:
    """The instruments that a request names; open when it names none."""
    return Ensemble(tuple(indices(request.instruments)))


def usual_style(request: Request) -> str | None:
    """The style of a piece for which none was asked, from its seed; None where nothing is drawn.

    Where instruments are asked for, the model chooses what suits them; where attributes are, any
    style might contradict them.
    """
    is_said = bool(request.instruments or request.attributes)
    if request.style is not None or is_said or request.is_greedy:
        return request.style
    if request.seed is None:
        return None
    return _pick([(weight, name) for name, weight in STYLE_WEIGHTS.items()], request, _STYLE_SEED)


def usual_ensemble(request: Request) -> Ensemble:
    """Who plays a piece without a primer: as asked, else one of the style's, from the seed.

    Greedy choices take the most usual one. Open where style or seed is.
    """
    if request.instruments or request.style is None:
        return asked_ensemble(request)
    if request.seed is None and not request.is_greedy:
        return Ensemble()
    drawn = _pick(USUAL[request.style], request, _ENSEMBLE_SEED).split(", ")
    players = _wanted([INSTRUMENTS.index(name) for name in drawn], request)
    return Ensemble(tuple(players), is_heard=request.style in BANDS and len(players) > 1)


def primer_ensemble(request: Request, primer: Primer) -> Ensemble:
    """Who goes on from a primer: as asked, else its own players, each as it played.

    Where all of them are to be left out, those of its style, or a piano.
    """
    if request.instruments:
        return asked_ensemble(request)
    lines = count_lines(primer.tokens)
    each = [-(-count // LINES_EACH) if HAS_VOICES[i] else count for i, count in enumerate(lines)]
    players = _wanted([i for i, count in enumerate(each) for _ in range(count)], request)
    if players:
        return Ensemble(tuple(players), is_heard=False, reach=_reach(primer))
    styles = [v.STYLES[t - v.STYLE] for t in primer.tokens if v.STYLE <= t < v.DYNAMIC]
    usual = usual_ensemble(replace(request, style=(*styles, "keyboard")[0]))
    return Ensemble(usual.players, is_heard=False)


def indices(names: Sequence[str] | None) -> list[int]:
    """Index of each instrument."""
    return [find_instrument(name)[1] for name in names or ()]


def _wanted(players: Sequence[int], request: Request) -> list[int]:
    """Those that are not to be left out and have notes in the range that is asked for."""
    unwanted = indices(request.without)
    least, most = request.pitch_range or (0, 127)
    return [
        player
        for player in players
        if player not in unwanted
        and (
            player == DRUMS
            or min(most, PLAYABLE[player][1]) - max(least, PLAYABLE[player][0]) >= LEAST_RANGE
        )
    ]


def _reach(primer: Primer) -> dict[int, Range]:
    """Lowest and highest note of each instrument of a primer."""
    found: dict[int, list[int]] = {}
    for track in primer.score.tracks:
        index = DRUMS if track.is_drum else INSTRUMENT_OF_PROGRAM[track.program]
        found.setdefault(index, []).extend(note.pitch for note in track.notes)
    return {index: (min(pitches), max(pitches)) for index, pitches in found.items() if pitches}


def _pick(choices: Sequence[tuple[int, str]], request: Request, number: int) -> str:
    """One of some choices (weight, name): the heaviest for greedy requests, else by the seed."""
    if request.is_greedy or request.seed is None:
        return max(choices, key=lambda choice: choice[0])[1]
    names = [name for weight, name in choices for _ in range(weight)]
    return names[derive_seed(request.seed, number) % len(names)]
