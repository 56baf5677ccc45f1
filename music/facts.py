"""What a piece is in a few numbers and words: one answer for tables, records, pages, pictures."""

from dataclasses import dataclass

from partimento.music.bars import bar_starts
from partimento.music.key_finding import estimate_key
from partimento.music.keys import key_name
from partimento.music.score import Score
from partimento.music.timeline import heard_tempos, seconds


@dataclass(frozen=True, slots=True)
class Facts:
    """What can be said of any piece."""

    bars: int
    notes: int
    """Drum strokes included."""
    seconds: float
    """To the end of the last bar."""
    meter: str
    """Of the first bar, such as 6/8; 4/4 where the file says nothing."""
    bpm: float
    """Quarters a minute at the first note."""
    key: str | None
    """The key that is found in the notes, such as F# minor; None when drums play alone."""


def facts_of(score: Score) -> Facts:
    """Describe a piece."""
    key = estimate_key(score)
    bars = bar_starts(score)
    numerator, denominator = bars[0].meter if bars else (4, 4)
    return Facts(
        bars=len(bars),
        notes=score.note_count,
        seconds=round(seconds(score), 3),
        meter=f"{numerator}/{denominator}",
        bpm=round(heard_tempos(score)[0].bpm, 3),
        key=None if key is None else str(key_name(key)),
    )
