"""The table of words: complete, valid, documented, and replaceable by another language's."""

from pathlib import Path

import pytest
import yaml

from partimento.music.chords import parse_chords
from partimento.music.degrees import spell_degree, spell_progression
from partimento.music.instruments import INSTRUMENTS
from partimento.music.styles import ORCHESTRAL, STYLES
from partimento.request.request import Request
from partimento.request.sketch_wishes import ATTRIBUTE_WISHES
from partimento.request.words import describe_lexicon, load_lexicon, read_prompt
from partimento.request.words.lexicon import SECTIONS, Entry, parse_lexicon

LEXICON = load_lexicon()
PAGE = Path(__file__).parents[3] / "docs" / "words.md"
EVERY_WORD = [(word, entry) for entry in LEXICON.entries for word in entry.words]


def test_the_table_is_large() -> None:
    assert len(EVERY_WORD) >= 1300
    assert {entry.section for entry in LEXICON.entries} == set(SECTIONS)


def test_the_page_of_words_is_written_from_the_table() -> None:
    page = describe_lexicon(LEXICON)
    assert PAGE.read_text(encoding="utf-8") == page, (
        "docs/words.md is not what the table says; write it again with: python -c 'from "
        'partimento.request.words import *; print(describe_lexicon(load_lexicon()), end="")\' '
        "> docs/words.md"
    )
    for word, _ in EVERY_WORD:
        assert word in page


@pytest.mark.parametrize("entry", LEXICON.entries, ids=lambda entry: entry.words[0])
def test_the_settings_of_an_entry_make_a_request(entry: Entry) -> None:
    known = {name: value for name, value in entry.settings.items() if name in _OF_A_REQUEST}
    request = Request.from_dict(known)
    if "progression" in entry.settings:
        minor = entry.settings.get("mode") == "minor"
        chords = spell_progression(str(entry.settings["progression"]), 0, minor)
        assert parse_chords(chords).by_bar(request.meter or (4, 4), 4)
    family = entry.settings.get("family", ())
    assert isinstance(family, tuple)
    for name in family:
        assert Request(without=(str(name),)).without
    assert entry.settings.get("mode") in (None, "major", "minor")
    assert "bpm" in entry.settings or entry.section != "speeds"


_OF_A_REQUEST = {
    *("bpm", "meter", "style", "instruments", "dynamic", "pitch_range", "temperature", "bars"),
    *("scale", "lock_key", *ATTRIBUTE_WISHES),
}


@pytest.mark.parametrize("section", SECTIONS)
def test_every_word_of_a_section_is_understood_alone_and_in_the_plural(section: str) -> None:
    for word, entry in EVERY_WORD:
        if entry.section == section:
            for text in (word, word.upper(), f"some {word}", word + "s"):
                reading = read_prompt(text)
                assert not reading.ignored, text
                assert reading.understood or reading.conflicts, text


def test_every_mood_says_what_it_maps_to() -> None:
    assert all(entry.note for entry in LEXICON.entries if entry.section == "moods")


def test_every_style_and_instrument_can_be_asked_for_in_words() -> None:
    styles = {entry.settings.get("style") for entry in LEXICON.entries}
    assert styles - {None} == {*STYLES, ORCHESTRAL}
    groups = {
        request.instruments
        for name in INSTRUMENTS
        for request in [read_prompt(f"for {name}").request()]
        if request.instruments
    }
    assert groups == {(name,) for name in INSTRUMENTS}


def test_each_compass_and_style_names_known_instruments() -> None:
    for name, span in LEXICON.compass.items():
        assert name in INSTRUMENTS
        Request(pitch_range=span)
    for style, names in LEXICON.style_instruments.items():
        Request(style=style, instruments=names)


@pytest.mark.parametrize(
    ("degree", "major", "minor"),
    [("I", "C", "C"), ("ii", "Dm", "Dm"), ("bVII", "Bb", "A"), ("vii°", "Bdim", "Bbdim")],
)
def test_degrees_stand_on_the_scale_of_their_key(degree: str, major: str, minor: str) -> None:
    assert spell_degree(degree, 0, False) == major
    assert spell_degree(degree, 0, True) == minor


