import dataclasses
import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partimento.errors import SettingError
from partimento.music.instruments import INSTRUMENTS
from partimento.music.metre import METERS
from partimento.music.styles import STYLES
from partimento.request.merging import PRESETS
from partimento.request.readers import Interval
from partimento.request.request import REQUEST_SETTINGS, Request
from partimento.request.schedules import bar_temperatures
from partimento.request.values import MAX_SEED
from partimento.sampling.draw import SEED_BITS
from partimento.tokenizer.vocabulary import SIZE

FULL = Request(
    bars=8,
    style="hymn",
    key="f# minor",
    meter="3/4",
    bpm=90,
    instruments=("Violin", "ALTO SAX", "double bass"),
    without=("drums", "tuba"),
    chords="F#m:2 C#m:1 B",
    primer="tune.mid",
    primer_bars=4,
    primer_pedal=True,
    lock_key=True,
    scale="Dorian",
    pitch_range="48-84",
    dynamic="PP",
    temperature=1.5,
    temperature_end=0.5,
    schedule="exponential",
    top_k=40,
    top_p=0.95,
    min_p=0.03,
    key_pull=0.3,
    chord_pull=0.7,
    allow_loops=True,
    best_of=8,
    original=24,
    expression=0.5,
    swing=0.7,
    seed=7,
    prompt="a hymn",
)
"""With LOOPED, SKETCHED and DRAWN, which contradict it or each other, every setting."""
LOOPED = Request(loop=True, layers=3)
SKETCHED = Request(sketch="tune.npz", follow=0.5)
DRAWN = Request(
    bars=28,
    guidance=2,
    density=0.9,
    polyphony=0.2,
    register=0.7,
    syncopation=0.1,
    leaps=0.4,
    repetition=1,
    form="A8A8B4A8",
    change=0.2,
)

REQUESTS = st.builds(
    Request,
    bars=st.integers(1, 512),
    style=st.none() | st.sampled_from(sorted({*STYLES} - {"drums"})),
    key=st.none() | st.sampled_from(["C", "Am", "eb minor", "F# major", "minor"]),
    meter=st.none() | st.sampled_from([f"{top}/{bottom}" for top, bottom in METERS]),
    bpm=st.none() | st.floats(10, 400),
    instruments=st.none()
    | st.lists(st.sampled_from(sorted({*INSTRUMENTS} - {"clarinet"})), min_size=1, max_size=15).map(
        lambda names: ("piano", *names)
    ),
    without=st.none() | st.just(("clarinet",)),
    chords=st.none(),
    primer=st.none() | st.just("tune.mid"),
    lock_key=st.booleans(),
    scale=st.none() | st.sampled_from(["dorian", "blues", "whole-tone"]),
    dynamic=st.none() | st.sampled_from(["ppp", "f"]),
    pitch_range=st.none() | st.sampled_from(["C3-C6", "21-108"]),
    temperature=st.floats(0, 5),
    temperature_end=st.none() | st.floats(0, 5),
    top_k=st.none() | st.integers(1, SIZE),
    top_p=st.floats(0, 1, exclude_min=True),
    min_p=st.floats(0, 1, exclude_max=True),
    key_pull=st.floats(0, 1),
    chord_pull=st.floats(0, 1),
    allow_loops=st.booleans(),
    best_of=st.none() | st.integers(1, 64),
    original=st.none() | st.integers(16, 64),
    expression=st.floats(0, 1),
    swing=st.none() | st.floats(0, 1),
    seed=st.none() | st.integers(0, 2**53 - 1),
)
WITH_CHORDS = st.builds(
    Request, chords=st.sampled_from(["Am F | C G", "C:2 G:2 ..."]), meter=st.just("4/4")
)


@given(REQUESTS | WITH_CHORDS)
def test_a_request_is_read_back_from_json(request_: Request) -> None:
    assert Request.from_dict(json.loads(json.dumps(request_.to_dict()))) == request_


