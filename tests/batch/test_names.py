"""Names: whatever a template is filled with, a file of that name can be made anywhere."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partimento.batch.names import (
    DEFAULT_TEMPLATE,
    FIELDS,
    MAX_NAME,
    check_template,
    make_name,
    name_key,
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
VALUES: dict[str, object] = dict.fromkeys(FIELDS, "x") | {"index": 7, "seed": 12, "copy": 2}


def is_safe(name: str) -> bool:
    """Whether Linux, macOS and Windows take it for one visible file in a folder."""
    return (
        0 < len(name.encode()) <= 255 - len(".musicxml")
        and not re.search(r'[<>:"/\\|?*\x00-\x1f\x7f]', name)
        and name[0] not in "-. "
        and name[-1] not in " ."
        and not re.match(r"(?i)(con|prn|aux|nul|com\d|lpt\d) *(\.|$)", name)
        and Path("folder", name).parent == Path("folder")
    )


@given(TEXTS, TEXTS, st.integers(0, 2**53 - 1))
def test_every_value_gives_a_safe_name(style: str, prompt: str, seed: int) -> None:
    values = {**VALUES, "style": style, "prompt": prompt, "seed": seed}
    for template in (DEFAULT_TEMPLATE, "{prompt}", "{style}", "{prompt}.{style}", "{style} {seed}"):
        check_template(template)
        assert is_safe(make_name(template, values))


@given(TEXTS)
def test_every_template_is_refused_or_gives_a_safe_name(template: str) -> None:
    try:
        check_template(template)
    except ValueError:
        return
    assert is_safe(make_name(template, VALUES))


@pytest.mark.parametrize(
    "template",
    [
        *("../{index}", "a/b", "a\\b", "C:x", "{index", "index}", "{}", "{0}", "{style.upper}"),
        *("{index.__class__}", "{style!r}", "{index:>99999999d}", "{index:999d}", "{seed:,}"),
        *("{style:03d}", "{{index}}", "", " ", "..", "-", "a\nb", "a\0b", "{bpm:.3f}", "x" * 500),
    ],
)
def test_a_template_that_leaves_the_folder_or_formats_without_bounds_is_refused(
    template: str,
) -> None:
    with pytest.raises(ValueError, match="name"):
        check_template(template)


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{index:03d}-{style}-{seed}", "007-x-12"),
        ("{index:03}_{copy:2d}", "007_ 2"),
        ("con", "_con"),
        ("NUL.{style}", "_NUL.x"),
        ("console", "console"),
        ("-{index}. ", "7"),
        ("Übung ({index})", "Übung (7)"),
    ],
)
def test_names_are_as_the_template_says(template: str, name: str) -> None:
    check_template(template)
    assert make_name(template, VALUES) == name


def test_open_wishes_and_signs_have_their_words() -> None:
    values = {**VALUES, "style": None, "key": "F# minor", "meter": "6/8", "bpm": 96.5}
    assert make_name("{style} {key} {meter} {bpm}", values) == "any Fsharp-minor 6-8 96.5"


def test_names_that_a_file_system_may_take_for_one_have_one_key() -> None:
    assert name_key("É.mid") == name_key("e\u0301.MID")
    assert len(make_name("{prompt}" * 9, {**VALUES, "prompt": "ä" * 300}).encode()) <= 2 * MAX_NAME
