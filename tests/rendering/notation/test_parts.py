"""Names and brackets of parts."""

from partimento.rendering.notation.parts import (
    Group,
    Part,
    abbreviation,
    distinct_names,
    group_parts,
)


def part(name: str, program: int, is_drum: bool = False) -> Part:
    return Part(name, program, is_drum, ())


def test_neighbours_of_one_family_stand_under_one_bracket() -> None:
    parts = [part("Flute", 73), part("Oboe", 68), part("Piano", 0), part("Violin", 40)]
    parts += [part("Viola", 41), part("Cello", 42), part("Drums", 0, is_drum=True)]
    assert group_parts(parts) == [Group(0, 1, True), Group(3, 5, True)]


def test_no_bar_line_runs_through_voices_where_the_words_stand() -> None:
    choir = [part(name, 19) for name in ("Soprano", "Alto", "Tenor", "Bass 2")]
    assert group_parts(choir) == [Group(0, 3, False)]


def test_one_part_of_a_family_has_no_bracket() -> None:
    assert group_parts([part("Violin", 40), part("Trumpet", 56)]) == []


def test_parts_of_one_name_take_their_instruments_or_numbers() -> None:
    assert distinct_names(["Violin", "Violin"], ["violin", "violin"]) == ["violin 1", "violin 2"]
    assert distinct_names(["A", "B"], ["flute", "flute"]) == ["A", "B"]


def test_short_names_are_those_that_players_know() -> None:
    names = ("Violoncello 1", "Electric piano", "Oud", "Grand piano")
    assert [abbreviation(name) for name in names] == ["Vc. 1", "El. Pno.", "Oud", "Pno."]
