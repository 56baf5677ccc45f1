"""What is asked of an edit: read as people write it, and refused where it does not go together."""

import pytest

from partimento.errors import SettingError
from partimento.music.bar_ranges import BarRanges
from partimento.request.edit import ACTIONS, EDIT_SETTINGS, WISHES_OF_NEW, Edit

FULL = Edit(
    remove=("piano 2",),
    fill="5-8, 13",
    line="violin",
    reroll="2",
    replace=("bass", "left hand"),
    add=("drums", "double bass"),
    accompany=("piano",),
    bars="3-4",
)


def test_a_variation_reads_back() -> None:
    varied = Edit(vary=0.3, keep=("violin",), bars="5-8")
    assert Edit.from_dict(varied.to_dict()) == varied


def test_values_are_kept_in_one_spelling() -> None:
    assert FULL.fill == BarRanges(((5, 8), (13, 13)))
    assert FULL.add == ("drums", "contrabass")
    assert FULL.replace == ("bass", "left hand")


def test_what_is_stored_reads_back() -> None:
    stored = FULL.to_dict()
    assert stored["fill"] == "5-8, 13"
    assert set(stored) == set(EDIT_SETTINGS) - {"harmonise", "vary", "keep", "loop"}
    assert Edit.from_dict(stored) == FULL
    assert Edit(loop=True, bars="7-8").to_dict() == {"loop": True, "bars": "7-8"}
    with pytest.raises(ValueError, match="setting 'fil' does not exist; did you mean fill"):
        Edit.from_dict({"fil": "3"})


@pytest.mark.parametrize(
    "fill", ["5-8, 13", ("5-8", 13), [13, "5-8"], BarRanges(((5, 8), (13, 13)))]
)
def test_bars_are_a_text_or_a_list_of_numbers_and_ranges(fill: object) -> None:
    assert Edit.from_dict({"fill": fill}).fill == FULL.fill


@pytest.mark.parametrize("text", ["5", "5.0"])
def test_a_bar_in_a_table_may_be_written_with_a_point(text: str) -> None:
    assert Edit.from_dict({"fill": EDIT_SETTINGS["fill"].reader.from_text(text)}) == Edit(fill=5)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"fill": True}, "fill must be bars such as 5-8 or 3, got True"),
        ({"fill": 0}, "fill cannot be 0: must be bars from 1 on"),
        ({"fill": ()}, "fill cannot be (): must name a bar, such as 5-8, got ''"),
        ({}, "fill or another change must be asked for: remove, fill, reroll"),
        ({"line": "violin", "add": ("drums",)}, "line needs fill or harmonise"),
        (
            {"fill": "3", "bars": "4"},
            "bars needs one of reroll, replace, add, accompany, vary, loop;",
        ),
        ({"loop": False}, "fill or another change must be asked for"),
        ({"loop": True, "vary": 0.5}, "vary must stand alone"),
        ({"harmonise": "satb", "fill": "3"}, "harmonise must stand alone"),
        ({"harmonise": "ssaa"}, "harmonise must be one of satb"),
        ({"fill": "8-5"}, "fill cannot be '8-5': must be bars from 1 on"),
        ({"add": ("kazzoo",)}, "add must be names of the vocabulary or of General MIDI"),
    ],
)
def test_what_does_not_go_together_is_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(SettingError) as error:
        Edit.from_dict(settings)
    assert str(error.value).startswith(message)


def test_wishes_for_what_is_new_leave_out_what_the_file_says() -> None:
    assert not {"bars", "bpm", "meter", "prompt", "primer"} & set(WISHES_OF_NEW)
    assert {"key", "chords", "pitch_range", "temperature", "seed"} <= set(WISHES_OF_NEW)
    assert {"sketch", "follow", "density", "repetition"} <= set(WISHES_OF_NEW)
    assert set(ACTIONS) <= set(EDIT_SETTINGS)
