"""Layers are nested, and calm ones come first."""

import pytest

from partimento.errors import SettingError
from partimento.music.layers import layers
from partimento.music.midi.writer import midi_bytes
from partimento.music.score import Note, Score, Track


def part(count: int, pitch: int = 60, is_drum: bool = False) -> Track:
    """A track of some quarters."""
    return Track(tuple(Note(24 * i, pitch, 24) for i in range(count)), is_drum=is_drum)


def test_each_layer_has_the_parts_of_the_one_before_and_the_last_one_has_all() -> None:
    drums, tune, bass, pad = part(2, 36, True), part(8), part(4), part(1)
    found = layers(Score(24, (drums, tune, bass, pad)), 3)
    assert [layer.tracks for layer in found] == [
        (pad,),
        (pad, bass),
        (pad, bass, tune, drums),
    ]


def test_a_part_has_the_same_bytes_in_every_layer() -> None:
    whole = Score(24, (part(2, 36, True), part(8, 72), part(4, 48)))
    chunks = [midi_bytes(layer).split(b"MTrk")[2:] for layer in layers(whole, 3)]
    assert [len(each) for each in chunks] == [1, 2, 3]
    assert chunks[2][:2] == chunks[1]
    assert chunks[1][:1] == chunks[0]


def test_more_layers_than_parts_are_refused_with_the_remedy() -> None:
    with pytest.raises(SettingError, match="which has 1, got 2; ask for more instruments"):
        layers(Score(24, (part(1),)), 2)
