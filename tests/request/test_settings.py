"""A setting is written once: its check, its help and its place among the others."""

import pickle
from dataclasses import FrozenInstanceError, replace

import pytest

from partimento.errors import PartimentoError, RemedyError, SettingError
from partimento.request.presets import Manner
from partimento.request.readers import Interval, Number, Whole, YesNo
from partimento.request.request import REQUEST_SETTINGS, Request
from partimento.request.settings import check_names, settings_of


@pytest.mark.parametrize("name", REQUEST_SETTINGS)
def test_every_help_is_a_sentence_with_its_numbers_filled_in(name: str) -> None:
    text = REQUEST_SETTINGS[name].help
    assert text[0].isupper()
    assert text.endswith(".")
    assert "{" not in text


def test_the_limits_and_the_default_of_a_setting_stand_in_its_help() -> None:
    assert REQUEST_SETTINGS["bars"].help == "Bars to write, 1 to 512; 16 by default."
    assert "above 0 to 1" in REQUEST_SETTINGS["top_p"].help


def test_settings_stand_by_panel_and_beside_what_they_belong_to() -> None:
    names = list(settings_of(Manner, Request))
    assert names[0] == "prompt"
    assert names[names.index("key") : names.index("key") + 3] == ["key", "scale", "lock_key"]
    assert names.index("without_primer") == names.index("primer_bars") + 1
    assert names.index("mode") < names.index("temperature")


def test_a_request_is_frozen_and_can_be_copied_and_sent() -> None:
    request = Request(key="Am", chords="Am F", meter="3/4", pitch_range="C3-C5")
    with pytest.raises(FrozenInstanceError):
        request.bars = 3  # type: ignore[misc]  # that is the point
    assert pickle.loads(pickle.dumps(request)) == request
    assert replace(request, bars=3) == replace(replace(request, bars=4), bars=3)
    assert hash(replace(request)) == hash(request)


def test_values_are_kept_parsed_and_taken_as_text_or_as_objects() -> None:
    request = Request(key="Am", chords="Am F", meter="3/4", pitch_range="C3-C5")
    again = Request(
        key=request.key,
        chords=request.chords,
        meter=request.meter,
        pitch_range=request.pitch_range,
    )
    assert again == request
    assert request.to_dict()["key"] == "A minor"
    assert request.to_dict()["meter"] == "3/4"
    assert request.pitch_range == (48, 72)


@pytest.mark.parametrize(
    ("text", "number"), [("8", 8), ("8.0", 8), ("-3", -3), ("8.5", "8.5"), ("many", "many")]
)
def test_a_whole_number_is_read_from_a_cell(text: str, number: object) -> None:
    assert Whole().from_text(text) == number


def test_numbers_must_be_finite_and_inside_their_interval() -> None:
    interval = Interval(0, 1, low_is_open=True)
    assert Number(interval)(1) == 1.0
    for value in (0, 1.5, float("nan"), float("inf"), True, "1"):
        with pytest.raises(SettingError):
            Number(interval)(value)
    with pytest.raises(SettingError):
        Number()(float("inf"))
    with pytest.raises(SettingError):
        YesNo()(1)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(PartimentoError, match="a: setting 'bras' does not exist; did you mean b"):
        check_names(["bras"], ["bars", "key"], "a: ")


@pytest.mark.parametrize(
    "error", [SettingError("a", "must be b"), RemedyError("c", {"force": "replaces it"})]
)
def test_errors_survive_the_way_from_another_process(error: PartimentoError) -> None:
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