def test_what_is_no_degree_is_refused() -> None:
    with pytest.raises(ValueError, match="degrees must be numerals"):
        spell_degree("VIII", 0, False)


def test_a_language_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="language must be one of en, got 'tlh'"):
        load_lexicon("tlh")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tempo": []}, "needs a table 'tempo'"),
        ({"tempo": {"langsam": 60}}, "tempo.langsam must be a table of settings, got 60"),
        ({"tempo": {"langsam": {"tempo": 60}}}, "setting 'tempo' does not exist"),
        (
            {"tempo": {"eilig": {"bpm": 1}, "Eilig": {"bpm": 2}}},
            "'Eilig' stands in the table twice",
        ),
        ({"grammar": {}}, "grammar.[a-z_]+ must be a list of words, got None"),
    ],
)
def test_a_table_with_a_mistake_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_lexicon({**yaml.safe_load(GERMAN), **change})


GERMAN = """
language: Deutsch
introduction: Wörter
grammar:
  fillers: [ein, eine, für, der, die, das]
  joiners: [und]
  alternatives: [oder]
  turns: [mit, aber]
  articles: [ein, eine]
  negations: [ohne, kein, keine]
  key_leads: [tonart]
  weak_key_leads: [in]
  mode_nouns: [tonart]
  chord_leads: [akkorde]
  opening_leads: [beginnt mit]
  chord_joiners: [und, bis]
  chord_qualities: {dur: "", moll: m}
  tonics: {c: C, d: D, e: E, f: F, g: G, a: A, h: B, b: Bb, fis: F#, es: Eb}
  accidentals: {kreuz: "#"}
  article: ein
  plural_endings: [e, en, n]
  numbers: {zwei: 2, drei: 3, sechzehn: 16}
  hundreds: [hundert]
  number_joiner: und
  halves: [einhalb]
  units: {bars: [takt, takte], bpm: [bpm], seconds: [sekunden], minutes: [minuten]}
  unit_tails: [lang]
  number_leads: {bpm: [tempo]}
  weak_tempo_leads: [um]
  voice_parts: [sopran]
  bass_parts: [bass]
  translations: {dur: [grande]}
  meanings: [traurig]
  ordinals: {erste: 1}
  unsupported: [auftakt]
  note_values: {viertel: 1}
  groups: {duo: 2}
style_instruments: {}
compass: {}
tempo: {zügig: {bpm: 130}}
speeds: {"langsam, langsamer": {bpm: 66, factor: 0.65}}
meters: {dreivierteltakt: {meter: 3/4}}
scales: {dur: {mode: major}, moll: {mode: minor}, dorisch: {scale: dorian}}
dances: {walzer: {meter: 3/4, bpm: 150}}
styles: {volkslied: {style: folk}}
forms: {lied: {style: song}}
instruments: {geige: {instruments: [violin]}, schlagzeug: {instruments: [drums]}}
ensembles: {streichquartett: {instruments: [violin, violin, viola, cello], style: quartet}}
dynamics: {leise: {dynamic: p}}
registers: {tief: {pitch_range: C1-C4}}
textures: {dicht: {density: 0.9}}
lengths: {kurz: {bars: 8}}
progressions: {kadenz: {progression: I IV V I}}
character: {gewagt: {temperature: 1.3}}
moods: {traurig: {mode: minor, bpm: 66, note: Moll}}
"""


def test_another_language_is_another_table() -> None:
    german = parse_lexicon(yaml.safe_load(GERMAN))
    text = "Ein langsamer Walzer in fis-Moll für zwei Geigen, sechzehn Takte, ohne Schlagzeug, Oboe"
    reading = read_prompt(text, german)
    assert reading.settings == {
        **{"meter": "3/4", "bpm": 98.0, "bars": 16, "key": "F# minor"},
        "instruments": ("violin", "violin"),
    }
    assert reading.ignored == ("Oboe",)
    assert read_prompt("Lied in B", german).settings == {"style": "song", "key": "Bb major"}
    assert read_prompt("h-Moll, leise", german).settings == {"key": "B minor", "dynamic": "p"}
