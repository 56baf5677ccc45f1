"""Chords out of symbols and progressions."""

from collections.abc import Sequence

from partimento.errors import PartimentoError
from partimento.music.chords import parse_chords
from partimento.music.degrees import spell_progression
from partimento.music.keys import parse_key
from partimento.music.metre import METERS
from partimento.request.words.choices import Choices, rank
from partimento.request.words.recognition import Finding
from partimento.request.words.rules import about
from partimento.request.words.tempo import LENGTH_METER


def settle_chords(choices: Choices, setting: str, ranked: Sequence[Finding]) -> Choices:
    """The most specific chords or degrees count, spelled in the key."""
    written = [*about(ranked, "progression"), *about(ranked, "chords")]
    if setting in choices.options:
        return choices.overrule_all(written, f"the option {setting}", setting, always=True)
    if not written:
        return choices
    last = max(written, key=lambda f: (rank(f, setting), f.start))
    for finding in written:
        if finding is not last:
            choices = choices.yield_to(last, finding, setting)
    if "chords" in last.settings:
        chords = str(last.settings["chords"])
    else:
        key = _full_key(choices.value("key"))
        chords = _spell(key, str(last.settings["progression"]))
        if key != choices.value("key") and "key" not in choices.options:
            choices = choices.take(last, "key", key)
    if choices.value("meter") is None and ":" in chords:
        choices = choices.having("meter", _meter_that_fits(chords))
    choices = choices.take(last, setting, chords)
    notes = parse_chords(chords).notes
    return choices.warn(last, ", ".join(notes)) if notes else choices


def _full_key(key: object) -> str:
    """A key with its tonic: C major or A minor when none is said."""
    if key == "minor":
        return "A minor"
    return "C major" if key in (None, "major") else str(key)


def _spell(key: str, degrees: str) -> str:
    """Chord symbols of a progression in a key."""
    tonic = parse_key(key)
    dots = " ..." if degrees.endswith("...") else ""
    return spell_progression(degrees.removesuffix("..."), tonic.tonic, tonic.is_minor) + dots


def _meter_that_fits(chords: str) -> str:
    """The likeliest meter whose bars chords with beats fill; 4/4 when there is none."""
    for meter in ((4, 4), (3, 4), (2, 4), *METERS):
        try:
            parse_chords(chords).by_bar(meter, 1)
        except PartimentoError:
            continue
        return f"{meter[0]}/{meter[1]}"
    return LENGTH_METER
