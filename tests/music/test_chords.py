import pytest
from hypothesis import given
from hypothesis import strategies as st

from partimento.music.chord_symbols import parse_chord
from partimento.music.chords import parse_chords
from partimento.music.keys import parse_key
from partimento.music.metre import METERS
from partimento.tokenizer.vocabulary import BAR_TICKS, DURATIONS


def test_beats_stand_behind_a_colon() -> None:
    [silence, minor, harte] = parse_chords("nc:3 Ebm7:2 C:min:2").items
    assert (silence.chord, silence.beats) == (parse_chord("nc"), 3)
    assert (minor.chord, minor.beats) == (parse_chord("Ebm7"), 2)
    assert (harte.chord, harte.beats) == (parse_chord("C:min"), 2)
    assert parse_chords("C F:2 G:2").has_beats
    assert not parse_chords("C F:maj G").has_beats


@pytest.mark.parametrize(
    "text", ["H", "C Cfoo", "7", "maj7", "C:", "C:0", "C:1.5", "C:x", "%", "% C"]
)
def test_an_unknown_chord_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="chords must"):
        parse_chords(text)


def test_chords_print_as_they_were_written_and_are_equal_then() -> None:
    text = "Am  F | C/E … "
    assert str(parse_chords(text)) == text
    assert parse_chords(text) == parse_chords(text)
    assert len({parse_chords(text), parse_chords(text), parse_chords("Am F C/E")}) == 2


def test_a_percent_sign_repeats_the_bar_before() -> None:
    bars = parse_chords("Dm7 G7:2 C:2 % %").by_bar((4, 4), 5)
    assert [[chord.root for chord in bar] for bar in bars] == [[2], [7, 0], [7, 0], [7, 0], [2]]
    with pytest.raises(ValueError, match="exactly 4 beats"):
        parse_chords("C:2 % G:2").by_bar((4, 4), 4)


def test_degrees_are_chords_of_the_key() -> None:
    chords = parse_chords("I V:2 vi:2 bVII %")
    assert chords.needs_key
    major = chords.by_bar((4, 4), 4, parse_key("D"))
    assert [[(c.root, c.quality) for c in bar] for bar in major] == [
        [(2, "maj")],
        [(9, "maj"), (11, "min")],
        [(0, "maj")],
        [(0, "maj")],
    ]
    minor = parse_chords("i-iv-V7").by_bar((3, 4), 3, parse_key("G minor"))
    assert [(bar[0].root, bar[0].quality) for bar in minor] == [(7, "min"), (0, "min"), (2, "7")]
    with pytest.raises(ValueError, match="chords in degrees need a key, got 'I' without one"):
        chords.by_bar((4, 4), 4)
    assert not parse_chords("Dm G").needs_key


def test_what_became_of_rich_chords_is_said_once_each() -> None:
    assert parse_chords("C/E F6/9 C/E G7").notes == ("C/E as C", "F6/9 as F")


def test_chords_stand_between_spaces_commas_and_bar_lines() -> None:
    for text in ("| Am | F, C,G |", "Am - F - C - G", "Am-F-C-G", "Am > F -> C; G"):
        assert parse_chords("Am F C G").items == parse_chords(text).items
    assert [item.chord for item in parse_chords("E-7 A7").items] == [
        parse_chord("E-7"),
        parse_chord("A7"),
    ]
    with pytest.raises(ValueError, match="at least one chord symbol"):
        parse_chords(" | ")


def test_chords_are_repeated_or_cut_to_the_number_of_bars() -> None:
    def roots(bars: int) -> list[int | None]:
        return [bar[0].root for bar in parse_chords("Am F C G").by_bar((4, 4), bars)]

    assert roots(6) == [9, 5, 0, 7, 9, 5]
    assert roots(2) == [9, 5]
    assert [len(bar) for bar in parse_chords("Am F ...").by_bar((4, 4), 4)] == [1, 1, 0, 0]
    assert len(parse_chords("Am F C…").by_bar((4, 4), 2)) == 2


@given(
    st.sampled_from(METERS),
    st.lists(st.lists(st.integers(1, 12), min_size=1, max_size=6), min_size=1, max_size=4),
)
def test_chords_of_a_bar_fill_it_with_lengths_that_have_a_token(
    meter: tuple[int, int], lengths: list[list[int]]
) -> None:
    bars = []
    for bar in lengths:  # cut what the strategy drew to the bar, and fill its rest
        beats: list[int] = []
        for length in bar:
            beats.append(min(length, meter[0] - sum(beats)))
        beats[-1] += meter[0] - sum(beats)
        bars.append([count for count in beats if count])
    text = " ".join(f"C:{count}" for bar in bars for count in bar)
    laid_out = parse_chords(text).by_bar(meter, len(bars))
    ticks = 96 // meter[1]
    assert [[chord.duration // ticks for chord in bar] for bar in laid_out] == bars
    for chords in laid_out:
        onsets = [chord.onset for chord in chords]
        ends = [chord.onset + chord.duration for chord in chords]
        assert [*onsets, BAR_TICKS[METERS.index(meter)]] == [0, *ends]
        assert all(chord.duration in DURATIONS for chord in chords)


@pytest.mark.parametrize("text", ["C:2", "C:2 G", "C:3 G:2", "C:5", "C G:2"])
def test_beats_that_do_not_add_up_to_bars_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="chords must fill each bar of 4/4 with exactly 4 beats"):
        parse_chords(text).by_bar((4, 4), 4)
