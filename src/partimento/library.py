"""The front door of the library: a piece of music in one call, and its files in another."""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from os import PathLike
from pathlib import Path
from typing import cast

from partimento.errors import FileTakenError, PartimentoError
from partimento.music.facts import counted
from partimento.music.formats import View
from partimento.music.reading import read_score
from partimento.music.score import Score
from partimento.music.sketch import Sketch
from partimento.music.sketch_files import FoundSketch
from partimento.music.sources import Source, source_name
from partimento.rendering.audio.settings import DEFAULT_LOUDNESS, Sound
from partimento.rendering.audio.soundfont import check_soundfont
from partimento.rendering.output import write
from partimento.rendering.packages import check_packages
from partimento.rendering.sketch_output import write_sketch
from partimento.request.edit import EDIT_SETTINGS, Edit
from partimento.request.merging import combine
from partimento.request.presets import Manner
from partimento.request.readers import Names
from partimento.request.request import Request
from partimento.request.settings import check_names, settings_of
from partimento.request.words.reading import Reading
from partimento.sampling import generate as sampling
from partimento.sampling import written
from partimento.sampling.editing.edit import Alternative, edit_pieces, request_for
from partimento.sampling.editing.original import make_original, read_original
from partimento.sampling.engine import Engine
from partimento.sampling.engines import load_engine
from partimento.sampling.primer import make_primer, read_primer
from partimento.sampling.primer_bars import Primer
from partimento.sampling.sketch_reading import find_sketch, sketch_music

