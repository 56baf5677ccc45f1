"""Write, go on from, hear and see pieces of music.

    >>> import partimento
    >>> piece = partimento.generate("a slow waltz in D minor", temperature=1.2, bars=16)
    >>> piece.bars, str(piece.request.key), str(piece.request.meter)
    (16, 'D minor', '3/4')
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path] = piece.save(f"{folder}/out.mid")
    ...     score, warnings = partimento.read_midi(path)
    >>> score.note_count == piece.score.note_count
    True

Each name is imported when it is first asked for: the package itself takes no time to import.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from partimento.library import continue_, generate
    from partimento.music.midi.reader import read_midi
    from partimento.music.midi.writer import write_midi
    from partimento.music.score import Score
    from partimento.music.sketch import Sketch
    from partimento.pieces import Piece, render, sketch
    from partimento.request.request import Request
    from partimento.reworking import arrange, blend, edit, vary

    __version__: str
else:
    # Out of type checkers' sight, so that they know a name that is not there.
    from importlib import import_module

    _HOMES = {
        **dict.fromkeys(("continue_", "generate"), "partimento.library"),
        **dict.fromkeys(("Piece", "render", "sketch"), "partimento.pieces"),
        **dict.fromkeys(("arrange", "blend", "edit", "vary"), "partimento.reworking"),
        "Request": "partimento.request.request",
        "Score": "partimento.music.score",
        "Sketch": "partimento.music.sketch",
        "read_midi": "partimento.music.midi.reader",
        "write_midi": "partimento.music.midi.writer",
    }

    def __getattr__(name):
        if name == "__version__":
            value = import_module("importlib.metadata").version(__name__)
        elif name in _HOMES:
            value = getattr(import_module(_HOMES[name]), name)
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = value
        return value

    def __dir__():
        return sorted({*globals(), *__all__})


__all__ = [
    "Piece",
    "Request",
    "Score",
    "Sketch",
    "__version__",
    "arrange",
    "blend",
    "continue_",
    "edit",
    "generate",
    "read_midi",
    "render",
    "sketch",
    "vary",
    "write_midi",
]
