"""Where pieces go: the MIDI file of each, and what is rendered beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from partimento.cli.console import fail
from partimento.cli.piping import is_stream, refuse_terminal
from partimento.errors import FileTakenError
from partimento.music.files import target_of
from partimento.music.formats import MIDI_ENDINGS, ROLL_ENDINGS, SCORE_ENDINGS, SKETCH_ENDINGS

if TYPE_CHECKING:
    from partimento.music.formats import View
    from partimento.rendering.audio.settings import Sound
    from partimento.sampling.generate import Piece


@dataclass(frozen=True)
class Renderings:
    """What else than MIDI is written of each piece."""

    sound: tuple[str, ...] = ()
    """Endings of sound files, such as .wav, that stand beside the MIDI file."""
    roll: Path | None = None
    """Picture of a piano roll."""
    score: Path | None = None
    """Sheet music."""
    soundfont: Path | None = None
    """SoundFont 2 file of the sound; a General MIDI one when off."""
    loudness: float | None = None
    """LUFS of the sound of a piece played mf; the default when off."""
    sketch: Path | None = None
    """The sketch that was followed, as a picture or a file."""
    layers: int = 0
    """Layers of a loop."""


@dataclass(frozen=True)
class Destination:
    """The files of one piece."""

    midi: Path
    rendered: "tuple[tuple[Path, View], ...]" = ()
    """Each with what it shows where its ending leaves that open."""
    sound: "Sound | None" = None
    sketch: Path | None = None
    layers: tuple[tuple[Path, ...], ...] = ()
    """Files of each layer of a loop, its MIDI file first."""

    @property
    def beside(self) -> tuple[Path, ...]:
        """All files but the MIDI file."""
        sketch = () if self.sketch is None else (self.sketch,)
        return (*(path for path, _ in self.rendered), *sketch, *chain(*self.layers))

    @property
    def paths(self) -> tuple[Path, ...]:
        """All files, the MIDI file first."""
        return (self.midi, *self.beside)

    def render(self, piece: "Piece", force: bool) -> None:
        """Write what goes beside the MIDI file; RenderingError names what cannot be done."""
        title = self.midi.stem
        if self.layers:
            from partimento.rendering.layers import write_layers

            write_layers(piece.performance, self.layers, self.sound, force)
        if self.rendered:
            from partimento.rendering import write

            played = piece.performance
            for path, view in self.rendered:
                write(
                    piece.score,
                    path,
                    force=force,
                    view=view,
                    sound=self.sound,
                    title=title,
                    played=played,
                )
        if self.sketch is not None and piece.sketch is not None:
            from partimento.rendering.sketch_output import write_sketch

            write_sketch(piece.sketch, self.sketch, force=force, title=title)


def destinations(
    out: Path | None, seed: int, num: int, renderings: Renderings
) -> list[Destination]:
    """The files of each piece: numbered when there are several pieces, named after the seed
    when there is no name.

    Raises typer.BadParameter for an ending that does not fit, or two files of one name.
    """
    midi = Path(f"partimento-{seed}.mid") if out is None else out
    if is_stream(out):
        _check_stream(num, renderings)
    else:
        _check_ending("the output", midi, MIDI_ENDINGS)
    rendered: list[tuple[Path, View]] = [(midi.with_suffix(e), "roll") for e in renderings.sound]
    if renderings.roll is not None:
        _check_ending("--roll", renderings.roll, ROLL_ENDINGS)
        rendered.append((renderings.roll, "roll"))
    if renderings.score is not None:
        _check_ending("--score", renderings.score, SCORE_ENDINGS)
        rendered.append((renderings.score, "score"))
    if renderings.soundfont is not None and not renderings.sound:
        raise typer.BadParameter("--soundfont needs --wav, --flac, --ogg or --mp3")
    if renderings.loudness is not None and not renderings.sound:
        raise typer.BadParameter("--loudness needs --wav, --flac, --ogg or --mp3")
    sound = sound_of(renderings.soundfont, renderings.loudness) if renderings.sound else None
    names = [path.absolute() for path, _ in rendered]
    if renderings.sketch is not None:
        _check_ending("--sketch-roll", renderings.sketch, (*ROLL_ENDINGS, *SKETCH_ENDINGS))
        names.append(renderings.sketch.absolute())
    for path in names:
        if names.count(path) > 1:
            raise typer.BadParameter(f"two files would have the name {path.name}; name one anew")
    return [
        Destination(
            midi=_numbered(midi, index, num),
            rendered=tuple((_numbered(path, index, num), view) for path, view in rendered),
            sound=sound,
            sketch=None if renderings.sketch is None else _numbered(renderings.sketch, index, num),
            layers=_layer_paths(_numbered(midi, index, num), renderings),
        )
        for index in range(num)
    ]


def _layer_paths(midi: Path, renderings: Renderings) -> tuple[tuple[Path, ...], ...]:
    """The files of the layers of one piece."""
    if not renderings.layers:
        return ()
    from partimento.rendering.layers import layer_paths

    return tuple(map(tuple, layer_paths(midi, renderings.layers, renderings.sound)))


def _check_stream(num: int, renderings: Renderings) -> None:
    """Refuse what standard output cannot hold beside one MIDI file."""
    if num > 1:
        raise typer.BadParameter(f"--num must be 1 to write to standard output, got {num}")
    if renderings.layers:
        raise typer.BadParameter("the output must be named with --layers, got -")
    if renderings.sound:
        raise typer.BadParameter(f"the output must be named with {renderings.sound[0]}, got -")
    refuse_terminal()


def sound_of(soundfont: Path | None, loudness: float | None) -> "Sound":
    """The settings of sound files; SettingError for a loudness out of range."""
    from partimento.rendering.audio.settings import DEFAULT_LOUDNESS, Sound

    return Sound(soundfont, DEFAULT_LOUDNESS if loudness is None else loudness)


def check_destinations(places: list[Destination], force: bool) -> None:
    """Refuse before anything is computed what could not be written after it."""
    for place in places:
        check_writable(place.paths, force)
    first = places[0]  # the others are rendered as it is
    if first.sound is not None and first.sound.soundfont is not None:
        from partimento.rendering.audio.soundfont import check_soundfont

        check_soundfont(first.sound.soundfont)
    if first.beside:
        from partimento.rendering.packages import check_packages

        for path, view in first.rendered:
            check_packages(path, view)
        if first.sketch is not None and first.sketch.suffix.lower() in ROLL_ENDINGS:
            check_packages(first.sketch, "roll")


def check_writable(paths: Sequence[Path], force: bool) -> None:
    """Refuse to overwrite a file or to write into no folder."""
    for path in paths:
        if is_stream(path):
            continue
        if not path.parent.is_dir():
            fail(f"{path.parent}: no such folder; create it first")
        if path.is_dir():
            fail(f"{path} is a folder; name a file in it")
        target_of(path)
        if path.exists() and not force:
            raise FileTakenError(f"{path} exists")


def _check_ending(what: str, path: Path, endings: tuple[str, ...]) -> None:
    if path.suffix.lower() not in endings:
        listed = " or ".join(filter(None, (", ".join(endings[:-1]), endings[-1])))
        raise typer.BadParameter(f"{what} must end in {listed}, got {path}")


def _numbered(path: Path, index: int, num: int) -> Path:
    """The path of a piece among so many: out-01.mid to out-16.mid."""
    if num == 1:
        return path
    return path.with_stem(f"{path.stem}-{index + 1:0{len(str(num))}d}")
