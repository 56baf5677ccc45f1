"""The n-gram on packed keys gives what the definition gives, and probabilities sum to one."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from partimento.evaluation.ngram import NGram

Tokens = NDArray[np.uint16]
START = -1


def probability_by_definition(
    sequences: Sequence[Sequence[int]],
    order: int,
    vocabulary_size: int,
    token: int,
    history: Sequence[int],
) -> float:
    """Chen and Goodman's recursion, written out with dictionaries of tuples."""
    counts: Counter[tuple[int, ...]] = Counter()
    for sequence in sequences:
        padded = (START,) * (order - 1) + tuple(sequence)
        counts.update(padded[i : i + order] for i in range(len(sequence)))
    by_order = {order: counts}
    for k in range(order - 1, 0, -1):
        preceding = defaultdict(set)
        for gram in by_order[k + 1]:
            preceding[gram[1:]].add(gram[0])
        by_order[k] = Counter({gram: len(before) for gram, before in preceding.items()})

    def discounts(counts: Counter[tuple[int, ...]]) -> list[float]:
        n = Counter(counts.values())
        if not (n[1] and n[2] and n[3]):
            return [0.5, 1.0, 1.5]
        y = n[1] / (n[1] + 2 * n[2])
        found = [i - (i + 1) * y * n[i + 1] / n[i] for i in (1, 2, 3)]
        in_range = all(0 < d <= i for i, d in enumerate(found, start=1))
        return found if in_range else [0.5, 1.0, 1.5]

    def probability(k: int, context: tuple[int, ...]) -> float:
        if k == 0:
            return 1 / vocabulary_size
        lower = probability(k - 1, context[1:])
        following = {g: c for g, c in by_order[k].items() if g[:-1] == context}
        total = sum(following.values())
        if not total:
            return lower
        taken = {g: discounts(by_order[k])[min(c, 3) - 1] for g, c in following.items()}
        gram = (*context, token)
        share = following.get(gram, 0) - taken.get(gram, 0.0)
        return share / total + sum(taken.values()) / total * lower

    padded = (START,) * (order - 1) + tuple(history)
    return probability(order, padded[len(padded) - order + 1 :])


def random_sequences(seed: int, vocabulary_size: int, count: int = 12) -> list[Tokens]:
    """Sequences with some structure, so that counts above one occur in every order."""
    random = np.random.default_rng(seed)
    sequences = []
    for _ in range(count):
        steps = random.choice([1, 1, 1, 2, vocabulary_size - 1], size=random.integers(1, 40))
        sequences.append((np.cumsum(steps) % vocabulary_size).astype(np.uint16))
    return sequences


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@pytest.mark.parametrize("vocabulary_size", [3, 7])
def test_probabilities_are_those_of_the_definition(order: int, vocabulary_size: int) -> None:
    training = random_sequences(0, vocabulary_size)
    model = NGram.fit(training, order, vocabulary_size)
    for tokens in (*random_sequences(1, vocabulary_size, 3), training[0]):
        expected = [
            probability_by_definition(
                [list(map(int, s)) for s in training],
                order,
                vocabulary_size,
                int(token),
                [int(t) for t in tokens[:i]],
            )
            for i, token in enumerate(tokens)
        ]
        np.testing.assert_allclose(np.exp(model.log_probabilities(tokens)), expected, rtol=1e-5)


@settings(max_examples=60, deadline=None)
@given(
    data=st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=30), min_size=1, max_size=8),
    history=st.lists(st.integers(0, 5), max_size=6),
    order=st.integers(1, 6),
)
def test_probabilities_after_any_history_sum_to_one(
    data: list[list[int]], history: list[int], order: int
) -> None:
    model = NGram.fit(data, order, 6)
    last = [model.log_probabilities([*history, token])[-1] for token in range(6)]
    assert np.exp(last).sum() == pytest.approx(1, abs=1e-5)
    assert np.isfinite(last).all()


def test_a_context_never_seen_falls_back_to_the_shorter_one() -> None:
    training = [[0, 1, 2, 3] * 5]
    long, short = NGram.fit(training, 3, 8), NGram.fit(training, 2, 8)
    # 7 1 was never seen, 1 was.
    assert np.exp(long.log_probabilities([7, 1, 2])[-1]) > 0.5
    assert long.log_probabilities([7, 7, 2])[-1] > long.log_probabilities([7, 7, 6])[-1]
    assert short.log_probabilities([7, 2])[-1] > short.log_probabilities([7, 6])[-1]


def test_a_token_after_many_contexts_beats_a_frequent_one_after_few() -> None:
    # 1 always follows 0; 5 follows three different tokens, though less often.
    training = [[0, 1] * 20, [2, 5], [3, 5], [4, 5]]
    model = NGram.fit(training, 2, 8)
    unseen = [float(model.log_probabilities([7, token])[-1]) for token in (1, 5)]
    assert unseen[1] > unseen[0]


def test_sequences_counted_in_blocks_give_the_same_model(monkeypatch: pytest.MonkeyPatch) -> None:
    training = random_sequences(5, 7, 30)
    whole = NGram.fit(training, 4, 7)
    monkeypatch.setattr("partimento.evaluation.ngram._BLOCK", 50)
    in_blocks = NGram.fit(training, 4, 7)
    probe = random_sequences(6, 7, 1)[0]
    np.testing.assert_array_equal(
        whole.log_probabilities(probe), in_blocks.log_probabilities(probe)
    )


def test_sequences_may_come_from_a_generator() -> None:
    training = random_sequences(5, 7)

    def transposed() -> Iterator[Tokens]:
        for sequence in training:
            yield sequence
            yield (sequence + 1) % 7

    model = NGram.fit(transposed(), 3, 7)
    copies = [*training, *((s + 1) % 7 for s in training)]
    np.testing.assert_array_equal(
        model.log_probabilities(training[0]),
        NGram.fit(copies, 3, 7).log_probabilities(training[0]),
    )


def test_more_context_predicts_a_long_cycle_better() -> None:
    cycle = [0, 1, 0, 2, 0, 3] * 30
    losses = [-NGram.fit([cycle], n).log_probabilities(cycle).mean() for n in (1, 2, 3)]
    assert losses[0] > losses[1] > losses[2]
    assert losses[2] < 0.1


def test_seven_of_the_384_tokens_fit_into_a_key() -> None:
    training = [np.array([383, 0, 383, 383, 1, 2, 383, 382], dtype=np.uint16)] * 3
    model = NGram.fit(training, 7)
    assert np.exp(model.log_probabilities(training[0])[3:]).min() > 0.4


def test_wrong_input_is_refused_with_the_range() -> None:
    with pytest.raises(ValueError, match=r"order must be in 1\.\.7, got 8"):
        NGram.fit([[1]], order=8)
    with pytest.raises(ValueError, match=r"order must be in 1\.\.7, got 0"):
        NGram.fit([[1]], order=0)
    with pytest.raises(ValueError, match=r"tokens must be in 0\.\.383, got 5\.\.384"):
        NGram.fit([[5, 384]])
    with pytest.raises(ValueError, match="no tokens"):
        NGram.fit([])
    with pytest.raises(ValueError, match="no tokens"):
        NGram.fit([[]])


def test_an_empty_sequence_has_no_probabilities() -> None:
    assert NGram.fit([[1, 2]]).log_probabilities([]).shape == (0,)
