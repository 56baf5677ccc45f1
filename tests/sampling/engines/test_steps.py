"""Steps: bars that were left out are filled, lines are forced, and a piece comes bar by bar."""

from pathlib import Path

import numpy as np
import pytest

from partimento.request.request import Request
from partimento.sampling.choice import choose_tokens, read_tokens
from partimento.sampling.engine import Engine
from partimento.sampling.engines import load_engine
from partimento.sampling.parts import count_finished, first_steps
from partimento.sampling.pieces import LOOP, new_pieces, place
from partimento.sampling.plan import Plan
from partimento.sampling.planning import make_plan
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.decoding import Decoder, LineNote, decode
from partimento.tokenizer.features import FEATURES, SOUNDING_WIDTH
from partimento.tokenizer.vocabulary import TokenArray

QUARTER = v.DURATION + v.DURATIONS.index(24)
HEADER = (v.BOS, v.STYLE, v.KEY, v.METER + v.METERS.index((4, 4)), v.TEMPO + 5)
VIOLIN, CELLO = (v.INSTRUMENT + v.INSTRUMENTS.index(name) for name in ("violin", "cello"))


def line(instrument: int, *pitches: int) -> list[int]:
    """A line of quarters."""
    return [instrument, *(token for pitch in pitches for token in (v.PITCH + pitch, QUARTER))]


def content(bar: int) -> list[int]:
    """What a bar of the test piece holds: two lines that differ from bar to bar."""
    return [*line(VIOLIN, 72 + bar, 74, 76, 72), *line(CELLO, 48 + bar, 43, 48, 43)]


def with_holes(*left_out: int) -> TokenArray:
    """Eight bars, some of them left out."""
    bars = [[v.BAR, *([v.HOLE] if bar in left_out else content(bar))] for bar in range(8)]
    return np.array([*HEADER, *(token for bar in bars for token in bar)], np.uint16)


@pytest.fixture(scope="module", params=["tiny", "shipped"])
def engine(request: pytest.FixtureRequest, tiny_checkpoint: Path, shipped: Path) -> Engine:
    """The default engine with a tiny model and with the shipped weights."""
    return load_engine(tiny_checkpoint if request.param == "tiny" else shipped)


def test_bars_that_were_left_out_are_filled_and_the_others_stay(engine: Engine) -> None:
    prompt = with_holes(2, 3)
    plan = make_plan(Request(instruments=("violin", "cello")), prompt, new_bars=0)
    heard = []
    [tokens] = engine.decode([plan], [3], lambda _, bars: heard.append(bars))
    np.testing.assert_array_equal(tokens[: len(prompt)], prompt)
    fillings = tokens[len(prompt) :]
    assert (fillings == v.FILL).sum() == 2
    assert (fillings == v.BAR).sum() == 0
    assert fillings[-1] == v.EOS
    assert sum(heard) == 2
    bar = 96
    found = {
        (note.onset, note.pitch, note.duration)
        for track in decode(tokens).tracks
        for note in track.notes
    }
    for number in range(8):
        written = {note for note in found if number * bar <= note[0] < (number + 1) * bar}
        if number in (2, 3):
            assert written or number == 3  # the first step shows the instruments
        else:
            pitches = [72 + number, 74, 76, 72], [48 + number, 43, 48, 43]
            expected = {
                (number * bar + 24 * beat, pitch, 24)
                for line_ in pitches
                for beat, pitch in enumerate(line_)
            }
            assert written == expected


def test_all_lines_but_one_are_forced(engine: Engine) -> None:
    openings = [line(CELLO, 48 + bar, 43, 48, 43) for bar in range(4)]
    plan = make_plan(Request(bars=4, key="C major", meter="4/4"), openings=openings)
    most = np.zeros_like(plan.rules.most_lines)
    most[:, [VIOLIN - v.INSTRUMENT, CELLO - v.INSTRUMENT]] = 1
    least = most.copy()
    least[1:] = 0  # the first step shows both
    rules = plan.rules._replace(most_lines=most, least_lines=least)
    [tokens] = engine.decode([plan._replace(rules=rules)], [5])
    bars = np.split(tokens, np.flatnonzero(tokens == v.BAR))[1:]
    assert len(bars) == 4
    for number, bar in enumerate(bars):
        forced = openings[number]
        assert bar[1 : 1 + len(forced)].tolist() == forced
        rest = bar[1 + len(forced) :]
        others = rest[(rest >= v.INSTRUMENT) & (rest < v.KEY)]
        assert others.tolist() in ([VIOLIN], [])
    assert VIOLIN in bars[0]


def test_new_bars_may_be_left_out_and_filled_in_the_end(engine: Engine) -> None:
    openings = [[], [v.HOLE], [], [*line(CELLO, 48, 43)]]
    plan = make_plan(Request(bars=3, style="chorale", meter="4/4"), openings=openings)
    assert len(plan.rule_of) == 4
    [tokens] = engine.decode([plan], [1])
    assert tokens.tolist().count(v.BAR) == 3
    filling = tokens[np.flatnonzero(tokens == v.FILL)[0] :].tolist()
    assert filling[1:6] == openings[3]
    assert count_finished(tokens, plan) == 4
    decode(tokens)


