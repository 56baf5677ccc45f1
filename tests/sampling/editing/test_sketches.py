"""Sketches in edits: new bars follow one that suits those that stay."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from partimento.errors import PartimentoError
from partimento.music.difference import compare
from partimento.music.midi.writer import midi_bytes, write_midi
from partimento.music.score import Score
from partimento.music.sketch import Sketch
from partimento.request.edit import Edit
from partimento.request.request import Request
from partimento.sampling.editing.edit import Alternative, edit_pieces, replay_edit, request_for
from partimento.sampling.editing.original import make_original
from partimento.sampling.editing.sketches import bars_of, sketched
from partimento.sampling.editing.tasks import Task
from partimento.sampling.engine import Engine
from partimento.sampling.engines import load_engine
from partimento.sampling.generate import Piece
from partimento.sampling.provenance import read_provenance, without_provenance
from partimento.sampling.sketch_reading import sketch_music
from partimento.sampling.sketcher import Sketcher

FILL = Task("fill", (2, 3))


def edited(
    score: Score,
    engine: Engine,
    sketcher: Sketcher,
    given: Sketch | None = None,
    **wishes: object,
) -> Piece:
    original = make_original(score)
    request = request_for({"seed": 1, **wishes}, original)
    wish = Alternative(original, Edit(fill="3-4"), request, given)
    [piece] = edit_pieces([wish], engine, sketcher=sketcher)
    assert piece is not None
    return piece


@pytest.mark.parametrize(
    "wish",
    [
        *({"density": 0.9}, {"polyphony": 0.1}, {"register": 1.0}, {"syncopation": 0.5}),
        *({"leaps": 0.2}, {"repetition": 0.8}, {"follow": 0.4}, {"guidance": 3.0}),
    ],
)
def test_each_wish_of_a_sketch_shapes_what_is_new_and_nothing_else(
    quartet: Score, sketching_engine: Engine, sketcher: Sketcher, wish: dict[str, float]
) -> None:
    plain = edited(quartet, sketching_engine, sketcher)
    piece = edited(quartet, sketching_engine, sketcher, **wish)
    found = compare(quartet, without_provenance(piece.score))
    assert set(found.changed_bars) <= {3, 4}
    assert found.events == ()
    assert piece.score.tracks != plain.score.tracks
    stored = read_provenance(piece.score)
    assert stored is not None
    assert stored.sketcher == "tiny"
    again = replay_edit(stored, sketching_engine, sketcher)
    assert midi_bytes(again.performance) == midi_bytes(piece.performance)


def test_bars_that_stay_are_not_told_and_shape_those_that_are(
    quartet: Score, sketcher: Sketcher
) -> None:
    request = Request(seed=3, density=0.9)
    told = sketched(quartet, FILL, request, None, sketcher).told
    assert len(told) == 8
    # The bar before is told of the next one.
    assert np.flatnonzero(told.any((1, 2))).tolist() == [1, 2, 3]
    higher = tuple(
        replace(t, notes=tuple(replace(n, pitch=n.pitch + 7) for n in t.notes))
        for t in quartet.tracks
    )
    other = sketched(replace(quartet, tracks=higher), FILL, request, None, sketcher).told
    assert not np.array_equal(told, other)


def test_choices_are_held_to_the_sketch_as_closely_as_it_is_followed(
    quartet: Score, sketcher: Sketcher
) -> None:
    close, none = (
        sketched(quartet, FILL, Request(seed=3, follow=follow), None, sketcher).pull
        for follow in (1.0, 0.0)
    )
    assert close.shape[0] == 8
    assert close[2:4].any()
    assert len(none) == 0


def test_the_bars_of_a_given_sketch_are_those_that_are_written(
    quartet: Score, sketcher: Sketcher
) -> None:
    request = Request(seed=3, sketch="its file")
    own = bars_of(quartet, [FILL]).values
    given = Sketch.of_values(own[[2, 3]])
    told = sketched(quartet, FILL, request, given, sketcher).told
    # What stands there already is told where its own sketch is given: no flow has a say.
    elsewhere = Sketch.of_values(own[[5, 6]])
    assert not np.array_equal(told, sketched(quartet, FILL, request, elsewhere, sketcher).told)
    longer = sketched(quartet, FILL, request, Sketch.of_values(own[2:8]), sketcher).told
    assert np.array_equal(told, longer)
    shorter = sketched(quartet, FILL, request, given.part(0, 1), sketcher).told
    # The first bar is the same but for what it is told of the next one, which the flow draws.
    first, second = np.abs(shorter - told)[2:4].mean((1, 2))
    assert 0 < first < second


def test_where_lines_stay_the_sketch_begins_with_that_of_the_bar(
    quartet: Score, sketcher: Sketcher
) -> None:
    request = Request(seed=3, density=0.5)
    line = Task("rewrite", (2, 3), 1)
    assert not np.array_equal(
        sketched(quartet, line, request, None, sketcher).told,
        sketched(quartet, FILL, request, None, sketcher).told,
    )


def test_a_sketch_is_read_from_its_file_and_stored(
    quartet: Score, sketching_engine: Engine, sketcher: Sketcher, tmp_path: Path
) -> None:
    path = tmp_path / "riff.mid"
    write_midi(quartet, path)
    named = edited(quartet, sketching_engine, sketcher, sketch=str(path))
    given = edited(quartet, sketching_engine, sketcher, sketch_music(quartet).sketch)
    assert named.score.tracks == given.score.tracks
    path.unlink()
    stored = read_provenance(named.score)
    assert stored is not None
    again = replay_edit(stored, sketching_engine, sketcher)
    assert midi_bytes(again.performance) == midi_bytes(named.performance)


def test_weights_that_read_no_sketches_say_so(
    quartet: Score, sketcher: Sketcher, save_tiny: Callable[..., Path]
) -> None:
    with pytest.raises(PartimentoError, match="a sketch is asked for, which these weights do not"):
        edited(quartet, load_engine(save_tiny()), sketcher, density=0.5)
