"""A quartet of eight bars, and an engine with the tiny model."""

from pathlib import Path

import pytest

from partimento.music.score import Control, Key, Mark, Meter, Note, Score, Tempo, Track
from partimento.sampling.engine import Engine
from partimento.sampling.engines import load_engine

BARS = 8
BAR = 1920


def line(pitch: int, program: int, name: str, velocity: int = 70) -> Track:
    """Quarters that move up and down."""
    notes = (
        Note(480 * beat, pitch + (beat * 5) % 7, 470, velocity + beat % 3)
        for beat in range(4 * BARS)
    )
    return Track(tuple(notes), program, name=name)


@pytest.fixture
def quartet() -> Score:
    """Four lines with names, a pedal, words and a change of tempo."""
    first, *others = (
        line(72, 40, "Violin 1"),
        line(64, 40, "Violin 2"),
        line(55, 41, "Viola"),
        line(43, 42, "Cello"),
    )
    pedal = (Control(0, "control", 64, 127), Control(BAR * 4, "control", 64, 0))
    return Score(
        480,
        (Track(first.notes, 40, name=first.name, controls=pedal), *others),
        tempos=(Tempo(0, 96.0), Tempo(4 * BAR + 480, 72.5)),
        meters=(Meter(0, 4, 4),),
        keys=(Key(0, 2, False),),
        marks=(Mark(5 * BAR, "marker", "B"),),
    )


@pytest.fixture(scope="session")
def engine(tiny_checkpoint: Path) -> Engine:
    """The default engine with the tiny model."""
    return load_engine(tiny_checkpoint)
