"""The benchmark beside REMI: all read the same notes, rows are full, and weights come back."""

from pathlib import Path

import numpy as np
import pytest

from partimento.music.score import Key, Meter, Note, Score, Track
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.encoding import encode
from partimento.training.corpus import Corpus, Entry, Piece

pytest.importorskip("miditok")
pytest.importorskip("transformers")
import torch
from benchmarks.remi_llama import Course, batch, build, costs, load, train
from benchmarks.remi_music import BARS, compare, first_bars, held_out_openings, write
from benchmarks.remi_pieces import KINDS, TOKENS, Pieces, held_out, kinds, our_kinds, tokenizer

REMI = tokenizer()


def tune(seed: int, split: str = "train") -> Piece:
    """Forty bars of quarters for a piano, and a drum on each of them."""
    rng = np.random.default_rng(seed)
    piano = Track(tuple(Note(24 * i, int(rng.integers(40, 80)), 24) for i in range(160)))
    drums = Track(tuple(Note(24 * i, 36, 6) for i in range(160)), is_drum=True)
    score = Score(
        24, (piano, drums), meters=(Meter(0, 4, 4),), keys=(Key(0, 0, False),), style="folk"
    )
    entry = Entry(f"{seed}", "folk", split=split)
    return Piece(entry, encode(score).tokens, score.note_count)


@pytest.fixture(scope="module")
def pieces() -> list[Piece]:
    return [tune(seed) for seed in range(3)]


def test_held_out_bars_have_the_same_notes_for_both(pieces: list[Piece]) -> None:
    found = list(held_out(REMI, pieces, 2))
    assert len(found) == 2
    for tokens, ids in found:
        notes = int(((tokens >= v.PITCH) & (tokens < v.DURATION)).sum())
        names = [REMI[int(i)] for i in ids]
        assert sum(name.startswith("Pitch") for name in names) == notes
        assert len(ids) < TOKENS


def test_both_tokens_are_told_apart_by_what_they_say(pieces: list[Piece]) -> None:
    tokens, ids = next(held_out(REMI, pieces, 1))
    notes = int(((tokens >= v.PITCH) & (tokens < v.DURATION)).sum())
    theirs, own = kinds(REMI, ids), our_kinds(tokens)
    assert len(theirs) == len(ids)
    assert len(own) == len(tokens) - 1
    for kind in ("pitch", "length"):
        assert (theirs == KINDS.index(kind)).sum() == (own == KINDS.index(kind)).sum() == notes
    # A program before each note, against an instrument for each line of a bar.
    assert (theirs == KINDS.index("instrument")).sum() == notes
    assert (own == KINDS.index("instrument")).sum() == 2 * (tokens == v.BAR).sum()


def test_rows_are_full_and_transposed_within_the_vocabulary(pieces: list[Piece]) -> None:
    begun = []
    for number in range(6):
        rows = batch(Pieces(REMI, pieces), 2, 0, number)
        assert rows.shape == (2, TOKENS + 1)
        assert set(rows[:, 0].tolist()) <= {REMI["BOS_None"], REMI["Bar_None"]}
        assert 0 <= int(rows.min()) <= int(rows.max()) < len(REMI)
        begun += rows[:, 0].tolist()
    assert len(set(begun)) == 2


def test_a_transposition_moves_pitches_alone(pieces: list[Piece]) -> None:
    source = Pieces(REMI, pieces)
    whole = np.append(REMI["BOS_None"], source.ids(0))
    kept = whole.copy()
    names = np.array([REMI[int(i)].split("_")[0] for i in whole])
    for seed in range(6):
        found = source.excerpt(0, np.random.default_rng(seed))
        same, own = whole[len(whole) - len(found) :], names[len(whole) - len(found) :]
        assert np.array_equal(found[own != "Pitch"], same[own != "Pitch"])
        assert len(set((found - same)[own == "Pitch"].tolist())) == 1
    assert np.array_equal(source.ids(0), kept[1:])


def test_the_llama_has_about_the_asked_size() -> None:
    for parameters in (1_000_000, 3_000_000):
        found = sum(p.numel() for p in build(REMI, parameters).parameters())
        assert abs(found - parameters) < 230_000


def test_a_run_that_was_stopped_goes_on_and_weights_come_back(
    pieces: list[Piece], tmp_path: Path
) -> None:
    torch.manual_seed(0)
    model = build(REMI, 800_000)
    course = Course(minutes=0.02, marks=(1e-6, 0.02), rows=1)
    found: list[tuple[float, int]] = []
    for stops in (True, False):
        source, stop = Pieces(REMI, pieces), lambda stops=stops: stops and bool(found)
        for mark in train(model, source, course, 0, tmp_path / "state.pt", stop):
            mark.save(tmp_path / f"{mark.minutes:g}")
            found.append((mark.minutes, mark.steps))
    assert [minutes for minutes, _ in found] == [1e-6, 0.02]
    assert found[0][1] < found[1][1]
    again, steps = load(tmp_path / "0.02")
    assert steps == found[-1][1] > 0
    _, ids = next(held_out(REMI, pieces, 1))
    nats = costs(again, REMI, ids[:300])
    assert nats.shape == (300,)
    assert np.allclose(nats, costs(model.eval(), REMI, ids[:300]), atol=1e-4)


def test_openings_are_held_out_and_sixteen_bars_long() -> None:
    corpus = Corpus(
        tuple(tune(n, split) for n, split in enumerate(["train", "valid", "test"] * 6)), (), ""
    )
    found = held_out_openings(corpus, 12, np.random.default_rng(0))
    assert len(found) == 12
    assert all(score.tracks[0].notes[-1].onset == (BARS * 4 - 1) * 24 for score in found)
    trained = {tuple(tune(n).tokens.tolist()) for n in range(0, 18, 3)}
    assert not {tuple(encode(score).tokens.tolist()) for score in found} & trained


def test_a_set_that_is_like_held_out_music_is_nearer_than_one_that_is_not() -> None:
    def score(seed: int, low: int) -> Score:
        rng = np.random.default_rng(seed)
        notes = tuple(Note(24 * i, low + int(rng.integers(12)), 24) for i in range(64))
        return Score(24, (Track(notes),), meters=(Meter(0, 4, 4),), style="folk")

    sets = {
        "like": [score(20 + n, 60) for n in range(12)],
        "high": [score(n, 84) for n in range(12)],
    }
    found = compare(sets, [score(40 + n, 60) for n in range(12)], 0).splitlines()
    rows = {cells[1].strip(): cells[2:-1] for cells in (line.split("|") for line in found)}
    near, far = (float(cell) for cell in rows["Fréchet distance"][1:])
    assert near < far
    assert float(rows["told apart (area)"][2]) == 1
    assert [cell.strip() for cell in rows["pieces"]] == ["12", "12", "12"]


def test_what_the_llama_writes_can_be_measured(pieces: list[Piece]) -> None:
    torch.manual_seed(0)
    found = write(build(REMI, 800_000), REMI, 2, 0, most=200)
    assert len(found) <= 2
    assert all(first_bars(score) == score for score in found)
