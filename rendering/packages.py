"""Which packages each kind of file needs, so that a long job can ask before it starts."""

from importlib.util import find_spec
from os import PathLike

from partimento.rendering.errors import missing_package
from partimento.rendering.output import AUDIO_ENDINGS, View, check_path

# Module to import, package to install, extra of this package.
_SYNTHESIZER = ("midirenderer", "midirenderer", "audio")
_COMPRESSION = ("soundfile", "soundfile", "audio")
_PIXELS = ("PIL", "pillow", "pictures")
_ENGRAVER = ("verovio", "verovio", "score")
_PAGES = ("reportlab", "reportlab", "score")


def check_packages(path: str | PathLike[str], view: View = "roll") -> None:
    """Look for the packages that `write` will need, importing none of them.

    RenderingError that names a missing package and the extra that brings it, or for an unknown
    ending.
    """
    ending = check_path(path)
    needed: tuple[tuple[str, str, str], ...] = ()
    if ending in AUDIO_ENDINGS:
        needed = (_SYNTHESIZER,) if ending == ".wav" else (_SYNTHESIZER, _COMPRESSION)
    elif ending == ".png":
        needed = (_PIXELS,)
    elif ending == ".pdf":
        needed = (_ENGRAVER, _PAGES)
    elif ending == ".svg" and view == "score":
        needed = (_ENGRAVER,)
    for module, package, extra in needed:
        if find_spec(module) is None:
            raise missing_package(package, extra)
