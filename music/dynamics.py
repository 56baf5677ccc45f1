"""Loudness as musicians write it."""

DYNAMICS = ("ppp", "pp", "p", "mp", "mf", "f", "ff", "fff")

VELOCITIES = (16, 33, 49, 64, 80, 96, 112, 126)
"""MIDI velocity that each dynamic is written with."""
DEFAULT_EXPRESSION = 0.8
"""How much of `expression.express` a piece is played with: its parts then spread by 8 steps of
velocity, as those of two games' music do that were played by hand."""


def velocity_index(velocity: int) -> int:
    """Index of the dynamic nearest to a MIDI velocity."""
    return min(range(8), key=lambda i: abs(VELOCITIES[i] - velocity))
