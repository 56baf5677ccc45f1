"""Voices of a staff: notes that share a stem, and which of them go above the others."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from partimento.music.pitch import STEPS
from partimento.rendering.drum_kit import FEET, drum
from partimento.rendering.notation.parts import StaffNote
from partimento.rendering.notation.spelling import Spelled

MAX_VOICES = 3
"""Voices on a staff; where more sound at once, notes are shortened rather than piled up."""

_RELEASE = 3
"""Ticks by which the notes of a chord may end apart; a thirty-second."""


@dataclass(frozen=True, slots=True)
class Sound:
    """Notes of one voice that start and end together."""

    onset: int
    end: int
    heads: tuple[Spelled, ...]
    """The highest first."""
    keys: tuple[int, ...]
    """MIDI note number of each head."""
    line: int = 0
    """Sounds of an earlier line are above those of a later one."""


def make_sounds(notes: Sequence[StaffNote]) -> list[Sound]:
    """Join notes of a line that start and end together, by onset; at most MAX_VOICES at once.

    A key that two tracks of a line hold ends where it is struck again.
    """

    def place(n: StaffNote) -> tuple[int, int]:
        return n.line, n.note.onset

    by_onset = [
        (line, onset, list(group))
        for (line, onset), group in groupby(sorted(_struck(notes), key=place), key=place)
    ]
    sounds = []
    followers = [*by_onset[1:], None]
    for (line, onset, members), after in zip(by_onset, followers, strict=False):
        longest = max(n.note.duration for n in members)
        is_free = after is None or after[0] != line or after[1] >= onset + longest
        by_duration: dict[int, list[StaffNote]] = {}
        for member in sorted(members, key=lambda n: -n.note.pitch):
            duration = member.note.duration
            # Keys of one chord that are let go a little earlier still make one chord.
            is_close = is_free and longest - duration <= _RELEASE
            by_duration.setdefault(longest if is_close else duration, []).append(member)
        for duration, chord in sorted(by_duration.items()):
            heads = tuple(n.spelled for n in chord)
            keys = tuple(n.note.pitch for n in chord)
            sounds.append(Sound(onset, onset + duration, heads, keys, line))
    return _thinned(sorted(sounds, key=lambda sound: (sound.onset, sound.end)))


def share_voices(sounds: Sequence[Sound]) -> list[list[Sound]]:
    """Share the sounds of a bar among voices: of two that overlap the higher is further up."""
    # From high to low: one below every sound above that overlaps.
    order = sorted(range(len(sounds)), key=lambda i: (sounds[i].line, -sounds[i].keys[0]))
    number = [0] * len(sounds)
    for place, index in enumerate(order):
        above = [number[i] for i in order[:place] if _overlap(sounds[i], sounds[index])]
        number[index] = 1 + max(above, default=0)
    if max(number, default=0) > MAX_VOICES:
        number = _first_free(sounds)
    voices: list[list[Sound]] = [[] for _ in range(max(number, default=0))]
    for voice, sound in zip(number, sounds, strict=True):
        voices[voice - 1].append(sound)
    return voices


def drum_voices(notes: Sequence[StaffNote], beats: Sequence[int]) -> list[list[Sound]]:
    """Hands above, feet below; each stroke lasts to the next one or to the end of its beat.

    `beats` are the first ticks of all beats and the end of the last bar. Keys that are written
    alike are one stroke.
    """
    voices = []
    for is_feet in (False, True):
        played = [n for n in notes if (n.note.pitch in FEET) == is_feet]
        voice: list[Sound] = []
        for onset, group in groupby(played, key=lambda n: n.note.onset):
            if voice and voice[-1].end > onset:
                voice[-1] = replace(voice[-1], end=onset)
            found = {drum(n.note.pitch): n.note.pitch for n in reversed(list(group))}
            keys = sorted(found.values(), key=_drum_place, reverse=True)
            heads = tuple(Spelled(drum(k).step, 0, drum(k).octave) for k in keys)
            voice.append(Sound(onset, beats[bisect_right(beats, onset)], heads, tuple(keys)))
        voices.append(voice)
    return voices


def _drum_place(key: int) -> tuple[int, int]:
    return drum(key).octave * 7 + STEPS.index(drum(key).step), key


def _overlap(one: Sound, other: Sound) -> bool:
    return one.onset < other.end and other.onset < one.end


def _struck(notes: Sequence[StaffNote]) -> Iterator[StaffNote]:
    """The notes without those that another one of the same line and pitch cuts off or covers."""

    def place(n: StaffNote) -> tuple[int, int]:
        return n.line, n.note.pitch

    for _, group in groupby(sorted(notes, key=lambda n: (place(n), n.note)), key=place):
        by_onset = {n.note.onset: n for n in group}  # of equal onsets the longest stays
        members = list(by_onset.values())
        for member, after in zip(members, [*members[1:], None], strict=True):
            note = member.note
            if after is not None and after.note.onset < note.onset + note.duration:
                note = replace(note, duration=after.note.onset - note.onset)
            yield replace(member, note=note)


def _thinned(sounds: Sequence[Sound]) -> list[Sound]:
    """Shorten or join sounds, ordered by onset, so that at most MAX_VOICES overlap."""
    done: list[Sound] = []
    active: list[int] = []  # indices into `done`
    for sound in sounds:
        active = [i for i in active if done[i].end > sound.onset]
        if len(active) == MAX_VOICES:
            # The one that has sounded longest makes room.
            oldest = min(active, key=lambda i: (done[i].onset, done[i].end))
            active.remove(oldest)
            if done[oldest].onset < sound.onset:
                done[oldest] = replace(done[oldest], end=sound.onset)
            else:
                sound = _joined(done.pop(oldest), sound)
                active = [i - (i > oldest) for i in active]
        active.append(len(done))
        done.append(sound)
    return done


def _joined(one: Sound, other: Sound) -> Sound:
    """Two sounds of equal onset as one chord, which ends with the shorter."""
    pairs = sorted(
        zip((*one.keys, *other.keys), (*one.heads, *other.heads), strict=True), reverse=True
    )
    heads, keys = tuple(head for _, head in pairs), tuple(key for key, _ in pairs)
    return Sound(one.onset, min(one.end, other.end), heads, keys, min(one.line, other.line))


def _first_free(sounds: Sequence[Sound]) -> list[int]:
    """Number of the first voice that is free for each sound; they are ordered by onset."""
    ends: list[int] = []
    number = []
    for sound in sounds:
        voice = next((i for i, end in enumerate(ends) if end <= sound.onset), len(ends))
        ends[voice : voice + 1] = [sound.end]
        number.append(voice + 1)
    return number
