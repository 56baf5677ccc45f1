"""What prompts become, exactly, over many prompts."""

import pytest

from partimento.request.request import Request
from partimento.request.words import read_prompt

QUARTET = ("violin", "violin", "viola", "cello")
GUITARS = ("nylon guitar", "steel guitar", "electric guitar", "distortion guitar")
ORCHESTRA = (
    *("flute", "oboe", "clarinet", "bassoon", "horn", "trumpet", "trombone", "timpani"),
    *("violin", "viola", "cello", "contrabass"),
)
Settings = dict[str, object]

PROMPTS: dict[str, Settings] = {
    "a slow waltz in D minor for strings, 16 bars, starting Dm Gm A7": {
        **{"meter": "3/4", "bpm": 98.0, "bars": 16, "key": "D minor"},
        **{"instruments": ("strings",), "chords": "Dm Gm A7 ..."},
    },
    "a fast jig in G for two fiddles and a whistle": {
        **{"style": "folk", "meter": "6/8", "bpm": 218.0, "key": "G major"},
        "instruments": ("fiddle", "fiddle", "whistle"),
    },
    "slow allegro for piano": {"bpm": 132.0, "instruments": ("piano",)},
    "A sad song, about two minutes": {
        **{"style": "song", "meter": "4/4", "bpm": 66.0, "bars": 33},
        **{"key": "minor", "dynamic": "p"},
    },
    "rock band without drums, 120 bpm, A minor": {
        **{"style": "pop", "bpm": 120.0, "key": "A minor"},
        "instruments": ("overdriven guitar", "electric guitar", "electric bass"),
    },
    "SATB choir, a chorale in F sharp major, 8 bars": {
        **{"style": "chorale", "bars": 8, "key": "F# major", "instruments": ("choir",) * 4},
    },
    "a blues in E for guitar": {
        **{"style": "jazz", "meter": "4/4", "key": "E minor", "scale": "minor blues"},
        "instruments": ("nylon guitar",),
    },
    "E blues": {"style": "jazz", "meter": "4/4", "key": "E minor", "scale": "minor blues"},
    "the happy blues": {
        **{"style": "jazz", "meter": "4/4", "bpm": 126.0, "key": "major"},
        **{"scale": "major blues", "dynamic": "mf"},
    },
    "happy D dorian tune for flute duet": {
        **{"bpm": 126.0, "key": "D minor", "scale": "dorian", "dynamic": "mf"},
        "instruments": ("flute", "flute"),
    },
    "E mixolydian folk tune on the fiddle, 6/8, dotted quarter = 100": {
        **{"style": "folk", "meter": "6/8", "bpm": 150.0, "key": "E major"},
        **{"scale": "mixolydian", "instruments": ("fiddle",)},
    },
    "over C G Am F, 80s synth pop, very loud": {
        **{"style": "pop", "meter": "4/4", "bpm": 126.0, "chords": "C G Am F", "dynamic": "ff"},
    },
    "jazz trio, ii-V-I in Bb, swing": {
        **{"style": "jazz", "key": "Bb major", "chords": "Cm F Bb"},
        "instruments": ("piano", "acoustic bass", "drums"),
        "swing": 1,
    },
    "a minor waltz": {"meter": "3/4", "bpm": 150.0, "key": "minor"},
    "A minor, waltz": {"meter": "3/4", "bpm": 150.0, "key": "A minor"},
    "in a minor": {"key": "A minor"},
    "in a minor key, for harp": {"key": "minor", "instruments": ("harp",)},
    "A dorian melody": {"scale": "dorian"},
    "a dorian melody in A for oboe": {
        **{"key": "A minor", "scale": "dorian", "instruments": ("oboe",)},
    },
    "in a blues scale": {"scale": "minor blues"},
    "waltz in 4/4": {"meter": "4/4", "bpm": 150.0},
    "no drums or bass, quiet": {
        **{"without": ("acoustic bass", "electric bass", "drums"), "dynamic": "p"},
    },
    "String Quartet in B flat, Adagio; a minute and a half": {
        **{"style": "quartet", "meter": "4/4", "bpm": 66.0, "bars": 25, "key": "Bb major"},
        "instruments": QUARTET,
    },
    "march in C, 32 bars, 60 seconds": {
        **{"meter": "4/4", "bpm": 128.0, "bars": 32, "key": "C major"},
    },
    "pentatonic music in G major for koto, between C3 and C6": {
        **{"key": "G major", "scale": "major pentatonic", "instruments": ("koto",)},
        "pitch_range": "C3-C6",
    },
    "dark piano piece": {
        **{"bpm": 76.0, "key": "minor", "pitch_range": "C1-C5", "dynamic": "mf"},
        "instruments": ("piano",),
    },
    "heavenly double bass": {
        **{"bpm": 69.0, "key": "major", "instruments": ("contrabass",), "dynamic": "p"},
    },
    "high violin, very low flute": {
        **{"instruments": ("violin", "flute"), "pitch_range": "C4-C8", "register": 0.9},
    },
    "ragtime for 2 pianos at 92": {
        **{"style": "jazz", "meter": "2/4", "bpm": 92.0, "instruments": ("piano", "piano")},
    },
    "I want something like a happy pop song, but not too fast, with no guitars": {
        **{"style": "pop", "bpm": 116.0, "key": "major", "without": GUITARS, "dynamic": "mf"},
    },
    "an ADAGIO in e-flat major for wind quintet; 24 measures.": {
        **{"bpm": 66.0, "bars": 24, "key": "Eb major"},
        "instruments": ("flute", "oboe", "clarinet", "horn", "bassoon"),
    },
    "Four-part hymn in G, 3/4": {"style": "chorale", "meter": "3/4", "key": "G major"},
    "a Viennese waltz for orchestra in A major": {
        **{"style": "classical", "meter": "3/4", "bpm": 178.0, "key": "A major"},
        "instruments": ORCHESTRA,
    },
    "lullaby, very soft, music box, one minute": {
        **{"meter": "6/8", "bpm": 72.0, "bars": 24, "key": "major", "dynamic": "pp"},
        "instruments": ("music box",),
    },
    "heavy metal, E phrygian, 160bpm, distorted guitar and drums": {
        **{"style": "game", "meter": "4/4", "bpm": 160.0, "key": "E minor", "scale": "phrygian"},
        "instruments": ("distortion guitar", "drums"),
    },
    "piano trio without piano": {"instruments": ("violin", "cello")},
    "string quartet with flute": {"style": "quartet", "instruments": (*QUARTET, "flute")},
    "12 bars of boogie woogie in C, chords I7 IV7 V7": {
        **{"style": "jazz", "bars": 12, "key": "C major", "chords": "C7 F7 G7"},
    },
    "Mozart-like minuet, not sad, for harpsichord": {
        **{"style": "classical", "meter": "3/4", "bpm": 116.0, "instruments": ("harpsichord",)},
        "key": "major",
    },
    "tempo: 96; key: Bb minor; meter: 6/8; bars: 32": {
        **{"meter": "6/8", "bpm": 96.0, "bars": 32, "key": "Bb minor"},
    },
    "habanera, d minor, starting Dm A7": {
        **{"meter": "2/4", "bpm": 66.0, "key": "D minor", "chords": "Dm A7 ..."},
    },
    "3 cellos and 2 violas": {"instruments": ("cello",) * 3 + ("viola",) * 2},
    "without drums, piano and flute": {"instruments": ("piano", "flute")},
    "without drums, piano or guitar": {"without": ("piano", *GUITARS, "drums")},
    "without piano and drums": {"without": ("piano", "drums")},
    "no drums and a piano": {"instruments": ("piano",)},
    "violin instead of piano": {"instruments": ("violin",)},
    "orchestra minus brass and woodwinds": {
        "style": "classical",
        "instruments": ("timpani", "violin", "viola", "cello", "contrabass"),
    },
    "no loud drums": {"without": ("drums",)},
    "twelve-bar blues in A for jazz band, medium swing": {
        **{"style": "jazz", "meter": "4/4", "bpm": 104.0, "bars": 12, "key": "A major"},
        "instruments": ("trumpet", "alto sax", "piano", "acoustic bass", "drums"),
        "chords": "A7 A7 A7 A7 D7 D7 A7 A7 E7 D7 A7 E7",
        "swing": 1,
    },
    "swing": {"style": "jazz", "swing": 1},
    "a shuffle": {"meter": "4/4", "swing": 1},
    "twenty-four bars at one hundred and twenty bpm": {"bpm": 120.0, "bars": 24},
    "epic battle music in C minor, 2 min 30 s": {
        **{"meter": "4/4", "bpm": 144.0, "bars": 90, "key": "C minor", "dynamic": "ff"},
    },
    "chords C:2 G:2 Am F": {"meter": "4/4", "chords": "C:2 G:2 Am F"},
    "C:2 G:1 chords": {"meter": "3/4", "chords": "C:2 G:1"},
    "chords am f c g": {"chords": "Am F C G"},
    "over B flat, E flat minor and F": {"chords": "Bb Ebm F"},
    "F#m D A E progression, rock": {
        **{"style": "pop", "meter": "4/4", "bpm": 126.0, "chords": "F#m D A E"},
    },
    "canon progression in D for strings": {
        **{"key": "D major", "chords": "D A Bm F#m G D G A", "instruments": ("strings",)},
    },
    "Dm-Gm-A7-Dm, beginning slowly": {"bpm": 66.0, "chords": "Dm Gm A7 Dm"},
    "blues scale in C major": {"key": "C major", "scale": "major blues"},
    "hungarian minor in D for violin": {
        **{"key": "D minor", "scale": "hungarian minor", "instruments": ("violin",)},
    },
    "seed 42, temperature 0.8, bossa nova": {
        **{"style": "jazz", "meter": "4/4", "bpm": 132.0, "temperature": 0.8, "seed": 42},
    },
    "1:30 long, tango, accordion": {
        **{"meter": "4/4", "bpm": 116.0, "bars": 44, "key": "minor"},
        "instruments": ("accordion",),
    },
    "♩ = 72, key of F♯ minor, C4 to C6": {
        **{"bpm": 72.0, "key": "F# minor", "pitch_range": "C4-C6"},
    },
    "lento, largo, presto": {"bpm": 184.0},
    "fugue for string quartet": {"style": "quartet", "instruments": QUARTET},
    "fugue for organ": {"style": "keyboard", "instruments": ("organ",)},
    "reggae without bass or drums and with two trumpets": {
        **{"style": "pop", "meter": "4/4", "instruments": ("trumpet", "trumpet")},
    },
    "dark and mysterious cello solo in three-four time": {
        **{"meter": "3/4", "bpm": 76.0, "key": "minor", "dynamic": "p"},
        **{"pitch_range": "C1-C5", "instruments": ("cello",)},
    },
    "moderately fast jig, mixolydian in A": {
        **{"style": "folk", "meter": "6/8", "bpm": 191.0, "key": "A major"},
        "scale": "mixolydian",
    },
    "sad Irish reel": {
        **{"style": "folk", "meter": "4/4", "bpm": 162.0, "key": "minor", "dynamic": "p"},
    },
    "harmonic minor waltz in A": {
        **{"meter": "3/4", "bpm": 150.0, "key": "A minor", "scale": "harmonic minor"},
    },
    "Ländler for a pair of clarinets": {
        **{"meter": "3/4", "bpm": 126.0, "instruments": ("clarinet", "clarinet")},
    },
    "a very long chromatic etude, pianissimo, presto": {
        **{"style": "keyboard", "bpm": 184.0, "bars": 128, "scale": "chromatic"},
        "dynamic": "pp",
    },
    "1000 bars at 5 bpm": {"bpm": 10.0, "bars": 512},
    "G major gavotte, C major": {"meter": "2/2", "bpm": 138.0, "key": "C major"},
    "over I V vi IV, upbeat, no synths": {
        **{"bpm": 124.0, "key": "C major", "chords": "C G Am F", "dynamic": "mf"},
        "without": ("synth lead", "synth pad"),
    },
    "drum solo, 8 bars, sad, in 5/4": {
        **{"style": "drums", "meter": "5/4", "bpm": 66.0, "bars": 8, "dynamic": "p"},
        "instruments": ("drums",),
    },
    "Am (chords: Am/C, Dm7, E7#9) habanera": {
        **{"meter": "2/4", "bpm": 66.0, "key": "A minor", "chords": "Am/C Dm7 E7#9"},
    },
    "white keys only, simple": {"key": "C major", "scale": "major", "temperature": 0.7},
    "invention in the style of Bach, strictly diatonic": {"style": "keyboard", "lock_key": True},
    "experimental whole-tone piece for celesta, high register": {
        **{"scale": "whole tone", "instruments": ("celesta",), "temperature": 1.5},
        **{"pitch_range": "C4-C8", "register": 0.9},
    },
    "jazz waltz in A": {"style": "jazz", "meter": "3/4", "bpm": 150.0, "key": "A major"},
    "in A slow tempo": {"bpm": 66.0},
    "16-bar two-step, loud": {
        **{"style": "jazz", "meter": "2/4", "bpm": 100.0, "bars": 16, "dynamic": "f"},
    },
    "D major dorian": {"key": "D major"},
}


