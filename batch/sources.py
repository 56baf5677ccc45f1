"""Files of music and sketches that items name, each read once."""

from pathlib import Path

from partimento.errors import PartimentoError
from partimento.music.reading import read_score
from partimento.music.sketch_files import FoundSketch
from partimento.music.sources import source_name
from partimento.sampling.editing.original import Original, read_original
from partimento.sampling.primer import read_primer
from partimento.sampling.primer_bars import Primer
from partimento.sampling.reworking import Model, model_of
from partimento.sampling.sketch_reading import find_sketch


class Sources:
    """What has been read so far."""

    def __init__(self) -> None:
        self._primers: dict[tuple[str, int | None, bool], Primer] = {}
        self._sketches: dict[str, FoundSketch] = {}
        self._originals: dict[str, Original] = {}
        self._models: dict[str, Model] = {}

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was repaired in reading, each said once."""
        read = (self._primers, self._sketches, self._originals, self._models)
        found = (warning for files in read for file in files.values() for warning in file.warnings)
        return tuple(dict.fromkeys(found))

    def primer(self, path: str, bars: int | None, has_pedal: bool) -> Primer:
        """A piece to go on from."""
        if (path, bars, has_pedal) not in self._primers:
            self._primers[path, bars, has_pedal] = read_primer(
                _file("primer", path), bars, has_pedal
            )
        return self._primers[path, bars, has_pedal]

    def sketch(self, path: str) -> FoundSketch:
        """A sketch to follow."""
        if path not in self._sketches:
            self._sketches[path] = find_sketch(_file("sketch", path))
        return self._sketches[path]

    def original(self, setting: str, path: str) -> Original:
        """A piece to edit or to vary."""
        if path not in self._originals:
            self._originals[path] = read_original(_file(setting, path))
        return self._originals[path]

    def model(self, setting: str, path: str) -> Model:
        """A piece to arrange or to blend."""
        if path not in self._models:
            score, warnings = read_score(_file(setting, path))
            self._models[path] = model_of(score, source_name(path), warnings)
        return self._models[path]


def _file(setting: str, path: str) -> Path:
    """The file of a setting; PartimentoError when there is none."""
    if not Path(path).is_file():
        raise PartimentoError(f"{setting} {path}: no such file")
    return Path(path)
