"""Whether the chords that were asked for are heard: note time on chord tones."""

from collections.abc import Iterable
from dataclasses import dataclass

from partimento.music.bars import bar_starts
from partimento.music.chord_keys import CHORD_TONES
from partimento.music.keys import KeyName
from partimento.music.score import Chord, Score
from partimento.request.request import Request

LOOPS = ("C G Am F", "Am F C G", "Dm7 G7 Cmaj7", "Dm7b5 G7 Cm Cm")
"""Chords that are asked for in every style; the last one is ii V i in minor."""


@dataclass(frozen=True, slots=True)
class HeardChords:
    """How well pieces keep to their chords."""

    pieces: int
    on_chord: float
    """Share of the time of pitched notes that is on tones of the chord in force."""
    bars_without: float
    """Share of the bars in which no note of the chord sounds, silent ones among them."""
    by_style: dict[str, float]
    """The share of note time on chord tones of each style."""


@dataclass(slots=True)
class _Sums:
    on_chord: int = 0
    time: int = 0


def chord_requests(
    styles: Iterable[str], loops: Iterable[str], seeds: Iterable[int]
) -> list[Request]:
    """Each loop in each style, as often as there are seeds."""
    loops, seeds = list(loops), list(seeds)
    return [
        Request(style=style, chords=loop, seed=seed)
        for style in styles
        for loop in loops
        for seed in seeds
    ]


def measure_chords(pieces: Iterable[tuple[Request, Score]]) -> HeardChords:
    """What is heard in pieces that were asked for with chords for all their bars."""
    sums: dict[str, _Sums] = {}
    bars = without = count = 0
    for request, score in pieces:
        count += 1
        assert request.chords is not None
        style = sums.setdefault(score.style or "", _Sums())
        for on_chord, time in chord_times(score, request):
            style.on_chord += on_chord
            style.time += time
            bars += 1
            without += on_chord == 0
    total = sum(each.time for each in sums.values())
    return HeardChords(
        count,
        sum(each.on_chord for each in sums.values()) / max(total, 1),
        without / max(bars, 1),
        {style: each.on_chord / max(each.time, 1) for style, each in sorted(sums.items())},
    )


def chord_times(score: Score, request: Request) -> list[tuple[int, int]]:
    """For each bar: ticks of pitched notes on tones of the chord in force, and of all of them.

    The score is on the token grid; a note counts in each bar in which it sounds.
    """
    assert request.chords is not None
    bars = bar_starts(score)
    meter = request.meter or (score.meters[0].numerator, score.meters[0].denominator)
    key = request.key if isinstance(request.key, KeyName) else None
    notes = sorted(note for track in score.tracks if not track.is_drum for note in track.notes)
    times = []
    for bar, chords in zip(bars, request.chords.by_bar(meter, len(bars), key), strict=True):
        on_chord = time = 0
        for chord in chords:
            start, end = bar.start + chord.onset, bar.start + chord.onset + chord.duration
            for note in notes:
                sounds = min(note.onset + note.duration, end) - max(note.onset, start)
                if sounds > 0:
                    time += sounds
                    on_chord += sounds * is_chord_tone(note.pitch, chord)
        times.append((on_chord, time))
    return times


def is_chord_tone(pitch: int, chord: Chord) -> bool:
    """Whether a pitch belongs to a chord; where there is none, every pitch does.

    >>> is_chord_tone(64, Chord(0, 96, 0, "maj")), is_chord_tone(65, Chord(0, 96, 0, "maj"))
    (True, False)
    """
    return chord.root is None or (pitch - chord.root) % 12 in CHORD_TONES[chord.quality]
