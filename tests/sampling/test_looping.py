"""Loops are cut from a longer draft, where its end leads best to its beginning."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from partimento.music.loops import loop_of
from partimento.music.midi.writer import midi_bytes
from partimento.request.request import Request
from partimento.sampling.engine import OnBar
from partimento.sampling.engines.numba_engine import NumbaEngine
from partimento.sampling.generate import generate
from partimento.sampling.looping import (
    DRAFTS,
    MORE_BARS,
    draft_request,
    find_loop,
    return_cost,
    stretches,
    with_return,
)
from partimento.sampling.plan import Plan
from partimento.sampling.planning import make_plan
from partimento.sampling.provenance import read_provenance
from partimento.sampling.replaying import replay
from partimento.sampling.written import Piece
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.decoding import decode
from partimento.tokenizer.vocabulary import TokenArray

C_MAJOR, G_MAJOR = v.KEY, v.KEY + 7
HEADER = [v.BOS, C_MAJOR, v.METER + v.METERS.index((4, 4)), v.TEMPO + 5]
WHOLE = v.DURATION + v.DURATIONS.index(96)
REQUEST = Request(bars=2, loop=True, seed=1)


def bar(pitch: int, *changes: int) -> list[int]:
    """A bar with one note."""
    return [v.BAR, *changes, v.INSTRUMENT, v.PITCH + pitch, WHOLE]


def tokens(*parts: list[int]) -> TokenArray:
    """Parts of a piece in a row."""
    return np.array([token for part in parts for token in part], np.uint16)


DRAFT = tokens(
    HEADER, bar(60), bar(62), bar(64, G_MAJOR), bar(65), bar(64), bar(69), bar(62), [v.EOS]
)
"""Bar 2, from 0 on, comes back two bars later."""


class Judge:
    """Writes one draft for all, and says that one pitch costs least."""

    name, checkpoint, precision, reads_sketches, known = "judge", "0", "float32", False, None

    def __init__(self, best: int = 64, ends: bool = True) -> None:
        self.draft = DRAFT if ends else DRAFT[:-1]
        self.best = v.PITCH + best

    def decode(
        self,
        plans: Sequence[Plan],
        seeds: Sequence[int],
        on_bar: OnBar | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> list[TokenArray]:
        return [self.draft for _ in plans]

    def nats(self, plan: Plan, tokens: TokenArray) -> npt.NDArray[np.float64]:
        new = tokens[len(plan.prompt) :]
        return np.full(len(new), 0.0 if self.best in new else 1.0)

    def stream(self, plan: Plan, seed: int) -> Iterator[TokenArray]:
        raise NotImplementedError


def test_no_end_is_in_sight_in_the_draft() -> None:
    request = draft_request(REQUEST)
    assert (request.bars, request.loop) == (2 + MORE_BARS, False)
    assert draft_request(Request(bars=512, loop=True)).bars == 512


def test_what_goes_on_as_it_begins_is_heard_first() -> None:
    found = stretches(decode(DRAFT), REQUEST)
    assert found[0].first_bar == 2
    in_g = tokens([v.BOS, G_MAJOR, *HEADER[2:]], bar(64), bar(65), [v.EOS])
    assert found[0].tokens.tolist() == in_g.tolist()
    assert len({each.first_bar for each in found}) == len(found)


@pytest.mark.parametrize(("pitch", "first"), [(64, 2), (60, 0), (69, 5)])
def test_the_stretch_is_taken_whose_first_bar_costs_least_at_its_end(
    pitch: int, first: int
) -> None:
    found = find_loop(DRAFT, REQUEST, Judge(pitch), make_plan(Request()))
    assert (found.stretch.first_bar, found.stretch.end) == (first, 192)
    assert found.further_tokens == 0


def test_of_all_that_lead_back_the_most_varied_is_taken() -> None:
    same = tokens(HEADER, bar(64), bar(64), bar(64), bar(65), bar(64), bar(64), [v.EOS])
    found = find_loop(same, REQUEST, Judge(64), make_plan(Request()))
    assert found.stretch.variety == 2


def test_other_drafts_are_written_where_no_end_leads_back() -> None:
    plan = make_plan(Request())
    count = (DRAFTS - 1) * (len(DRAFT) - 1)
    assert find_loop(DRAFT, REQUEST, Judge(40), plan).further_tokens == count
    greedy = replace(REQUEST, temperature=0)
    assert find_loop(DRAFT, greedy, Judge(40), plan).further_tokens == 0


def test_a_loop_with_asked_chords_begins_where_they_begin_anew() -> None:
    request = replace(REQUEST, bars=4, chords="C G", meter="4/4")
    starts = {each.first_bar for each in stretches(decode(DRAFT), request)}
    assert starts <= set(range(0, MORE_BARS, 2))
    alone = stretches(decode(DRAFT), replace(REQUEST, chords="C G Am", bars=2, meter="4/4"))
    assert {each.first_bar % 3 for each in alone} == {0}


def test_the_first_bar_comes_back_in_its_key() -> None:
    shown, size = with_return(DRAFT, 3)
    back = bar(60, C_MAJOR)
    assert shown.tolist() == tokens(HEADER, bar(60), bar(62), bar(64, G_MAJOR), back).tolist()
    assert size == 3


def test_the_cost_of_a_return_is_that_of_its_tokens_for_each_note() -> None:
    assert return_cost(DRAFT, 2, Judge(40), make_plan(Request())) == 3.0
    assert return_cost(DRAFT, 2, Judge(60), make_plan(Request())) == 0.0


def test_half_a_loop_is_none() -> None:
    assert generate([REQUEST], Judge(ends=False), None, True, None, lambda: True) == [None]


@pytest.fixture(scope="module")
def loop(tiny_checkpoint: Path) -> Piece:
    """A loop of a tiny model."""
    request = Request(bars=3, meter="3/4", bpm=90, loop=True, seed=2, expression=1.0)
    return generate([request], NumbaEngine(tiny_checkpoint, "int8"))[0]


def test_a_loop_has_exactly_its_bars_and_does_not_slow(loop: Piece) -> None:
    for score in (loop.score, loop.performance):
        end = 3 * 3 * score.ticks_per_quarter
        assert loop_of(score) == (0, end)
        notes = [note for track in score.tracks for note in track.notes]
        assert max(note.onset + note.duration for note in notes) <= end
        assert {tempo.bpm for tempo in score.tempos} == {90}
    assert loop.bars == 3
    assert loop.music_seconds == pytest.approx(6)


def test_a_loop_is_made_again_from_its_settings(loop: Piece, tiny_checkpoint: Path) -> None:
    stored = read_provenance(loop.performance)
    assert stored is not None
    again = replay(stored, NumbaEngine(tiny_checkpoint, "int8"))
    assert midi_bytes(again.performance) == midi_bytes(loop.performance)


def test_a_piece_has_the_layers_that_were_asked_for(tiny_checkpoint: Path) -> None:
    request = Request(bars=2, loop=True, layers=2, instruments=("flute", "cello"), seed=1)
    [piece] = generate([request], NumbaEngine(tiny_checkpoint, "int8"))
    assert [len(layer.tracks) for layer in piece.layers] == [1, 2]
    assert set(piece.layers[1].tracks) == set(piece.performance.tracks)
    assert replace(piece, request=replace(request, layers=None)).layers == []