def test_every_setting_is_read_back_from_json() -> None:
    named = set()
    for full in (FULL, LOOPED, SKETCHED, DRAWN):
        settings = json.loads(json.dumps(full.to_dict()))
        named |= set(settings)
        assert Request.from_dict(settings) == full
    assert named == {field.name for field in dataclasses.fields(Request)}


def test_settings_that_are_off_are_not_stored() -> None:
    assert Request().to_dict() == {
        "bars": 16,
        "loop": False,
        "primer_pedal": False,
        "lock_key": False,
        "no_sketch": False,
        "temperature": 1.0,
        "top_p": 1.0,
        "min_p": 0.02,
        "key_pull": 0.2,
        "chord_pull": 0.5,
        "allow_loops": False,
        "expression": 0.8,
    }


def test_names_are_stored_in_one_spelling() -> None:
    assert (FULL.style, str(FULL.key), FULL.bpm) == ("chorale", "F# minor", 90.0)
    assert FULL.instruments == ("violin", "alto sax", "contrabass")
    assert (FULL.scale, FULL.dynamic, str(FULL.pitch_range)) == ("dorian", "pp", "C3-C6")
    assert FULL.without == ("trombone", "drums")
    assert str(Request(key="gb").key) == "Gb major"
    assert Request(key="E#m") == Request(key="F minor")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"bars": 0}, "bars must be in [1, 512], got 0"),
        ({"bars": 513}, "bars must be in [1, 512], got 513"),
        ({"bars": 2.5}, "bars must be a whole number in [1, 512], got 2.5"),
        ({"bars": True}, "bars must be a whole number in [1, 512], got True"),
        ({"bars": None}, "bars must be a whole number in [1, 512], got None"),
        ({"style": "polka"}, "style must be one of keyboard, "),
        ({"style": 3}, "style must be a text that is not empty, got 3"),
        ({"key": "H"}, "key must be a tonic and a mode such as 'F# minor' or 'Bb', got 'H'"),
        ({"meter": "7/8"}, "got '7/8'"),
        ({"bpm": 9.9}, "bpm must be in [10, 400], got 9.9"),
        ({"bpm": float("nan")}, "bpm must be in [10, 400], got nan"),
        ({"bpm": "fast"}, "bpm must be a number in [10, 400], got 'fast'"),
        ({"instruments": ("violine",)}, "did you mean violin"),
        ({"instruments": "violin"}, "instruments must be a tuple of names, got 'violin'"),
        ({"instruments": (40,)}, "instruments must be a tuple of names, got (40,)"),
        ({"instruments": ()}, "instruments must be 1 to 16 names, got 0"),
        ({"chords": "Am Fx"}, "got 'Fx'"),
        ({"chords": " "}, "chords must be a text that is not empty, got ' '"),
        ({"chords": "C:2 G:2"}, "chords with beats need a meter, got 'C:2 G:2' without one"),
        ({"chords": "C:2 G:2", "meter": "3/4"}, "chords must fill each bar of 3/4"),
        ({"primer": ""}, "primer must be a text that is not empty, got ''"),
        ({"primer_bars": 4}, "primer_bars needs a primer, got 4 without one"),
        ({"primer_pedal": True}, "primer_pedal needs a primer, got true without one"),
        ({"primer": "a.mid", "primer_bars": 0}, "primer_bars must be in [1, 512], got 0"),
        ({"without": "drums"}, "without must be a tuple of names, got 'drums'"),
        ({"without": ("drumz",), "style": "folk"}, "did you mean drum"),
        ({"without": ("oboe",), "instruments": ("oboe",)}, "without must not name what is asked"),
        ({"without": ("drums",), "style": "drums"}, "what is asked for, got drums"),
        ({"without": INSTRUMENTS[:-1]}, "without must leave an instrument that plays notes"),
        ({"scale": "doric"}, "got 'doric'; did you mean dorian?"),
        ({"scale": ""}, "scale must be a text that is not empty, got ''"),
        ({"dynamic": "loud"}, "dynamic must be one of ppp, pp, p, mp, mf, f, ff, fff, got 'loud'"),
        (
            {"key": "C", "lock_key": True, "chords": "C F# B"},
            "chords must lie in the key C major with lock_key, got 'F#'",
        ),
        (
            {"key": "C", "scale": "dorian", "chords": "C E"},
            "chords must lie in the key C minor with scale, got 'E'",
        ),
        (
            {"lock_key": True, "chords": "C F"},
            "lock_key needs a key with a tonic beside chords",
        ),
        ({"key": "minor", "scale": "dorian", "chords": "C F"}, "scale needs a key with a tonic"),
        ({"instruments": ("drums",), "chords": "C F"}, "chords must have an instrument beside"),
        ({"style": "drums", "pitch_range": "C3-C5"}, "pitch_range must have an instrument beside"),
        ({"lock_key": 1}, "lock_key must be true or false, got 1"),
        ({"pitch_range": "C6-C3"}, "pitch_range must go from low to high, got 'C6-C3'"),
        ({"temperature": 5.1}, "temperature must be in [0, 5], got 5.1"),
        ({"temperature": -0.1}, "temperature must be in [0, 5], got -0.1"),
        ({"temperature_end": 6}, "temperature_end must be in [0, 5], got 6"),
        ({"temperature_end": 0.5, "schedule": "linaer"}, "schedule must be one of constant, "),
        ({"temperature_end": 0.5, "schedule": "constant"}, "choose linear, cosine or exponential"),
        ({"temperature_end": 0, "schedule": "exponential"}, "temperature_end must be above 0"),
        ({"schedule": "cosine"}, "schedule needs a temperature_end, got 'cosine' without one"),
        ({"top_k": 0}, "top_k must be in [1, 384], got 0"),
        ({"top_p": 1.4}, "top_p must be in (0, 1], got 1.4"),
        ({"top_p": 0}, "top_p must be in (0, 1], got 0"),
        ({"top_p": None}, "top_p must be a number in (0, 1], got None"),
        ({"min_p": 1.0}, "min_p must be in [0, 1), got 1.0"),
        ({"key_pull": 1.5}, "key_pull must be in [0, 1], got 1.5"),
        ({"seed": -1}, "seed must be in [0, 9007199254740991], got -1"),
        ({"seed": 2**53}, "seed must be in [0, 9007199254740991], got 9007199254740992"),
        ({"tempature": 1}, "setting 'tempature' does not exist; did you mean temperature?"),
        ({"xyz": 1}, "setting 'xyz' does not exist; known: prompt, bars, "),
    ],
)
def test_a_bad_setting_is_named_with_its_value(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011, the message is compared below
        Request.from_dict(settings)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("key", "scale", "nearest", "form"),
    [
        ("D", "dorian", "D minor", "dorian"),
        ("D minor", "dorian", "D minor", "dorian"),
        ("A minor", "mixolydian", "A major", "mixolydian"),
        ("C", "pentatonic", "C major", "major pentatonic"),
        ("C minor", "blues scale", "C minor", "minor blues"),
        ("Eb minor", "whole tone", "Eb minor", "whole tone"),
        ("major", "phrygian", "minor", "phrygian"),
        ("minor", None, "minor", None),
        (None, "pentatonic", None, "minor pentatonic"),
    ],
)
def test_a_scale_takes_the_form_of_the_key_or_the_key_the_mode_of_the_scale(
    key: str | None, scale: str | None, nearest: str | None, form: str | None
) -> None:
    request = Request(key=key, scale=scale)
    assert (request.to_dict().get("key"), request.scale) == (nearest, form)


