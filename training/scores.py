"""A corpus file as the score that is trained on: on the grid, with style and chords."""

from dataclasses import replace
from pathlib import Path

from partimento.music.bars import bar_starts
from partimento.music.chord_finding import estimate_chords
from partimento.music.reading import read_score
from partimento.music.score import Score
from partimento.tokenizer.loading import on_grid
from partimento.training.chord_labels import read_chords


def load_training_score(
    folder: Path, path: str, style: str | None = None, chords: str | None = None
) -> Score:
    """Read a file and its chord file; without one, estimate the chords.

    MidiError for a file that cannot be read, ValueError for an unknown style.
    """
    score, _ = read_score(folder / path)
    if chords is not None:
        score = replace(score, chords=read_chords(folder / chords, score.ticks_per_quarter))
    # The labels travel with the score, since re-barring may move what follows.
    score, _, _ = on_grid(score)
    if not score.chords and any(not track.is_drum for track in score.tracks):
        bars = [bar.start for bar in bar_starts(score)]
        score = replace(score, chords=estimate_chords(score, bars))
    return replace(score, style=style)
