"""Write a score to a file; the file's ending says as what."""

from os import PathLike
from pathlib import Path

from partimento.music.files import replacing
from partimento.music.formats import LABELS, View, shown_in
from partimento.music.score import Score
from partimento.rendering.audio.settings import Sound
from partimento.rendering.errors import RenderingError

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
) -> Path:
    """Write the score as what the path's ending says, whole or not at all; return the path.

    `sound` says by which sound font and how loud audio is played, `title` stands above pictures
    and sheet music. Raises FileTakenError without `force` when the file is there, RenderingError
    for an unknown ending, a package that is not installed or a score that cannot be rendered.
    """
    path = Path(path)
    shown = shown_in(check_path(path), view)
    with replacing(path, force=force) as temporary:
        # Imported here: each needs packages of its own.
        if shown == "sound":
            from partimento.rendering.audio.files import write_audio
            from partimento.rendering.audio.synth import render_audio

            write_audio(render_audio(score, sound), temporary)
        elif shown == "score":
            from partimento.rendering.engraving.sheet_music import write_sheet_music

            write_sheet_music(score, temporary, title)
        elif shown == "roll":
            from partimento.rendering.roll.pictures import write_picture

            write_picture(score, temporary, title)
        else:
            from partimento.music.midi.writer import write_midi

            write_midi(score, temporary)
    return path


def check_path(path: str | PathLike[str]) -> str:
    """Return the ending of a path that `write` can write; RenderingError for any other."""
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        raise RenderingError(f"{path}: a file's name must end in one of {' '.join(ENDINGS)}")
    return ending
