"""Where the music stands: the cursor's features against a slow twin.

The twin knows nothing of the cursor's state: it looks through all that was ever read.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.features import FEATURES, LAGS, MAX_BARS_LEFT, SOUNDING_WIDTH, featurize
from partimento.tokenizer.grammar import first_illegal
from partimento.tokenizer.loading import load_score
from partimento.tokenizer.vocabulary import TokenArray

LegalWalk = Callable[..., TokenArray]
SEEDS = st.integers(0, 2**32 - 1)
BLOCK_OF = [block.name for block in v.BLOCKS for _ in block.values]
LINES_KEPT_APART = c.MAX_SLOTS - 1
"""Lines of a piece beyond this many share one memory."""


def value_of(token: int) -> int:
    """Index of a token within its block."""
    return next(token - b.first for b in v.BLOCKS if b.first <= token < b.end)


@dataclass
class Event:
    """Notes that start together, as they were read."""

    line: int
    """Number of the line among those that have a memory of their own."""
    is_drum: bool
    tick: int
    duration_index: int
    pitches: list[int]

    @property
    def ticks(self) -> int:
        return v.DURATIONS[self.duration_index]


@dataclass
class Opening:
    """A bar as it was written, or the filling of a hole."""

    number: int
    start: int
    meter: int
    key: int
    is_filling: bool = False
    events: list[Event] = field(default_factory=list)
    labels: list[tuple[int, int, tuple[int, int]]] = field(default_factory=list)
    """First tick, end, and the features of each chord label."""
    instruments: list[int] = field(default_factory=list)
    """Instrument of each line."""

    @property
    def length(self) -> int:
        return v.BAR_TICKS[self.meter]


class Reading:
    """All that was read so far; every feature is looked up in it from the beginning."""

    def __init__(self, total_bars: int = 0, first_bar: int = 0) -> None:
        self.tokens: list[int] = []
        self.total_bars = total_bars
        self.first_bar = first_bar
        self.meter = self.key = -1
        self.openings: list[Opening] = []
        self.holes: list[Opening] = []
        self.lines: list[tuple[int, int]] = []
        self.tops: dict[int, int] = {}
        self.dynamics: dict[int, int] = {}
        self.pitches: list[int] = []

    def read(self, token: int) -> None:
        block, value = BLOCK_OF[token], value_of(token)
        before = self.tokens[-1] if self.tokens else v.PAD
        tick = self.tick()
        self.tokens.append(token)
        if token == v.BAR:
            number = sum(not opening.is_filling for opening in self.openings)
            last = self.openings[-1] if self.openings else None
            start = last.start + last.length if last else 0
            self.openings.append(Opening(number, start, self.meter, self.key))
        elif token == v.HOLE:
            self.holes.append(self.openings[-1])
        elif token == v.FILL:
            hole = self.holes.pop(0)
            self.meter, self.key = hole.meter, hole.key
            self.openings.append(Opening(hole.number, hole.start, hole.meter, hole.key, True))
        elif block == "meter":
            self.meter = value
            for bar in self.openings[-1:]:
                bar.meter = value
        elif block == "key":
            self.key = value
            for bar in self.openings[-1:]:
                bar.key = value
        elif block == "instrument":
            self.openings[-1].instruments.append(value)
            if self.line_name() not in self.lines:
                self.lines.append(self.line_name())
        elif block == "dynamic":
            self.dynamics[self.line()] = value
        elif block == "pitch":
            self.pitches.append(value)
        elif block == "duration" and BLOCK_OF[before] == "pitch":
            is_drum = self.openings[-1].instruments[-1] == v.DRUMS
            self.tops[self.line()] = self.pitches[0]
            event = Event(self.line(), is_drum, tick, value, self.pitches)
            self.openings[-1].events.append(event)
            self.pitches = []
        elif block == "duration":
            self.openings[-1].labels.append((tick, tick + v.DURATIONS[value], self.chord()))

    def line_name(self) -> tuple[int, int]:
        """Instrument of the line, and how many lines of it stand before in the bar."""
        instruments = self.openings[-1].instruments
        return instruments[-1], instruments[:-1].count(instruments[-1])

    def line(self) -> int:
        return min(self.lines.index(self.line_name()), LINES_KEPT_APART)

    def tick(self) -> int:
        """Sum of what advances since the bar, the filling or the line began."""
        ticks = 0
        for token in reversed(self.tokens):
            if token in (v.BAR, v.FILL) or BLOCK_OF[token] == "instrument":
                return ticks
            if BLOCK_OF[token] == "duration":
                ticks += v.DURATIONS[value_of(token)]
            if BLOCK_OF[token] == "rest":
                ticks += v.RESTS[value_of(token)]
        return 0

    def phase(self) -> str:
        if not self.tokens:
            return "begin"
        token = self.tokens[-1]
        block = BLOCK_OF[token]
        if token == v.EOS:
            return "done"
        if block == "special":
            return f"after {v.name(token)}"
        if block == "instrument":
            return "in line"
        if block == "duration":
            is_chord = BLOCK_OF[self.tokens[-2]] in ("chord quality", "no chord")
            return "after chord duration" if is_chord else "in line"
        if block in ("chord quality", "no chord"):
            return "after chord"
        if block in ("key", "meter", "tempo") and self.openings:
            return f"after bar {block}"
        return f"after {block}"

    def chord(self) -> tuple[int, int]:
        """Features of the root and the quality that were written last."""
        root = quality = 0
        for token in self.tokens:
            if BLOCK_OF[token] == "chord root":
                root = 1 + value_of(token)
            elif BLOCK_OF[token] == "chord quality":
                quality = 1 + value_of(token)
            elif token == v.NO_CHORD:
                root, quality = 13, 0
        return root, quality

    def heard(self, tick: int, is_drum: bool) -> set[int]:
        """Pitches that sound at a tick of the bar; a filling knows nothing of other bars."""
        bar = self.openings[-1]
        now = bar.start + tick
        return {
            pitch
            for opening in ([bar] if bar.is_filling else self.openings)
            for event in opening.events
            if event.is_drum == is_drum
            and opening.start + event.tick <= now < opening.start + event.tick + event.ticks
            for pitch in event.pitches
        }

    def remembered(self, number: int) -> Opening | None:
        """The bar of this number, unless another one has taken its place among the sixteen."""
        same = [o for o in self.openings if o.number % c.HISTORY_BARS == number % c.HISTORY_BARS]
        return same[-1] if number >= 0 and same and same[-1].number == number else None

    def lag(self, bars: int, tick: int) -> tuple[int, int]:
        """Pitch and length features of what the line did at this tick so many bars ago."""
        bar = self.remembered(self.openings[-1].number - bars)
        if bar is None or tick >= bar.length:
            return 0, 0
        events = {e.tick: e for e in bar.events if e.line == self.line()}
        if tick in events:
            return 2 + events[tick].pitches[0], 1 + events[tick].duration_index
        waits = [later - tick for later in events if later > tick]
        return 1, 64 + min([*waits, 64])

    def features(self) -> tuple[dict[str, int], set[int]]:
        """Name and value of each feature that is not zero, and what sounds."""
        tick = min(self.tick(), v.MAX_BAR_TICKS)
        bar = self.openings[-1] if self.openings else None
        length = v.BAR_TICKS[self.meter] if self.meter >= 0 else 0
        root, quality = self.chord()
        found = {
            "phase": c.PHASES.index(self.phase()),
            "tick": tick,
            "ticks_left": max(length - tick, 0),
            "meter": self.meter + 1,
            "key": self.key + 1,
            "style": max([value_of(t) + 1 for t in self.tokens if BLOCK_OF[t] == "style"] or [0]),
            "chord_root": root,
            "chord_quality": quality,
        }
        if bar:
            found["bar"] = (bar.number + self.first_bar) % 16
            found["line"] = min(len(bar.instruments), 15)
        if self.total_bars:
            left = self.total_bars - (bar.number + 1 if bar else 0)
            found["bars_left"] = 1 + min(left, MAX_BARS_LEFT)
        if bar is None or not bar.instruments:
            return found, set()
        instrument, occurrence = self.line_name()
        is_drum = instrument == v.DRUMS
        found["instrument"] = 1 + instrument
        found["occurrence"] = occurrence
        found["dynamic"] = 1 + self.dynamics.get(self.line(), v.DEFAULT_DYNAMIC)
        found["last_pitch"] = 1 + self.tops.get(self.line(), -1)
        if tick >= length:
            return found, set()
        labels = [label for start, end, label in bar.labels if start <= tick < end]
        found["chord_root"], found["chord_quality"] = labels[0] if labels else (0, 0)
        pitches = self.heard(tick, is_drum)
        found["lowest_sounding"] = 1 + min(pitches, default=-1)
        onsets = [event.tick for event in bar.events if event.is_drum == is_drum]
        found["onset_here"] = int(tick in onsets)
        found["next_onset"] = min([onset - tick for onset in onsets if onset > tick] or [0])
        for bars in LAGS:
            pitch, ticks = self.lag(bars, tick)
            found[f"pitch_{bars}_bars_ago"] = pitch
            found[f"length_{bars}_bars_ago"] = ticks
        classes = set() if is_drum else {128 + pitch % 12 for pitch in pitches}
        return found, pitches | classes


def assert_features_are_those_of_the_twin(
    tokens: TokenArray, total_bars: int = 0, first_bar: int = 0, every: int = 1
) -> None:
    # What comes after them is the echo, which test_echo.py looks at.
    names = [name for name, _ in FEATURES if not name.startswith("echo")]
    ids = np.full((len(tokens), len(FEATURES)), -1, np.int16)
    sounding = np.full((len(tokens), SOUNDING_WIDTH), 2, np.uint8)
    featurize(c.new_cursor(total_bars, first_bar), tokens, ids, sounding)
    reading = Reading(total_bars, first_bar)
    for t, token in enumerate(tokens.tolist()):
        reading.read(token)
        if t % every == 0:
            expected, heard = reading.features()
            found = dict(zip(names, ids[t, : len(names)].tolist(), strict=True))
            context = [v.name(before) for before in tokens[: t + 1].tolist()]
            assert found == {**dict.fromkeys(names, 0), **expected}, context
            assert set(np.flatnonzero(sounding[t]).tolist()) == heard, context
            assert sounding[t].max() <= 1


def crowded_piece(seed: int, bars: int) -> TokenArray:
    """Bars of up to seventy lines, more than have a memory of their own."""
    rng = random.Random(seed)
    tokens = [v.BOS, v.METER + 2, v.TEMPO]
    for _ in range(bars):
        tokens.append(v.BAR)
        for instrument in rng.sample(range(33), 14):
            for _ in range(rng.randint(1, 5)):
                tokens.append(v.INSTRUMENT + instrument)
                if rng.random() < 0.7:
                    tokens.append(v.REST + rng.randrange(24))
                    # Ends within the bar, so that it never rings where its pitch comes again.
                    tokens.append(v.PITCH + rng.randrange(128))
                    tokens.append(v.DURATION + rng.randrange(24))
    return np.array([*tokens, v.EOS], np.uint16)


@given(SEEDS, st.integers(0, 20), st.integers(0, 40))
@settings(max_examples=40)
def test_features_of_random_sequences_are_those_of_the_slow_twin(
    legal_walk: LegalWalk, seed: int, total_bars: int, first_bar: int
) -> None:
    tokens = legal_walk(seed, 150, total_bars)
    assert_features_are_those_of_the_twin(tokens, total_bars, first_bar)


@pytest.mark.parametrize("seed", range(3))
def test_features_of_long_sequences_without_holes_are_those_of_the_slow_twin(
    legal_walk: LegalWalk, seed: int
) -> None:
    tokens = legal_walk(seed, 1200, 0, [v.HOLE, v.EOS])
    assert (tokens == v.BAR).sum() > c.HISTORY_BARS
    assert_features_are_those_of_the_twin(tokens, every=5)


def test_features_of_more_lines_than_are_remembered_are_those_of_the_slow_twin() -> None:
    tokens = crowded_piece(0, 4)
    assert first_illegal(c.new_cursor(), tokens) == -1
    reading = Reading()
    for token in tokens.tolist():
        reading.read(token)
    assert len(reading.lines) > c.MAX_SLOTS
    assert_features_are_those_of_the_twin(tokens, every=3)


def test_features_of_real_pieces_are_those_of_the_slow_twin(corpus_files: list[Path]) -> None:
    for path in corpus_files:
        tokens = encode(load_score(path).score).tokens
        assert_features_are_those_of_the_twin(tokens[:1200], every=23)
