"""Accidentals: which signs a reader of one staff needs, bar by bar."""

from partimento.music.pitch import LETTERS_BY_FIFTHS
from partimento.rendering.notation.spelling import Spelled

_SIGNS = {-2: "flat-flat", -1: "flat", 0: "natural", 1: "sharp", 2: "double-sharp"}
"""MusicXML's names."""


class Accidentals:
    """What stands for each line and space of a staff, in the course of a bar."""

    def __init__(self, fifths: int, before: dict[tuple[str, int], int]) -> None:
        # The signature gives F the first sharp and B the first flat.
        self.signature = {
            step: int(place < fifths) - int(place >= 7 + fifths)
            for place, step in enumerate(LETTERS_BY_FIFTHS)
        }
        self.before = before
        """Alterations of the bar before, which readers still have in their ears."""
        self.sounding: dict[tuple[str, int], int] = {}

    def sign(self, name: Spelled) -> tuple[str | None, bool]:
        """The sign that a note needs, and whether it is only a courtesy; in order of time."""
        place = (name.step, name.octave)
        signed = self.signature[name.step]
        is_needed = self.sounding.get(place, signed) != name.alter
        others = {alter for (step, _), alter in self.sounding.items() if step == name.step}
        is_courtesy = place not in self.sounding and (
            self.before.get(place, signed) != name.alter or not others <= {name.alter}
        )
        self.sounding[place] = name.alter
        sign = _SIGNS[name.alter] if is_needed or is_courtesy else None
        return sign, is_courtesy and not is_needed
