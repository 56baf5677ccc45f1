"""Plans: what a request becomes, and that masks made from it leave a way to the end."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partimento.request.request import Request
from partimento.sampling.constraints import constrain
from partimento.sampling.plan import FREE, SKIP, Plan
from partimento.sampling.planning import make_plan
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.conditioning import tell_ensemble
from partimento.tokenizer.decoding import decode
from partimento.tokenizer.grammar import allowed
from partimento.tokenizer.walk import advance

PRIMER = np.array(
    [
        *(v.BOS, v.KEY + 0, v.METER + 2, v.TEMPO + 5, v.BAR, v.INSTRUMENT + 13),
        *(v.PITCH + 72, v.DURATION + v.DURATIONS.index(96), v.EOS),
    ],
    np.uint16,
)


def walk(plan: Plan, seed: int, most: int = 4000) -> list[int]:
    """Tokens drawn evenly from what grammar and plan allow, forced ones included."""
    rng = np.random.default_rng(seed)
    cursor = c.new_cursor(plan.total_bars)
    mask = np.zeros(v.SIZE, np.uint8)
    tokens: list[int] = []
    queue = plan.prompt.tolist()
    while len(tokens) < most:
        if queue:
            token = queue.pop(0)
        else:
            allowed(cursor, mask)
            constrain(cursor, plan, mask)
            choices = np.flatnonzero(mask)
            if cursor.scalars[c.PHASE] == c.DONE:
                break
            assert len(choices), c.PHASES[cursor.scalars[c.PHASE]]
            # Bars end often enough for a walk to finish.
            ends = [t for t in choices if t in (v.BAR, v.FILL, v.EOS)]
            token = int(rng.choice(ends if ends and rng.random() < 0.3 else choices))
        tokens.append(token)
        advance(cursor, token)
        if token in (v.BAR, v.FILL):
            step = int(cursor.scalars[c.BARS] + cursor.scalars[c.FILLED]) - plan.steps_before - 1
            if step >= 0:
                start, end = plan.forced_starts[step : step + 2]
                queue += plan.forced[start:end].tolist()
    return tokens


requests = st.builds(
    Request,
    bars=st.integers(1, 4),
    style=st.sampled_from([None, "folk", "chorale"]),
    key=st.sampled_from([None, "C major", "F# minor"]),
    meter=st.sampled_from([None, "3/4", "6/8", "4/2"]),
    bpm=st.sampled_from([None, 77.0]),
    instruments=st.sampled_from([None, ("violin", "cello"), ("piano",), ("piano", "drums")]),
    without=st.sampled_from([None, ("oboe", "choir", "harp")]),
    chords=st.sampled_from([None, "Am F C G", "Am F ..."]),
    pitch_range=st.sampled_from([None, "C4-D4", "C2-C6"]),
)


@settings(max_examples=60, deadline=None)
@given(request=requests, seed=st.integers(0, 1000))
def test_any_walk_under_a_plan_reaches_the_end_with_the_asked_bars(
    request: Request, seed: int
) -> None:
    tokens = walk(make_plan(request), seed)
    assert tokens[-1] == v.EOS
    assert tokens.count(v.BAR) == request.bars
    score = decode(tokens)
    if request.meter is not None:
        assert [(m.numerator, m.denominator) for m in score.meters] == [request.meter]
    for name in set(request.instruments or ()):
        instrument = v.INSTRUMENTS.index(name)
        assert v.INSTRUMENT + instrument in tokens
    for name in request.without or ():
        assert v.INSTRUMENT + v.INSTRUMENTS.index(name) not in tokens
    if str(request.pitch_range) == "C4-D4":
        pitches = {n.pitch for t in score.tracks if not t.is_drum for n in t.notes}
        assert pitches <= {60, 61, 62}


def test_a_locked_key_allows_only_its_scale() -> None:
    plan = make_plan(Request(key="A minor", lock_key=True))
    allowed = {pitch % 12 for pitch in np.flatnonzero(plan.rules.pitches[0, 0])}
    assert allowed == {9, 11, 0, 2, 4, 5, 7}


def test_a_scale_allows_only_its_notes_above_the_tonic_of_the_key() -> None:
    plan = make_plan(Request(key="D", scale="dorian", lock_key=True))
    assert v.KEYS[plan.header[1]] == "D minor"
    assert {pitch % 12 for pitch in np.flatnonzero(plan.rules.pitches[0, 0])} == {
        2,
        4,
        5,
        7,
        9,
        11,
        0,
    }
    with pytest.raises(ValueError, match="scale needs a key"):
        make_plan(Request(scale="dorian"))
    with pytest.raises(ValueError, match="holds no note of minor pentatonic on A minor"):
        make_plan(Request(key="Am", scale="pentatonic", pitch_range="F4-F4"))


def test_chords_with_an_open_end_force_the_first_bars_only() -> None:
    plan = make_plan(Request(bars=4, chords="Dm Gm ...", meter="3/4"))
    assert plan.forced_starts.tolist() == [0, 3, 6, 6, 6]
    assert plan.rules.may_label.all()
    assert not make_plan(Request(bars=4, chords="Dm Gm")).rules.may_label.any()


def test_a_range_without_a_note_of_the_key_is_refused() -> None:
    with pytest.raises(ValueError, match="holds no note of C major"):
        make_plan(Request(key="C", lock_key=True, pitch_range="C#4-C#4"))


def test_a_locked_key_without_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match="lock_key needs a key"):
        make_plan(Request(lock_key=True))


def test_chords_are_forced_at_the_start_of_each_bar() -> None:
    plan = make_plan(Request(bars=3, chords="Am F", meter="4/4"))
    names = [v.name(token) for token in plan.forced[: plan.forced_starts[2]]]
    assert names == [
        *("chord root A", "chord quality min", "duration 96"),
        *("chord root F", "chord quality maj", "duration 96"),
    ]
    assert plan.forced_starts.tolist() == [0, 3, 6, 9]


def test_a_primer_is_the_prompt_and_changes_follow_it() -> None:
    plan = make_plan(Request(bars=2, key="D minor", meter="3/4"), PRIMER)
    assert plan.prompt.tolist() == PRIMER[:-1].tolist()
    assert (plan.steps_before, plan.total_bars, len(plan.rule_of)) == (1, 3, 2)
    opening = plan.forced[: plan.forced_starts[1]]
    assert [v.name(token) for token in opening] == ["key D minor", "meter 3/4"]
    tokens = walk(plan, 0)
    assert decode(tokens).meters[-1].tick == 96


def test_drums_alone_are_a_piece_of_the_drum_style_without_a_key() -> None:
    plan = make_plan(Request(instruments=("drums",)))
    assert plan.header.tolist() == [v.STYLES.index("drums"), SKIP, FREE, FREE]


def test_a_drum_piece_must_be_asked_for() -> None:
    cursor, mask = c.new_cursor(), np.zeros(v.SIZE, np.uint8)
    advance(cursor, v.BOS)
    allowed(cursor, mask)
    constrain(cursor, make_plan(Request()), mask)
    assert mask[v.STYLE : v.DYNAMIC].tolist() == [int(style != "drums") for style in v.STYLES]
    assert mask.sum() == len(v.STYLES) - 1


def test_the_network_is_told_the_instruments_that_are_asked_for() -> None:
    assert not make_plan(Request()).told.any()
    lines = np.zeros(len(v.INSTRUMENTS), np.int64)
    flute, piano = v.INSTRUMENTS.index("flute"), v.INSTRUMENTS.index("piano")
    lines[[flute, piano]] = 2, 1
    is_open = np.arange(len(lines)) == piano  # a piano may have several voices
    told = make_plan(Request(instruments=("flute", "flute", "piano"))).told
    assert np.array_equal(told, tell_ensemble(lines, is_open)[None])
    kit = make_plan(Request(style="drums")).told[0, : len(lines)]
    assert np.flatnonzero(kit).tolist() == [v.DRUMS]


def test_pieces_share_a_prompt_when_they_are_told_the_same() -> None:
    keys = [
        make_plan(request).prompt_key()
        for request in (
            Request(),
            Request(temperature=0.5, style="folk"),
            Request(bars=8),
            Request(instruments=("oboe",)),
        )
    ]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3
