"""The front door of the library: a piece of music in one call, or more of one."""

from collections.abc import Mapping
from functools import lru_cache
from os import PathLike
from pathlib import Path
from typing import cast

from partimento.errors import PartimentoError
from partimento.music.score import Score
from partimento.music.sketch import Sketch
from partimento.music.sketch_files import FoundSketch
from partimento.music.sources import Source
from partimento.pieces import Piece, finished, warn
from partimento.request.merging import combine
from partimento.request.presets import Manner
from partimento.request.readers import Names
from partimento.request.request import Request
from partimento.request.settings import check_names, settings_of
from partimento.sampling.engine import Engine
from partimento.sampling.engines import load_engine
from partimento.sampling.generate import Wish, generate_each
from partimento.sampling.primer import make_primer, read_primer
from partimento.sampling.primer_bars import Primer
from partimento.sampling.sketch_reading import find_sketch

WISHES = {n: s for n, s in settings_of(Manner, Request).items() if n != "without_primer"}
"""What may be wished of a piece, by name; `keep` says what becomes of a primer."""


def generate(
    prompt: str | None = None,
    *,
    checkpoint: str | PathLike[str] | None = None,
    **wishes: object,
) -> Piece:
    """Write a piece of music as a prompt and wishes ask; wishes win over the prompt.

    Wishes are the fields of `Request` by name, such as key="G minor", bars=8, chords="Am F C G",
    instruments="violin, cello", temperature=1.2 or seed=1. What is left open, the model chooses.
    The same seed gives the same piece; without one it is random, and `piece.request.seed` tells
    it. `checkpoint` names other weights than those of the package. `sketch` may be a file or a
    `Sketch`, such as `piece.sketch`.

    The engine is loaded by the first call and kept; on a new machine that call compiles it, which
    takes half a minute (`partimento warmup` does so ahead). Raises PartimentoError for wishes
    that do not exist, are out of range or contradict each other.
    """
    return _write(prompt, wishes, checkpoint)


def continue_(
    music: Source | Score,
    prompt: str | None = None,
    *,
    bars: int | None = None,
    keep: bool = True,
    checkpoint: str | PathLike[str] | None = None,
    **wishes: object,
) -> Piece:
    """Go on from a file of music or a score; the piece begins with its bars, unchanged.

    `music` is a path, an open binary file or a Score, such as `piece.score`. As many new bars
    follow as `bars` says, 16 by default; with keep=False the piece is these alone. primer_bars=4
    goes on from the first four bars. All else is as in `generate`. What was repaired in reading
    is told by `warnings.warn`; raises MidiError for a file that cannot be read or has no notes.
    """
    if "primer" in wishes:
        raise PartimentoError("setting 'primer' is the first argument of continue_; leave it out")
    if bars is not None:
        wishes["bars"] = bars
    if isinstance(music, str | PathLike):
        return _write(prompt, {**wishes, "primer": str(music)}, checkpoint, keep=keep)
    # A request names the file that its bars are taken from; here is none.
    count = WISHES["primer_bars"].read(wishes.pop("primer_bars", None))
    most = count if isinstance(count, int) else None
    has_pedal = bool(WISHES["primer_pedal"].read(wishes.pop("primer_pedal", False)))
    if isinstance(music, Score):
        own = make_primer(music, bars=most, has_pedal=has_pedal)
    else:
        own = read_primer(music, most, has_pedal)
    return _write(prompt, wishes, checkpoint, own, keep)


def _write(
    prompt: str | None,
    wishes: Mapping[str, object],
    checkpoint: str | PathLike[str] | None,
    primer: Primer | None = None,
    keep: bool = True,
) -> Piece:
    """A piece as it is asked for, after the primer or the file that the wishes name."""
    check_names(wishes, WISHES)
    given = None
    if isinstance(wishes.get("sketch"), Sketch):
        wishes = dict(wishes)
        given = FoundSketch(cast("Sketch", wishes.pop("sketch")))
    asked = combine(
        [{"prompt": prompt, **{name: read_wish(name, wishes[name]) for name in wishes}}]
    )
    request = asked.request
    if primer is None and request.primer is not None:
        primer = read_primer(request.primer, request.primer_bars, request.primer_pedal)
    conflicts = () if asked.reading is None else asked.reading.conflicts
    notes = () if request.chords is None else request.chords.notes
    warn((f"chords: {note}" for note in notes if note not in " ".join(conflicts)), calls=2)
    warn(() if primer is None else primer.warnings, calls=2)
    if given is None and request.sketch is not None:
        given = find_sketch(request.sketch)
    warn(() if given is None else given.warnings, calls=2)
    wish = Wish(request, primer, keep, given)
    [piece] = finished(generate_each([wish], engine_of(checkpoint)), asked.reading)
    return piece


def read_wish(name: str, value: object) -> object:
    """A wish as its reader takes it: paths as texts, and names in a text apart."""
    value = str(value) if isinstance(value, PathLike) else value
    if name not in WISHES:
        return value
    reader = WISHES[name].reader
    is_listed = isinstance(value, str) and isinstance(reader, Names)
    return reader.from_text(str(value)) if is_listed else value


def engine_of(checkpoint: str | PathLike[str] | None) -> Engine:
    """The engine of a checkpoint, kept from call to call until its file changes."""
    path = None if checkpoint is None else Path(checkpoint).absolute()
    return _loaded(path, path.stat().st_mtime_ns if path and path.exists() else 0)


@lru_cache(maxsize=2)
def _loaded(checkpoint: Path | None, modified: int) -> Engine:
    return load_engine(checkpoint)
