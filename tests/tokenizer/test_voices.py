"""Tracks part into as few lines as their notes need, without a note lost."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from partimento.music.score import Note, Track
from partimento.tokenizer.voices import Event, block_chords, split_voices, voice_tracks

NOTES = st.builds(
    Note,
    onset=st.integers(0, 40),
    pitch=st.integers(0, 12),
    duration=st.integers(1, 12),
    velocity=st.integers(1, 127),
)
# A track holds no two notes of equal pitch and onset.
TRACKS = st.lists(NOTES, unique_by=lambda n: (n.onset, n.pitch), max_size=40).map(
    lambda notes: Track(tuple(sorted(notes)))
)


def notes_of(events: list[Event]) -> Counter[tuple[int, int, int]]:
    return Counter((e.onset, pitch, e.duration) for e in events for pitch in e.pitches)


def expected_notes(track: Track) -> Counter[tuple[int, int, int]]:
    return Counter((n.onset, n.pitch, n.duration) for n in track.notes)


@given(TRACKS)
def test_block_chords_hold_every_note_once_under_its_loudest(track: Track) -> None:
    events = block_chords(track.notes)
    assert notes_of(events) == expected_notes(track)
    for event in events:
        assert list(event.pitches) == sorted(set(event.pitches), reverse=True)
        together = [
            n for n in track.notes if (n.onset, n.duration) == (event.onset, event.duration)
        ]
        assert event.velocity == max(n.velocity for n in together)
        assert event.end == event.onset + event.duration


@given(TRACKS)
def test_notes_that_start_and_end_together_are_one_event(track: Track) -> None:
    spans = [(event.onset, event.duration) for event in block_chords(track.notes)]
    assert len(spans) == len(set(spans))
    assert spans == sorted(spans, key=lambda span: span[0])


@given(TRACKS)
def test_no_voice_overlaps_itself_and_no_note_is_lost(track: Track) -> None:
    voices = split_voices(track)
    for voice in voices:
        assert voice
        for i, event in enumerate(voice):
            assert all(event.end <= later.onset for later in voice[i + 1 :])
    assert notes_of([event for voice in voices for event in voice]) == expected_notes(track)


@given(TRACKS)
def test_there_are_as_many_voices_as_events_ever_sound_at_once(track: Track) -> None:
    events = block_chords(track.notes)
    depths = [sum(e.onset <= tick < e.end for e in events) for tick in range(60)]
    assert len(split_voices(track)) == max(depths)


@given(TRACKS)
def test_an_event_is_in_the_first_voice_that_is_free(track: Track) -> None:
    voices = split_voices(track)
    for number, voice in enumerate(voices):
        for event in voice:
            for earlier in voices[:number]:
                # At one onset the upper event chooses first.
                assert any(
                    e.onset < event.end and event.onset < e.end
                    if e.onset < event.onset
                    else e.onset == event.onset and e.pitches[0] >= event.pitches[0]
                    for e in earlier
                )


def test_soprano_and_alto_of_one_track_are_two_voices_the_upper_one_first() -> None:
    soprano = [Note(0, 72, 24), Note(24, 74, 24), Note(48, 76, 48)]
    alto = [Note(0, 64, 48), Note(48, 65, 24), Note(72, 67, 24)]
    first, second = split_voices(Track(tuple(sorted([*soprano, *alto]))))
    assert [event.pitches for event in first] == [(72,), (74,), (76,)]
    assert [event.pitches for event in second] == [(64,), (65,), (67,)]


def test_a_track_without_notes_has_no_voice() -> None:
    assert split_voices(Track(())) == []


@given(TRACKS)
def test_the_tracks_of_its_voices_hold_its_notes_and_each_is_one_voice(track: Track) -> None:
    voices = voice_tracks(track)
    assert sum(map(expected_notes, voices), Counter()) == expected_notes(track)
    assert [len(split_voices(voice)) for voice in voices] == [1] * len(voices)
