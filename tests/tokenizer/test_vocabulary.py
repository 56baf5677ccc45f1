"""The map of the 384 tokens is complete, unambiguous and bound to its fingerprint."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partimento.tokenizer import vocabulary as v

ALL_STYLES = {
    *("keyboard", "pop", "song", "quartet", "game", "choral", "drums", "folk", "classical"),
    *("orchestral", "chorale", "hymn", "guitar", "ragtime", "jazz"),
}
"""The styles of the training corpus."""


def test_the_blocks_fill_384_ids_without_gap_or_overlap() -> None:
    owners = Counter(token for block in v.BLOCKS for token in range(block.first, block.end))
    assert owners == Counter(range(384))
    assert v.SIZE == 384


def test_the_constants_are_the_first_ids_of_their_blocks() -> None:
    constants = {
        "special": v.PAD,
        "pitch": v.PITCH,
        "duration": v.DURATION,
        "rest": v.REST,
        "instrument": v.INSTRUMENT,
        "key": v.KEY,
        "meter": v.METER,
        "tempo": v.TEMPO,
        "style": v.STYLE,
        "dynamic": v.DYNAMIC,
        "chord root": v.ROOT,
        "chord quality": v.QUALITY,
        "no chord": v.NO_CHORD,
    }
    assert constants == {block.name: block.first for block in v.BLOCKS}


def test_the_blocks_have_the_sizes_of_the_design() -> None:
    sizes = [len(block.values) for block in v.BLOCKS]
    assert sizes == [6, 128, 64, 64, 33, 24, 12, 12, 12, 8, 12, 8, 1]


def test_every_name_is_unique_and_says_its_block() -> None:
    names = [v.name(token) for token in range(v.SIZE)]
    assert len(set(names)) == v.SIZE
    assert all(names)
    for block in v.BLOCKS[1:]:
        assert all(names[t].startswith(f"{block.name} ") for t in range(block.first, block.end))


@pytest.mark.parametrize("token", [-1, 384, 65535])
def test_a_token_outside_the_map_has_no_name(token: int) -> None:
    with pytest.raises(ValueError, match=rf"0\.\.383, got {token}"):
        v.name(token)


@pytest.mark.parametrize("values", [v.DURATIONS, v.RESTS])
def test_lengths_ascend_and_hold_every_tick_of_a_quarter(values: tuple[int, ...]) -> None:
    assert list(values) == sorted(set(values))
    assert set(range(1, 25)) <= set(values)


def test_durations_hold_what_notation_writes_up_to_twelve_quarters() -> None:
    plain = {96, 48, 24, 12, 6, 3}  # whole note to thirty-second
    dotted = {value * 3 // 2 for value in plain if value * 3 % 2 == 0}
    triplets = {value * 2 // 3 for value in plain}
    held = {quarters * 24 for quarters in range(1, 13)}
    assert plain | dotted | triplets | held <= set(v.DURATIONS)
    assert max(v.DURATIONS) == 288


def test_a_rest_never_fills_the_longest_bar() -> None:
    assert max(v.RESTS) < max(v.BAR_TICKS) == v.MAX_BAR_TICKS == 192


def test_bars_last_as_long_as_their_meters_say() -> None:
    for (numerator, denominator), ticks in zip(v.METERS, v.BAR_TICKS, strict=True):
        assert ticks == 24 * 4 * numerator / denominator


@pytest.mark.parametrize("program", range(128))
def test_every_program_has_one_group_whose_representative_maps_back(program: int) -> None:
    instrument = v.INSTRUMENT_OF_PROGRAM[program]
    assert instrument != v.DRUMS
    assert v.INSTRUMENT_OF_PROGRAM[v.REPRESENTATIVE_PROGRAMS[instrument]] == instrument


def test_every_instrument_but_the_drums_has_programs_of_its_own() -> None:
    assert set(v.INSTRUMENT_OF_PROGRAM) == set(range(33)) - {v.DRUMS}
    assert len(set(v.REPRESENTATIVE_PROGRAMS[: v.DRUMS])) == 32
    assert v.INSTRUMENTS[v.DRUMS] == "drums"


@pytest.mark.parametrize(
    ("program", "instrument"),
    [
        *((0, "piano"), (6, "harpsichord"), (19, "organ"), (40, "violin"), (48, "strings")),
        *((52, "choir"), (60, "horn"), (68, "oboe"), (73, "flute"), (33, "electric bass")),
    ],
)
def test_well_known_programs_are_in_the_groups_they_are_named_after(
    program: int, instrument: str
) -> None:
    assert v.INSTRUMENTS[v.INSTRUMENT_OF_PROGRAM[program]] == instrument


def test_keys_are_twelve_major_then_twelve_minor_from_c_upwards() -> None:
    for index, key in enumerate(v.KEYS):
        assert key == f"{v.PITCH_CLASSES[index % 12]} {'minor' if index >= 12 else 'major'}"


def test_the_fingerprint_changes_with_any_name(monkeypatch: pytest.MonkeyPatch) -> None:
    prints = {v.fingerprint()}
    names = [v.name(token) for token in range(v.SIZE)]
    for changed in range(v.SIZE):
        renamed = [*names[:changed], "renamed", *names[changed + 1 :]]
        monkeypatch.setattr(v, "name", renamed.__getitem__)
        prints.add(v.fingerprint())
    assert len(prints) == v.SIZE + 1


def test_the_fingerprint_changes_when_two_names_trade_places(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = v.fingerprint()
    names = [v.name(token) for token in range(v.SIZE)]
    names[10], names[11] = names[11], names[10]
    monkeypatch.setattr(v, "name", names.__getitem__)
    assert v.fingerprint() != before


def test_the_fingerprint_is_the_one_that_weights_were_trained_on() -> None:
    # A new value here makes every existing checkpoint unreadable.
    assert v.fingerprint() == "b4dc51bf9075abd3"


def test_every_style_of_the_corpus_has_a_token_and_every_token_a_style() -> None:
    assert {v.STYLES[v.style_index(style)] for style in ALL_STYLES} == set(v.STYLES)
    assert set(v.STYLES) | set(v.STYLE_ALIASES) == ALL_STYLES


@pytest.mark.parametrize(
    ("alias", "style"), [("hymn", "chorale"), ("orchestral", "classical"), ("ragtime", "jazz")]
)
def test_an_alias_is_its_nearest_style(alias: str, style: str) -> None:
    assert v.style_index(alias) == v.style_index(style)
    assert v.STYLES[v.style_index(alias)] == style


def test_an_unknown_style_is_refused_with_the_list() -> None:
    with pytest.raises(ValueError, match=r"one of keyboard, .*, jazz, got 'polka'"):
        v.style_index("polka")


@given(st.floats(1.0, 2000.0))
def test_a_tempo_goes_to_the_bin_with_the_smallest_ratio(bpm: float) -> None:
    def ratio(i: int) -> float:
        return max(bpm / v.TEMPOS[i], v.TEMPOS[i] / bpm)

    assert math.isclose(ratio(v.tempo_index(bpm)), min(map(ratio, range(12))))


def test_tempo_bins_span_40_to_240_in_equal_ratios() -> None:
    ratios = {round(b / a, 9) for a, b in zip(v.TEMPOS, v.TEMPOS[1:], strict=False)}
    assert len(ratios) == 1
    assert (v.TEMPOS[0], round(v.TEMPOS[-1], 9)) == (40.0, 240.0)
    assert [v.tempo_index(bpm) for bpm in v.TEMPOS] == list(range(12))


@pytest.mark.parametrize("velocity", range(1, 128))
def test_a_velocity_goes_to_the_nearest_dynamic(velocity: int) -> None:
    distances = [abs(center - velocity) for center in v.VELOCITIES]
    assert distances[v.velocity_index(velocity)] == min(distances)


def test_every_dynamic_maps_back() -> None:
    assert [v.velocity_index(velocity) for velocity in v.VELOCITIES] == list(range(8))


@given(st.integers(-10, 600))
def test_a_length_goes_to_the_nearest_duration_the_shorter_one_on_ties(ticks: int) -> None:
    chosen = v.DURATIONS[v.nearest_duration_index(ticks)]
    assert chosen == min(v.DURATIONS, key=lambda value: (abs(value - ticks), value))
