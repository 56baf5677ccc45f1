"""A score as it is written: parts of staves of bars of voices, with accidentals."""

from collections.abc import Sequence
from dataclasses import dataclass

from partimento.music.bars import Bar, bar_starts
from partimento.music.key_finding import estimate_key
from partimento.music.score import GRID_TICKS_PER_QUARTER, Key, Score
from partimento.rendering.errors import RenderingError
from partimento.rendering.notation.metre import Metre, metre_of
from partimento.rendering.notation.parts import Part, Staff
from partimento.rendering.notation.spelling import spell
from partimento.rendering.notation.staves import make_parts
from partimento.rendering.notation.voices import (
    Sound,
    drum_voices,
    make_sounds,
    share_voices,
)
from partimento.rendering.notation.written import StaffBar, drum_bars, pitched_bars
from partimento.tokenizer.quantize import quantize
from partimento.tokenizer.rebar import rebar

_SHORTEST = 3
"""Ticks of a thirty-second, which every bar must be a multiple of."""
_EIGHTH = 12
FEW_STAVES = 4
"""Scores of more are printed without the staves that are silent through a system."""


@dataclass(frozen=True, slots=True)
class WrittenPart:
    """A part and its music, by staff and bar."""

    part: Part
    staves: tuple[tuple[StaffBar, ...], ...]


@dataclass(frozen=True, slots=True)
class Notation:
    """A score ready to be engraved."""

    score: Score
    """On the token grid."""
    bars: tuple[Bar, ...]
    """The first starts later than tick 0 where silence before an upbeat is left out."""
    is_upbeat: bool
    """Whether the first bar is the end of a whole one."""
    keys: tuple[Key, ...]
    """Those of the score, or an estimated one at tick 0; empty without pitched notes."""
    parts: tuple[WrittenPart, ...]

    @property
    def staff_count(self) -> int:
        """Staves of a full system."""
        return sum(len(written.staves) for written in self.parts)

    def key_at(self, bar: Bar) -> Key | None:
        """The key of a bar: the last that begins in it or before."""
        return _key_at(self.keys, bar)


def notate(score: Score) -> Notation:
    """Write a score down, put on the token grid if it is not. RenderingError without notes.

    Every note keeps its pitch and onset. Silence before an upbeat of at most half a bar is left
    out. Notes are shortened where more than MAX_VOICES overlap on a staff, where two tracks of
    one keyboard strike one key, and lengthened or shortened by up to five ticks before a rest
    where no sixteenth or triplet ends (see `write_voice`); strokes of drums have no length.
    """
    if not score.note_count:
        raise RenderingError("the score has no notes; there is nothing to write down")
    if score.ticks_per_quarter != GRID_TICKS_PER_QUARTER:
        score = quantize(score)[0]
    bars = _bars(score)
    if any(bar.length % _SHORTEST for bar in bars):  # a meter that no note values fill
        score = quantize(rebar(score)[0])[0]
        bars = _bars(score)
    bars, is_upbeat = _without_silence(score, bars)
    keys = score.keys
    if not keys:
        estimate = estimate_key(score)
        keys = (estimate,) if estimate else ()
    metres = [
        metre_of(bar.meter, bar.length, is_upbeat and not index) for index, bar in enumerate(bars)
    ]
    signatures = []
    for bar in bars:
        key = _key_at(keys, bar)
        signatures.append(key.fifths if key else 0)
    parts = make_parts(score, spell(score, keys), bars)
    written = []
    for part in parts:
        staves = []
        for staff in part.staves:
            found = _by_bar(part, staff, bars, metres)
            if part.is_drum:
                staves.append(drum_bars(found, bars, metres))
            else:
                staves.append(pitched_bars(found, bars, metres, signatures))
        written.append(WrittenPart(part, tuple(staves)))
    return Notation(score, tuple(bars), is_upbeat, keys, tuple(written))


def _bars(score: Score) -> list[Bar]:
    """The bars of a score, to the end of its last note."""
    bars = bar_starts(score)
    while bars[-1].start + bars[-1].length < score.end:
        last = bars[-1]
        bars.append(Bar(last.start + last.length, full_ticks(last), last.meter))
    return bars


def full_ticks(bar: Bar) -> int:
    """Length of a whole bar of the meter, not cut short."""
    return max(1, 96 * bar.meter[0] // bar.meter[1])


def _without_silence(score: Score, bars: list[Bar]) -> tuple[list[Bar], bool]:
    """The bars with a short first one where that is an upbeat, and whether it is."""
    first = bars[0]
    if len(bars) < 2:
        return bars, False
    is_cut = first.length < full_ticks(first)
    if first.length < bars[1].length and (is_cut or 2 * first.length <= bars[1].length):
        return [first._replace(meter=bars[1].meter), *bars[1:]], True
    onset = min(track.notes[0].onset for track in score.tracks if track.notes)
    silence = onset // _EIGHTH * _EIGHTH
    if onset >= first.length or 2 * silence < first.length:
        return bars, False
    return [Bar(silence, first.length - silence, first.meter), *bars[1:]], True


def _key_at(keys: Sequence[Key], bar: Bar) -> Key | None:
    before = [key for i, key in enumerate(keys) if not i or key.tick < bar.start + bar.length]
    return before[-1] if before else None


def _by_bar(
    part: Part, staff: Staff, bars: Sequence[Bar], metres: Sequence[Metre]
) -> list[list[list[Sound]]]:
    """The voices of each bar, with their sounds that reach into it."""
    if not part.is_drum:
        return [share_voices(sounds) for sounds in _in_bars(make_sounds(staff.notes), bars)]
    beats = [
        bar.start + beat
        for bar, metre in zip(bars, metres, strict=True)
        for beat in metre.beats[:-1]
    ]
    lines = drum_voices(staff.notes, [*beats, bars[-1].start + bars[-1].length])
    by_line = [_in_bars(line, bars) for line in lines]
    return [[sounds for sounds in found if sounds] for found in zip(*by_line, strict=True)]


def _in_bars(sounds: Sequence[Sound], bars: Sequence[Bar]) -> list[list[Sound]]:
    """The sounds of each bar, those that reach into it too; `sounds` are ordered by onset."""
    by_bar = []
    first = 0
    for bar in bars:
        end = bar.start + bar.length
        stop = first
        while stop < len(sounds) and sounds[stop].onset < end:
            stop += 1
        by_bar.append([sound for sound in sounds[first:stop] if sound.end > bar.start])
        while first < stop and sounds[first].end <= end:
            first += 1
    return by_bar
