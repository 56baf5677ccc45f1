"""A small piece with everything that rendering must show."""

import pytest

from partimento.tokenizer.score import Chord, Key, Meter, Note, Score, Tempo, Track


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