WISHES = {n: s for n, s in settings_of(Manner, Request).items() if n != "without_primer"}
"""What may be wished of a piece, by name; `keep` says what becomes of a primer."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Piece(written.Piece):
    """A generated piece, which writes its own files."""

    reading: Reading | None = None
    """What was understood of the prompt, and what was ignored; None without a prompt."""

    def save(
        self,
        *paths: str | PathLike[str],
        force: bool = False,
        view: View = "roll",
        soundfont: str | PathLike[str] | None = None,
        loudness: float = DEFAULT_LOUDNESS,
        title: str | None = None,
    ) -> list[Path]:
        """Write the piece to files, each as what its ending says; return their paths.

        MIDI (.mid), sound (.wav .flac .ogg .mp3), piano roll (.png .svg), sheet music (.musicxml
        .pdf, and .svg with view="score"). MIDI and sound hold the piece as it is played, sheet
        music as it is written. The settings are those of `render`, and so are the errors.
        """
        name = Path(paths[0]).stem if title is None and paths else title or ""
        played = self.performance
        return _write_all(self.score, played, paths, force, view, _sound(soundfont, loudness), name)

    def __repr__(self) -> str:
        """The facts in a line; the notes would fill the screen."""
        bars, notes = counted(self.bars, "bar"), counted(self.score.note_count, "note")
        return (
            f"<Piece: {bars}, {notes}, {self.key or 'no key'}, "
            f"{self.music_seconds:.0f} s of music, seed {self.request.seed}>"
        )


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


def edit(
    music: Source | Score,
    *,
    checkpoint: str | PathLike[str] | None = None,
    **wishes: object,
) -> Piece:
    """Write some bars or lines of a piece anew; everything else stays, event for event.

    What changes is named as the fields of `Edit`: fill="5-8", line="violin", reroll="bass",
    replace="piano 2", add="drums", remove="flute", accompany="piano", harmonise="satb", and
    bars="3-4" for where. Other wishes, such as chords, pitch_range, temperature or seed, hold for
    what is new. Raises PartimentoError for bars and lines that the piece has none of.
    """
    original = make_original(music) if isinstance(music, Score) else read_original(music)
    _warn(original.warnings, calls=1)
    change = {
        name: EDIT_SETTINGS[name].reader.from_text(value) if isinstance(value, str) else value
        for name, value in wishes.items()
        if name in EDIT_SETTINGS
    }
    new = {name: read_wish(name, wishes[name]) for name in wishes if name not in EDIT_SETTINGS}
    alternative = Alternative(original, Edit.from_dict(change), request_for(new, original))
    [piece] = edit_pieces([alternative], engine_of(checkpoint))
    assert piece is not None  # nothing stops it
    return Piece(**{field.name: getattr(piece, field.name) for field in fields(sampling.Piece)})


def render(
    music: Source | Score | Piece,
    *paths: str | PathLike[str],
    force: bool = False,
    view: View = "roll",
    soundfont: str | PathLike[str] | None = None,
    loudness: float = DEFAULT_LOUDNESS,
    title: str | None = None,
) -> list[Path]:
    """Write a file of music, a score or a piece to files, each as what its ending says.

    `view` says what a .svg shows, a piano roll or sheet music ("score"); `soundfont` is a
    SoundFont 2 file, a General MIDI one by default; `loudness` the LUFS of music played mf, -50
    to -5; `title` stands above pictures and sheet music. Returns the paths.

    Before anything is written, raises FileTakenError for a file that is there, without `force`,
    and RenderingError for an unknown ending or a package that is not installed, naming the extra
    that brings it.
    """
    sound = _sound(soundfont, loudness)
    name = title or ""
    if isinstance(music, written.Piece):
        return _write_all(music.score, music.performance, paths, force, view, sound, name)
    if isinstance(music, Score):
        return _write_all(music, music, paths, force, view, sound, name)
    score, found = read_score(music)
    _warn(found, calls=1)
    if title is None:
        name = Path(source_name(music)).stem
    return _write_all(score, score, paths, force, view, sound, name)


def sketch(
    music: Source | Score | Sketch,
    *paths: str | PathLike[str],
    force: bool = False,
    title: str = "",
) -> Sketch:
    """The sketch of a file of music or a score: what each of its bars does; also one in a file.

    Written to paths, if there are any: .npz and .json hold it, `generate(sketch=...)` follows it;
    .png and .svg show it. What was repaired in reading is told by `warnings.warn`.
    """
    if isinstance(music, Sketch):
        found = FoundSketch(music)
    else:
        found = sketch_music(music) if isinstance(music, Score) else find_sketch(music)
    _warn(found.warnings, calls=1)
    for path in paths:
        write_sketch(found.sketch, path, force=force, title=title)
    return found.sketch


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
    _warn((f"chords: {note}" for note in notes if note not in " ".join(conflicts)), calls=2)
    _warn(() if primer is None else primer.warnings, calls=2)
    if given is None and request.sketch is not None:
        given = find_sketch(request.sketch)
    _warn(() if given is None else given.warnings, calls=2)
    wish = sampling.Wish(request, primer, keep, given)
    [piece] = sampling.generate_each([wish], engine_of(checkpoint))
    assert piece is not None  # nothing stops it
    made = {field.name: getattr(piece, field.name) for field in fields(written.Piece)}
    return Piece(**made, reading=asked.reading)


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


def _sound(soundfont: str | PathLike[str] | None, loudness: float) -> Sound:
    return Sound(None if soundfont is None else Path(soundfont), loudness)


def _write_all(
    score: Score,
    played: Score,
    paths: Sequence[str | PathLike[str]],
    force: bool,
    view: View,
    sound: Sound,
    title: str,
) -> list[Path]:
    """Write each file, `played` where it is heard; what cannot be is said before the first."""
    files = [Path(path) for path in paths]
    for path in files:
        check_packages(path, view)
        if not force and path.exists():
            raise FileTakenError(f"{path} exists; force=True replaces it")
        if files.count(path) > 1:
            raise PartimentoError(f"{path} is named twice; give another name")
    if sound.soundfont is not None:
        check_soundfont(sound.soundfont)
    return [
        write(score, path, force=force, view=view, sound=sound, title=title, played=played)
        for path in files
    ]


def _warn(messages: Iterable[str], calls: int) -> None:
    """Tell who called this library, so many calls above, one warning a message."""
    for message in messages:
        warnings.warn(message, stacklevel=calls + 2)
