"""Chords of a piece as one writes them in a line: 'Am F C G', 'C:2 G7:2 | C/E | %', 'ii V I'."""

import re
from dataclasses import dataclass

from partimento.errors import PartimentoError, SettingError
from partimento.music.chord_symbols import ChordSymbol, parse_chord
from partimento.music.degrees import DEGREE, spell_degree
from partimento.music.keys import KeyName
from partimento.music.score import GRID_TICKS_PER_QUARTER, Chord

REPEAT = "%"
"""Stands for the bar before."""

_OPEN_END = re.compile(r"(?:\.\.\.|…)\s*$")
_BETWEEN = re.compile(r"[\s,;|]+")
_SIGNS_BETWEEN = re.compile(r"[->–—→]+")
_BEATS = re.compile(r"(.+):([1-9][0-9]?)")
_WRONG_BEATS = re.compile(r".*:(?:[0-9].*)?")


@dataclass(frozen=True, slots=True)
class Degree:
    """A chord as a degree of the key, such as ii7 or bVII."""

    text: str

    def on(self, key: KeyName) -> ChordSymbol:
        """The chord that it is in a key."""
        return parse_chord(spell_degree(self.text, key.tonic, key.is_minor))


@dataclass(frozen=True, slots=True)
class Timed:
    """A chord of a line and how long it lasts."""

    chord: ChordSymbol | Degree | None
    """None repeats the bar before."""
    beats: int | None = None
    """Beats of the meter (eighths in 6/8); None is one whole bar."""


@dataclass(frozen=True, slots=True)
class Chords:
    """The chords of a piece; prints as the text that it was read from."""

    text: str
    items: tuple[Timed, ...]

    def __str__(self) -> str:
        return self.text

    @property
    def is_open(self) -> bool:
        """Whether dots behind the chords say that the bars after them are free."""
        return _OPEN_END.search(self.text) is not None

    @property
    def has_beats(self) -> bool:
        """Whether some chords last a number of beats, so that they only fit some meters."""
        return any(item.beats is not None for item in self.items)

    @property
    def needs_key(self) -> bool:
        """Whether some chords are degrees."""
        return any(isinstance(item.chord, Degree) for item in self.items)

    @property
    def notes(self) -> tuple[str, ...]:
        """What became of chords that are richer than the eight qualities, each once.

        >>> parse_chords("C/E F C/E Gm7").notes
        ('C/E as C',)
        """
        symbols = [item.chord for item in self.items]
        notes = [chord.note for chord in symbols if isinstance(chord, ChordSymbol)]
        return tuple(dict.fromkeys(note for note in notes if note is not None))

    def by_bar(
        self, meter: tuple[int, int], bars: int, key: KeyName | None = None
    ) -> tuple[tuple[Chord, ...], ...]:
        """The chords of each bar, in grid ticks from the start of that bar.

        A chord without beats fills a bar, chords with beats fill one together; the whole is
        repeated or cut to the number of bars, and not repeated when its end is open: later bars
        are empty. SettingError when beats do not add up to bars, or degrees have no key.

        >>> bars = parse_chords("C Am:2 G7:2 %").by_bar((4, 4), 4)
        >>> [[(chord.onset, chord.root) for chord in bar] for bar in bars[1:3]]
        [[(0, 9), (48, 7)], [(0, 9), (48, 7)]]
        """
        unit = 4 * GRID_TICKS_PER_QUARTER // meter[1]
        written: list[tuple[Chord, ...]] = []
        bar: list[Chord] = []
        beat = 0
        for item in self.items:
            if item.chord is None:
                if bar:
                    raise self._misfit(meter)
                written.append(written[-1])
                continue
            symbol = _in_key(item.chord, key)
            beats = meter[0] if item.beats is None else item.beats
            bar.append(Chord(beat * unit, beats * unit, symbol.root, symbol.quality))
            beat += beats
            if beat == meter[0]:
                written.append(tuple(bar))
                bar, beat = [], 0
        if bar:  # too few beats, or too many, which never end a bar either
            raise self._misfit(meter)
        if self.is_open:
            written += [()] * bars
        return tuple(written[place % len(written)] for place in range(bars))

    def _misfit(self, meter: tuple[int, int]) -> SettingError:
        return SettingError(
            "chords",
            f"must fill each bar of {meter[0]}/{meter[1]} with exactly {meter[0]} beats, "
            f"got {self.text!r}",
        )


def parse_chords(text: str) -> Chords:
    """Chords between spaces, commas, bar lines or dashes; SettingError names what is none.

    >>> len(parse_chords("Am F | C:2 G:2").items), parse_chords("ii-V-I ...").is_open
    (4, True)
    """
    items: list[Timed] = []
    for word in _BETWEEN.split(_OPEN_END.sub("", text)):
        if word and not _SIGNS_BETWEEN.fullmatch(word):
            items += _parse_word(word)
    if not items:
        raise SettingError("chords", "must hold at least one chord symbol, got none")
    if items[0].chord is None:
        raise SettingError(
            "chords", f"must not begin with {REPEAT}, which repeats a bar, got {text!r}"
        )
    return Chords(text, tuple(items))


def _parse_word(word: str) -> list[Timed]:
    """The chord of a word, or those that dashes part in it."""
    try:
        return [_parse_timed(word)]
    except PartimentoError:
        parts = [part for part in _SIGNS_BETWEEN.split(word) if part]
        if len(parts) < 2:
            raise
        try:
            return [_parse_timed(part) for part in parts]
        except PartimentoError as error:
            raise error from None


def _parse_timed(word: str) -> Timed:
    """A chord with its beats behind a colon; a colon without beats is Harte's, as in C:min."""
    match = _BEATS.fullmatch(word)
    name, beats = (match[1], int(match[2])) if match else (word, None)
    if match is None and _WRONG_BEATS.fullmatch(word):
        raise SettingError(
            "chords", f"must have whole beats after the colon, as in C:2, got {word!r}"
        )
    if name == REPEAT and beats is None:
        return Timed(None)
    degree = DEGREE.fullmatch(name)
    if degree is not None and degree[4] is None:
        return Timed(Degree(name), beats)
    try:
        return Timed(parse_chord(name), beats)
    except PartimentoError as error:
        raise SettingError(
            "chords",
            "must be symbols such as C, Am7, F#m, Bbmaj7, C/E, Csus4, Ddim, Gaug or N.C., "
            f"degrees such as ii or V7, or {REPEAT}, got {word!r}",
        ) from error


def _in_key(chord: ChordSymbol | Degree, key: KeyName | None) -> ChordSymbol:
    """The chord itself, or what a degree is in a key."""
    if isinstance(chord, ChordSymbol):
        return chord
    if key is None:
        raise SettingError("chords", f"in degrees need a key, got {chord.text!r} without one")
    return chord.on(key)
