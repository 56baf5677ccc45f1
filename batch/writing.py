"""The files of a piece, written, and what that needs."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from partimento.batch.formats import FORMATS, MIDI, file_names
from partimento.music.formats import AUDIO_ENDINGS, View
from partimento.music.score import Score
from partimento.rendering.audio.settings import Sound
from partimento.rendering.audio.soundfont import check_soundfont
from partimento.rendering.layers import layer_paths, write_layers
from partimento.rendering.output import write
from partimento.rendering.packages import check_packages


def check_tools(formats: Iterable[str], soundfont: Path | None) -> None:
    """Look for the packages that formats need, and at the sound font.

    RenderingError with the remedy.
    """
    for name in formats:
        check_packages(f"piece{FORMATS[name].ending}", FORMATS[name].view)
    if soundfont is not None:
        check_soundfont(soundfont)


def write_layer_files(
    played: Score, name: str, formats: Sequence[str], folder: Path, sound: Sound, count: int
) -> tuple[str, ...]:
    """Write the layers of a loop into a folder, as MIDI and as the sound that is asked for."""
    endings = [FORMATS[each].ending for each in formats if FORMATS[each].ending in AUDIO_ENDINGS]
    paths = layer_paths(folder / f"{name}{MIDI}", count, endings)
    write_layers(played, paths, sound)
    return tuple(path.name for files in paths for path in files)


def has_sound(formats: Iterable[str]) -> bool:
    """Whether a sound font plays a part in these formats."""
    return any(FORMATS[name].ending in AUDIO_ENDINGS for name in formats)


def write_files(
    score: Score, played: Score, name: str, formats: Sequence[str], folder: Path, sound: Sound
) -> tuple[str, ...]:
    """Write all files of a piece into a folder; their names. Raises as `rendering.write` does.

    The score is printed, MIDI and sound are as it is `played`.
    """
    names = file_names(name, formats)
    views: list[View] = ["roll", *(FORMATS[each].view for each in formats)]
    for file, view in zip(names, views, strict=True):
        write(score, folder / file, view=view, sound=sound, title=name, played=played)
    return names