@pytest.mark.parametrize(
    ("key", "scale", "chords"),
    [
        ("A minor", None, "Am Dm E7"),
        ("C", None, "C Bb F C/E"),
        ("A", "minor blues", "A7 D7 E7"),
        ("A minor", "minor pentatonic", "Am F C G"),
        ("D", "dorian", "N.C. Dm7 G7 %"),
    ],
)
def test_chords_may_borrow_some_notes_from_outside_a_locked_key(
    key: str, scale: str | None, chords: str
) -> None:
    assert Request(key=key, scale=scale, lock_key=True, chords=chords).chords is not None


def test_every_bound_of_a_limit_is_usable() -> None:
    intervals = {n: s.interval for n, s in REQUEST_SETTINGS.items() if s.interval is not None}
    assert len(intervals) == 25
    for name, interval in intervals.items():
        for bound, open_ in (
            (interval.low, interval.low_is_open),
            (interval.high, interval.high_is_open),
        ):
            whole = name in ("bars", "layers", "primer_bars", "top_k", "seed")
            beside = {"change": {"form": "AABA"}, "layers": {"loop": True}}.get(
                name, {"primer": "a.mid"}
            )
            settings = {**beside, name: int(bound) if whole else bound}
            if open_:
                with pytest.raises(ValueError, match=f"{name} must be in"):
                    Request.from_dict(settings)
            else:
                assert getattr(Request.from_dict(settings), name) == bound