@pytest.mark.parametrize(("prompt", "settings"), PROMPTS.items(), ids=list(PROMPTS))
def test_a_prompt_becomes(prompt: str, settings: Settings) -> None:
    reading = read_prompt(prompt)
    assert reading.settings == settings
    assert isinstance(reading.request(), Request)


@pytest.mark.parametrize(
    ("prompt", "ignored"),
    [
        ("", ()),
        ("a piece of music, please", ()),
        ("a sparkling waltz with purple elephants", ("sparkling", "purple elephants")),
        ("alegro in 7/8", ("alegro", "7/8")),
        ("a happy tune, not slow, no repeats", ("not slow", "no repeats")),
        ("no key change", ("no key change",)),
        ("no loud drums", ("no loud",)),
        ("-4 bars, 0 bars, 99999999 bars", ("4 bars", "0 bars", "99999999 bars")),
        ("a trio", ("trio",)),
        ("three-part fugue", ("three-part",)),
        ("ÿøŸ 夜想曲 🎻 waltz", ("ÿøŸ 夜想曲",)),
    ],
)
def test_what_is_not_understood_is_named(prompt: str, ignored: tuple[str, ...]) -> None:
    assert read_prompt(prompt).ignored == ignored


@pytest.mark.parametrize(
    ("prompt", "conflicts"),
    [
        ("slow allegro", ('"slow" gives way to "allegro" (bpm 132)',)),
        ("allegro, no: andante", ('"allegro" gives way to "andante" (bpm 80)',)),
        ("waltz in 4/4", ('"waltz" gives way to "4/4" (meter 4/4)',)),
        (
            "ländler, csárdás",
            ('"ländler" gives way to "csárdás" (meter 2/4, bpm 132)',),
        ),
        ("G major, C major", ('"G major" gives way to "C major" (key C major)',)),
        ("lydian in D minor", ('"lydian" gives way to "in D minor" (key D minor)',)),
        ("16 bars, 1000 bpm", ('"1000 bpm": bpm must be in [10, 400], took 400',)),
        ("very low flute", ('"very low": leaves too little of what flute can play',)),
        (
            "chords C:3 in 4/4",
            ("\"chords C:3\": chords must fill each bar of 4/4 with exactly 4 beats, got 'C:3'",),
        ),
        (
            "fugue for strings",
            ('"fugue": style keyboard does not suit the instruments',),
        ),
        ("sad waltz in D major, forte", ()),
        (
            "happy waltz, allegro, C minor, loud",
            ('"happy": changes nothing beside the other words',),
        ),
    ],
)
def test_what_gives_way_is_named(prompt: str, conflicts: tuple[str, ...]) -> None:
    assert read_prompt(prompt).conflicts == conflicts


