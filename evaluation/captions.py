"""Captions of music in the manner of published ones, with what is true of them.

They read as those of MidiCaps do (J. Melechovsky, A. Roy and D. Herremans, "MidiCaps: A
large-scale MIDI dataset with text captions", ISMIR 2024): two or three sentences with mood, genre,
instruments, key, meter and tempo. The sentences are our own; nothing is taken from a caption.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from partimento.tokenizer import vocabulary as v

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Caption:
    """A caption, and the music that it describes; None for what it does not say."""

    text: str
    genre: str
    bpm: float
    """The true tempo, whether it is written as a number or as a word."""
    says_bpm: bool
    key: str | None
    meter: str | None
    instruments: tuple[str, ...]


TEMPO_WORDS: dict[str, tuple[float, float]] = {
    **{"very slow": (40, 54), "slow": (56, 76), "moderate": (92, 114), "fast": (126, 164)},
    **{"very fast": (168, 208), "Largo": (40, 60), "Adagio": (60, 76), "Andante": (76, 100)},
    **{"Moderato": (100, 116), "Allegro": (116, 152), "Vivace": (150, 172), "Presto": (168, 208)},
}
"""Between which tempos music is called so, as metronomes say it."""
MOODS: dict[str, tuple[str, ...]] = {
    "major": (
        *("happy", "cheerful", "uplifting", "relaxing", "calm", "romantic", "hopeful", "playful"),
        *("dreamy", "peaceful", "festive", "gentle", "inspiring", "majestic", "joyous", "warm"),
        *("soothing", "heartwarming", "optimistic", "blissful"),
    ),
    "minor": (
        *("sad", "melancholic", "dark", "dramatic", "mysterious", "emotional", "tense", "epic"),
        *("sombre", "haunting", "nostalgic", "intense", "lonely", "eerie", "passionate", "tragic"),
        *("sorrowful", "menacing", "restless", "brooding"),
    ),
}
"""Words for moods by the mode of the key."""
GENRES: dict[str, tuple[tuple[str, ...], ...]] = {
    "classical": (("piano",), ("violin", "piano"), ("flute", "harp"), ("violin", "viola", "cello")),
    "pop": (("piano", "acoustic guitar", "electric bass", "drums"), ("piano", "strings")),
    "rock": (("distortion guitar", "electric guitar", "electric bass", "drums"),),
    "jazz": (("tenor sax", "piano", "acoustic bass", "drums"), ("piano", "acoustic bass")),
    "folk": (("flute",), ("violin", "acoustic guitar"), ("accordion", "acoustic guitar")),
    "film": (("strings", "french horn", "timpani"), ("piano", "strings"), ("cello", "harp")),
    "baroque": (("harpsichord",), ("organ",), ("oboe", "violin", "cello", "harpsichord")),
    "choral": (("choir", "organ"), ("choir",)),
    "electronic": (("synth lead", "synth pad", "synth bass", "drums"),),
}
"""Genres, with ensembles that play them."""
METERS = (("4/4", 0.62), ("3/4", 0.2), ("6/8", 0.1), ("2/4", 0.08))
"""Meters, with how often they are drawn."""
SAYS_BPM, LEAVES_OUT = 1 / 3, 0.12
"""Share of captions with the tempo as a number, and share without the key, or without the meter."""

_MANY = ("drums", "strings", "timpani")
_OPENINGS = (
    "A {mood} and {other} {genre} piece featuring {band}.",
    "This {mood} {genre} song is played by {band}, with a {other} feel throughout.",
    "{Band} can be heard in this {mood} {genre} composition, which has a {other} atmosphere.",
    "A {genre} track that sounds {mood} and {other}, led by {first}{support}.",
    "The song is a {mood} {genre} tune for {band}, and its {other} character fits a movie scene.",
    "An instrumental {genre} composition with {band}, evoking a {mood}, {other} mood.",
)
_MIDDLES = {
    (True, True): (
        "Set in the key of {key} with a {meter} time signature, it moves at {tempo}.",
        "It is in {key}, the time signature is {meter}, and it keeps {tempo}.",
        "With {tempo} and a {meter} meter, the music stays in {key}.",
    ),
    (True, False): ("Set in {key}, it moves at {tempo}.", "Its key is {key}, with {tempo}."),
    (False, True): ("In {meter} time, it moves at {tempo}.", "The meter is {meter}, with {tempo}."),
    (False, False): ("It moves at {tempo}.", "The music has {tempo}."),
}
"""By whether they say the key, and the meter."""
_ENDINGS = (
    *("", "", ""),
    " The overall impression is one of quiet storytelling.",
    " It would go well with a documentary or a film.",
    " The melody unfolds over a steady accompaniment.",
)


def draw_captions(count: int, seed: int) -> list[Caption]:
    """Captions of music that is drawn at random; the same seed, the same captions."""
    rng = np.random.default_rng(seed)
    return [_caption(rng) for _ in range(count)]


def _caption(rng: np.random.Generator) -> Caption:
    genre = _one(rng, tuple(GENRES))
    band = _one(rng, GENRES[genre])
    key = v.KEYS[int(rng.integers(len(v.KEYS)))]
    meter = str(rng.choice([name for name, _ in METERS], p=[share for _, share in METERS]))
    word = _one(rng, tuple(TEMPO_WORDS))
    bpm = float(round(rng.uniform(*TEMPO_WORDS[word])))
    says_bpm = bool(rng.random() < SAYS_BPM)
    says_key, says_meter = (bool(rng.random() >= LEAVES_OUT) for _ in range(2))
    mood, other = rng.choice(MOODS[key.split()[1]], 2, replace=False).tolist()
    names = [name if name in _MANY or len(band) == 1 else f"a {name}" for name in band]
    opening = _one(rng, _OPENINGS).format(
        mood=mood,
        other=other,
        genre=genre,
        band=_listed(names),
        Band=_listed(names).capitalize(),
        first=band[0],
        support=f", supported by {_listed(list(band[1:]))}" if band[1:] else "",
    )
    middle = _one(rng, _MIDDLES[says_key, says_meter]).format(
        key=key, meter=meter, tempo=_tempo(rng, word, bpm if says_bpm else None)
    )
    return Caption(
        text=_with_articles(f"{opening} {middle}{_one(rng, _ENDINGS)}"),
        genre=genre,
        bpm=bpm,
        says_bpm=says_bpm,
        key=key if says_key else None,
        meter=meter if says_meter else None,
        instruments=band,
    )


def _tempo(rng: np.random.Generator, word: str, bpm: float | None) -> str:
    """A tempo as a caption says it."""
    if bpm is not None:
        return _one(rng, (f"a tempo of {bpm:g} bpm", f"{bpm:g} beats per minute"))
    article = "an" if word[0] in "aeiouAEIOU" else "a"
    return _one(rng, (f"{article} {word} tempo", f"{article} {word} pace"))


def _one(rng: np.random.Generator, choices: Sequence[T]) -> T:
    return choices[int(rng.integers(len(choices)))]


def _listed(names: list[str]) -> str:
    """Names in a row, with "and" before the last."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)


def _with_articles(text: str) -> str:
    """The text with "an" where a vowel follows."""
    words = text.split(" ")
    for place, following in enumerate(words[1:]):
        if words[place] in ("a", "A") and following[:1] in "aeiou":
            words[place] += "n"
    return " ".join(words)
