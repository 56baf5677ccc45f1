"""How long each piece takes, among the others."""

import pytest

from partimento.sampling import times
from partimento.sampling.times import Times


def test_a_piece_takes_from_its_beginning_to_its_last_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 1.0, 2.0, 4.0, 9.0])
    monkeypatch.setattr(times.time, "perf_counter", lambda: next(clock))
    heard: list[tuple[int, int]] = []
    taken = Times(2, lambda piece, bars: heard.append((piece, bars)))
    taken.on_bar(1, 0)
    taken.on_bar(1, 3)
    taken.on_bar(0, 1)
    assert [taken.seconds(0), taken.seconds(1)] == [4.0, 1.0]
    taken.finish([False, True])
    assert [taken.seconds(0), taken.seconds(1)] == [4.0, 8.0]
    assert heard == [(1, 3), (0, 1)]
