"""From settings to pieces: how many, each with its seed, and what decides their notes."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from partimento.batch.item_settings import ARRANGE, BLEND, EDIT, NEW, VARY
from partimento.batch.orders import (
    asked_change,
    changed_bars,
    count_pieces,
    deciding,
    make_order,
    sketcher_of,
)
from partimento.batch.sources import Sources
from partimento.errors import PartimentoError
from partimento.model.latent.conditioning import INPUTS
from partimento.model.latent.weights import shipped_part
from partimento.music.midi.writer import write_midi
from partimento.music.score import Note, Score, Track
from partimento.sampling.editing.edit import Alternative
from partimento.sampling.engine import Engine
from partimento.sampling.engines import load_engine
from partimento.sampling.generate import Wish

TUNE = Score(24, (Track(tuple(Note(24 * i, 60 + i % 5, 24) for i in range(16))),))


@pytest.fixture
def tune(tmp_path: Path) -> str:
    """A file of four bars."""
    write_midi(TUNE, tmp_path / "tune.mid")
    return str(tmp_path / "tune.mid")


@pytest.mark.parametrize(
    ("kind", "levels", "count"),
    [
        (NEW, [{}], 1),
        (EDIT, [{"count": 2}, {"count": 3}], 3),
        (BLEND, [{"count": 3}, {}], 5),
        (BLEND, [{"steps": 7}], 7),
        (VARY, [{"steps": 7, "count": 3}, {"count": None}], 1),
    ],
)
def test_the_settings_say_how_many_pieces(
    kind: str, levels: list[dict[str, object]], count: int
) -> None:
    assert count_pieces(kind, levels) == count


def test_an_edit_has_a_piece_a_seed_and_the_bars_that_it_writes(tune: str) -> None:
    levels = [{"mode": "expressive", "key": "C"}, {"edit": tune, "fill": "2-3", "key": "D"}]
    order = make_order(EDIT, [*levels, {"also": ("png",)}], Sources())
    first, second = order.works([5, 6])
    assert isinstance(first, Alternative)
    assert isinstance(second, Alternative)
    assert (first.request.seed, second.request.seed) == (5, 6)
    assert (first.request.bars, first.request.temperature) == (2, 1.2)
    assert str(first.request.key) == "D major"
    assert asked_change(first) == {"fill": "2-3"}
    assert (order.beside, order.music) == ({"also": ("png",)}, (tune,))
    assert first.original is second.original


def test_all_bars_may_be_taken_out_and_none_written(tune: str) -> None:
    write_midi(replace(TUNE, tracks=TUNE.tracks * 2), Path(tune))
    [work] = make_order(EDIT, [{"edit": tune, "remove": ("1",)}], Sources()).works([1])
    assert work.request.bars == 1  # what counts the progress cannot count from nothing


def test_what_decides_the_notes_is_the_music_and_the_change(tune: str, tmp_path: Path) -> None:
    other = tmp_path / "other.mid"
    write_midi(replace(TUNE, tracks=(replace(TUNE.tracks[0], program=40),)), other)
    found = []
    for path, settings in (
        (tune, {"fill": "2"}),
        (tune, {"fill": "3"}),
        (str(other), {"fill": "2"}),
    ):
        [work] = make_order(EDIT, [{"edit": path, **settings}], Sources()).works([1])
        found.append(deciding(work))
    assert len({str(each) for each in found}) == 3


def test_bars_that_changed_are_those_of_the_original(tune: str) -> None:
    [work] = make_order(EDIT, [{"edit": tune, "fill": "2"}], Sources()).works([1])
    notes = TUNE.tracks[0].notes
    changed = replace(TUNE, tracks=(replace(TUNE.tracks[0], notes=notes[:4] + notes[5:]),))
    assert changed_bars(work, changed) == (2,)
    [new] = make_order(NEW, [{"bars": 1}], Sources()).works([1])
    assert changed_bars(new, changed) is asked_change(new) is None


def test_a_blend_has_one_seed_and_as_many_pieces_as_steps(tune: str) -> None:
    has_flow()
    order = make_order(BLEND, [{"blend": tune, "to": tune, "steps": 3}], Sources())
    works = order.works([4, 5, 6])
    assert [work.request.seed for work in works] == [4, 4, 4]
    assert order.music == (tune, tune)


def test_an_arrangement_follows_the_sketch_of_its_file(tune: str) -> None:
    settings = {"arrange": tune, "instruments": ("string trio",)}
    first, second = make_order(ARRANGE, [settings], Sources()).works([1, 2])
    assert isinstance(first, Wish)
    assert isinstance(second, Wish)
    assert first.sketch is not None
    assert (first.request.bars, second.request.seed) == (4, 2)
    assert first.request.instruments == ("violin", "viola", "cello")


def test_a_file_is_read_once_and_what_was_repaired_is_told_once(tune: str) -> None:
    sources = Sources()
    assert sources.original("edit", tune) is sources.original("vary", tune)
    assert sources.model("arrange", tune) is sources.model("to", tune)
    assert sources.warnings == ()
    torn = Path(tune).with_name("torn.mid")
    torn.write_bytes(Path(tune).read_bytes()[:-8])
    sources.original("edit", str(torn))
    sources.model("blend", str(torn))
    assert [warning.partition("torn.mid: ")[2] for warning in sources.warnings] == [
        "track 2: the file ends inside an event",
        "notes without an end closed: 1",
    ]
    with pytest.raises(PartimentoError, match=r"vary .*none\.mid: no such file"):
        sources.original("vary", str(torn.with_name("none.mid")))


def has_flow() -> None:
    """Skip without a flow."""
    try:
        shipped_part("flow")
    except ValueError:
        pytest.skip("this copy has no flow: put one into weights/")


def test_what_draws_sketches_is_named_where_one_is_varied_or_followed(
    tune: str, engine: Engine, save_tiny: Callable[..., Path]
) -> None:
    has_flow()
    sketching = load_engine(save_tiny(sketch_width=INPUTS, name="sketching"))

    def name(kind: str, settings: dict[str, object], engine: Engine) -> str | None:
        works = make_order(kind, [settings], Sources()).works([1])
        return sketcher_of(works, engine)

    varied = {"vary": tune}
    assert name(VARY, varied, sketching) == name(
        ARRANGE, {"arrange": tune, "instruments": ("flute",)}, sketching
    )
    assert name(EDIT, {"edit": tune, "fill": "2"}, sketching) is None
    with pytest.raises(PartimentoError, match="vary needs weights that were trained to follow"):
        name(VARY, varied, engine)
