"""Pieces that write their own files; files of any other music, and its sketch."""

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from os import PathLike
from pathlib import Path

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
from partimento.request.words.reading import Reading
from partimento.sampling import written
from partimento.sampling.sketch_reading import find_sketch, sketch_music


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


def finished(made: Sequence[written.Piece | None], reading: Reading | None = None) -> list[Piece]:
    """Pieces that were decoded, as those that write their files; nothing stopped them."""
    pieces = []
    for piece in made:
        assert piece is not None
        values = {field.name: getattr(piece, field.name) for field in fields(written.Piece)}
        pieces.append(Piece(**values, reading=reading))
    return pieces


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
    warn(found, calls=1)
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
    warn(found.warnings, calls=1)
    for path in paths:
        write_sketch(found.sketch, path, force=force, title=title)
    return found.sketch


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


def warn(messages: Iterable[str], calls: int) -> None:
    """Tell who called this library, so many calls above, one warning a message."""
    for message in messages:
        warnings.warn(message, stacklevel=calls + 2)
