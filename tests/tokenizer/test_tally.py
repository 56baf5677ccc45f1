"""Tallies: what is counted of a file, what is said of it, and how files are summed."""

from pathlib import Path

import pytest

from partimento.music.midi.writer import write_midi
from partimento.music.score import Meter, Note, Score, Track
from partimento.tokenizer.tally import Tally, names_by_bar, tokenize


@pytest.fixture
def waltz(tmp_path: Path) -> Path:
    notes = tuple(Note(24 * i, 60 + i % 5, 24) for i in range(6))
    path = tmp_path / "waltz.mid"
    write_midi(Score(24, (Track(notes, program=40),), meters=(Meter(0, 3, 4),)), path)
    return path


def test_a_file_is_counted_and_all_its_notes_come_back(waltz: Path) -> None:
    result = tokenize(waltz, "folk", check=True)
    tally = result.tally
    assert (tally.pieces, tally.bars, tally.notes, tally.read_notes) == (1, 2, 6, 6)
    assert tally.tokens == len(result.tokens)
    assert (tally.lost_notes, tally.extra_notes, tally.wrong_bars) == (0, 0, 0)
    assert (tally.kept_share, tally.moved_share) == (1, 0)
    assert result.warnings == ()


def test_the_tokens_are_named_header_first_and_then_bar_by_bar(waltz: Path) -> None:
    lines = names_by_bar(tokenize(waltz, "folk").tokens)
    assert [line[0] for line in lines] == ["BOS", "BAR", "BAR"]
    assert sum(map(len, lines)) == len(tokenize(waltz, "folk").tokens)


def test_notes_beyond_the_lines_of_an_instrument_are_counted_and_named(tmp_path: Path) -> None:
    path = tmp_path / "crowd.mid"
    write_midi(Score(24, (Track(tuple(Note(i, 40 + i, 90) for i in range(20))),)), path)
    result = tokenize(path)
    assert result.tally.dropped_notes == 4
    assert any(
        line.startswith(f"{path}: 4 notes left out, beyond the 16") for line in result.warnings
    )


def test_tallies_add_up_and_tell_of_losses_only_when_they_were_looked_for() -> None:
    tally = Tally(pieces=1, notes=10, tokens=30, read_notes=10, moved_onsets=1)
    tally.add(Tally(pieces=1, notes=10, tokens=20, read_notes=10, lost_notes=2, extra_notes=1))
    assert (tally.pieces, tally.notes, tally.tokens) == (2, 20, 50)
    unchecked = tally.to_dict(check=False)
    assert "lost_notes" not in unchecked
    assert (unchecked["tokens_per_note"], unchecked["moved_onsets_share"]) == (2.5, 0.05)
    assert tally.to_dict(check=True)["kept_share"] == 0.9
