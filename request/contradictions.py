"""Wishes that contradict each other: refused, so that none is dropped in silence."""

from typing import TYPE_CHECKING

from partimento.errors import SettingError
from partimento.music.chord_qualities import STEPS_OF_QUALITY
from partimento.music.chord_symbols import ChordSymbol
from partimento.music.instruments import DRUMS, INSTRUMENTS, find_instrument
from partimento.music.keys import KeyName
from partimento.music.scales import SCALES
from partimento.request.sketch_wishes import ATTRIBUTE_WISHES, SKETCH_WISHES

if TYPE_CHECKING:
    from partimento.request.request import Request


def refuse_contradictions(request: "Request") -> None:
    """SettingError for the first wish that another one leaves no room for, or that lacks one."""
    _check_without(request)
    _check_chords(request)
    if request.primer_bars is not None and request.primer is None:
        problem = f"needs a primer, got {request.primer_bars} without one"
        raise SettingError("primer_bars", problem)
    if request.primer_pedal and request.primer is None:
        raise SettingError("primer_pedal", "needs a primer, got true without one")
    _check_loop(request)
    _check_schedule(request)
    _check_sketch(request)
    _refuse_without_notes(request)
    if request.lock_key or request.scale is not None:
        _refuse_foreign_chords(request)


def _refuse_without_notes(request: "Request") -> None:
    """What only pitched notes can do asks for an instrument that plays some."""
    drums = INSTRUMENTS[DRUMS]
    players = request.instruments or ((drums,) if request.style == drums else ())
    if not players or set(players) != {drums}:
        return
    for name in ("chords", "scale", "lock_key", "pitch_range"):
        if getattr(request, name):
            raise SettingError(
                name, "must have an instrument beside the drums, which play no pitches"
            )


def _refuse_foreign_chords(request: "Request") -> None:
    """Chords must have at least half of their notes where no other notes may be."""
    if request.chords is None:
        return
    lock = "lock_key" if request.scale is None else "scale"
    if not isinstance(request.key, KeyName):
        if request.primer is None:  # whose key it may be
            raise SettingError(lock, "needs a key with a tonic beside chords; give one")
        return
    mode = "minor" if request.key.is_minor else "major"
    notes = {(request.key.tonic + step) % 12 for step in SCALES[request.scale or mode]}
    for item in request.chords.items:
        chord = item.chord
        if isinstance(chord, ChordSymbol) and chord.root is not None:
            own = {(chord.root + step) % 12 for step in STEPS_OF_QUALITY[chord.quality]}
            if 2 * len(own & notes) < len(own):
                held = str(request.key) if request.scale is None else f"{request.scale} on it"
                raise SettingError(
                    "chords",
                    f"must lie in the key {request.key} with {lock}, got {chord.text!r}, most of "
                    f"whose notes are outside {held}; change one of the three",
                )


def _check_without(request: "Request") -> None:
    """What is left out is nothing that is asked for, and leaves something to play notes."""
    if request.without is None:
        return
    wanted = {find_instrument(name)[1] for name in request.instruments or ()}
    if request.style == INSTRUMENTS[DRUMS]:
        wanted.add(DRUMS)
    unwanted = {find_instrument(name)[1] for name in request.without}
    clash = sorted(wanted & unwanted)
    if clash:
        name = INSTRUMENTS[clash[0]]
        raise SettingError("without", f"must not name what is asked for, got {name}")
    if unwanted | {DRUMS} == set(range(len(INSTRUMENTS))):
        raise SettingError("without", "must leave an instrument that plays notes, got all of them")


def _check_chords(request: "Request") -> None:
    chords = request.chords
    if chords is None:
        return
    if chords.needs_key and request.key is None:
        raise SettingError("chords", f"in degrees need a key, got {chords.text!r} without one")
    if chords.has_beats and request.meter is None:
        raise SettingError("chords", f"with beats need a meter, got {chords.text!r} without one")
    key = request.key if isinstance(request.key, KeyName) else None
    if request.meter is not None and not (chords.needs_key and key is None):
        chords.by_bar(request.meter, request.bars, key)


def _check_loop(request: "Request") -> None:
    if request.layers is not None and not request.loop:
        raise SettingError("layers", f"needs a loop, got {request.layers} without one")
    if request.loop and request.primer is not None:
        raise SettingError("loop", "is a whole piece; leave it out with a primer")
    if request.loop and request.form is not None:
        raise SettingError("form", "is that of a piece that ends; leave it out with a loop")


def _check_sketch(request: "Request") -> None:
    if request.no_sketch:
        for name in SKETCH_WISHES:
            if getattr(request, name) is not None:
                problem = f"needs a sketch, got {getattr(request, name)!r} with no_sketch"
                raise SettingError(name, problem)
    if request.change is not None and request.form is None:
        raise SettingError("change", f"needs a form, got {request.change:g} without one")
    for name in ("guidance", "form", *ATTRIBUTE_WISHES):
        if request.sketch is not None and getattr(request, name) is not None:
            raise SettingError(name, "shapes a sketch that is drawn; leave it out with a sketch")
    if request.form is not None and request.primer is not None:
        raise SettingError("form", "is that of a whole piece; leave it out with a primer")


def _check_schedule(request: "Request") -> None:
    if request.temperature_end is None:
        if request.schedule not in (None, "constant"):
            raise SettingError(
                "schedule", f"needs a temperature_end, got {request.schedule!r} without one"
            )
        return
    if request.schedule == "constant":
        raise SettingError(
            "schedule",
            "must not be constant with a temperature_end, "
            f"got {request.temperature_end:g}; choose linear, cosine or exponential",
        )
    if request.schedule == "exponential":
        check_positive(request.temperature, request.temperature_end)


def check_positive(temperature: float, temperature_end: float) -> None:
    """Refuse 0 at an end of the exponential schedule, which moves by equal ratios."""
    for name, value in (("temperature", temperature), ("temperature_end", temperature_end)):
        if value == 0:
            raise SettingError(
                name,
                "must be above 0 with the exponential schedule, got 0; "
                "the linear and cosine schedules can reach 0",
            )
