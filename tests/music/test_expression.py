"""Expression shapes loudness and the last bar's tempo, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from partimento.errors import SettingError
from partimento.music.dynamics import DEFAULT_EXPRESSION
from partimento.music.expression import express
from partimento.music.score import Chord, Key, Meter, Note, Score, Tempo, Track


def piece(bars: int = 16, tempos: tuple[Tempo, ...] = (Tempo(0, 100.0),)) -> Score:
    """A tune of eighths over held fifths, in C major, everything mezzo-forte."""
    scale = (0, 2, 4, 5, 7, 9, 11, 12)
    tune = [Note(12 * i, 60 + scale[i * 5 % 8], 12) for i in range(8 * bars)]
    bass = [Note(96 * bar, pitch, 96) for bar in range(bars) for pitch in (36, 43)]
    return Score(
        24,
        (Track(tuple(tune), 73), Track(tuple(bass), 42)),
        tempos=tempos,
        meters=(Meter(0, 4, 4),),
        keys=(Key(0, 0, False),),
    )


def velocities(score: Score, track: int = 0) -> list[int]:
    """Of one track, in order."""
    return [note.velocity for note in score.tracks[track].notes]


def test_amount_zero_changes_nothing() -> None:
    assert express(piece(), 0.0) == piece()


def test_only_velocities_and_tempos_change() -> None:
    played = express(piece(), 1.0, seed=3)
    silent = replace(
        played,
        tracks=tuple(
            replace(t, notes=tuple(replace(n, velocity=80) for n in t.notes)) for t in played.tracks
        ),
        tempos=piece().tempos,
    )
    assert silent == piece()
    assert played != piece()


def test_the_default_spreads_loudness_as_played_music_does() -> None:
    spreads = [np.std(velocities(express(piece(), DEFAULT_EXPRESSION, seed))) for seed in range(8)]
    assert 6 < float(np.mean(spreads)) < 14  # POP909: 11; game music played by hand: 8 and 9


def test_more_amount_spreads_more() -> None:
    spreads = [np.std(velocities(express(piece(), amount))) for amount in (0.0, 0.3, 0.6, 1.0)]
    assert spreads == sorted(spreads)
    assert spreads[0] == 0 < spreads[1]


def test_the_same_seed_plays_the_same_and_another_one_does_not() -> None:
    assert express(piece(), 0.5, seed=7) == express(piece(), 0.5, seed=7)
    assert express(piece(), 0.5, seed=7) != express(piece(), 0.5, seed=8)


def test_the_melody_is_louder_than_what_it_stands_on() -> None:
    played = express(piece(), 1.0)
    assert np.mean(velocities(played, 0)) > np.mean(velocities(played, 1)) + 5


def test_a_downbeat_is_louder_than_an_eighth_between_beats() -> None:
    same = tuple(Note(12 * i, 60, 12) for i in range(8 * 16))
    played = velocities(express(replace(piece(), tracks=(Track(same),)), 1.0))
    assert np.mean(played[0::8]) > np.mean(played[1::8]) + 4


def test_phrases_rise_and_fall() -> None:
    same = tuple(Note(96 * i, 60, 96) for i in range(16))
    total = np.zeros(16)
    for seed in range(20):
        score = replace(piece(), tracks=(Track(same),), chords=(Chord(0, 1536, 0, "maj"),))
        total += velocities(express(score, 1.0, seed))
    eight, four = total.reshape(2, 8).mean(0), total.reshape(4, 4).mean(0)
    assert four[2] > four[3] > four[0]
    assert eight[2:6].mean() > (eight[0] + eight[7]) / 2


def test_the_mean_loudness_stays() -> None:
    played = express(piece(), 1.0)
    loud = [velocity for track in (0, 1) for velocity in velocities(played, track)]
    assert abs(np.mean(loud) - 80) < 6


def test_the_end_slows_down_in_steps_and_nothing_before_it() -> None:
    tempos = express(piece(), 1.0).tempos
    assert tempos[0] == Tempo(0, 100.0)
    assert [tempo.tick for tempo in tempos[1:]] == [1440, 1464, 1488, 1512]
    steps = [tempo.bpm for tempo in tempos]
    assert steps == sorted(steps, reverse=True)
    assert 70 < steps[-1] < 85


def test_a_last_bar_with_tempos_of_its_own_keeps_them() -> None:
    own = (Tempo(0, 100.0), Tempo(1488, 60.0))
    assert express(piece(tempos=own), 1.0).tempos == own


def test_velocities_stay_playable_whatever_was_written() -> None:
    for written in (1, 127):
        notes = tuple(Note(12 * i, 60 + i % 12, 12, written) for i in range(64))
        played = velocities(express(replace(piece(), tracks=(Track(notes),)), 1.0))
        assert min(played) >= 8
        assert max(played) <= 124


def test_a_score_without_notes_stays_as_it_is() -> None:
    empty = Score(24, ())
    assert express(empty, 1.0) == empty


@pytest.mark.parametrize("amount", [-0.1, 1.1, float("nan")])
def test_an_amount_out_of_range_is_refused(amount: float) -> None:
    with pytest.raises(SettingError, match=r"expression must be in \[0, 1\]"):
        express(piece(), amount)
