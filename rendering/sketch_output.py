"""Write a sketch to a file; the file's ending says as what."""

from os import PathLike
from pathlib import Path

from partimento.music.files import replacing
from partimento.music.formats import ROLL_ENDINGS, SKETCH_ENDINGS
from partimento.music.sketch import Sketch
from partimento.music.sketch_files import sketch_file
from partimento.music.sketch_json import sketch_json
from partimento.rendering.errors import RenderingError
from partimento.rendering.packages import check_packages
from partimento.rendering.roll.sketch_picture import write_sketch_picture

ENDINGS = (*SKETCH_ENDINGS, *ROLL_ENDINGS)
"""Of files that hold a sketch or show one."""


def write_sketch(
    sketch: Sketch, path: str | PathLike[str], *, force: bool = False, title: str = ""
) -> Path:
    """Write a sketch as what the path's ending says, whole or not at all; return the path.

    .npz and .json hold it, .png and .svg show it, with a title. Raises FileTakenError without
    `force` when the file is there, RenderingError for another ending.
    """
    path = Path(path)
    ending = check_sketch_path(path)
    with replacing(path, force=force) as temporary:
        if ending == ".npz":
            temporary.write_bytes(sketch_file(sketch))
        elif ending == ".json":
            temporary.write_text(sketch_json(sketch), encoding="utf-8", newline="\n")
        else:
            write_sketch_picture(sketch, temporary, title)
    return path


def check_sketch_path(path: Path) -> str:
    """The ending of a path that a sketch can be written to; RenderingError for any other."""
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise RenderingError(f"{path}: a sketch's name must end in one of {' '.join(ENDINGS)}")
    if ending in ROLL_ENDINGS:
        check_packages(path, "roll")
    return ending