@pytest.mark.parametrize("kind", ["new bars", "primer", "fillings"])
def test_streamed_bars_are_the_decoded_piece(engine: Engine, kind: str) -> None:
    plan = {
        "new bars": lambda: make_plan(Request(bars=5)),
        "primer": lambda: make_plan(Request(bars=3), with_holes()),
        "fillings": lambda: make_plan(Request(), with_holes(2, 3), new_bars=0),
    }[kind]()
    [whole] = engine.decode([plan], [7])
    parts = list(engine.stream(plan, 7))
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    assert len(parts) == 1 + len(plan.rule_of)
    np.testing.assert_array_equal(parts[0], plan.prompt)
    decoder, notes = Decoder(), list[LineNote]()
    for part in parts:
        notes += decoder.feed(part)
    score = decode(whole)
    assert decoder.score() == score
    assert len(notes) == score.note_count


def test_both_engines_fill_and_stream_alike(tiny_checkpoint: Path) -> None:
    plan = make_plan(Request(temperature=0.0), with_holes(2, 3), new_bars=0)
    engines = (load_engine(tiny_checkpoint, name, "float32") for name in ("numba", "torch"))
    for mine, other in zip(*(engine.stream(plan, 1) for engine in engines), strict=True):
        np.testing.assert_array_equal(mine, other)


def test_a_stream_may_be_left_at_any_bar(engine: Engine) -> None:
    plan = make_plan(Request(bars=500))
    stream = engine.stream(plan, 2)
    first = [next(stream) for _ in range(3)]
    stream.close()  # type: ignore[attr-defined]  # a generator
    assert [int((part == v.BAR).sum()) for part in first] == [0, 1, 1]


def test_a_stopped_filling_leaves_an_empty_bar() -> None:
    prompt = with_holes(2, 3)
    plan = make_plan(Request(), prompt, new_bars=0)
    tokens = np.array([*prompt, v.FILL, *content(2), v.FILL, VIOLIN], np.uint16)
    assert count_finished(tokens, plan) == 1
    kept = first_steps(tokens, plan, 1)
    assert kept[len(prompt) :].tolist() == [v.FILL, *content(2), v.FILL, v.EOS]
    assert decode(kept).note_count == 7 * 8


def loop_after(tokens: list[int], plan: Plan) -> int:
    """How far a piece is in a loop after some tokens."""
    pieces = new_pieces([plan], 1)
    place(pieces, 0, plan, 0)
    ids = np.zeros((len(tokens), len(FEATURES)), np.int16)
    sounding = np.zeros((len(tokens), SOUNDING_WIDTH), np.uint8)
    slots = np.zeros(len(tokens), np.int64)
    read_tokens(pieces, slots, np.array(tokens, np.int64), ids, sounding)
    return int(pieces.counters[0, LOOP])


def test_bars_that_are_left_out_are_no_loop_and_fillings_side_by_side_may_be() -> None:
    prompt = with_holes(1, 2, 3, 4)
    plan = make_plan(Request(), prompt, new_bars=0)
    assert loop_after(prompt.tolist(), plan) == 0
    same = [v.FILL, *content(0)]
    assert loop_after([*prompt.tolist(), *same * 3], plan) == 0
    assert loop_after([*prompt.tolist(), *same * 3, v.FILL], plan) == 1
    apart = with_holes(1, 3, 5, 7)
    plan = make_plan(Request(), apart, new_bars=0)
    assert loop_after([*apart.tolist(), *same * 3, v.FILL], plan) == 0


def test_each_step_has_its_own_pitches_and_forced_tokens() -> None:
    prompt = with_holes(2, 5)
    plan = make_plan(Request(), prompt, new_bars=0, openings=[[], [CELLO]])
    pitches = np.zeros((2, 2, 128), np.uint8)
    pitches[0, 0, 60], pitches[1, 0, 61] = 1, 1
    rules = type(plan.rules)(*(np.repeat(value[:1], 2, axis=0) for value in plan.rules))
    plan = plan._replace(
        rule_of=np.arange(2, dtype=np.int32), rules=rules._replace(pitches=pitches)
    )
    pieces = new_pieces([plan], 1)
    place(pieces, 0, plan, 0)
    slots, mask = np.zeros(1, np.int64), np.zeros(v.SIZE, np.uint8)
    ids = np.zeros((1, len(FEATURES)), np.int16)
    sounding = np.zeros((1, SOUNDING_WIDTH), np.uint8)

    def read(*tokens: int) -> None:
        for token in tokens:
            read_tokens(pieces, slots, np.array([token], np.int64), ids, sounding)

    def choose() -> int:
        tokens = np.zeros(1, np.int64)
        logits = np.zeros((1, v.SIZE), np.float32)
        logits[0, v.PITCH : v.DURATION] = 50.0
        choose_tokens(pieces, slots, logits, mask, tokens)
        return int(tokens[0])

    read(*prompt.tolist(), v.FILL, CELLO)
    assert choose() == v.PITCH + 60
    read(v.PITCH + 60, QUARTER, v.FILL)
    assert choose() == CELLO
    read(CELLO)
    assert choose() == v.PITCH + 61


def test_a_plan_without_steps_is_refused() -> None:
    with pytest.raises(ValueError, match="leaves no bar out and no bar follows it"):
        make_plan(Request(), with_holes(), new_bars=0)
    with pytest.raises(ValueError, match="at most one for each of 1 steps"):
        make_plan(Request(bars=1), openings=[[], []])
