"""Chord qualities that the vocabulary has."""

CHORD_QUALITIES = ("maj", "min", "dim", "aug", "7", "maj7", "min7", "sus")

STEPS_OF_QUALITY = {
    "maj": (0, 4, 7),
    "min": (0, 3, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "min7": (0, 3, 7, 10),
    "sus": (0, 5, 7),
}
"""Notes of each quality in semitones above the root; of the two suspensions the fourth."""
