"""The key that a row of chords is in."""

from collections.abc import Sequence

from partimento.music.chord_qualities import CHORD_QUALITIES
from partimento.music.keys import KeyName, usual_key
from partimento.music.scales import SCALES
from partimento.music.score import Chord

CHORD_TONES: dict[str, tuple[int, ...]] = dict(
    zip(
        CHORD_QUALITIES,
        (
            *((0, 4, 7), (0, 3, 7), (0, 3, 6), (0, 4, 8)),
            *((0, 4, 7, 10), (0, 4, 7, 11), (0, 3, 7, 10), (0, 5, 7)),
        ),
        strict=True,
    )
)
"""Semitones above the root of each quality."""

_LEADING_TONE = 11
_FIRST, _LAST, _CADENCE, _TONIC = 0.3, 0.15, 0.5, 0.2
"""What a key gains when the first or last chord is its tonic, when its dominant leads to the
tonic, and for the share of time of its tonic, beside the share of chord notes in its scale (0..1).
Their order is what counts: Am F C G is in A minor, F C G Am too, and Dm7 G7 Cmaj7 in C."""


def key_of_chords(chords: Sequence[Chord], is_minor: bool | None = None) -> KeyName | None:
    """The key in which chords fit best, first and last one first; None without any.

    With `is_minor` the key is of that mode: where the chords are in the other, the key that shares
    its notes, so that Am F C G in a major key is C major.

    >>> def heard(*names):
    ...     return str(key_of_chords([Chord(i, 1, *name) for i, name in enumerate(names)]))
    >>> heard((9, "min"), (5, "maj"), (0, "maj"), (7, "maj"))
    'A minor'
    >>> heard((2, "min7"), (7, "7"), (0, "maj7"))
    'C major'
    """
    named = [chord for chord in chords if chord.root is not None]
    if not named:
        return None
    total = sum(chord.duration for chord in named)
    fits = {
        (tonic, minor): _fit(named, tonic, minor) / total + _function(named, tonic, minor, total)
        for minor in (False, True)
        for tonic in range(12)
    }
    tonic, minor = max(fits, key=lambda key: fits[key])
    if is_minor is None or minor == is_minor:
        return usual_key(tonic, minor)
    return usual_key((tonic + (-3 if is_minor else 3)) % 12, is_minor)


def _fit(chords: Sequence[Chord], tonic: int, is_minor: bool) -> float:
    """Ticks of the chords, each by the share of its notes that the key has; half where it lacks
    one."""
    scale = SCALES["minor" if is_minor else "major"]
    fit = 0.0
    for chord in chords:
        tones = {(_root(chord) + step - tonic) % 12 for step in CHORD_TONES[chord.quality]}
        # The leading tone belongs to a minor key in its dominant chords.
        is_dominant = is_minor and _LEADING_TONE in tones and not tones & {3, 10}
        known = {*scale, _LEADING_TONE} if is_dominant else set(scale)
        share = len(tones & known) / len(tones)
        fit += chord.duration * (share if share == 1 else share / 2)
    return fit


def _function(chords: Sequence[Chord], tonic: int, is_minor: bool, total: int) -> float:
    """What the tonic and its dominant add, by where they stand."""
    is_tonic = [_root(chord) == tonic and _is_minor(chord) == is_minor for chord in chords]
    share = sum(c.duration for c, at_home in zip(chords, is_tonic, strict=True) if at_home) / total
    # A tonic with a minor seventh, as in the blues, is home without being arrived at.
    arrivals = [at_home and c.quality != "7" for c, at_home in zip(chords, is_tonic, strict=True)]
    cadences = any(
        _is_dominant(chord, tonic) and arrives
        for chord, arrives in zip(chords, arrivals[1:], strict=False)
    )
    return _FIRST * is_tonic[0] + _LAST * is_tonic[-1] + _CADENCE * cadences + _TONIC * share


def _is_minor(chord: Chord) -> bool:
    return 3 in CHORD_TONES[chord.quality]


def _is_dominant(chord: Chord, tonic: int) -> bool:
    return (_root(chord) - tonic) % 12 == 7 and chord.quality in ("maj", "7")


def _root(chord: Chord) -> int:
    return 0 if chord.root is None else chord.root
