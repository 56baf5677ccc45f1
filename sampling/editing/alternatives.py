"""What an edit begins with: the piece, what is to change in it, and the wishes for what is new."""

from collections.abc import Mapping
from dataclasses import dataclass

from partimento.music.chords import parse_chords
from partimento.music.key_finding import estimate_key
from partimento.music.keys import key_name
from partimento.music.score import Meter
from partimento.music.sketch import Sketch
from partimento.request.edit import WISHES_OF_NEW, Edit
from partimento.request.merging import combine
from partimento.request.request import Request
from partimento.request.settings import check_names
from partimento.sampling.editing.original import Original


@dataclass(frozen=True, slots=True)
class Alternative:
    """One piece to make of an original."""

    original: Original
    edit: Edit
    request: Request
    """The wishes for what is new."""
    sketch: Sketch | None = None
    """The one that is given, of the bars that are written, in their order."""


def request_for(wishes: Mapping[str, object], original: Original) -> Request:
    """The request of wishes for what is new; what these need to be told beside them the file says.

    PartimentoError for wishes that do not exist, are out of range or contradict each other.
    """
    check_names(wishes, {*WISHES_OF_NEW, "mode"})
    told = dict(wishes)
    chords, score = told.get("chords"), original.score
    has_degrees = isinstance(chords, str) and parse_chords(chords).needs_key
    if chords is not None:
        meter = score.meters[0] if score.meters else Meter(0, 4, 4)
        told["meter"] = f"{meter.numerator}/{meter.denominator}"
    if told.get("key") is None and (has_degrees or told.get("lock_key") or told.get("scale")):
        key = score.keys[0] if score.keys else estimate_key(score)
        told["key"] = None if key is None else key_name(key)
    return combine([told]).request
