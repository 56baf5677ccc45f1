"""Bands: pop and jazz get a bass and drums, and what was there stays."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from partimento.music.score import Chord, Note, Score, Track
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.decoding import decode
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.grammar import first_illegal
from partimento.tokenizer.vocabulary import TokenArray
from partimento.training.band import arrange, can_arrange, change_players
from partimento.training.corpus import Entry, Piece
from partimento.training.excerpts import Augmentation, draw_excerpt
from partimento.training.grooves import Grooves

BARS = 12
BASS, ELECTRIC_BASS = 32, 33
PROGRAMS = (73, 48, 0)


def beats(pitch: int, program: int = 0, is_drum: bool = False) -> Track:
    return Track(
        tuple(Note(24 * i, pitch, 24 if not is_drum else 6) for i in range(4 * BARS)),
        program,
        is_drum=is_drum,
    )


CHORDS = tuple(Chord(96 * bar, 96, (0, 5, 7)[bar % 3], "maj") for bar in range(BARS))
POP = Score(24, (beats(79, 73), beats(67, 48), beats(48)), chords=CHORDS, style="pop")
TUNE = Score(24, (beats(79),), chords=CHORDS, style="jazz")


@pytest.fixture(scope="module")
def grooves() -> Grooves:
    score = Score(24, (beats(36, is_drum=True),), style="drums")
    return Grooves([Piece(Entry("a_rock.mid", "drums"), encode(score).tokens, score.note_count)])


def arranged(score: Score, grooves: Grooves, seed: int) -> Score:
    tokens = arrange(encode(score).tokens, grooves, np.random.default_rng(seed))
    assert first_illegal(c.new_cursor(), tokens) == -1
    return decode(tokens)


def programs(score: Score) -> set[int]:
    return {track.program for track in score.tracks if not track.is_drum}


def test_most_bands_have_bass_and_drums_in_every_bar_and_all_have_one(grooves: Grooves) -> None:
    found = [arranged(POP, grooves, seed) for seed in range(40)]
    bass = [ELECTRIC_BASS in programs(score) for score in found]
    drums = [any(track.is_drum for track in score.tracks) for score in found]
    both = sum(one and two for one, two in zip(bass, drums, strict=True))
    assert all(one or two for one, two in zip(bass, drums, strict=True))
    assert 26 <= both <= 38
    for score in found:
        for track in score.tracks:
            assert {note.onset // 96 for note in track.notes} == set(range(BARS))


@pytest.mark.parametrize("seed", range(5))
def test_what_was_there_stays(grooves: Grooves, seed: int) -> None:
    score = arranged(POP, grooves, seed)
    kept = [track for track in score.tracks if track.program in PROGRAMS and not track.is_drum]
    whole = decode(encode(POP).tokens)
    assert [track.notes for track in kept] == [track.notes for track in whole.tracks]
    assert (score.chords, score.style) == (whole.chords, "pop")


def test_a_bass_of_pop_takes_the_piano_and_one_under_a_tune_the_chords(grooves: Grooves) -> None:
    for seed in range(5):
        bass = [t for t in arranged(POP, grooves, seed).tracks if t.program == ELECTRIC_BASS]
        assert {note.pitch for track in bass for note in track.notes} <= {48}
        bass = [t for t in arranged(TUNE, grooves, seed).tracks if t.program == BASS]
        first = [note for t in bass for note in t.notes if note.onset % 96 == 0]
        for note in first:
            assert note.pitch % 12 == (0, 5, 7)[note.onset // 96 % 3]


def test_a_piano_plays_the_chords_of_a_tune(grooves: Grooves) -> None:
    tokens = arrange(encode(TUNE).tokens, grooves, np.random.default_rng(0))
    bars = (tokens == v.BAR).sum()
    assert (tokens == v.INSTRUMENT).sum() == 2 * bars


def test_only_pop_and_jazz_without_bass_and_drums_are_arranged() -> None:
    def can(score: Score) -> bool:
        return can_arrange(encode(score).tokens)

    assert can(POP)
    assert can(TUNE)
    assert can(replace(TUNE, style="ragtime"))
    assert not can(replace(POP, style="song"))
    assert not can(replace(POP, style=None))
    assert not can(replace(POP, tracks=(*POP.tracks, beats(40, BASS))))
    assert not can(replace(POP, tracks=(*POP.tracks, beats(36, is_drum=True))))


def test_other_players_play_the_same_notes() -> None:
    tokens = encode(POP).tokens
    changed = [change_players(tokens, np.random.default_rng(seed)) for seed in range(40)]
    heard = {tuple(sorted(programs(decode(other)))) for other in changed}
    assert len(heard) > 5
    assert sum(np.array_equal(other, tokens) for other in changed) >= 12
    for other in changed:
        is_player = (tokens >= v.INSTRUMENT) & (tokens < v.KEY)
        assert np.array_equal(other[~is_player], tokens[~is_player])
    jazz = encode(TUNE).tokens
    assert all(change_players(jazz, np.random.default_rng(seed)) is jazz for seed in range(9))


def test_excerpts_of_any_music_stay_legal_with_bands(
    random_score: Callable[..., Score], grooves: Grooves
) -> None:
    augmentation = Augmentation(bands=1)
    for seed in range(30):
        score = random_score(seed, ("pop", "jazz")[seed % 2])
        pitched = tuple(t for t in score.tracks if not t.is_drum and t.program not in range(32, 40))
        tokens = encode(replace(score, tracks=pitched)).tokens
        excerpt = draw_excerpt(tokens, 900, augmentation, np.random.default_rng(seed), grooves)
        assert first_illegal(c.new_cursor(), excerpt.tokens) == -1


def test_the_share_of_bands_is_that_of_the_excerpts(grooves: Grooves) -> None:
    tokens = encode(POP).tokens

    def has_band(tokens: TokenArray) -> bool:
        return bool(np.isin(tokens, [v.INSTRUMENT + 12, v.INSTRUMENT + v.DRUMS]).any())

    def share(bands: float) -> float:
        rng = np.random.default_rng(0)
        augmentation = Augmentation(bands=bands)
        drawn = [draw_excerpt(tokens, 400, augmentation, rng, grooves) for _ in range(100)]
        return float(np.mean([has_band(excerpt.tokens) for excerpt in drawn]))

    assert share(0) == 0
    assert share(1) == 1
    assert 0.35 <= share(0.5) <= 0.65
    drawn = draw_excerpt(tokens, 400, Augmentation(bands=1), np.random.default_rng(0))
    assert not has_band(drawn.tokens)


def test_a_band_is_told_as_the_ensemble_that_plays(grooves: Grooves) -> None:
    augmentation = Augmentation(bands=1, drop_ensemble=0, whole_ensemble=1, open_counts=0)
    rng = np.random.default_rng(0)
    for _ in range(10):
        excerpt = draw_excerpt(encode(POP).tokens, 400, augmentation, rng, grooves)
        playing = np.flatnonzero(excerpt.conditioning[: len(v.INSTRUMENTS)])
        starts = (excerpt.tokens >= v.INSTRUMENT) & (excerpt.tokens < v.KEY)
        assert set(playing) == {int(t) - v.INSTRUMENT for t in excerpt.tokens[starts]}
