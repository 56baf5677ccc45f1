"""How a score is played: loudness that breathes and an end that slows, after published rules.

The written notes stay as they are; velocities and the tempo of the last bar change. The rules are
those of the KTH system (A. Friberg, R. Bresin and J. Sundberg, "Overview of the KTH rule system
for musical performance", Advances in Cognitive Psychology 2, 2006) as far as they concern
loudness: phrase arch, high loud, melodic charge, and the final ritard; with metrical accents as
in R. Parncutt, "A perceptual model of pulse salience and metrical accent", Music Perception 11,
1994. At amount 1 the parts of generated pieces spread by 10 steps of velocity (their median
standard deviation); played parts do by 11 in POP909 and by 8 and 9 in the music of two games.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from partimento.errors import SettingError
from partimento.music.bars import Bar, bar_starts
from partimento.music.key_finding import estimate_key
from partimento.music.metre import beat_ticks
from partimento.music.score import Chord, Note, Score, Tempo, Track

Floats = NDArray[np.float64]

# Steps of velocity at amount 1.
_PHRASES = ((4, 13.0), (8, 11.0))
"""Bars of a phrase, and how far its middle is above its ends."""
_TURN = 0.6
"""Where in a phrase it is loudest: past the middle, as in the KTH rule's default."""
_ACCENTS = (8.0, 4.0, 1.0, -5.0, -9.0)
"""Of the bar's first beat, its half, the other beats, their halves, anything finer."""
_DRUM_SHARE = 1.4
"""Drummers accent more: in the Groove data a beat is 11 above the mean, and a sixteenth
12 below."""
_OCTAVE = 9.0
"""High loud: what an octave adds, from the middle of the part's range."""
_MELODY, _INNER = 6.0, -6.0
"""The highest note that sounds, and those below it."""
_CHARGE = 1.5
"""What a unit of melodic charge adds."""
_UNEVEN = 3.0
"""Standard deviation of what no rule says."""

_MELODIC_CHARGE = (0.0, 6.5, 2.0, 4.5, 4.0, 2.5, 6.0, 1.0, 5.5, 3.0, 3.5, 5.0)
"""How remarkable each pitch class above the chord's root is (Friberg and others, table 3)."""
_MEAN_CHARGE = 2.0
"""Of chord notes and passing notes as they are mixed in tunes: the part keeps its loudness."""

_LAST_TEMPO = 0.7
"""The tempo at the very end at amount 1, as a share of what it was."""
_RITARD_POWER = 3.0
"""A. Friberg and J. Sundberg, "Does music performance allude to locomotion?", JASA 105, 1999: the
speed falls as a runner's does."""
_SOFTEST, _LOUDEST = 8, 124


def express(
    score: Score, amount: float, seed: int = 0, start: int = 0, *, slows: bool = True
) -> Score:
    """The score as it is played: the same notes at other velocities, the last bar slowing down.

    From the tick `start` on: what stands before it stays as it is. A loop's end never `slows`.

    `amount` is from 0 (unchanged) to 1; the seed decides what no rule does. SettingError
    when the amount is out of range.
    """
    if not 0 <= amount <= 1:
        raise SettingError("expression", f"must be in [0, 1], got {amount:g}")
    bars = bar_starts(score)
    if amount == 0 or not bars:
        return score
    generator = np.random.default_rng(seed)
    tops = _highest(score)
    tracks = []
    for track in score.tracks:
        uneven = generator.normal(size=len(track.notes))
        played = _shaped(track, score, bars, tops, amount, uneven)
        notes = [
            after if after.onset >= start else before
            for before, after in zip(track.notes, played.notes, strict=True)
        ]
        tracks.append(replace(track, notes=tuple(notes)))
    ends = slows and bars[-1].start >= start
    tempos = _slowed(score, bars, amount) if ends else score.tempos
    return replace(score, tracks=tuple(tracks), tempos=tempos)


def _shaped(
    track: Track,
    score: Score,
    bars: Sequence[Bar],
    tops: dict[int, int],
    amount: float,
    uneven: Floats,
) -> Track:
    """A track with all rules added to its velocities, for an `uneven` (N,) of deviation 1."""
    if not track.notes:
        return track
    starts = [bar.start for bar in bars]
    where = [bisect_right(starts, note.onset) - 1 for note in track.notes]
    changes = np.array(
        [_arch(bars, index, n.onset) for index, n in zip(where, track.notes, strict=True)]
    )
    accents = np.array(
        [
            _accent(bars[i], n.onset, score.ticks_per_quarter)
            for i, n in zip(where, track.notes, strict=True)
        ]
    )
    if track.is_drum:
        changes += _DRUM_SHARE * accents
    else:
        changes += accents + _pitch_rules(track.notes, score, tops)
    changes = amount * (changes + _UNEVEN * uneven)
    notes = tuple(
        replace(note, velocity=int(np.clip(round(note.velocity + change), _SOFTEST, _LOUDEST)))
        for note, change in zip(track.notes, changes.tolist(), strict=True)
    )
    return replace(track, notes=notes)


