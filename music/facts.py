"""What a piece is in a few numbers and words: one answer for tables, records, pages, pictures."""

from collections import Counter
from dataclasses import dataclass

from partimento.music.bars import bar_starts
from partimento.music.key_finding import estimate_key
from partimento.music.keys import key_name
from partimento.music.score import Score
from partimento.music.timeline import heard_tempos, seconds

CONTROLLERS = {
    **{0: "bank", 1: "modulation", 7: "volume", 10: "pan", 11: "expression", 32: "bank"},
    **{64: "pedal", 66: "sostenuto pedal", 67: "soft pedal", 91: "reverb", 93: "chorus"},
}
"""Names of the usual controllers."""


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


def counted(number: int, thing: str) -> str:
    """So many of a thing, in words for people.

    >>> counted(1, "bar"), counted(1234, "note")
    ('1 bar', '1,234 notes')
    """
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def control_counts(score: Score) -> dict[str, int]:
    """What a piece says of its sound beside the notes: pedal, bend and the like, with how often.

    The commonest first.
    """
    counts = Counter(
        CONTROLLERS.get(control.number, f"controller {control.number}")
        if control.kind == "control"
        else "pitch bend"
        if control.kind == "bend"
        else control.kind
        for track in score.tracks
        for control in track.controls
    )
    return dict(counts.most_common())
