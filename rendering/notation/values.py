"""Written values: kinds of notes and rests, their dots and lengths."""

from dataclasses import dataclass

# Note values in half ticks of the token grid, so that the 64th of a triplet is whole.
KINDS = {
    **{384: "breve", 192: "whole", 96: "half", 48: "quarter", 24: "eighth"},
    **{12: "16th", 6: "32nd", 3: "64th"},
}
"""MusicXML's name of each note value by its half ticks, the longest first."""


@dataclass(frozen=True, slots=True)
class Span:
    """What sounds, or rests, from tick to tick; ticks count from the bar line."""

    start: int
    end: int
    sound: int | None
    """Index of the sound; None is a rest."""


@dataclass(frozen=True, slots=True)
class Value:
    """One written note, chord or rest."""

    start: int
    """Tick, counted from the bar line."""
    ticks: int
    kind: str
    """MusicXML's name of the note value."""
    dots: int
    sound: int | None
    """Index of the sound; None is a rest."""
    is_triplet: bool = False
    tuplet: str = ""
    """`start` or `stop` at the first and last value of a triplet."""
    has_bracket: bool = False
    """Whether the triplet that starts here needs a bracket beside its number."""
    beams: tuple[str, ...] = ()
    """MusicXML's state of each beam, the eighths' first."""

    @property
    def end(self) -> int:
        """First tick after it."""
        return self.start + self.ticks


def form(half_ticks: int) -> tuple[str, int] | None:
    """Kind and dots of a length in half ticks; None when it is not one note value.

    >>> form(48), form(72), form(60)
    (('quarter', 0), ('quarter', 1), None)
    """
    if half_ticks in KINDS:
        return KINDS[half_ticks], 0
    if half_ticks % 3 == 0 and half_ticks // 3 * 2 in KINDS:
        return KINDS[half_ticks // 3 * 2], 1
    return None
