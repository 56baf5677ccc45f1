"""Loudness as musicians write it."""

DYNAMICS = ("ppp", "pp", "p", "mp", "mf", "f", "ff", "fff")

VELOCITIES = (16, 33, 49, 64, 80, 96, 112, 126)
"""MIDI velocity that each dynamic is written with."""


def velocity_index(velocity: int) -> int:
    """Index of the dynamic nearest to a MIDI velocity."""
    return min(range(8), key=lambda i: abs(VELOCITIES[i] - velocity))