def test_the_summary_says_what_became_of_each_word() -> None:
    reading = read_prompt("a sparkling slow waltz, andante, in F sharp minor, alegro, no drums")
    assert reading.summary() == (
        "understood: waltz (meter 3/4), andante (bpm 80), in F sharp minor (key F# minor), "
        'without drums; overruled: "slow" gives way to "andante" (bpm 80); '
        'ignored: "sparkling", "alegro" (did you mean allegro?)'
    )


def test_an_empty_text_asks_for_nothing() -> None:
    reading = read_prompt("")
    assert (reading.settings, reading.understood, reading.ignored) == ({}, (), ())
    assert reading.summary() == "understood: nothing"
    assert reading.request() == Request()


@pytest.mark.parametrize(
    ("prompt", "chords"),
    [
        ("chords: Dm7 G7 Cmaj7 %", "Dm7 G7 Cmaj7 %"),
        ("over C/E F/A", "C/E F/A"),
        ("Cmaj7#11 F6/9", "Cmaj7#11 F6/9"),
        ("chords N.C. Am F", "N.C. Am F"),
        ("chords C5 C7alt CmMaj7, slow", "C5 C7alt CmMaj7"),
    ],
)
def test_chords_of_a_prompt_are_kept_as_they_are_written(prompt: str, chords: str) -> None:
    reading = read_prompt(prompt)
    assert reading.settings["chords"] == chords
    assert not reading.ignored


