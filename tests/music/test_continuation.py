"""A score that goes on in another one: kept events stay, new ones are added where they differ."""

from dataclasses import replace

import pytest

from partimento.music.continuation import continued, scaled, until_tick
from partimento.music.score import Control, Key, Mark, Meter, Note, Score, Tempo, Track

KEPT = Score(
    480,
    (
        Track((Note(0, 60, 480), Note(960, 64, 3_000)), 11, False, "Vibes"),
        Track((Note(480, 36, 100),), 33, False, "Bass"),
    ),
    tempos=(Tempo(0, 100.0), Tempo(1_000, 80.0)),
    meters=(Meter(0, 4, 4),),
    keys=(Key(0, 7, False),),
    marks=(Mark(0, "marker", "A"),),
)
NEW = Score(
    24,
    (Track((Note(0, 67, 24),), 11), Track((Note(6, 72, 8),), 73, False, "flute")),
    tempos=(Tempo(0, 80.0),),
    meters=(Meter(0, 4, 4),),
    keys=(Key(0, 7, False),),
    texts=("made",),
)


def test_kept_events_stay_as_they_are() -> None:
    score = continued(KEPT, 1_920, NEW, [0, None])
    vibes, bass, flute = score.tracks
    assert score.ticks_per_quarter == 480
    assert vibes.notes == (*KEPT.tracks[0].notes, Note(1_920, 67, 480))
    assert (vibes.name, bass, flute.name) == ("Vibes", KEPT.tracks[1], "flute")
    assert flute.notes == (Note(2_040, 72, 160),)
    assert (score.marks, score.texts) == (KEPT.marks, ("made",))


def test_what_is_in_force_is_not_said_again() -> None:
    score = continued(KEPT, 1_920, NEW, [0, None])
    assert (score.tempos, score.meters, score.keys) == (KEPT.tempos, KEPT.meters, KEPT.keys)


def test_what_changes_is_said_where_the_new_bars_begin() -> None:
    new = replace(NEW, tempos=(Tempo(0, 93.0),), meters=(Meter(0, 3, 4),), keys=(Key(0, 2, True),))
    score = continued(KEPT, 1_920, new, [0, None])
    assert score.tempos[2:] == (Tempo(1_920, 93.0),)
    assert score.meters[1:] == (Meter(1_920, 3, 4),)
    assert score.keys[1:] == (Key(1_920, 2, True),)


def test_a_file_that_says_nothing_is_at_120_in_four_four() -> None:
    kept = replace(KEPT, tempos=(), meters=(), keys=())
    new = replace(NEW, tempos=(Tempo(0, 120.0),), keys=())
    score = continued(kept, 1_920, new, [0, None])
    assert (score.tempos, score.meters, score.keys) == ((), (), ())


@pytest.mark.parametrize(
    ("resolution", "expected"), [(480, 480), (96, 96), (100, 600), (1024, 3072), (32_767, 32_767)]
)
def test_the_resolution_holds_the_ticks_of_both(resolution: int, expected: int) -> None:
    kept = Score(resolution, (Track((Note(1, 60, 1),)),))
    score = continued(kept, 4 * resolution, NEW, [0, None])
    assert score.ticks_per_quarter == expected
    assert score.tracks[0].notes[0].onset * resolution == expected
    assert score.tracks[0].notes[1].onset == 4 * expected


def test_a_pedal_that_is_down_and_a_bend_end_with_the_kept_bars() -> None:
    controls = (
        Control(0, "control", 7, 90),
        Control(0, "control", 64, 127),
        Control(10, "bend", 0, 500),
        Control(20, "bend", 0, 0),
        Control(30, "control", 66, 0),
        Control(40, "control", 1, 33),
    )
    kept = replace(KEPT, tracks=(replace(KEPT.tracks[0], controls=controls),))
    score = continued(kept, 1_920, replace(NEW, tracks=NEW.tracks[:1]), [0])
    assert score.tracks[0].controls == (
        *controls,
        Control(1_920, "control", 64, 0),
        Control(1_920, "control", 1, 0),
    )


def test_a_score_is_cut_where_its_notes_start() -> None:
    score = until_tick(KEPT, 960)
    assert [track.notes for track in score.tracks] == [
        (Note(0, 60, 480),),
        (Note(480, 36, 100),),
    ]
    assert score.tempos == (Tempo(0, 100.0),)
    assert len(until_tick(KEPT, 480).tracks) == 1


def test_scaling_there_and_back_changes_nothing() -> None:
    controlled = replace(KEPT.tracks[0], controls=(Control(7, "control", 64, 127),))
    score = replace(KEPT, tracks=(controlled,))
    assert scaled(scaled(score, 480 * 7), 480) == score
