"""Chord qualities that the vocabulary has."""

CHORD_QUALITIES = ("maj", "min", "dim", "aug", "7", "maj7", "min7", "sus")
