"""What is written of each piece beside its MIDI file."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from partimento.errors import SettingError
from partimento.music.score import Score
from partimento.rendering.audio.settings import Sound
from partimento.rendering.audio.soundfont import check_soundfont
from partimento.rendering.output import AUDIO_ENDINGS, View, write
from partimento.rendering.packages import check_packages


class Format(NamedTuple):
    """What follows a piece's name, and what a .svg shows."""

    ending: str
    view: View = "roll"


FORMATS: Mapping[str, Format] = {
    "wav": Format(".wav"),
    "flac": Format(".flac"),
    "ogg": Format(".ogg"),
    "mp3": Format(".mp3"),
    "png": Format(".png"),
    "svg": Format(".svg"),
    "musicxml": Format(".musicxml"),
    "pdf": Format(".pdf"),
    "score-svg": Format(".score.svg", "score"),
}
"""Sound, piano rolls (png, svg) and sheet music (musicxml, pdf, score-svg)."""

MIDI = ".mid"


def check_formats(names: Iterable[str]) -> tuple[str, ...]:
    """The names in the order of FORMATS, each once; ValueError for an unknown one."""
    wanted = {name.strip().lower().removeprefix(".") for name in names}
    for name in sorted(wanted):
        if name not in FORMATS:
            raise SettingError("also", f"must be of {', '.join(FORMATS)}, got {name[:40]!r}")
    return tuple(name for name in FORMATS if name in wanted)


def check_tools(formats: Iterable[str], soundfont: Path | None) -> None:
    """Look for the packages that formats need, and at the sound font.

    RenderingError with the remedy.
    """
    for name in formats:
        check_packages(f"piece{FORMATS[name].ending}", FORMATS[name].view)
    if soundfont is not None:
        check_soundfont(soundfont)


def has_sound(formats: Iterable[str]) -> bool:
    """Whether a sound font plays a part in these formats."""
    return any(FORMATS[name].ending in AUDIO_ENDINGS for name in formats)


def file_names(name: str, formats: Iterable[str]) -> tuple[str, ...]:
    """The files of a piece, the MIDI file first."""
    return (name + MIDI, *(name + FORMATS[each].ending for each in formats))


def write_files(
    score: Score, name: str, formats: Sequence[str], folder: Path, sound: Sound
) -> tuple[str, ...]:
    """Write all files of a piece into a folder; their names. Raises as `rendering.write` does."""
    names = file_names(name, formats)
    views: list[View] = ["roll", *(FORMATS[each].view for each in formats)]
    for file, view in zip(names, views, strict=True):
        write(score, folder / file, view=view, sound=sound, title=name)
    return names
