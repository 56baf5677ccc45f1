"""The echo against a slow twin that searches all that was ever written."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partimento.tokenizer import cursor as c
from partimento.tokenizer import echo
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.features import FEATURES, SOUNDING_WIDTH, featurize
from partimento.tokenizer.loading import load_score
from partimento.tokenizer.vocabulary import TokenArray
from partimento.tokenizer.walk import advance

LegalWalk = Callable[..., TokenArray]
SEEDS = st.integers(0, 2**32 - 1)
NAMES = [name for name, _ in FEATURES]
MARK = "start of a bar"
Code = int | str | tuple[str, int]
"""A token, the mark, or ('interval', distance)."""


@dataclass
class Entry:
    line: int
    code: Code
    tick: int
    before: "Entry | None"
    follower: Code | None = None

    def context(self, length: int) -> "list[Code] | None":
        """The last entries of the line, newest first; None when there are fewer."""
        found: list[Code] = []
        entry: Entry | None = self
        while entry is not None and len(found) < length:
            found.append(entry.code)
            entry = entry.before
        return found if len(found) == length else None


@dataclass
class Memory:
    """All entries of one kind."""

    kind: int
    last: dict[int, Entry] = field(default_factory=dict)
    closed: list[Entry] = field(default_factory=list)
    """In the order in which what follows became known."""

    def append(self, line: int, code: Code, tick: int) -> None:
        self.last[line] = Entry(line, code, tick, self.last.get(line))

    def close(self, line: int, code: Code) -> None:
        if line in self.last:
            self.last[line].follower = code
            self.closed.append(self.last[line])

    def place(self, entry: Entry, length: int) -> int | None:
        """Where the table keeps a context; another one there displaces it."""
        context = entry.context(length)
        if context is None:
            return None
        mixed = 0xCBF29CE484222325 ^ (entry.line + 1 if self.kind == echo.IN_LINE else 0)
        for code in context:
            number = v.SIZE if code == MARK else code
            if isinstance(code, tuple):
                number = 1000 + code[1]
            assert isinstance(number, int)
            mixed = (mixed ^ number) * 0x100000001B3 % 2**64
            mixed ^= mixed >> 29
        return mixed % 2**echo.TABLE_BITS

    def find(self, line: int, tick: int) -> tuple[Code | None, int]:
        """What followed the longest context, and the feature of its length."""
        own = self.last.get(line)
        for order in reversed(echo.ORDERS[self.kind]):
            place = None if own is None else self.place(own, order)
            if own is None or place is None:
                continue
            there = [entry for entry in self.closed if self.place(entry, order) == place]
            if not there or there[-1].context(order) != own.context(order):
                continue
            if self.kind == echo.IN_LINE and there[-1].line != line:
                continue
            length = order
            while length < echo.MAX_LENGTH and there[-1].context(length + 1) is not None:
                if there[-1].context(length + 1) != own.context(length + 1):
                    break
                length += 1
            aligned = echo.MAX_LENGTH if there[-1].tick == tick else 0
            return there[-1].follower, length + aligned
        return None, 0


class Twin:
    """Hears the tokens as the cursor does, and is told by it which line is open."""

    def __init__(self) -> None:
        self.memories = [Memory(kind) for kind in range(len(echo.KINDS))]
        self.pitches: dict[int, int] = {}
        self.line, self.tick = -1, 0

    def hear(self, token: int, line: int, tick: int) -> None:
        before, self.line, self.tick = self.line, line, tick
        if before >= 0:
            self.memories[echo.IN_LINE].close(before, token)
        if v.INSTRUMENT <= token < v.KEY:
            self.memories[echo.IN_LINE].append(line, MARK, tick)
        is_in_line = v.PITCH <= token < v.INSTRUMENT or v.DYNAMIC <= token < v.ROOT
        if before < 0 or line < 0 or not is_in_line:
            return
        self.memories[echo.IN_LINE].append(line, token, tick)
        if token < v.INSTRUMENT:
            code: Code = token
            kinds = (echo.ANY_KEY, echo.RHYTHM)
            if token < v.DURATION:
                code = ("interval", token - v.PITCH - self.pitches.get(line, -1))
                self.pitches[line] = token - v.PITCH
                kinds = (echo.ANY_KEY, echo.SHAPE)
            for kind in kinds:
                self.memories[kind].close(line, code)
                self.memories[kind].append(line, code, tick)

    def features(self) -> dict[str, int]:
        found = {}
        for name, memory in zip(echo.KINDS, self.memories, strict=True):
            code, length = memory.find(self.line, self.tick) if self.line >= 0 else (None, 0)
            token = -1
            if isinstance(code, int):
                token = code
            elif isinstance(code, tuple):
                pitch = self.pitches.get(self.line, -1) + code[1]
                token = v.PITCH + pitch if 0 <= pitch < 128 else -1
            found |= {name: token + 1, f"{name}_length": length}
        return found


def assert_echoes_are_those_of_the_twin(tokens: TokenArray, every: int = 1) -> int:
    """Compare every so many tokens; how many of these had an echo."""
    ids = np.full((len(tokens), len(FEATURES)), -1, np.int16)
    sounding = np.zeros((len(tokens), SOUNDING_WIDTH), np.uint8)
    featurize(c.new_cursor(), tokens, ids, sounding)
    cursor, twin = c.new_cursor(), Twin()
    heard = 0
    for t, token in enumerate(tokens.tolist()):
        advance(cursor, token)
        twin.hear(token, int(cursor.scalars[c.SLOT]), int(cursor.scalars[c.TICK]))
        if t % every == 0:
            found = dict(zip(NAMES, ids[t].tolist(), strict=True))
            expected = twin.features()
            assert {name: found[name] for name in expected} == expected, t
            heard += found["echo"] > 0
    return heard


@given(SEEDS)
@settings(max_examples=25)
def test_echoes_of_random_sequences_are_those_of_the_slow_twin(
    legal_walk: LegalWalk, seed: int
) -> None:
    assert_echoes_are_those_of_the_twin(legal_walk(seed, 150))


def test_echoes_of_real_pieces_are_those_of_the_slow_twin(corpus_files: list[Path]) -> None:
    heard = 0
    for path in corpus_files:
        tokens = encode(load_score(path).score).tokens
        heard += assert_echoes_are_those_of_the_twin(tokens[:900], every=17)
    assert heard > 100


def tune(*bars: list[int]) -> TokenArray:
    """A violin's bars of eighths."""
    tokens = [v.BOS, v.METER + 2, v.TEMPO]
    for pitches in bars:
        tokens += [v.BAR, v.INSTRUMENT + 13]
        for pitch in pitches:
            tokens += [v.PITCH + pitch, v.DURATION + 11]
    return np.array(tokens, np.uint16)


