"""Pedals, bends and other controllers of a file, handed to the parts that they belong to."""

from bisect import bisect_right
from collections.abc import Sequence

from partimento.music.midi.events import FIRST_MODE_MESSAGE, NOTES_OFF, EventTrack
from partimento.music.score import Control

DRUM_CHANNEL = 9
"""Channel 10 in the counting of the MIDI standard."""
RESET_ALL = 121
"""Reset all controllers: the one mode message that tells how a part sounds."""

Message = tuple[int, int, int, int]
"""(tick, status byte, first data byte, second data byte)."""


class Controls:
    """The controllers of a file by channel, and where all notes of a channel end."""

    def __init__(self, tracks: Sequence[EventTrack]) -> None:
        self._own: list[dict[int, list[Control]]] = []
        self._common: dict[int, list[Control]] = {}
        self._ends: dict[int, list[int]] = {}
        for track in tracks:
            played = {status & 0x0F for _, status, _, _ in track.channel_events if status < 0xA0}
            own: dict[int, list[Control]] = {}
            for message in track.channel_events:
                if message[1] >= 0xA0:
                    self._add(message, own)
            self._own.append(own)
            for channel, found in own.items():
                if channel not in played:
                    self._common.setdefault(channel, []).extend(found)
        for ends in self._ends.values():
            ends.sort()

    def _add(self, message: Message, own: dict[int, list[Control]]) -> None:
        tick, status, first, second = message
        kind, channel = status & 0xF0, status & 0x0F
        if kind == 0xC0:
            if channel == DRUM_CHANNEL:
                own.setdefault(channel, []).append(Control(tick, "kit", 0, first))
        elif kind == 0xB0 and first in NOTES_OFF:
            self._ends.setdefault(channel, []).append(tick)
        elif kind != 0xB0 or first < FIRST_MODE_MESSAGE or first == RESET_ALL:
            own.setdefault(channel, []).append(_control(kind, tick, first, second))

    @property
    def ends_notes(self) -> bool:
        """Whether a message of the file ends all notes of a channel."""
        return bool(self._ends)

    def end(self, channel: int, onset: int, end: int | None) -> int | None:
        """Where a note ends that its own events end at `end`, or never (None)."""
        ends = self._ends.get(channel)
        if not ends:
            return end
        index = bisect_right(ends, onset)
        if index == len(ends) or (end is not None and end <= ends[index]):
            return end
        return ends[index]

    def of_part(self, track: int, channel: int) -> tuple[Control, ...]:
        """The controllers of a part, by the number of its track chunk and its channel.

        Those of its own track, and of tracks that play nothing on the channel. Where its own
        track has none, the channel's others in all tracks: so MIDI has it.
        """
        found = self._own[track].get(channel)
        if not found:
            found = [c for own in self._own for c in own.get(channel, ())]
        elif channel in self._common:
            found = [*self._common[channel], *found]
        # Of one tick they stay in the order of the file: a bank is chosen in two steps.
        return tuple(sorted(found, key=lambda control: control.tick))


def _control(kind: int, tick: int, first: int, second: int) -> Control:
    if kind == 0xE0:
        return Control(tick, "bend", 0, (second << 7 | first) - 8192)
    if kind == 0xD0:
        return Control(tick, "pressure", 0, first)
    return Control(tick, "control" if kind == 0xB0 else "aftertouch", first, second)
