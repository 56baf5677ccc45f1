"""Names of notes: which of C sharp and D flat a pitch is."""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from partimento.music.pitch import NATURALS, STEPS, letter_at
from partimento.music.score import Key, Note, Score

_BEFORE, _AFTER = 10, 42
"""Notes of context; the best values that Meredith found."""
_SOON = 48
"""Ticks within which a note is heard to lead to the next one."""
_LIKELY = 4.0
"""A leading note takes its letter with at least a quarter of the best letter's votes."""
# Staff steps that each number of semitones above a tonic spans.
_INTERVAL_STEPS = (0, 1, 1, 2, 2, 3, 3, 4, 5, 5, 6, 6)


class Spelled(NamedTuple):
    """A note as it is written."""

    step: str
    """A letter C..B."""
    alter: int
    """Sharps, or flats as a negative number."""
    octave: int
    """Octave of the letter; middle C is in 4."""

    @property
    def pitch(self) -> int:
        """MIDI note number.

        >>> Spelled("B", 1, 3).pitch
        60
        """
        return 12 * (self.octave + 1) + NATURALS[STEPS.index(self.step)] + self.alter


def spell_root(pitch_class: int, quality: str, key: Key | None) -> tuple[str, int]:
    """Letter and alteration of a chord's root, such as stands in a key.

    >>> spell_root(10, "maj", Key(0, 2, False)), spell_root(8, "dim", Key(0, 9, True))
    (('B', -1), ('G', 1))
    """
    # Minor and diminished chords stand on steps further up the line of fifths than major ones:
    # in C, E flat and A flat major but C sharp minor and F sharp diminished.
    lowest = (key.fifths if key else 0) - {"min": 3, "min7": 3, "dim": -1}.get(quality, 5)
    place = lowest + (7 * pitch_class - lowest) % 12
    return letter_at(place)


def spell(score: Score, keys: tuple[Key, ...]) -> list[list[Spelled]]:
    """Spell the notes of every track, drums as if they were pitches; `keys` are in force.

    D. Meredith's algorithm ps13, its first stage ("The ps13 pitch spelling algorithm", Journal
    of New Music Research 35(2), 2006), but tonics take their names from the key signature:
    every pitch class nearby votes, as often as it sounds, for the letter that the note would
    have if that were the tonic. A chromatic note that moves on by a semitone takes the letter
    that leads there, sharps up and flats down, unless that is much the less likely one.
    """
    notes = sorted(
        (note, track, index)
        for track, part in enumerate(score.tracks)
        if not part.is_drum
        for index, note in enumerate(part.notes)
    )
    spelled = [[_plain(note) for note in track.notes] for track in score.tracks]
    if not notes:
        return spelled
    classes = np.array([note.pitch % 12 for note, _, _ in notes])
    before = np.zeros((len(notes) + 1, 12))  # how often each pitch class came so far
    before[1:] = np.cumsum(np.eye(12)[classes], axis=0)
    changes = list(keys)
    fifths = changes.pop(0).fifths if changes else 0
    for position, (note, track, index) in enumerate(notes):
        while changes and changes[0].tick <= note.onset:
            fifths = changes.pop(0).fifths
        counts = before[min(len(notes), position + _AFTER)] - before[max(0, position - _BEFORE)]
        counts = counts + _scale(fifths)  # the key's own notes, where there is little to go by
        letters = np.bincount(_letters(fifths)[classes[position]], counts, 7)
        letter = int(letters.argmax())
        leading = _leading_letter(note, _step_after(score.tracks[track].notes, index), fifths)
        if leading is not None and _LIKELY * letters[leading] >= letters[letter]:
            letter = leading
        below = spelled[track][index - 1] if index else None
        if below == _with_letter(note.pitch - 1, letter) and _touch(
            score.tracks[track].notes, index
        ):
            # Two notes on one line could not be read: the one outside the key moves.
            if _scale(fifths)[note.pitch % 12]:
                spelled[track][index - 1] = _with_letter(note.pitch - 1, (letter - 1) % 7)
            else:
                letter = (letter + 1) % 7
        spelled[track][index] = _with_letter(note.pitch, letter)
    return spelled


def _touch(notes: Sequence[Note], index: int) -> bool:
    """Whether a note and the one before it, which is lower, begin together."""
    return notes[index - 1].onset == notes[index].onset


def _step_after(notes: Sequence[Note], index: int) -> int:
    """1 or -1 if the notes that follow begin a semitone higher or lower, else 0."""
    note = notes[index]
    after = next((i for i in range(index + 1, len(notes)) if notes[i].onset > note.onset), None)
    if after is None or notes[after].onset - note.onset > _SOON:
        return 0
    steps = set()
    for other in notes[after:]:
        if other.onset > notes[after].onset:
            break
        steps.add(other.pitch - note.pitch)
    return int(1 in steps) - int(-1 in steps)


def _leading_letter(note: Note, step: int, fifths: int) -> int | None:
    """Letter of a chromatic note that leads a semitone up or down; None for any other note."""
    if not step or _scale(fifths)[note.pitch % 12]:
        return None
    # Where it stands on the line of fifths from the key's tonic: five flats, nine sharps at most,
    # so that in C falling F sharps stay sharp and rising B flats flat.
    place = (7 * note.pitch - fifths) % 12
    place -= 12 if step < 0 else 0
    if not -5 <= place <= 9:
        return None
    return STEPS.index(letter_at(place + fifths)[0])


@cache
def _scale(fifths: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """(12,): 1 for the pitch classes of a key signature, else 0."""
    scale = np.zeros(12)
    scale[[7 * place % 12 for place in range(fifths - 1, fifths + 6)]] = 1.0
    return scale


def _plain(note: Note) -> Spelled:
    return _with_letter(note.pitch, (0, 0, 1, 2, 2, 3, 3, 4, 4, 5, 6, 6)[note.pitch % 12])


def _with_letter(pitch: int, letter: int) -> Spelled:
    """The pitch written with a letter (index into STEPS) at most a double accidental away."""
    alter = (pitch - NATURALS[letter] + 6) % 12 - 6
    if abs(alter) > 2:
        return _with_letter(pitch, (0, 0, 1, 2, 2, 3, 3, 4, 4, 5, 6, 6)[pitch % 12])
    return Spelled(STEPS[letter], alter, (pitch - alter) // 12 - 1)


@cache
def _letters(fifths: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """(12, 12): letter of a pitch class if another is the tonic, in a key signature."""
    table = np.zeros((12, 12), np.int64)
    for place in range(fifths - 4, fifths + 8):  # fifths above C of the twelve likely tonics
        tonic = 7 * place % 12
        letter = STEPS.index(letter_at(place)[0])
        for pitch_class in range(12):
            table[pitch_class, tonic] = (letter + _INTERVAL_STEPS[(pitch_class - tonic) % 12]) % 7
    return table
