"""Layers of a piece: the same bars with more and more of their parts, for games that get tenser."""

from dataclasses import replace

from partimento.errors import SettingError
from partimento.music.score import Score, Track


def layers(score: Score, count: int) -> list[Score]:
    """So many nested scores, the calmest first; each has the parts of the one before, then others.

    The last one has all. Parts with few notes come first, drums last; every layer has the tempo,
    meters, keys, chords and marks of the whole. SettingError with fewer parts than layers.
    """
    parts = sorted(score.tracks, key=_stir)
    if len(parts) < count:
        raise SettingError(
            "layers",
            f"must be at most the parts of the piece, which has {len(parts)}, got {count}; "
            "ask for more instruments",
        )
    sizes = [len(parts) * (index + 1) // count for index in range(count)]
    return [replace(score, tracks=tuple(parts[:size])) for size in sizes]


def _stir(track: Track) -> tuple[bool, int]:
    """How much a part stirs the music up."""
    return track.is_drum, sum(note.velocity for note in track.notes)
