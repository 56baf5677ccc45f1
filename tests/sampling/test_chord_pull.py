"""The pull of the chords, against an obvious twin; and what it does to pieces."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partimento.evaluation.heard_chords import LOOPS, chord_requests, measure_chords
from partimento.evaluation.heard_keys import generated
from partimento.model.checkpoint import shipped_checkpoint
from partimento.music.chord_keys import CHORD_TONES
from partimento.request.request import Request
from partimento.sampling.choice import choose_tokens, read_tokens
from partimento.sampling.chord_pull import (
    BEATS,
    BETWEEN,
    STRANGE,
    chord_weights,
    pull_lengths,
    pull_to_chord,
)
from partimento.sampling.engines import load_engine
from partimento.sampling.pieces import FORCED, FORCED_END, Piece, new_pieces, place
from partimento.sampling.planning import make_plan
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.features import FEATURES, SOUNDING_WIDTH

DEFAULT = Request().chord_pull
NO_CHORD = (-1, -1)


@given(st.integers(0, 11), st.integers(0, 7), st.booleans(), st.floats(0, 1))
def test_tones_of_the_chord_gain_and_all_others_lose_alike(
    root: int, quality: int, is_on_beat: bool, power: float
) -> None:
    logits = np.zeros(v.SIZE, np.float32)
    pull_to_chord(logits, root, quality, is_on_beat, chord_weights(power))
    tones = CHORD_TONES[v.CHORD_QUALITIES[quality]]
    is_tone = np.array([(pitch - root) % 12 in tones for pitch in range(128)])
    pitches = logits[v.PITCH : v.PITCH + 128].astype(np.float64)
    gain, loss = np.unique(pitches[is_tone]), np.unique(pitches[~is_tone])
    assert (len(gain), len(loss)) == (1, 1)
    strength = power * (1 if is_on_beat else BETWEEN)
    assert np.exp(loss[0] - gain[0]) == pytest.approx(STRANGE**strength, rel=1e-4)
    # Music that has three notes of the chord in four goes on with as many notes as before.
    assert 0.75 * np.exp(gain[0]) + 0.25 * np.exp(loss[0]) == pytest.approx(1, rel=1e-4)
    logits[v.PITCH : v.PITCH + 128] = 0
    assert not logits.any()


def test_no_power_changes_nothing() -> None:
    assert not chord_weights(0.0).any()


@pytest.mark.parametrize(("meter", "ticks"), [((4, 4), 24), ((2, 2), 48), ((6, 8), 36)])
def test_beats_are_those_of_the_meter(meter: tuple[int, int], ticks: int) -> None:
    assert BEATS[v.METERS.index(meter)] == ticks


def weighed(pitches: list[int], tick: int, following: tuple[int, int]) -> dict[int, float]:
    """What lengths lose that begin in a bar of C in which A minor follows, by their ticks."""
    chords = np.zeros((96, 2), np.int32)
    chords[48:] = 9, v.CHORD_QUALITIES.index("min")
    logits = np.zeros(v.SIZE, np.float32)
    weights = chord_weights(1.0)
    pull_lengths(logits, np.array(pitches, np.int32), chords, tick, following, weights)
    lengths = logits[v.DURATION : v.REST]
    return {v.DURATIONS[i]: float(x) for i, x in enumerate(lengths) if x}


def test_a_note_that_would_ring_into_a_chord_that_lacks_it_is_likely_to_end_before() -> None:
    g = (7, v.CHORD_QUALITIES.index("maj"))
    assert weighed([64, 60], 0, NO_CHORD) == {}  # A minor has both
    lost = weighed([67], 0, NO_CHORD)
    assert set(lost) == {length for length in v.DURATIONS if 48 < length <= 96}
    assert all(value == pytest.approx(np.log(STRANGE), rel=1e-4) for value in lost.values())
    assert set(weighed([64], 24, g)) == {length for length in v.DURATIONS if length > 72}
    assert set(weighed([64, 67], 24, NO_CHORD)) == {
        length for length in v.DURATIONS if 24 < length <= 72
    }


@pytest.mark.parametrize(
    ("wishes", "power"),
    [
        ({"chords": "Dm Gm"}, DEFAULT),
        ({"chords": "Dm Gm ...", "chord_pull": 0.3}, 0.3),
        ({"key": "D minor"}, 0.0),
        ({"chords": "Dm Gm", "chord_pull": 0.0}, 0.0),
    ],
)
def test_only_chords_that_are_asked_for_pull(wishes: dict[str, object], power: float) -> None:
    request = Request.from_dict({"bars": 2, **wishes})
    assert (make_plan(request).rules.chord_weights == chord_weights(power)).all()


@pytest.mark.parametrize(("chords", "length"), [("C F#", 96), ("C Em", 120)])
def test_the_next_bars_first_chord_counts_at_the_end_of_a_bar(chords: str, length: int) -> None:
    """A whole note and a longer one are all but equally likely: which is taken, greedily?"""
    request = Request(
        bars=2, key="C", meter="4/4", chords=chords, instruments=("flute",), temperature=0
    )
    plan = make_plan(request)
    pieces = new_pieces([plan], 1)
    place(pieces, 0, plan, 1)
    header = [v.BOS, v.KEY, v.METER + v.METERS.index((4, 4)), v.TEMPO, v.BAR]
    opening = plan.forced[: plan.forced_starts[1]].tolist()
    for token in [*header, *opening, v.INSTRUMENT + v.INSTRUMENTS.index("flute"), v.PITCH + 67]:
        take(pieces, token)
    pieces.counters[0, FORCED] = pieces.counters[0, FORCED_END]  # they were taken above
    logits = np.full((1, v.SIZE), -9, np.float32)
    for ticks, likely in ((96, 5.0), (120, 6.0)):
        logits[0, v.DURATION + v.DURATIONS.index(ticks)] = likely
    chosen = np.zeros(1, np.int64)
    choose_tokens(pieces, np.zeros(1, np.int64), logits, np.zeros(v.SIZE, np.uint8), chosen)
    assert v.name(int(chosen[0])) == v.name(v.DURATION + v.DURATIONS.index(length))


def take(pieces: Piece, token: int) -> None:
    ids, sounding = np.zeros((1, len(FEATURES)), np.int16), np.zeros((1, SOUNDING_WIDTH), np.uint8)
    read_tokens(pieces, np.zeros(1, np.int64), np.array([token]), ids, sounding)


@pytest.mark.slow
@pytest.mark.parametrize("style", ["folk", "jazz", "keyboard", "game"])
def test_asked_chords_are_heard(style: str) -> None:
    engine = load_engine(shipped_checkpoint())
    found = measure_chords(generated(chord_requests([style], LOOPS, [1, 2]), engine))
    assert found.on_chord >= 0.82
    assert found.bars_without <= 0.02
