"""Scales and modes by name: which pitch classes a piece keeps to, and its nearest key."""

import difflib
from collections.abc import Mapping

from partimento.errors import SettingError

SCALES: Mapping[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "locrian": (0, 1, 3, 5, 6, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "melodic minor": (0, 2, 3, 5, 7, 9, 11),
    "harmonic major": (0, 2, 4, 5, 7, 8, 11),
    "double harmonic": (0, 1, 4, 5, 7, 8, 11),
    "hungarian minor": (0, 2, 3, 6, 7, 8, 11),
    "phrygian dominant": (0, 1, 4, 5, 7, 8, 10),
    "lydian dominant": (0, 2, 4, 6, 7, 9, 10),
    "altered": (0, 1, 3, 4, 6, 8, 10),
    "major pentatonic": (0, 2, 4, 7, 9),
    "minor pentatonic": (0, 3, 5, 7, 10),
    "major blues": (0, 2, 3, 4, 7, 9),
    "minor blues": (0, 3, 5, 6, 7, 10),
    "hirajoshi": (0, 2, 3, 7, 8),
    "in sen": (0, 1, 5, 7, 10),
    "whole tone": (0, 2, 4, 6, 8, 10),
    "diminished": (0, 2, 3, 5, 6, 8, 9, 11),
    "chromatic": tuple(range(12)),
}
"""Steps above the tonic in semitones, rising. Melodic minor is the rising form, diminished the
whole-half one."""

FAMILIES = ("pentatonic", "blues")
"""Scales that have a major and a minor form; alone they take the mode of the key."""

NEUTRAL = frozenset({"whole tone", "diminished", "chromatic", "in sen", "altered"})
"""Scales that stand beside major and minor keys alike."""

ALIASES: Mapping[str, str] = {
    "ionian": "major",
    "aeolian": "minor",
    "natural minor": "minor",
    "pentatonic": "minor pentatonic",
    "pentatonic major": "major pentatonic",
    "pentatonic minor": "minor pentatonic",
    "blues": "minor blues",
    "byzantine": "double harmonic",
    "freygish": "phrygian dominant",
    "jazz minor": "melodic minor",
    "octatonic": "diminished",
    "super locrian": "altered",
}


def find_scale(name: str) -> str:
    """The name in SCALES that a name means; ValueError, with a near name, for an unknown one.

    >>> find_scale("Ionian"), find_scale("whole-tone"), find_scale("pentatonic minor")
    ('major', 'whole tone', 'minor pentatonic')
    """
    plain = _plain(name)
    plain = ALIASES.get(plain, plain)
    if plain in SCALES:
        return plain
    near = difflib.get_close_matches(plain, [*SCALES, *ALIASES], n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise SettingError("scale", f"must be one of {', '.join(SCALES)}, got {name!r}{hint}")


def sounds_minor(name: str) -> bool:
    """Whether a minor key is nearest: by the third, or else by the notes in common.

    >>> sounds_minor("dorian"), sounds_minor("lydian"), sounds_minor("in sen")
    (True, False, True)
    """
    steps = set(SCALES[find_scale(name)])
    if (3 in steps) != (4 in steps):
        return 3 in steps
    return len(steps & set(SCALES["minor"])) > len(steps & set(SCALES["major"]))


def in_mode(name: str, minor: bool) -> str | None:
    """The form of a scale that fits a mode; None when it has no such form.

    >>> in_mode("pentatonic", False), in_mode("blues", True), in_mode("dorian", False)
    ('major pentatonic', 'minor blues', None)
    """
    plain = _plain(name)
    if plain in FAMILIES:
        return f"{'minor' if minor else 'major'} {plain}"
    found = find_scale(name)
    return found if found in NEUTRAL or sounds_minor(found) == minor else None


def _plain(name: str) -> str:
    """Lower case, single spaces, without the word scale."""
    return " ".join(name.lower().replace("-", " ").replace("_", " ").split()).removesuffix(" scale")
