"""How a piece was made, stored in its MIDI file, so that it can be made again."""

import base64
import json
import operator
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from partimento.errors import PartimentoError
from partimento.music.score import Score
from partimento.request.request import Request

PREFIX = "partimento "
"""What the text event at tick 0 starts with; JSON follows."""
FORMAT = 1
"""Of what decides bytes and is stored nowhere: it moves when a change of the program gives other
bytes for the same settings, weights and engine."""


class StoredPrimer(NamedTuple):
    """What a piece went on from."""

    midi: bytes
    """Its bars as a MIDI file."""
    bars: int
    """How many; the last ones may be silent."""
    has_pedal: bool = False
    """Whether notes were heard as long as the pedal holds them."""


class Redraw(NamedTuple):
    """Bars that were written anew, from a step of the plan on."""

    step: int
    seed: int


@dataclass(frozen=True, slots=True)
class Provenance:
    """Everything that decides the bytes of a piece."""

    version: str
    """Of the program."""
    request: Request
    """With its seed, and the tempo that was written."""
    checkpoint: str
    """Hash of the weights' file."""
    engine: str
    precision: str
    primer: StoredPrimer | None = None
    keeps_primer: bool = True
    """Whether the file holds the primer's bars too."""
    edit: Mapping[str, object] | None = None
    """What was asked to change in the primer, of an edited piece."""
    finished_bars: int | None = None
    """New bars of a piece that was stopped early; None for a complete one."""
    sketcher: str | None = None
    """Name of what drew or told the sketch; None where there was none."""
    sketch: bytes | None = None
    """The file of a sketch that was given."""
    style: str | None = None
    """Of the piece, asked for or chosen by the model."""
    redraws: tuple[Redraw, ...] = ()
    """Bars that were written anew, in this order."""
    format: int = FORMAT
    """Of the program that made the piece; another one does not promise the same bytes."""

    @property
    def seed(self) -> int:
        """Of the piece."""
        assert self.request.seed is not None
        return self.request.seed

    def to_text(self) -> str:
        """The text event."""
        fields: dict[str, object] = {
            "version": self.version,
            "settings": self.request.to_dict(),
            "checkpoint": self.checkpoint,
            "engine": self.engine,
            "precision": self.precision,
        }
        if self.primer is not None:
            packed = zlib.compress(self.primer.midi, 9)
            fields["primer_midi"] = base64.b85encode(packed).decode("ascii")
            fields["primer_bars"] = self.primer.bars
            if self.primer.has_pedal:
                fields["primer_pedal"] = True
            fields["keeps_primer"] = self.keeps_primer
        if self.edit is not None:
            fields["edit"] = self.edit
        if self.finished_bars is not None:
            fields["finished_bars"] = self.finished_bars
        if self.sketcher is not None:
            fields["sketcher"] = self.sketcher
        if self.sketch is not None:
            fields["sketch"] = base64.b85encode(self.sketch).decode("ascii")
        if self.style is not None:
            fields["style"] = self.style
        if self.redraws:
            fields["redraws"] = self.redraws
        if self.format != 1:
            fields["format"] = self.format
        return PREFIX + json.dumps(fields, separators=(",", ":"))


def read_provenance(score: Score) -> Provenance | None:
    """The provenance of a score; None when another program made it.

    ValueError when it is damaged or names settings that this version does not know.
    """
    texts = [text for text in score.texts if text.startswith(PREFIX)]
    if not texts:
        return None
    try:
        fields = json.loads(texts[0][len(PREFIX) :])
        primer = None
        if "primer_midi" in fields:
            midi = zlib.decompress(base64.b85decode(fields["primer_midi"]))
            has_pedal = bool(fields.get("primer_pedal", False))
            primer = StoredPrimer(midi, operator.index(fields["primer_bars"]), has_pedal)
        finished, style = fields.get("finished_bars"), fields.get("style")
        sketcher, sketch = fields.get("sketcher"), fields.get("sketch")
        edit = fields.get("edit")
        return Provenance(
            version=str(fields["version"]),
            request=_with_seed(fields["settings"]),
            checkpoint=str(fields["checkpoint"]),
            engine=str(fields["engine"]),
            precision=str(fields["precision"]),
            primer=primer,
            keeps_primer=bool(fields.get("keeps_primer", True)),
            edit=None if edit is None else dict(edit),
            finished_bars=None if finished is None else operator.index(finished),
            sketcher=None if sketcher is None else str(sketcher),
            sketch=None if sketch is None else base64.b85decode(sketch),
            style=None if style is None else str(style),
            redraws=tuple(Redraw(*map(operator.index, each)) for each in fields.get("redraws", ())),
            format=operator.index(fields.get("format", 1)),
        )
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError, zlib.error) as error:
        raise PartimentoError(
            f"the stored settings are damaged ({type(error).__name__}); "
            "the file was changed after it was made"
        ) from None


def without_provenance(score: Score) -> Score:
    """The score as music alone, without what is stored in it of how it was made."""
    texts = tuple(text for text in score.texts if not text.startswith(PREFIX))
    return replace(score, texts=texts)


def _with_seed(settings: Mapping[str, object]) -> Request:
    """The stored request; KeyError when it has no seed, which every one had."""
    request = Request.from_dict(settings)
    if request.seed is None:
        raise KeyError("seed")
    return request
