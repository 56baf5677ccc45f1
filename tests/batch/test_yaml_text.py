"""YAML with lines: the same values as PyYAML's own loader gives, and nothing that grows."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from partimento.batch.entries import InputError
from partimento.batch.yaml_text import Loader, Located, parse_yaml

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec="utf-8", exclude_characters="\x85\u2028\u2029"), max_size=20)
)
KEYS = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=8).filter(
    lambda key: key != "<<"
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=20
)


def plain(located: Located | None) -> object:
    if located is None:
        return None
    if isinstance(located.value, list):
        return [plain(part) for part in located.value]
    if isinstance(located.value, dict):
        return {key: plain(part) for key, part in located.value.items()}
    return located.value


@given(VALUES, st.booleans())
def test_a_document_has_the_values_that_pyyaml_reads(value: object, flow: bool) -> None:
    text = yaml.safe_dump(value, default_flow_style=flow, allow_unicode=True)
    assert plain(parse_yaml(text)) == yaml.safe_load(text)


@pytest.mark.parametrize(
    "text",
    [
        "a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}\ne: [*x, *x]\n",
        "a: &x {b: 1}\nc: &y {<<: *x, d: 2}\ne: {<<: [*y, *x], b: 5}\n",
        "a: &x hello\nb: *x\n",
        "a: |\n  two\n  lines\nb: >-\n  one\n  line\n",
        "- 0x1F\n- 1e3\n- 1.5e+3\n- 010\n- '8'\n- yes\n- ~\n",
    ],
)
def test_merges_aliases_and_styles_mean_what_they_mean_in_yaml(text: str) -> None:
    assert plain(parse_yaml(text)) == yaml.safe_load(text)


@given(VALUES)
def test_json_is_yaml(value: object) -> None:
    text = json.dumps(value, ensure_ascii=False)
    try:
        expected = yaml.load(text, Loader)
    except yaml.YAMLError:  # a bare control character, or a number that YAML reads as a date
        with pytest.raises(InputError):
            parse_yaml(text)
    else:
        assert plain(parse_yaml(text)) == expected


def test_every_value_knows_its_line() -> None:
    root = parse_yaml("# c\nitems:\n\n- a\n- {b: 1,\n   c: [2,\n 3]}\n")
    assert root is not None
    assert isinstance(root.value, dict)
    items = root.value["items"].value
    assert [item.line for item in items] == [4, 5]
    assert [part.line for part in items[1].value["c"].value] == [6, 7]


def test_aliases_of_aliases_are_shared_and_not_copied() -> None:
    text = "- &a0 [x]\n" + "".join(f"- &a{i + 1} [*a{i}, *a{i}]\n" for i in range(200))
    root = parse_yaml(text)  # 2**200 values, if anything copied them
    assert root is not None
    assert isinstance(root.value, list)
    assert len(root.value) == 201
    assert "value" not in repr(root)


def test_merges_of_merges_end() -> None:
    keys = ", ".join(f"k{i}: 1" for i in range(500))
    text = f"- &a {{{keys}}}\n- <<: [{', '.join(['*a'] * 500)}]\n"
    with pytest.raises(InputError, match="copies more than 100,000 keys") as caught:
        parse_yaml(text)
    assert caught.value.line == 2


def test_nesting_ends_long_before_the_stack() -> None:
    for text in ("[" * 100_000, "a: " * 100_000, "- " * 100_000, "{a: " * 100_000):
        with pytest.raises(InputError):
            parse_yaml(text)


def test_a_document_of_too_many_values_ends_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("partimento.batch.yaml_text.MAX_VALUES", 20)
    assert parse_yaml("- a\n" * 19) is not None
    with pytest.raises(InputError, match="more than 20 values") as caught:
        parse_yaml("- a\n" * 30)
    assert caught.value.line == 20


def test_dates_stay_texts() -> None:
    assert plain(parse_yaml("2024-01-02")) == "2024-01-02"