def _arch(bars: Sequence[Bar], index: int, tick: int) -> float:
    """What the phrases add at a tick of a bar: an arch over every four and every eight bars.

    Its mean is zero, and it falls as far at the end as it has risen.
    """
    total = 0.0
    for length, height in _PHRASES:
        first = index - index % length
        last = min(first + length, len(bars)) - 1
        end = bars[last].start + bars[last].length
        x = (tick - bars[first].start) / (end - bars[first].start)
        away = (x - _TURN) / (_TURN if x < _TURN else 1 - _TURN)
        total += height * (1 / 3 - away**2)
    return total


def _accent(bar: Bar, tick: int, ticks_per_quarter: int) -> float:
    """What the place in the bar adds."""
    beat = beat_ticks(bar.meter, ticks_per_quarter)
    at = tick - bar.start
    if at == 0:
        return _ACCENTS[0]
    if 2 * at == bar.length and (bar.length // beat) % 2 == 0:
        return _ACCENTS[1]
    if at % beat == 0:
        return _ACCENTS[2]
    divisions = 3 if beat * 2 == ticks_per_quarter * 3 else 2
    return _ACCENTS[3] if (at * divisions) % beat == 0 else _ACCENTS[4]


def _pitch_rules(notes: Sequence[Note], score: Score, tops: dict[int, int]) -> Floats:
    """(N,) what height, melody and melodic charge add."""
    pitches = np.array([note.pitch for note in notes], np.float64)
    high = _OCTAVE * np.clip((pitches - np.median(pitches)) / 12, -1.5, 1.5)
    is_top = np.array([note.pitch >= tops[note.onset] for note in notes])
    # A tune alone has nothing to stand out from.
    is_alone = bool(is_top.all()) and sum(not track.is_drum for track in score.tracks) == 1
    melody = np.zeros(len(notes)) if is_alone else np.where(is_top, _MELODY, _INNER)
    roots = _roots(score, [note.onset for note in notes])
    charge = np.array(
        [
            _MELODIC_CHARGE[(note.pitch - root) % 12] - _MEAN_CHARGE
            for note, root in zip(notes, roots, strict=True)
        ]
    )
    return np.asarray(high + melody + _CHARGE * charge)


def _roots(score: Score, onsets: Sequence[int]) -> list[int]:
    """The root of the chord in force at each onset; the tonic where no chord is named."""
    key = score.keys[0] if score.keys else estimate_key(score)
    tonic = key.tonic if key else 0
    chords: tuple[Chord, ...] = score.chords
    starts = [chord.onset for chord in chords]
    roots = []
    for onset in onsets:
        index = bisect_right(starts, onset) - 1
        chord = chords[index] if index >= 0 else None
        is_over = chord is None or onset >= chord.onset + chord.duration
        roots.append(tonic if chord is None or is_over or chord.root is None else chord.root)
    return roots


def _highest(score: Score) -> dict[int, int]:
    """The highest melodic pitch that sounds at each tick at which a note starts."""
    notes = sorted(note for track in score.tracks if not track.is_drum for note in track.notes)
    tops: dict[int, int] = {}
    ringing: list[tuple[int, int]] = []  # end, pitch
    for note in notes:
        ringing = [entry for entry in ringing if entry[0] > note.onset]
        ringing.append((note.onset + note.duration, note.pitch))
        tops[note.onset] = max(pitch for _, pitch in ringing)
    return tops


def _slowed(score: Score, bars: Sequence[Bar], amount: float) -> tuple[Tempo, ...]:
    """The tempos with a step on every beat of the last bar; as they are when it has its own.

    A piece of fewer than four bars is too short to slow down.
    """
    last = bars[-1]
    end = last.start + last.length
    before = [tempo for tempo in score.tempos if tempo.tick <= last.start]
    if len(bars) < 4 or any(last.start < tempo.tick < end for tempo in score.tempos):
        return score.tempos
    bpm = before[-1].bpm if before else 120.0
    share = 1 - amount * (1 - _LAST_TEMPO)
    beat = beat_ticks(last.meter, score.ticks_per_quarter)
    steps = []
    for tick in range(last.start, end, beat):
        x = (tick + beat / 2 - last.start) / last.length
        speed = (1 + (share**_RITARD_POWER - 1) * x) ** (1 / _RITARD_POWER)
        steps.append(Tempo(tick, bpm * speed))
    kept = tuple(tempo for tempo in score.tempos if not last.start <= tempo.tick < end)
    return tuple(sorted((*kept, *steps)))