def test_what_becomes_of_rich_chords_is_said() -> None:
    reading = read_prompt("over C/E F6/9 Am")
    assert reading.conflicts == ('"over C/E F6/9 Am": C/E as C, F6/9 as F',)


@pytest.mark.parametrize(
    ("prompt", "key"),
    [
        ("ein Walzer in d-Moll", "D minor"),
        ("es-moll", "Eb minor"),
        ("in Fis-Dur", "F# major"),
        ("en do mayor", "C major"),
        ("en la bémol majeur", "Ab major"),
        ("in si minore", "B minor"),
        ("in Gb", "Gb major"),
        ("in Db", "Db major"),
    ],
)
def test_keys_of_other_languages_are_read(prompt: str, key: str) -> None:
    assert read_prompt(prompt).settings["key"] == key


@pytest.mark.parametrize("prompt", ["a waltz in B-Dur", "waltz, h moll"])
def test_a_german_letter_that_means_two_keys_is_none(prompt: str) -> None:
    reading = read_prompt(prompt)
    assert "key" not in reading.settings
    assert any("Dur" in part or "moll" in part for part in reading.ignored)


@pytest.mark.parametrize(
    ("prompt", "instruments"),
    [
        ("soprano, alto, tenor, bass", ("choir",) * 4),
        ("Soprano, Alto, Tenor and Bass, slow", ("choir",) * 4),
        ("sopranos and altos", ("choir",) * 2),
        ("alto, tenor, bass and drums", (*("choir",) * 3, "drums")),
        ("soprano and piano", ("choir", "piano")),
        ("soprano sax, alto sax", ("soprano sax", "alto sax")),
        ("bass, drums", ("acoustic bass", "drums")),
        ("first violin and second violin", ("violin",) * 2),
        ("first violin, 2nd violin, viola and cello", QUARTET),
        ("first and second violins", ("violin",) * 2),
        ("pop song with verse and chorus, drums and guitar", ("drums", "nylon guitar")),
        ("a catchy chorus for piano", ("piano",)),
        ("chorus and organ", ("choir", "organ")),
    ],
)
def test_voices_and_desks_are_counted_and_the_parts_of_a_song_are_none(
    prompt: str, instruments: tuple[str, ...]
) -> None:
    assert read_prompt(prompt).settings["instruments"] == instruments


@pytest.mark.parametrize(
    ("prompt", "ignored"),
    [
        ("starts on an upbeat", "starts on an upbeat"),
        ("waltz with an upbeat", "with an upbeat"),
        ("verse and chorus", "verse and chorus"),
        ("in B-Dur", "in B-Dur"),
    ],
)
def test_what_no_setting_stands_for_is_named_as_ignored(prompt: str, ignored: str) -> None:
    reading = read_prompt(prompt)
    assert ignored in reading.ignored
    assert "key" not in reading.settings
    assert "instruments" not in reading.settings


def test_an_upbeat_mood_stays_one() -> None:
    assert read_prompt("an upbeat tune").settings["key"] == "major"
    assert read_prompt("with an upbeat tempo").settings["bpm"] == 144.0


@pytest.mark.parametrize(
    ("prompt", "hint"),
    [("in B-Dur", "Bb major"), ("h-Moll", "B minor"), ("H minor", "B")],
)
def test_a_german_key_that_may_be_misread_is_asked_back(prompt: str, hint: str) -> None:
    assert f"did you mean {hint}?" in read_prompt(prompt).summary()
