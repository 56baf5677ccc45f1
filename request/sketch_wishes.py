"""What may be wished of the sketch that a piece follows: how closely, how dense, in which form."""

from dataclasses import dataclass

from partimento.request.readers import Interval, Number, Text, YesNo
from partimento.request.settings import SKETCH, About, Setting

ATTRIBUTE_WISHES = ("density", "polyphony", "register", "syncopation", "leaps", "repetition")
"""Attributes of `music.attributes` that a request may name."""
SKETCH_WISHES = ("sketch", "follow", "guidance", *ATTRIBUTE_WISHES, "form", "change")
"""Wishes that nothing but a sketch fulfils: any of them asks for one."""


_SHARE = Number(Interval(0, 1))
_BESIDE = "{interval}, beside other music; left open by default."


@dataclass(frozen=True)
class SketchWishes:
    """Wishes for the sketch of a piece; `None` leaves them to the model."""

    sketch: Setting[str | None, str | None] = Setting(
        None,
        Text(),
        About(
            "Sketch to follow: a file that `partimento sketch` wrote, or music to sketch.",
            SKETCH,
            is_path=True,
        ),
    )
    no_sketch: Setting[bool, bool] = Setting(
        False, YesNo(), About("Write note by note, without a sketch of the piece.", SKETCH)
    )
    follow: Setting[float | None, float | None] = Setting(
        None,
        _SHARE,
        About("How closely the sketch is followed, {interval}: 1 most, 0 hardly at all.", SKETCH),
    )
    guidance: Setting[float | None, float | None] = Setting(
        None,
        Number(Interval(0, 10)),
        About(
            "How strongly style, key, instruments and the like shape the sketch, {interval}: "
            "1 as in other music, more exaggerates.",
            SKETCH,
        ),
    )
    density: Setting[float | None, float | None] = Setting(
        None, _SHARE, About(f"How many notes a beat has, {_BESIDE}", SKETCH)
    )
    polyphony: Setting[float | None, float | None] = Setting(
        None, _SHARE, About(f"How many notes sound at once, {_BESIDE}", SKETCH)
    )
    register: Setting[float | None, float | None] = Setting(
        None, _SHARE, About(f"How high the piece lies, {_BESIDE}", SKETCH)
    )
    syncopation: Setting[float | None, float | None] = Setting(
        None, _SHARE, About(f"How much is off the beat, {_BESIDE}", SKETCH)
    )
    leaps: Setting[float | None, float | None] = Setting(
        None, _SHARE, About(f"How far the lines leap, {_BESIDE}", SKETCH)
    )
    repetition: Setting[float | None, float | None] = Setting(
        None, _SHARE, About(f"How much bars repeat others, {_BESIDE}", SKETCH)
    )
    form: Setting[str | None, str | None] = Setting(
        None,
        Text(),
        About(
            "Sections by letter, of which equal ones return: AABA, or with bars: i4A8A8B8A8o4.",
            SKETCH,
        ),
    )
    change: Setting[float | None, float | None] = Setting(
        None,
        _SHARE,
        About("How much a section is changed when it returns, {interval}.", SKETCH),
    )

    @property
    def asks_for_sketch(self) -> bool:
        """Whether a wish is set that nothing but a sketch fulfils."""
        return any(getattr(self, name) is not None for name in SKETCH_WISHES)

    @property
    def attributes(self) -> dict[str, float]:
        """The attributes that are asked for, by name."""
        wished = {name: getattr(self, name) for name in ATTRIBUTE_WISHES}
        return {name: value for name, value in wished.items() if value is not None}
