"""From requests to sketched pieces: alone or together, drawn or given, kept to what is asked."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from partimento.errors import PartimentoError, SettingError
from partimento.music.key_finding import KEY_PROFILES
from partimento.music.midi.writer import midi_bytes
from partimento.music.score import Note, Score, Track
from partimento.music.sketch import LANES, ONSETS, PITCHES, SLOTS, WIDTH, Sketch
from partimento.music.sketch_files import FoundSketch
from partimento.request.request import Request
from partimento.sampling.engine import Engine
from partimento.sampling.engines import load_engine
from partimento.sampling.generate import Wish, generate_each
from partimento.sampling.jobs import job_of
from partimento.sampling.primer import make_primer
from partimento.sampling.provenance import read_provenance
from partimento.sampling.replaying import replay
from partimento.sampling.sketcher import Sketcher
from partimento.sampling.sketching import (
    FOLLOW,
    allowed_values,
    asking_for_sketch,
    conditions_of,
    draw_guide,
    in_key,
    wants_sketch,
    with_sketches,
)
from partimento.tokenizer import vocabulary as v

PLAIN = Request(bars=3, seed=5, style="folk", key="D minor", meter="3/4", bpm=90, follow=0.5)


def tune(bars: int) -> Score:
    """Quarters of a violin."""
    notes = tuple(Note(24 * i, 60 + i % 12, 24) for i in range(4 * bars))
    return Score(24, (Track(notes, program=40),))


def random_sketch(bars: int) -> Sketch:
    values = (np.random.default_rng(3).random((bars, WIDTH)) < 0.1).astype(np.float32)
    return Sketch.of_values(values, [(3, 4)] * bars)


def test_a_piece_has_the_same_sketch_and_notes_alone_and_among_others(
    sketching_engine: Engine, sketcher: Sketcher
) -> None:
    wishes = [Wish(Request(bars=2, seed=seed, follow=0.5)) for seed in (1, 2)]
    wishes.append(Wish(Request(bars=2, seed=2, no_sketch=True)))
    together = generate_each(wishes, sketching_engine, sketcher=sketcher)
    for wish, piece in zip(wishes, together, strict=True):
        [alone] = generate_each([wish], sketching_engine, sketcher=sketcher)
        assert alone is not None
        assert piece is not None
        np.testing.assert_array_equal(alone.tokens, piece.tokens)
        assert (alone.sketch is None) == (piece.sketch is None) == bool(wish.request.no_sketch)
        if alone.sketch is not None and piece.sketch is not None:
            assert (alone.sketch.values() == piece.sketch.values()).all()
    first, second, _ = [piece.sketch for piece in together if piece is not None]
    assert first is not None
    assert second is not None
    assert (first.values() != second.values()).any()


def test_the_header_is_what_the_seed_chooses_without_a_sketch(
    sketching_engine: Engine, sketcher: Sketcher
) -> None:
    plain = Wish(Request(bars=2, seed=8, no_sketch=True))
    drawn = Wish(Request(bars=2, seed=8, follow=0.5))
    pieces = generate_each([plain, drawn], sketching_engine, sketcher=sketcher)
    headers = [piece.tokens[: piece.tokens.tolist().index(v.BAR)] for piece in pieces if piece]
    np.testing.assert_array_equal(headers[0], headers[1])
    planned = with_sketches([drawn.job], sketching_engine, sketcher)[0]
    assert (planned.plan.header >= -2).all()
    assert (planned.plan.header != -1).all()


def test_the_network_is_told_the_sketch(sketching_engine: Engine, sketcher: Sketcher) -> None:
    """Random weights play otherwise when they hear something else."""
    wishes = [Wish(replace(PLAIN, bars=4, follow=follow)) for follow in (0.0, 1.0)]
    pieces = generate_each(wishes, sketching_engine, sketcher=sketcher)
    sketches = [piece.sketch.values() for piece in pieces if piece and piece.sketch]
    np.testing.assert_array_equal(sketches[0], sketches[1])
    first, second = (piece.tokens for piece in pieces if piece)
    assert first.tolist() != second.tolist()


def test_a_given_sketch_makes_length_and_meter_and_is_followed(
    sketching_engine: Engine, sketcher: Sketcher
) -> None:
    given = random_sketch(5)
    wish = Wish(Request(seed=1), sketch=FoundSketch(given))
    [piece] = generate_each([wish], sketching_engine, sketcher=sketcher)
    assert piece is not None
    assert piece.bars == 5
    assert piece.score.meters[0].numerator == 3
    assert piece.sketch is not None
    planned = with_sketches([wish.job], sketching_engine, sketcher)[0]
    assert planned.guide is not None
    vectors = sketcher.autoencoder.encode(given.values())
    np.testing.assert_array_equal(planned.guide.vectors, vectors)
    longer = Wish(Request(seed=1, bars=7), sketch=FoundSketch(given))
    guide = with_sketches([longer.job], sketching_engine, sketcher)[0].guide
    assert guide is not None
    np.testing.assert_array_equal(guide.vectors[:5], vectors)
    assert guide.sketch.bars == 7


def test_bars_of_a_primer_are_kept_in_the_sketch_and_not_told(
    sketching_engine: Engine, sketcher: Sketcher
) -> None:
    primer = make_primer(tune(2))
    [planned] = with_sketches([job_of(PLAIN, primer)], sketching_engine, sketcher)
    assert planned.guide is not None
    sketch, inputs = planned.guide.sketch, planned.guide.inputs
    assert sketch.bars == 5
    assert sketch.onsets[0, ::4].sum() == 4
    assert sketch.onsets[0].sum() == 4
    assert not inputs[0].any()
    assert inputs[2:].any((1, 2)).all()


def test_a_form_returns_in_the_sketch(sketching_engine: Engine, sketcher: Sketcher) -> None:
    request = replace(PLAIN, bars=8, form="ABAC", change=0.0)
    [planned] = with_sketches([job_of(request)], sketching_engine, sketcher)
    assert planned.guide is not None
    vectors = planned.guide.vectors
    np.testing.assert_allclose(vectors[4:6], vectors[:2], atol=1e-5)
    assert (vectors[2:4] != vectors[:2]).any()
    assert (vectors[6:] != vectors[:2]).any()


def test_what_is_forbidden_is_taken_out_of_the_sketch(sketcher: Sketcher) -> None:
    request = replace(
        PLAIN, instruments=("violin", "cello"), lock_key=True, pitch_range="C3-C5", key="C major"
    )
    job = job_of(request)
    allowed = allowed_values(job.plan)
    onsets = allowed[:ONSETS].reshape(SLOTS, LANES)
    assert np.flatnonzero(onsets[3]).tolist() == [0, 2, 4, 5, 7, 9, 11]
    pitches = np.flatnonzero(allowed[ONSETS : ONSETS + PITCHES])
    assert (pitches.min(), pitches.max()) == (48, 72)
    players = allowed[ONSETS + PITCHES : ONSETS + PITCHES + len(v.INSTRUMENTS)]
    assert [v.INSTRUMENTS[i] for i in np.flatnonzero(players)] == ["violin", "cello"]
    values = draw_guide(job, sketcher).sketch.values()
    assert not values[:, allowed == 0].any()
    assert values[:, allowed == 1].any()


def test_the_flow_is_told_what_is_asked() -> None:
    request = replace(PLAIN, instruments=("cello", "violin", "violin"), density=0.7)
    told = conditions_of(request, job_of(request).plan)
    assert told.style == v.style_index("folk")
    assert told.key == v.KEYS.index("D minor")
    assert told.meter == v.METERS.index((3, 4))
    assert told.instruments == (v.INSTRUMENTS.index("violin"), v.INSTRUMENTS.index("cello"))
    assert told.attributes == {"density": 0.7}


def test_a_sketched_piece_is_made_again_from_its_file(
    sketching_engine: Engine, sketcher: Sketcher
) -> None:
    primer = make_primer(tune(2))
    wishes = [
        Wish(PLAIN),
        Wish(PLAIN, primer),
        Wish(Request(seed=2), sketch=FoundSketch(random_sketch(3))),
    ]
    for piece in generate_each(wishes, sketching_engine, sketcher=sketcher):
        assert piece is not None
        provenance = read_provenance(piece.score)
        assert provenance is not None
        assert provenance.sketcher == "tiny"
        again = replay(provenance, sketching_engine, sketcher)
        assert midi_bytes(again.performance) == midi_bytes(piece.performance)


def test_a_sketch_that_is_asked_for_needs_weights_that_read_it(
    tiny_checkpoint: Path, sketcher: Sketcher
) -> None:
    deaf = load_engine(tiny_checkpoint)
    with pytest.raises(PartimentoError, match="which these weights do not read"):
        with_sketches([job_of(PLAIN)], deaf, sketcher)
    usual = replace(PLAIN, follow=None)
    assert with_sketches([job_of(usual)], deaf, sketcher)[0].guide is None


def test_who_wants_a_sketch() -> None:
    assert wants_sketch(PLAIN)
    assert not wants_sketch(Request(no_sketch=True))
    assert not wants_sketch(Request(chords="Am F C G"))
    assert wants_sketch(Request(chords="Am F C G", follow=0.1))
    assert asking_for_sketch(Request()).follow == FOLLOW
    assert asking_for_sketch(Request(density=0.3)) == Request(density=0.3)
    with pytest.raises(SettingError, match="no_sketch leaves no sketch to be written"):
        asking_for_sketch(Request(no_sketch=True))


def test_a_drawn_sketch_is_in_the_key_that_it_was_told(sketcher: Sketcher) -> None:
    vectors = np.random.default_rng(5).standard_normal((6, 8), np.float32)

    def fits(moved: np.ndarray) -> list[float]:
        onsets = sketcher.autoencoder.decode(moved)[:, :ONSETS].reshape(-1, SLOTS, LANES)
        classes = onsets[..., :12].sum((0, 1))
        return [float(profile @ classes) for profile in KEY_PROFILES]

    best = int(np.argmax(fits(vectors)))
    np.testing.assert_array_equal(in_key(vectors, best, sketcher), vectors)
    worst = int(np.argmin(fits(vectors)))
    assert fits(in_key(vectors, worst, sketcher))[worst] > fits(vectors)[worst]
