"""Which tempos are printed, and where."""

from collections.abc import Sequence

from partimento.music.score import Tempo

_SHOWN_CHANGE = 0.08
"""Of many tempos one is printed when it differs by this share from the last one printed: a bit
more than listeners notice (6 %; Drake and Botte, Perception & Psychophysics 54, 1993)."""


def tempo_marks(tempos: Sequence[Tempo], start: int, bars: int) -> list[Tempo]:
    """The tempos to print, at their ticks, the first at `start`, where the first bar begins.

    All that change the printed number, where there are at most two a bar, as people write them;
    of a performance's many only those that matter.
    """
    opening = [tempo.bpm for tempo in tempos if tempo.tick <= start][-1]
    marks = [Tempo(start, opening)]
    later = [tempo for tempo in tempos if tempo.tick > start]
    least = 0.0 if len(later) <= 2 * bars else _SHOWN_CHANGE
    for tempo in later:
        is_new = round(tempo.bpm) != round(marks[-1].bpm)
        if is_new and abs(tempo.bpm / marks[-1].bpm - 1) >= least:
            marks.append(tempo)
    return marks
