"""Whatever the grammar allows is a score that MIDI can hold; all else is refused by name."""

import io
import random
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from partimento.music.bars import bar_starts
from partimento.music.midi.reader import read_midi
from partimento.music.midi.writer import midi_bytes
from partimento.music.score import Key, Meter, Note, Score, Tempo, Track
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.decoding import Decoder, decode
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.vocabulary import TokenArray

LegalWalk = Callable[..., TokenArray]
SEEDS = st.integers(0, 2**32 - 1)
NoteKey = tuple[int, int, int, int, bool]
HEADER = [v.BOS, v.METER, v.TEMPO]


def notes_of(score: Score, scale: int = 1) -> Counter[NoteKey]:
    """Onset, pitch, duration, instrument group and drum of every note."""
    return Counter(
        (
            *(n.onset * scale, n.pitch, n.duration * scale),
            *(v.DRUMS if t.is_drum else v.INSTRUMENT_OF_PROGRAM[t.program], t.is_drum),
        )
        for t in score.tracks
        for n in t.notes
    )


def cut_at_restrikes(score: Score) -> Counter[NoteKey]:
    """Notes of a score in MIDI ticks, each cut where its pitch is struck again in its track."""
    cut = []
    for track in score.tracks:
        for note in track.notes:
            later = [n.onset for n in track.notes if n.pitch == note.pitch and n.onset > note.onset]
            end = min([note.onset + note.duration, *later])
            cut.append(
                Track(
                    (Note(note.onset, note.pitch, end - note.onset),), track.program, track.is_drum
                )
            )
    return notes_of(Score(24, tuple(cut)), scale=20)


@given(SEEDS, st.integers(0, 6))
@settings(max_examples=60)
def test_any_legal_walk_is_a_midi_file_with_the_same_notes(
    legal_walk: LegalWalk, seed: int, total_bars: int
) -> None:
    tokens = legal_walk(seed, 200, total_bars)
    score = decode(tokens)
    assume(score.note_count)
    back, warnings = read_midi(io.BytesIO(midi_bytes(score)))
    assert warnings == []
    assert notes_of(back) == cut_at_restrikes(score)
    if v.HOLE not in tokens:
        # Only a filling, which does not know what rings, can strike a sounding pitch.
        assert notes_of(back) == notes_of(score, scale=20)


@given(SEEDS)
@settings(max_examples=40)
def test_what_a_walk_means_is_encoded_and_decoded_unchanged(
    legal_walk: LegalWalk, seed: int
) -> None:
    score = decode(legal_walk(seed, 200, 0, [v.HOLE]))
    assume(score.note_count)
    encoding = encode(score)
    assert encoding.dropped_notes == 0
    back = decode(encoding.tokens)
    assert notes_of(back) == notes_of(score)
    assert bar_starts(back) == bar_starts(score)


@given(SEEDS, st.data())
@settings(max_examples=40)
def test_a_sequence_cut_anywhere_keeps_the_notes_whose_duration_was_written(
    legal_walk: LegalWalk, seed: int, data: st.DataObject
) -> None:
    tokens = legal_walk(seed, 150).tolist()
    size = data.draw(st.integers(0, len(tokens)))
    part = decode(tokens[:size])
    assert notes_of(part) <= notes_of(decode(tokens))
    blocks = [next(b.name for b in v.BLOCKS if b.first <= t < b.end) for t in tokens[:size]]
    while blocks and blocks[-1] == "pitch":
        blocks.pop()
    assert part.note_count == blocks.count("pitch")


@given(SEEDS)
@settings(max_examples=20)
def test_fillings_mean_what_their_bars_would_have_meant(legal_walk: LegalWalk, seed: int) -> None:
    tokens = legal_walk(seed, 200, 0, [v.HOLE]).tolist()
    starts = [i for i, token in enumerate(tokens) if token == v.BAR]
    edges = [*starts, len(tokens) - 1]
    rng = random.Random(seed)
    kept, filled = tokens[: starts[0]], []
    for a, b in pairwise(edges):
        body = a + 1
        while v.KEY <= tokens[body] < v.STYLE:
            body += 1
        if rng.random() < 0.4:
            kept += [*tokens[a:body], v.HOLE]
            filled += [v.FILL, *tokens[body:b]]
        else:
            kept += tokens[a:b]
    whole, moved = decode(tokens), decode([*kept, *filled, v.EOS])
    assert notes_of(moved) == notes_of(whole)
    for name in ("meters", "keys", "tempos", "chords", "style"):
        assert getattr(moved, name) == getattr(whole, name)


@given(SEEDS, st.data())
@settings(max_examples=30)
def test_tokens_in_parts_mean_what_they_mean_together(
    legal_walk: LegalWalk, seed: int, data: st.DataObject
) -> None:
    tokens = legal_walk(seed, 150)
    cuts = data.draw(st.lists(st.integers(0, len(tokens)), max_size=6).map(sorted))
    decoder, finished = Decoder(), []
    for part in np.split(tokens, cuts):
        finished += decoder.feed(part)
    score = decode(tokens)
    assert decoder.score() == score
    notes = [note for track in score.tracks for note in track.notes]
    assert sorted(line.note for line in finished) == sorted(notes)


def test_a_part_with_an_illegal_token_is_not_read() -> None:
    decoder = Decoder()
    decoder.feed([*HEADER, v.BAR, v.INSTRUMENT])
    with pytest.raises(ValueError, match=r"token number 6 \(EOS\) cannot stand here: after pitch"):
        decoder.feed([v.PITCH + 60, v.EOS])
    (line,) = decoder.feed([v.PITCH + 62, v.DURATION, v.EOS])
    assert (line.instrument, line.occurrence, line.note.pitch) == (0, 0, 62)


def test_a_change_in_the_first_bar_replaces_the_header() -> None:
    changes = [v.KEY, v.METER, v.TEMPO]
    tokens = [v.BOS, v.KEY + 7, v.METER + 2, v.TEMPO + 9, v.BAR, *changes, v.EOS]
    score = decode(tokens)
    assert score.keys == (Key(0, 0, False),)
    assert score.meters == (Meter(0, 2, 4),)
    assert score.tempos == (Tempo(0, 40.0),)


def test_no_tokens_are_an_empty_score() -> None:
    assert decode([]) == Score(24, ())


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        ([v.EOS], r"token number 0 \(EOS\) cannot stand here: begin"),
        ([v.BOS, v.BAR], r"token number 1 \(BAR\) cannot stand here: after BOS"),
        ([*HEADER, v.PITCH + 60], r"number 3 \(pitch 60\) .*: after tempo"),
        ([*HEADER, v.BAR, v.INSTRUMENT, v.PITCH, v.PITCH + 1], r"number 6 \(pitch 1\)"),
        ([*HEADER, v.BAR, v.INSTRUMENT, v.REST, v.BAR], r"number 6 \(BAR\) .*: after rest"),
        ([*HEADER, v.BAR, v.EOS, v.EOS], r"number 5 \(EOS\) .*: done"),
        ([v.BOS, v.PAD], r"number 1 \(PAD\)"),
        ([v.BOS, 384], r"0\.\.383, got 384"),
        ([-1], r"0\.\.383, got -1"),
        ([v.BOS + 65536], r"0\.\.383, got 65537"),
    ],
)
def test_an_illegal_token_is_named_with_its_place(tokens: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        decode(tokens)
    with pytest.raises(ValueError, match=message):
        decode(np.array(tokens))  # type: ignore[arg-type]  # not of uint16
