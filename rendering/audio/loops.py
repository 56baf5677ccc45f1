"""Loops as sound: an exact number of samples, and a tail that sounds on at the start."""

from partimento.music.loops import loop_of
from partimento.music.score import Score
from partimento.music.timeline import TempoMap
from partimento.rendering.audio.loudness import SAMPLE_RATE, Audio


def loop_samples(score: Score) -> tuple[int, int] | None:
    """First sample and end of the loop that a score is marked as; None when it is none.

    Bars at the tempos of the MIDI file, which are whole microseconds a quarter, rounded to the
    nearest sample.
    """
    span = loop_of(score)
    if span is None:
        return None
    quarters = [(tempo.tick, round(60e6 / tempo.bpm) / 1e6) for tempo in score.tempos]
    clock = TempoMap.of_quarters(quarters, score.ticks_per_quarter)
    start, end = (round(clock.seconds(tick) * SAMPLE_RATE) for tick in span)
    return start, end


def folded(audio: Audio, start: int, end: int) -> Audio:
    """The sound up to the sample `end`, with what rings on after it added from `start` on.

    audio (samples, 2) lasts beyond the end. Where the tail is longer than the loop it goes round
    again.
    """
    loop = audio[:end].copy()
    tail = audio[end:]
    while len(tail):
        part = tail[: end - start]
        loop[start : start + len(part)] += part
        tail = tail[end - start :]
    return loop
