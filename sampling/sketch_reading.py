"""A sketch from whatever file: one that holds a sketch, or music that is sketched."""

from pathlib import Path

from partimento.music.formats import SKETCH_ENDINGS
from partimento.music.reading import read_score
from partimento.music.score import Score
from partimento.music.sketch import Sketch
from partimento.music.sketch_files import FoundSketch, read_sketch
from partimento.music.sources import Source, source_name
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.loading import fit_score
from partimento.tokenizer.token_sketches import place_tokens, sketch_tokens


def find_sketch(source: Source) -> FoundSketch:
    """The sketch that a file holds (.npz, .json), or that of the music in it.

    PartimentoError names the file and what is wrong with it.
    """
    if isinstance(source, str | Path) and Path(source).suffix.lower() in SKETCH_ENDINGS:
        return FoundSketch(read_sketch(Path(source)))
    score, warnings = read_score(source)
    return sketch_music(score, source_name(source), tuple(warnings))


def sketch_music(score: Score, name: str = "music", warnings: tuple[str, ...] = ()) -> FoundSketch:
    """The sketch of a score on the token grid, in bars that have a meter of the vocabulary.

    MidiError as `fit_score`.
    """
    fitted = fit_score(score, name, warnings)
    tokens = encode(fitted.score).tokens
    places = place_tokens(tokens)
    meters = [v.METERS[index] for index in places.meters.tolist()]
    return FoundSketch(Sketch.of_values(sketch_tokens(tokens, places), meters), fitted.warnings)
