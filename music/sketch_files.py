"""Sketches in files: JSON (`sketch_json`), or an open .npz that any reader of .npy arrays opens.

The arrays of an .npz file, of B bars:

- `format`: the text "partimento sketch 1"
- `onsets` (B, 16, 15): what starts in each sixteenth of a bar: pitch classes C to B, then bass
  drum, snare and toms, cymbals
- `pitches` (B, 128): MIDI note numbers used
- `instruments` (B, 33): instruments that play
- `levels` (B, 3): log(1 + notes) / 4, mean velocity / 127, root of the mean length in bars
- `meters` (B, 2): numerator and denominator of each bar; (0, 2) when they are not known
- `lanes`, `instrument_names`, `level_names`: what the columns mean, as text

All but `meters` lie between 0 and 1; whole numbers are read as well as fractions.
"""

import io
import zipfile
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from partimento.errors import PartimentoError
from partimento.music.instruments import INSTRUMENTS
from partimento.music.pitch import PITCH_CLASSES
from partimento.music.sketch import DRUM_KINDS, LEVELS, Sketch
from partimento.music.sketch_json import FORMAT, parse_sketch

ARRAYS = ("onsets", "pitches", "instruments", "levels")


class FoundSketch(NamedTuple):
    """A sketch and what is to be told of its file."""

    sketch: Sketch
    warnings: tuple[str, ...] = ()


def sketch_file(sketch: Sketch) -> bytes:
    """The content of the .npz file that holds a sketch."""
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        format=np.array(FORMAT),
        **{name: getattr(sketch, name) for name in ARRAYS},
        meters=np.array(sketch.meters, np.int64).reshape(-1, 2),
        lanes=np.array((*PITCH_CLASSES, *DRUM_KINDS)),
        instrument_names=np.array(INSTRUMENTS),
        level_names=np.array(LEVELS),
    )
    return buffer.getvalue()


def read_sketch(source: Path | BinaryIO) -> Sketch:
    """Read a sketch; ValueError names the file and what is wrong with it."""
    path = source if isinstance(source, Path) else "the sketch"
    try:
        if isinstance(source, Path) and source.suffix.lower() == ".json":
            return parse_sketch(source.read_text(encoding="utf-8"))
        with np.load(source, allow_pickle=False) as arrays:
            if "format" not in arrays or str(arrays["format"]) != FORMAT:
                raise PartimentoError(f"its `format` is not {FORMAT!r}; is it a sketch?")
            found = {name: arrays[name].astype(np.float32) for name in ARRAYS}
            meters = arrays["meters"].reshape(-1, 2).tolist()
        return Sketch(**found, meters=tuple((int(a), int(b)) for a, b in meters))
    except FileNotFoundError:
        raise PartimentoError(f"{path}: no such sketch file") from None
    except (OSError, EOFError, zipfile.BadZipFile, KeyError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise PartimentoError(f"{path}: not a readable sketch ({reason}); make it anew") from None
    except ValueError as error:
        raise PartimentoError(f"{path}: {error}") from None
