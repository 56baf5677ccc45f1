"""Settings: what each may be, and which level counts."""

import pytest

from partimento.batch.entries import NESTED, Field
from partimento.batch.item_settings import (
    ARRANGE,
    BLEND,
    EDIT,
    ITEM_SETTINGS,
    KINDS,
    NEW,
    VARY,
)
from partimento.batch.settings import check_fields, check_setting, from_text, inherited, kind_of
from partimento.errors import PartimentoError
from partimento.music.bar_ranges import BarRanges
from partimento.request.merging import combine
from partimento.request.request import REQUEST_SETTINGS, Request
from partimento.request.words import read_request


def test_the_settings_are_those_of_a_request_and_five_more() -> None:
    beside = {"mode", "without_primer", "count", "name", "also"}
    assert set(ITEM_SETTINGS) == set(REQUEST_SETTINGS) | beside


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_file_and_what_new_pieces_have_means_the_same(kind: str) -> None:
    settings = KINDS[kind]
    assert kind == NEW or settings[kind].about.is_path
    assert {"name", "also", "seed", "mode", "temperature"} <= set(settings)
    own = {n for n, s in settings.items() if n in ITEM_SETTINGS and ITEM_SETTINGS[n] is not s}
    assert own == {EDIT: {"bars", "loop"}, VARY: {"bars"}}.get(kind, set())


@pytest.mark.parametrize(
    ("fields", "default", "kind"),
    [
        ({}, NEW, NEW),
        ({"bars": 3}, VARY, VARY),
        ({"Edit": "a.mid"}, VARY, EDIT),
        ({"vary": None}, VARY, NEW),
        ({"vary": None, "blend": "a.mid"}, VARY, BLEND),
        ({"vary": "a.mid", "arrange": None}, NEW, VARY),
    ],
)
def test_an_item_is_of_the_kind_whose_file_it_names(
    fields: dict[str, object], default: str, kind: str
) -> None:
    assert kind_of({name: Field(value, 1) for name, value in fields.items()}, default) == kind


def test_files_of_two_kinds_are_two_items() -> None:
    fields = {name: Field("a.mid", 1) for name in ("arrange", "blend", "vary")}
    with pytest.raises(PartimentoError, match="got vary, blend and arrange; make an item of each"):
        kind_of(fields)


def test_an_item_inherits_what_means_the_same_to_its_kind() -> None:
    defaults = {"bars": 16, "temperature": 0.7, "prompt": "a jig", "amount": 0.5, "seed": None}
    assert inherited(defaults, NEW, VARY) == {"temperature": 0.7, "amount": 0.5, "seed": None}
    assert inherited(defaults, NEW, NEW) == {n: x for n, x in defaults.items() if n != "amount"}
    own = {"vary": "a.mid", "bars": "5-8"}
    assert inherited(own, VARY, VARY) == own
    assert inherited(own, VARY, EDIT) == {}


@pytest.mark.parametrize(
    ("name", "value", "kind", "kept"),
    [
        ("bars", 5, EDIT, BarRanges(((5, 5),))),
        ("bars", ("1-2", 4), VARY, BarRanges(((1, 2), (4, 4)))),
        ("bars", "8", NEW, 8),
        ("keep", "violin, bass", VARY, ("violin", "bass")),
        ("add", "string trio", EDIT, ("violin", "viola", "cello")),
        ("instruments", "string trio", ARRANGE, ("string trio",)),
        ("prompt", None, EDIT, None),
    ],
)
def test_a_setting_is_read_as_its_kind_means_it(
    name: str, value: object, kind: str, kept: object
) -> None:
    assert check_setting(name, value, kind) == kept


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("instruments", "violin, cello", ("violin", "cello")),
        ("instruments", ("violin",), ("violin",)),
        ("primer_bars", 4, 4),
        ("schedule", "cosine", "cosine"),
        ("chords", "C:2 G:2", "C:2 G:2"),
        ("also", "png, WAV", ("wav", "png")),
        ("prompt", " a\n  waltz ", "a waltz"),
        ("style", None, None),
        ("count", 3, 3),
        ("bars", "8.0", 8),
        ("lock_key", "yes", True),
    ],
)
def test_a_good_setting_is_kept(name: str, value: object, kept: object) -> None:
    assert check_setting(name, value) == kept


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("bars", "x"), ("bars", True), ("bars", 1.5), ("bpm", float("inf")), ("style", 3)),
        *(("lock_key", "x"), ("count", True), ("count", 0), ("without_primer", 1)),
        *(("chords", "H7"), ("schedule", "steps"), ("primer", ""), ("primer", "a\0b")),
        *(("instruments", (1, 2)), ("instruments", 5), ("key", NESTED), ("also", ("wav", NESTED))),
        *(("style", ("folk",)), ("prompt", ""), ("mode", "loud"), ("seed", 2**53), ("name", "/")),
    ],
)
def test_a_bad_setting_is_named(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name):
        check_setting(name, value)


