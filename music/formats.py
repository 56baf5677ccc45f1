"""Kinds of files that are written of a piece: one table, from which all lists of endings come."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

View = Literal["roll", "score"]
"""What a .svg shows: a piano roll or sheet music."""


class Package(NamedTuple):
    """What a format needs that is not always installed."""

    module: str
    name: str
    extra: str
    """Extra of this package that brings it."""


_SYNTHESIZER = Package("midirenderer", "midirenderer", "audio")
_COMPRESSION = Package("soundfile", "soundfile", "audio")
_PIXELS = Package("PIL", "pillow", "pictures")
_ENGRAVER = Package("verovio", "verovio", "score")
_PAGES = Package("reportlab", "reportlab", "score")


class Format(NamedTuple):
    """One kind of file."""

    ending: str
    label: str
    """What a link to such a file is called."""
    shows: tuple[Literal["notes", "sound", "roll", "score"], ...]
    """What can be in it; only a .svg leaves that open."""
    needs: Mapping[str, tuple[Package, ...]]
    """Packages by what it shows; nothing beside what is always there when left out."""


FORMATS = (
    Format(".mid", "MIDI", ("notes",), {}),
    Format(".midi", "MIDI", ("notes",), {}),
    Format(".wav", "WAV", ("sound",), {"sound": (_SYNTHESIZER,)}),
    Format(".flac", "FLAC", ("sound",), {"sound": (_SYNTHESIZER, _COMPRESSION)}),
    Format(".ogg", "Ogg", ("sound",), {"sound": (_SYNTHESIZER, _COMPRESSION)}),
    Format(".mp3", "MP3", ("sound",), {"sound": (_SYNTHESIZER, _COMPRESSION)}),
    Format(".png", "roll (PNG)", ("roll",), {"roll": (_PIXELS,)}),
    Format(".svg", "SVG", ("roll", "score"), {"score": (_ENGRAVER,)}),
    Format(".musicxml", "MusicXML", ("score",), {}),
    Format(".pdf", "sheet music (PDF)", ("score",), {"score": (_ENGRAVER, _PAGES)}),
)

MIDI_ENDINGS = tuple(f.ending for f in FORMATS if "notes" in f.shows)
AUDIO_ENDINGS = tuple(f.ending for f in FORMATS if "sound" in f.shows)
ROLL_ENDINGS = tuple(f.ending for f in FORMATS if "roll" in f.shows)
SCORE_ENDINGS = tuple(f.ending for f in FORMATS if "score" in f.shows)
SKETCH_ENDINGS = (".npz", ".json")
"""Of files that hold a sketch."""
PLAYED_ENDINGS = (".mp3", ".flac", ".wav", ".ogg")
"""Sound files that browsers play; first those that all of them do."""
LABELS: Mapping[str, str] = {f.ending: f.label for f in FORMATS}


def shown_in(ending: str, view: View) -> str:
    """What a file of an ending shows: what it must, or the view where that is open.

    >>> shown_in(".wav", "score"), shown_in(".svg", "score")
    ('sound', 'score')
    """
    shows = next(f.shows for f in FORMATS if f.ending == ending)
    return shows[0] if len(shows) == 1 else view


def packages_of(ending: str, view: View) -> tuple[Package, ...]:
    """The packages that a file of an ending needs."""
    needs = next(f.needs for f in FORMATS if f.ending == ending)
    return needs.get(shown_in(ending, view), ())
