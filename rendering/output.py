"""Write a score to a file; the file's ending says as what.

What an extra brings is imported where it is used, so that all else works without it.
"""

from os import PathLike
from pathlib import Path

from partimento.music.files import replacing
from partimento.music.formats import LABELS, View, shown_in
from partimento.music.midi.writer import write_midi
from partimento.music.score import Score
from partimento.rendering.audio.files import write_audio
from partimento.rendering.audio.loops import loop_samples
from partimento.rendering.audio.settings import Sound
from partimento.rendering.audio.synth import render_audio
from partimento.rendering.engraving.engraving import engrave
from partimento.rendering.engraving.pages import sheets_svg, write_sheets_pdf
from partimento.rendering.errors import RenderingError
from partimento.rendering.musicxml.document import musicxml
from partimento.rendering.notation.notation import notate
from partimento.rendering.roll.pictures import write_picture

ENDINGS = tuple(LABELS)
"""File endings that `write` knows; .svg may hold a piano roll or sheet music."""


def write(
    score: Score,
    path: str | PathLike[str],
    *,
    force: bool = False,
    view: View = "roll",
    sound: Sound | None = None,
    title: str = "",
    played: Score | None = None,
) -> Path:
    """Write the score as what the path's ending says, whole or not at all; return the path.

    MIDI and sound are as it is `played`, if that is given; the rest shows the score itself.
    `sound` says by which sound font and how loud audio is played, `title` stands above pictures
    and sheet music. Raises FileTakenError without `force` when the file is there, RenderingError
    for an unknown ending, a package that is not installed or a score that cannot be rendered.
    """
    path = Path(path)
    shown = shown_in(check_path(path), view)
    with replacing(path, force=force) as temporary:
        if shown == "sound":
            heard = played or score
            write_audio(render_audio(heard, sound), temporary, loop_samples(heard))
        elif shown == "score":
            write_sheet_music(score, temporary, title)
        elif shown == "roll":
            write_picture(score, temporary, title)
        else:
            write_midi(played or score, temporary)
    return path


def check_path(path: str | PathLike[str]) -> str:
    """Return the ending of a path that `write` can write; RenderingError for any other."""
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        raise RenderingError(f"{path}: a file's name must end in one of {' '.join(ENDINGS)}")
    return ending


def write_sheet_music(score: Score, path: str | PathLike[str], title: str = "") -> None:
    """Write a score as the .musicxml, .svg or .pdf that the path's ending names.

    An existing file is replaced. RenderingError for a score without notes, and where verovio
    (.svg, .pdf) or reportlab (.pdf) is missing.
    """
    path = Path(path)
    notation = notate(score)
    document = musicxml(notation, title)
    if path.suffix.lower() == ".musicxml":
        path.write_text(document, encoding="utf-8")
        return
    sheets = engrave(document, notation.staff_count)
    if path.suffix.lower() == ".svg":
        path.write_text(sheets_svg(sheets, title), encoding="utf-8")
    else:
        write_sheets_pdf(sheets, path, title)