def test_all_faults_of_an_entry_are_found_each_with_its_line() -> None:
    fields = {"bars": Field(0, 3), "Top-P": Field(2, None), "bpm": Field(90, 5)}
    settings, problems = check_fields(fields, "a.yaml", 2)
    assert settings == {"bpm": 90}
    assert [str(problem).split(" must")[0] for problem in problems.values()] == [
        "a.yaml:3: bars",
        "a.yaml:2: top_p",
    ]


def test_a_setting_under_two_names_is_given_twice() -> None:
    _, problems = check_fields({"top-p": Field(0.5, 1), "top_p": Field(0.6, 1)}, "a.csv", 1)
    assert [str(problem) for problem in problems.values()] == ["a.csv:1: top_p is given twice"]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        *(("bars", "8", 8), ("Top-P", ".9", 0.9), ("bars", "8.5", "8.5"), ("seed", "1", 1)),
        *(("lock_key", "Yes", True), ("lock-key", "0", False), ("lock_key", "x", "x")),
        *(("key", "1", "1"), ("count", "2", 2), ("prompt", "true", "true")),
    ],
)
def test_a_cell_becomes_what_its_column_takes(name: str, text: str, value: object) -> None:
    assert from_text(name, text) == value
    assert type(from_text(name, text)) is type(value)


def test_words_of_an_item_win_over_what_is_more_general_and_lose_to_what_stands_beside_them() -> (
    None
):
    words = {"prompt": "a slow waltz in D minor"}
    expected = read_request("a slow waltz in D minor", {})[0]
    assert combine([words]).request == expected
    assert combine([{"meter": "4/4", "key": "C"}, words]).request == expected
    beside = combine([words, {"meter": "4/4", "key": "C"}]).request
    assert (str(beside.meter), str(beside.key)) == ("4/4", "C major")
    same_level = combine([{**words, "meter": "4/4"}]).request
    assert (str(same_level.meter), str(same_level.key)) == ("4/4", "D minor")


def test_none_turns_off_what_is_more_general() -> None:
    defaults = {"style": "jazz", "prompt": "a waltz", "count": 3, "top_k": 5}
    wishes = combine([defaults, {"style": None, "prompt": None, "top_k": None}])
    assert wishes.request == Request()
    assert wishes.beside == {"count": 3}
    assert wishes.reading is None


def test_what_words_never_set_may_stand_on_any_level() -> None:
    wishes = combine([{"primer": "a.mid"}, {"prompt": "a waltz", "primer_bars": 2}])
    assert (wishes.request.primer, wishes.request.primer_bars) == ("a.mid", 2)
    wishes = combine([{"temperature_end": 0.5}, {"prompt": "a waltz", "schedule": "cosine"}])
    assert wishes.request.schedule == "cosine"


def test_a_mode_gives_way_to_a_temperature_of_its_level_and_of_later_ones_only() -> None:
    expressive = {"mode": "expressive"}
    assert combine([expressive]).request.temperature == 1.2
    assert combine([{**expressive, "temperature": 0.3}]).request.temperature == 0.3
    assert combine([{"temperature": 0.3}, expressive]).request.temperature == 1.2
    assert combine([expressive, {"temperature": 0.3}]).request.temperature == 0.3


def test_chords_with_beats_take_the_meter_of_the_defaults() -> None:
    wishes = combine([{"meter": "4/4"}, {"prompt": "in C major", "chords": "C:2 G:2"}])
    assert (str(wishes.request.meter), str(wishes.request.chords)) == ("4/4", "C:2 G:2")