def echoes(tokens: TokenArray) -> list[dict[str, int]]:
    ids = np.zeros((len(tokens), len(FEATURES)), np.int16)
    featurize(c.new_cursor(), tokens, ids, np.zeros((len(tokens), SOUNDING_WIDTH), np.uint8))
    return [dict(zip(NAMES, row.tolist(), strict=True)) for row in ids]


THEME = [60, 64, 67, 72, 71, 69, 65, 62]


def test_a_passage_that_returns_is_foretold() -> None:
    tokens = tune(THEME, [61, 63, 66, 70], THEME)
    found = echoes(tokens)
    start = len(tokens) - 16
    for t in range(start + 2, len(tokens) - 1):
        assert found[t]["echo"] == tokens[t + 1] + 1
        assert found[t]["echo_length"] == echo.MAX_LENGTH + t - start + 2
    assert found[20]["echo"] == 0


def test_a_transposed_return_is_foretold_in_any_key() -> None:
    tokens = tune(THEME, [61, 63, 66, 70], [pitch + 5 for pitch in THEME])
    found = echoes(tokens)
    start = len(tokens) - 16
    for t in range(start + 6, len(tokens) - 1):
        assert found[t]["echo_in_any_key"] == tokens[t + 1] + 1


def test_a_shape_is_known_in_another_rhythm_and_a_rhythm_with_other_notes() -> None:
    tokens = tune(THEME, [61, 63, 66, 70, 68], THEME)
    start = len(tokens) - 16
    # Eighths become quarters; the rhythm of the filler is the theme's.
    slower = tokens.copy()
    slower[start + 1 :: 2] = v.DURATION + 23
    for t, row in enumerate(echoes(slower)):
        if start + 9 <= t < len(tokens) - 1 and v.DURATION <= slower[t] < v.REST:
            assert row["echo_of_shape"] == tokens[t + 1] + 1
            assert row["echo_in_any_key"] == 0
    rhythms = [row["echo_of_rhythm"] for row in echoes(tokens)[start:]]
    assert set(rhythms) == {v.DURATION + 11 + 1}


def test_what_lies_too_far_back_is_forgotten() -> None:
    rng = np.random.default_rng(0)

    def last(filler: int) -> int:
        """The echo at the end of a theme that returns after so many bars of other notes."""
        others = [rng.integers(30, 55, 8).tolist() for _ in range(filler)]
        return echoes(tune(THEME, *others, THEME[:7]))[-1]["echo"]

    entries_of_a_bar = 17
    assert last(10) == v.PITCH + THEME[7] + 1
    assert last(echo.REMEMBERED // entries_of_a_bar + 5) == 0


@pytest.mark.parametrize("bars", [1, 30])
def test_a_reset_cursor_has_forgotten_everything(bars: int) -> None:
    cursor = c.new_cursor()
    tokens = tune(*[THEME] * bars)
    first = np.zeros((2, len(tokens), len(FEATURES)), np.int16)
    for ids in first:
        c.reset(cursor, 0, 0)
        featurize(cursor, tokens, ids, np.zeros((len(tokens), SOUNDING_WIDTH), np.uint8))
    assert np.array_equal(*first)
