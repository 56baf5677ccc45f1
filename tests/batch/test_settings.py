"""Settings: what each may be, and which level counts."""

import pytest

from partimento.batch.entries import NESTED, Field
from partimento.batch.item_settings import ITEM_SETTINGS
from partimento.batch.settings import check_fields, check_setting, from_text
from partimento.request.merging import combine
from partimento.request.request import REQUEST_SETTINGS, Request
from partimento.request.words import read_request


def test_the_settings_are_those_of_a_request_and_five_more() -> None:
    beside = {"mode", "without_primer", "count", "name", "also"}
    assert set(ITEM_SETTINGS) == set(REQUEST_SETTINGS) | beside


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
