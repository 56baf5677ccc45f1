"""Tempo marks: which are printed, and at which tick of the sheet music."""

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from partimento.music.score import Note, Score, Tempo, Track
from partimento.music.timeline import heard_tempos
from partimento.rendering.musicxml.document import musicxml
from partimento.rendering.notation.notation import notate
from partimento.rendering.notation.tempos import tempo_marks
from partimento.rendering.roll.contents import headline, read_contents


def piece(*tempos: tuple[int, float], silence: int = 0) -> Score:
    """Four bars of quarters after some ticks of silence."""
    notes = tuple(Note(silence + 24 * i, 60 + i % 5, 24) for i in range(16))
    return Score(24, (Track(notes, 73),), tempos=tuple(Tempo(*tempo) for tempo in tempos))


def printed(score: Score) -> list[tuple[int, str, str]]:
    """Tick from the first bar line, printed number and sounding tempo of each mark."""
    found, tick = [], 0
    for measure in ET.fromstring(musicxml(notate(score))).findall("part/measure"):
        for element in measure:
            if element.tag == "direction":
                number = element.findtext("direction-type/metronome/per-minute", "")
                sound = element.find("sound")
                assert sound is not None
                place = tick + int(element.findtext("offset", "0"))
                found.append((place, number, sound.get("tempo", "")))
            duration = int(element.findtext("duration", "0"))
            is_chord = element.find("chord") is not None
            tick += 0 if is_chord else -duration if element.tag == "backup" else duration
    return found


def test_a_first_tempo_that_comes_late_stands_where_it_is() -> None:
    late = piece((192, 60.0))
    assert printed(late) == [(0, "120", "120"), (192, "60", "60")]
    assert "120 bpm and others" in headline(read_contents(late))
    assert [tempo.bpm for tempo in heard_tempos(late)] == [120, 60]


def test_tempos_change_inside_bars_and_several_times_in_one() -> None:
    ritardando = [(288 + 12 * i, 75.0 - 5 * i) for i in range(7)]
    score = piece((0, 100.0), (240, 80.0), *ritardando)
    assert printed(score) == [
        (0, "100", "100"),
        (240, "80", "80"),
        *((tick, f"{bpm:.0f}", f"{bpm:g}") for tick, bpm in ritardando),
    ]


def test_a_tempo_while_nothing_has_sounded_yet_holds_from_the_start() -> None:
    score = piece((0, 100.0), (24, 90.0), silence=48)
    assert printed(score) == [(0, "90", "90")]
    assert headline(read_contents(score)).count("90 bpm") == 1


def test_no_tempo_at_all_is_the_120_of_midi() -> None:
    assert printed(piece()) == [(0, "120", "120")]


def test_of_a_performance_with_many_tempos_those_that_matter_are_printed() -> None:
    rubato = [Tempo(6 * i, 100.0 + 3 * (i % 2) + (40 if i > 40 else 0)) for i in range(64)]
    found = tempo_marks(rubato, 0, 4)
    assert [(mark.tick, round(mark.bpm)) for mark in found] == [(0, 100), (246, 143)]


@given(
    tempos=st.lists(
        st.tuples(st.integers(0, 400), st.floats(20, 300)), max_size=8, unique_by=lambda t: t[0]
    )
)
def test_every_printed_mark_stands_at_a_tempo_of_its_number(
    tempos: list[tuple[int, float]],
) -> None:
    score = piece(*sorted(tempos))
    heard = heard_tempos(score)
    for tick, number, sound in printed(score):
        (bpm,) = [tempo.bpm for tempo in heard if tempo.tick == tick]
        assert number == f"{bpm:.0f}"
        assert sound == f"{bpm:g}"
