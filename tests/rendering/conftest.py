"""A small piece with everything that rendering must show."""

import pytest

from partimento.music.score import Chord, Key, Meter, Note, Score, Tempo, Track


@pytest.fixture
def piece() -> Score:
    """Eight bars in F major: a flute, a piano with chords, drums; 3/4 from the fifth bar."""
    starts = [96 * bar for bar in range(4)] + [384 + 72 * bar for bar in range(4)]
    flute, piano, drums, chords = [], [], [], []
    for index, start in enumerate(starts):
        quarters = 4 if index < 4 else 3
        for beat in range(quarters):
            pitch = (77, 81, 84, 82)[(index + beat) % 4]
            flute.append(Note(start + 24 * beat, pitch, 24, 60 + 10 * beat))
            drums.append(Note(start + 24 * beat, 36 if beat == 0 else 38, 6, 100))
        drums += [Note(start + tick, 42, 6, 50) for tick in range(0, 24 * quarters, 12)]
        root = (53, 58, 48, 53)[index % 4]
        for pitch in (root, root + 4, root + 7):
            piano.append(Note(start, pitch, 24 * quarters, 64))
        chords.append(Chord(start, 24 * quarters, root % 12, "maj"))
    return Score(
        ticks_per_quarter=24,
        tracks=(
            Track(tuple(flute), program=73, name="Flöte"),
            Track(tuple(sorted(piano)), program=0),
            Track(tuple(sorted(drums)), is_drum=True),
        ),
        tempos=(Tempo(0, 120.0),),
        meters=(Meter(0, 4, 4), Meter(384, 3, 4)),
        keys=(Key(0, 5, False),),
        chords=tuple(chords),
    )


def _line(lengths: list[int], *pitches: int) -> tuple[Note, ...]:
    """Notes of these lengths in ticks, rests negative, on pitches that repeat in turn."""
    notes, tick = [], 0
    for index, length in enumerate(lengths):
        if length > 0:
            notes.append(Note(tick, pitches[index % len(pitches)], length))
        tick += abs(length)
    return tuple(notes)


@pytest.fixture(scope="session")
def sheet_scores() -> dict[str, Score]:
    """Scores by what is hard to write in them; all on the token grid."""
    flute, four = 73, (Meter(0, 4, 4),)
    tune = (67, 69, 71, 72, 74, 72, 71)
    songs = {
        "4/4": ([24, 24, 48, 36, 12, 24, -24, 12, 24, 12, 48, 96], four),
        "6/8": ([12, 12, 12, 24, 12, 36, 36, 18, 6, 12, -12, 24, 72], (Meter(0, 6, 8),)),
        "5/4": ([24] * 5 + [72, 48, 36, 12, 24, 48, 120, 12, 12, -96], (Meter(0, 5, 4),)),
        "3/8": ([12, 12, 12, 24, 12, 36, 6, 6, 6, 6, 12], (Meter(0, 3, 8),)),
        "upbeat": ([-72, 12, 12, 24, 24, 24, 24, 48, 24, 24], four),
        "short first bar": ([24, 24, 24, 24, 24, 96], (Meter(0, 1, 4), Meter(24, 4, 4))),
        "change of meter": ([24] * 7 + [12] * 6 + [36, 36], (Meter(0, 4, 4), Meter(96, 3, 4))),
        "triplets": ([8, 8, 8, 16, 8, 16, 16, 16, -8, 8, 8, 4, 4, 4, 12, 24, 24, 24], four),
        "half-note triplets": ([32, 32, 32, 16, 16, 16, 48], four),
        "dots": ([36, 12, 18, 6, 24, 72, 24, 9, 3, 12, 72], four),
        "ties": ([60, 36, 12, 84, 120, 240, 24], four),
        "sixteenths": ([6] * 12 + [12, 6, 6, 3, 3, 6, 12, 6, 12, 6, 36], four),
    }
    scores = {
        name: Score(24, (Track(_line(lengths, *tune), flute, name="flute"),), meters=meters)
        for name, (lengths, meters) in songs.items()
    }
    keys = (Key(0, 3, True), Key(96, 6, False), Key(192, 0, False), Key(288, 9, True))
    chromatic = _line([12] * 32, *range(60, 76))
    scores["change of key"] = Score(24, (Track(chromatic, flute),), meters=four, keys=keys)
    chords = [Note(48 * i, p + i % 3, 48) for i in range(8) for p in (60, 64, 67, 70)]
    scores["chords"] = Score(24, (Track(tuple(sorted(chords)), 11),), meters=four)
    two = sorted((*_line([24] * 16, 72, 74, 76), *_line([48, 96, 36, 60, 144], 60, 62, 59)))
    scores["two voices"] = Score(24, (Track(tuple(two), 11),), meters=four)
    right = sorted((*_line([8, 8, 8, 24] * 8, 72, 76, 79, 77), *_line([96] * 4, 64, 65)))
    left = sorted((*_line([-24, 24, -24, 24] * 4, 55, 52, 55), *_line([96] * 4, 36, 43)))
    hands = (Track(tuple(right), 0, name="piano"), Track(tuple(left), 0, name="piano 2"))
    scores["piano"] = Score(24, hands, meters=four, keys=(Key(0, 5, False),))
    voices = {"Soprano": 72, "Alto": 67, "Tenor": 60, "Bass": 48}
    lengths = [24, 24, 12, 12, 24, 36, 12, 48, 96]
    for name, program in (("choir", 52), ("organ", 19)):
        parts = tuple(
            Track(_line(lengths, p, p + 2, p + 4, p - 1), program, name=voice)
            for voice, p in voices.items()
        )
        scores[name] = Score(24, parts, meters=four, keys=(Key(0, 0, False),))
    beat = [Note(12 * i, 42 if i % 8 else 49, 6) for i in range(16)]
    beat += [Note(24 * i, 38 if i % 2 else 36, 6) for i in range(8)]
    beat += [Note(84, 36, 6), Note(168 + 8, 45, 8), Note(168 + 16, 41, 8), Note(180, 44, 6)]
    drums = Track(tuple(sorted(beat)), is_drum=True, name="drums")
    bass = Track(_line([24, 12, 12] * 4, 33, 36, 40), 33, name="electric bass")
    sax = Track(_line([-12, 12, 24, 8, 8, 8, 24, 96], 70, 72, 74), 66, name="tenor sax")
    harmony = tuple(
        Chord(48 * i, 48, (2, 7, 0, None)[i], ("min7", "7", "maj7", "")[i]) for i in range(4)
    )
    scores["band"] = Score(
        24, (drums, sax, bass), (Tempo(0, 132.0), Tempo(96, 90.0)), four, chords=harmony
    )
    return scores
