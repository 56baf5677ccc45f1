"""Files of a loop's layers, beside the file of the whole: out.layer1.mid, out.layer1.ogg ..."""

from collections.abc import Sequence
from pathlib import Path

from partimento.music.files import replacing
from partimento.music.layers import layers
from partimento.music.midi.writer import write_midi
from partimento.music.score import Score
from partimento.rendering.audio.files import write_audio
from partimento.rendering.audio.loops import loop_samples
from partimento.rendering.audio.settings import Sound
from partimento.rendering.audio.synth import render_layers


def layer_paths(midi: Path, count: int, sound_endings: Sequence[str] = ()) -> list[list[Path]]:
    """The files of each layer, the MIDI file first.

    >>> [[path.name for path in each] for each in layer_paths(Path("out.mid"), 2, [".ogg"])]
    [['out.layer1.mid', 'out.layer1.ogg'], ['out.layer2.mid', 'out.layer2.ogg']]
    """
    endings = (midi.suffix, *sound_endings)
    return [
        [midi.with_name(f"{midi.stem}.layer{number}{ending}") for ending in endings]
        for number in range(1, count + 1)
    ]


def write_layers(
    played: Score, paths: Sequence[Sequence[Path]], sound: Sound | None = None, force: bool = False
) -> None:
    """Write each layer of a loop as it is played; sounds of all layers last equally long.

    SettingError with fewer parts than layers; else the errors of `write`.
    """
    scores = layers(played, len(paths))
    for score, files in zip(scores, paths, strict=True):
        with replacing(files[0], force=force) as temporary:
            write_midi(score, temporary)
    if len(paths[0]) == 1:
        return
    for audio, files in zip(render_layers(scores, sound), paths, strict=True):
        for path in files[1:]:
            with replacing(path, force=force) as temporary:
                write_audio(audio, temporary, loop_samples(played))