def test_seeds_have_the_range_of_the_random_numbers() -> None:
    assert MAX_SEED == 2**SEED_BITS - 1
    assert str(Interval(0, MAX_SEED)) == "[0, 9007199254740991]"


def test_the_temperature_is_constant_until_an_end_is_given() -> None:
    assert bar_temperatures(Request(bars=3, temperature=0.5)).tolist() == [0.5] * 3
    moving = Request(bars=3, temperature=1.5, temperature_end=0.5)
    assert bar_temperatures(moving).tolist() == [1.5, 1.0, 0.5]
    assert bar_temperatures(FULL)[[0, -1]].tolist() == [1.5, 0.5]


def test_presets_are_valid_settings() -> None:
    assert set(PRESETS) == {"considered", "expressive"}
    assert Request.from_dict(PRESETS["considered"]).temperature == 0.7
    assert Request.from_dict(PRESETS["expressive"]).temperature == 1.2


def test_a_request_needs_nothing_that_is_slow_to_load() -> None:
    code = (
        "import sys, partimento.request.request; "
        "sys.exit(bool({'torch', 'numba', 'numpy', 'yaml', 'pretty_midi'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_instruments_have_the_names_of_prompts_between_commas_signs_or_words() -> None:
    asked = Request(instruments=("piano and vibes", "woodwinds + ukulele"))
    assert asked.instruments == (
        *("piano", "vibraphone", "flute", "oboe", "clarinet", "bassoon", "steel guitar"),
    )
    with pytest.raises(SettingError, match="instruments must be 1 to 16 names, got 20"):
        Request(instruments=("woodwinds",) * 5)


def test_a_family_is_left_out_as_a_whole_and_stored_so_that_it_reads_back() -> None:
    for names, kept in (
        (("bass",), ("acoustic bass", "electric bass")),
        (("guitars",), ("nylon guitar", "steel guitar", "electric guitar", "distortion guitar")),
        (("strings", "drums"), ("violin", "viola", "cello", "contrabass", "strings", "drums")),
        (("string ensemble 1", "flute"), ("tremolo strings", "flute")),
    ):
        request = Request(without=names)
        assert request.without == kept
        assert Request.from_dict(json.loads(json.dumps(request.to_dict()))) == request
    with pytest.raises(SettingError, match="without must not name what is asked for, got cello"):
        Request(instruments=("cello", "piano"), without=("strings",))


def test_chords_may_be_written_as_in_prompts_and_corpora() -> None:
    for chords in ("C/E F/A", "C:min G7alt", "C5 C6/9 Cmaj7#11 %", "cm N.C. C+7", "C-F-G"):
        assert str(Request(chords=chords).chords) == chords
    assert Request(key="D", chords="I V vi IV").chords is not None
    with pytest.raises(SettingError, match="chords in degrees need a key, got 'I V'"):
        Request(chords="I V")
