"""What may follow: the grammar's mask against a slow recogniser written from its docstring."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.grammar import allowed, first_illegal
from partimento.tokenizer.loading import load_score
from partimento.tokenizer.vocabulary import TokenArray
from partimento.tokenizer.walk import advance

LegalWalk = Callable[..., TokenArray]
SEEDS = st.integers(0, 2**32 - 1)
BLOCK_OF = [block.name for block in v.BLOCKS for _ in block.values]
LINES_KEPT_APART = c.MAX_SLOTS - 1
"""Lines of a piece beyond this many share one memory, so that none forbids a pitch."""


def value_of(token: int) -> int:
    """Index of a token within its block; -1 for an id that means nothing."""
    return next((token - b.first for b in v.BLOCKS if b.first <= token < b.end), -1)


class Illegal(Exception):
    """The next token is not what the grammar wants."""


class Cut(Exception):
    """The tokens end before the piece does."""


@dataclass
class Span:
    """A bar as far as the grammar looks: when it starts, how long it is, which one it is."""

    number: int
    start: int
    length: int


class Recogniser:
    """Recursive descent over the grammar of the docstring of `cursor`."""

    def __init__(self, tokens: list[int], total_bars: int = 0) -> None:
        self.tokens = tokens
        self.total_bars = total_bars
        self.at = 0
        self.length = 0
        self.next_start = 0
        self.bars = 0
        self.holes: list[Span] = []
        self.lines: list[tuple[int, int]] = []
        self.ringing: dict[tuple[tuple[int, int], int], int] = {}

    def peek(self) -> int:
        if self.at == len(self.tokens):
            raise Cut
        return self.tokens[self.at]

    def block(self) -> str:
        token = self.peek()
        return BLOCK_OF[token] if token < v.SIZE else "beyond the vocabulary"

    def take(self, wanted: str | int) -> int:
        """Consume a token of a block, or one special token; return its value."""
        token = self.peek()
        if token != wanted and (self.block() != wanted or isinstance(wanted, int)):
            raise Illegal
        self.at += 1
        return value_of(token)

    def piece(self) -> None:
        self.take(v.BOS)
        for optional in ("style", "key"):
            if self.block() == optional:
                self.take(optional)
        self.length = v.BAR_TICKS[self.take("meter")]
        self.take("tempo")
        self.bar()
        while self.peek() == v.BAR:
            if self.bars == self.total_bars:
                raise Illegal
            self.bar()
        if self.bars < self.total_bars:
            raise Illegal
        for hole in self.holes:
            self.take(v.FILL)
            self.ringing = {}
            self.content(hole)
        self.take(v.EOS)
        if self.at < len(self.tokens):
            raise Illegal

    def bar(self) -> None:
        self.take(v.BAR)
        self.bars += 1
        start = self.next_start
        self.next_start = start + self.length
        for change in ("key", "meter", "tempo"):
            if self.block() == change:
                value = self.take(change)
                if change == "meter":
                    self.length = v.BAR_TICKS[value]
                    self.next_start = start + self.length
        span = Span(self.bars - 1, start, self.length)
        if self.peek() == v.HOLE and len(self.holes) < c.MAX_HOLES:
            self.take(v.HOLE)
            self.holes.append(span)
        else:
            self.content(span)

    def content(self, bar: Span) -> None:
        tick = 0
        while tick < bar.length and self.block() in ("chord root", "no chord"):
            if self.block() == "no chord":
                self.take("no chord")
            else:
                self.take("chord root")
                self.take("chord quality")
            tick += self.duration(bar.length - tick)
        count: Counter[int] = Counter()
        while self.block() == "instrument":
            instrument = value_of(self.peek())
            if count[instrument] == c.MAX_OCCURRENCES:
                raise Illegal
            self.take("instrument")
            self.line(bar, (instrument, count[instrument]))
            count[instrument] += 1

    def duration(self, most: float) -> int:
        if self.block() == "duration" and v.DURATIONS[value_of(self.peek())] > most:
            raise Illegal
        return v.DURATIONS[self.take("duration")]

    def line(self, bar: Span, line: tuple[int, int]) -> None:
        if line not in self.lines:
            self.lines.append(line)
        is_apart = self.lines.index(line) < LINES_KEPT_APART
        tick = 0

        def is_free(pitch: int) -> bool:
            return not is_apart or self.ringing.get((line, pitch), 0) <= bar.start + tick

        while (
            tick < bar.length
            and any(map(is_free, range(128)))
            and self.block() in ("rest", "dynamic", "pitch")
        ):
            while self.block() == "rest":
                rest = v.RESTS[value_of(self.peek())]
                if tick + rest >= bar.length:
                    raise Illegal
                self.take("rest")
                tick += rest
            if self.block() == "dynamic":
                self.take("dynamic")
            pitches: list[int] = []
            while not pitches or self.block() == "pitch":
                pitch = value_of(self.peek())
                if self.block() == "pitch" and pitches and pitch >= pitches[-1]:
                    raise Illegal
                if self.block() == "pitch" and not is_free(pitch):
                    raise Illegal
                pitches.append(self.take("pitch"))
            # Until the end of the plan, should the bars that are left be as long as this one.
            room = bar.length * (self.total_bars - bar.number) - tick
            ticks = self.duration(room if self.total_bars else float("inf"))
            for pitch in pitches:
                self.ringing[line, pitch] = bar.start + tick + ticks
            tick += ticks


def slow_first_illegal(tokens: list[int], total_bars: int = 0) -> int:
    """Index of the first token that the grammar forbids, -1 when there is none."""
    recogniser = Recogniser(tokens, total_bars)
    try:
        recogniser.piece()
    except Cut:
        return -1
    except Illegal:
        return recogniser.at
    return -1


@given(SEEDS, st.integers(0, 8))
@settings(max_examples=60)
def test_the_slow_recogniser_accepts_every_walk(
    legal_walk: LegalWalk, seed: int, total_bars: int
) -> None:
    tokens = legal_walk(seed, 250, total_bars)
    assert slow_first_illegal(tokens.tolist(), total_bars) == -1
    assert first_illegal(c.new_cursor(total_bars), tokens) == -1


def mutated(tokens: list[int], rng: random.Random) -> list[int]:
    """A few tokens replaced, left out, doubled or exchanged."""
    tokens = list(tokens)
    for _ in range(rng.choice((1, 1, 3))):
        at = rng.randrange(len(tokens))
        kind = rng.randrange(5)
        if kind == 0:
            tokens[at] = rng.randrange(v.SIZE)
        elif kind == 1:
            tokens.insert(at, rng.randrange(v.SIZE + 2))
        elif kind == 2:
            tokens.insert(at, tokens[at])
        elif kind == 3:
            tokens.pop(at)
        else:
            other = rng.randrange(len(tokens))
            tokens[at], tokens[other] = tokens[other], tokens[at]
    return tokens


@given(SEEDS, st.integers(0, 5))
@example(seed=41805, total_bars=0)  # an id beyond the vocabulary stands where a pitch may
@settings(max_examples=60)
def test_damaged_sequences_are_refused_at_the_token_where_the_slow_recogniser_stops(
    legal_walk: LegalWalk, seed: int, total_bars: int
) -> None:
    rng = random.Random(seed)
    legal = legal_walk(seed, 120, total_bars).tolist()
    for _ in range(20):
        tokens = mutated(legal, rng)
        found = first_illegal(c.new_cursor(total_bars), np.array(tokens, np.uint16))
        assert found == slow_first_illegal(tokens, total_bars), [v.name(t % 384) for t in tokens]


@given(SEEDS, st.integers(0, 4), st.data())
@settings(max_examples=25)
def test_the_mask_holds_exactly_the_tokens_that_the_slow_recogniser_lets_follow(
    legal_walk: LegalWalk, seed: int, total_bars: int, data: st.DataObject
) -> None:
    tokens = legal_walk(seed, 60, total_bars).tolist()
    size = data.draw(st.integers(0, len(tokens)))
    cursor = c.new_cursor(total_bars)
    for token in tokens[:size]:
        advance(cursor, token)
    mask = np.full(v.SIZE, 2, np.uint8)
    allowed(cursor, mask)
    expected = [
        int(slow_first_illegal([*tokens[:size], token], total_bars) == -1)
        for token in range(v.SIZE)
    ]
    assert mask.tolist() == expected


def test_real_pieces_are_legal(corpus_files: list[Path]) -> None:
    for path in corpus_files:
        tokens = encode(load_score(path).score).tokens
        assert slow_first_illegal(tokens.tolist()) == -1
        assert first_illegal(c.new_cursor(), tokens) == -1


@pytest.mark.parametrize("total_bars", [0, 5])
@pytest.mark.parametrize("choose", [min, max])
def test_a_walk_that_always_takes_the_first_or_the_last_token_goes_on(
    choose: Callable[[list[int]], int], total_bars: int
) -> None:
    cursor = c.new_cursor(total_bars)
    mask = np.zeros(v.SIZE, np.uint8)
    tokens: list[int] = []
    for _ in range(3000):
        allowed(cursor, mask)
        legal = np.flatnonzero(mask).tolist()
        if not legal:
            break
        # One that puts off the end as long as anything else may follow.
        tokens.append(choose([t for t in legal if t not in (v.BAR, v.EOS)] or legal))
        advance(cursor, tokens[-1])
    if not legal:
        assert cursor.scalars[c.PHASE] == c.DONE
    assert slow_first_illegal(tokens, total_bars) == -1
