import pytest
from hypothesis import given
from hypothesis import strategies as st

from partimento.music.chords import CHORD_QUALITIES
from partimento.music.metre import METERS
from partimento.music.parsing import (
    ChordSymbol,
    chords_by_bar,
    name_note,
    parse_chord,
    parse_chords,
    parse_key,
    parse_meter,
    parse_note,
    parse_pitch_range,
)
from partimento.music.pitch import KEYS, PITCH_CLASSES
from partimento.tokenizer.vocabulary import BAR_TICKS, DURATIONS


@pytest.mark.parametrize("index", range(24))
def test_every_key_of_the_vocabulary_is_read_back(index: int) -> None:
    assert parse_key(KEYS[index]) == (index % 12, index >= 12)


@pytest.mark.parametrize(
    ("text", "tonic", "is_minor"),
    [
        ("C", 0, False),
        ("c minor", 0, True),
        ("Am", 9, True),
        ("AM", 9, False),
        ("bb", 10, False),
        ("bbm", 10, True),
        ("B", 11, False),
        ("b minor", 11, True),
        ("Cb", 11, False),
        ("B#", 0, False),
        ("F♯ Minor", 6, True),
        ("e-flat major", 3, False),
        ("G Sharp min", 8, True),
        ("D-minor", 2, True),
        ("  Db   maj ", 1, False),
    ],
)
def test_keys_are_read_as_musicians_write_them(text: str, tonic: int, is_minor: bool) -> None:
    assert parse_key(text) == (tonic, is_minor)


@pytest.mark.parametrize("text", ["", "H", "C##", "A dorian", "C minor minor", "Amx", "7", "minor"])
def test_an_unknown_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="key must be a tonic and a mode"):
        parse_key(text)


def test_every_meter_of_the_vocabulary_is_read_and_others_are_refused() -> None:
    assert tuple(parse_meter(f"{top}/{bottom}") for top, bottom in METERS) == METERS
    with pytest.raises(ValueError, match="meter must be one of 2/4, 3/4"):
        parse_meter("7/8")


@given(st.integers(0, 127))
def test_note_names_and_numbers_are_read_back(note: int) -> None:
    assert parse_note(name_note(note)) == note
    assert parse_note(str(note)) == note


@given(st.integers(0, 127), st.integers(0, 127))
def test_pitch_ranges_are_read_by_name_and_number(one: int, other: int) -> None:
    low, high = sorted((one, other))
    for text in (f"{name_note(low)}-{name_note(high)}", f"{low}-{high}", f"{low} .. {high}"):
        assert parse_pitch_range(text) == (low, high)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("C3", "pitch_range must be two notes such as C3-C6 or 48-84, got 'C3'"),
        ("C6-C3", "pitch_range must go from low to high, got 'C6-C3'"),
        ("C3-H6", "note must be a name such as C4 or a number in 0..127, got 'H6'"),
        ("C3-C12", "note must be in C-1..G9"),
        ("48-128", "note must be in C-1..G9"),
    ],
)
def test_a_bad_pitch_range_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_pitch_range(text)


@pytest.mark.parametrize(
    ("text", "root", "quality"),
    [
        ("C", 0, "maj"),
        ("Am7", 9, "min7"),
        ("F#m", 6, "min"),
        ("Bbmaj7", 10, "maj7"),
        ("BbM7", 10, "maj7"),
        ("Csus4", 0, "sus"),
        ("Dsus2", 2, "sus"),
        ("Ddim", 2, "dim"),
        ("Bm7b5", 11, "dim"),
        ("Gaug", 7, "aug"),
        ("G+", 7, "aug"),
        ("E-7", 4, "min7"),
        ("G7", 7, "7"),
        ("A♭9", 8, "7"),
        ("am", 9, "min"),
        ("bb", 10, "maj"),
    ],
)
def test_chord_symbols_are_read_as_musicians_write_them(text: str, root: int, quality: str) -> None:
    assert parse_chord(text) == ChordSymbol(root, quality, None)


@pytest.mark.parametrize("quality", CHORD_QUALITIES)
@pytest.mark.parametrize("root", range(12))
def test_every_chord_of_the_vocabulary_is_read_back(root: int, quality: str) -> None:
    assert parse_chord(PITCH_CLASSES[root] + quality) == ChordSymbol(root, quality, None)


def test_no_chord_and_beats_are_read() -> None:
    assert parse_chord("N.C.") == ChordSymbol(None, "", None)
    assert parse_chord("nc:3") == ChordSymbol(None, "", 3)
    assert parse_chord("Ebm7:2") == ChordSymbol(3, "min7", 2)


@pytest.mark.parametrize("text", ["H", "Cfoo", "C/E", "7", "maj7", "C:", "C:0", "C:1.5", "C:x"])
def test_an_unknown_chord_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="chords must"):
        parse_chord(text)


def test_chords_stand_between_spaces_commas_and_bar_lines() -> None:
    assert parse_chords("Am F C G") == parse_chords("| Am | F, C,G |")
    with pytest.raises(ValueError, match="at least one chord symbol"):
        parse_chords(" | ")


def test_chords_are_repeated_or_cut_to_the_number_of_bars() -> None:
    def roots(bars: int) -> list[int | None]:
        return [bar[0].root for bar in chords_by_bar("Am F C G", (4, 4), bars)]

    assert roots(6) == [9, 5, 0, 7, 9, 5]
    assert roots(2) == [9, 5]
    assert [len(bar) for bar in chords_by_bar("Am F ...", (4, 4), 4)] == [1, 1, 0, 0]
    assert len(chords_by_bar("Am F C…", (4, 4), 2)) == 2


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
    laid_out = chords_by_bar(text, meter, len(bars))
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
        chords_by_bar(text, (4, 4), 4)
