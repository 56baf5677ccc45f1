"""Sketches as JSON, a bar to a line, to be read and edited by people.

    {"format": "partimento sketch 1", "bars": [
    {"meter": "3/4", "onsets": {"C": [1, 0, ...], "bass drum": [...]}, "pitches": {"60": 1},
     "instruments": {"piano": 1}, "notes": 0.5, "loudness": 0.6, "length": 0.4},
    ...]}

All values lie between 0 and 1 and are rounded to thousandths; what is left out is 0. Onsets are
sixteen values of each pitch class or kind of drums. The levels are those of the .npz file.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np

from partimento.errors import PartimentoError
from partimento.music.instruments import INSTRUMENTS
from partimento.music.pitch import PITCH_CLASSES
from partimento.music.sketch import DRUM_KINDS, LANES, LEVELS, PITCHES, SLOTS, Floats, Sketch

FORMAT = "partimento sketch 1"
LANE_NAMES = (*PITCH_CLASSES, *DRUM_KINDS)
_PITCH_NAMES = tuple(str(pitch) for pitch in range(PITCHES))
_METER = re.compile(r"(\d{1,3})/(\d{1,3})")


def sketch_json(sketch: Sketch) -> str:
    """The JSON that holds a sketch."""
    bars = ",\n".join(json.dumps(_bar(sketch, bar)) for bar in range(sketch.bars))
    return f'{{"format": "{FORMAT}", "bars": [\n{bars}\n]}}\n'


def parse_sketch(text: str) -> Sketch:
    """The sketch that JSON holds; PartimentoError says which bar is wrong, and how."""
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise PartimentoError(f"not JSON ({error})") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise PartimentoError(f"its `format` is not {FORMAT!r}; is it a sketch?")
    bars = content.get("bars")
    if not isinstance(bars, list) or not all(isinstance(bar, dict) for bar in bars):
        raise PartimentoError("`bars` must be a list of bars")
    onsets = np.zeros((len(bars), SLOTS, LANES), np.float32)
    pitches = np.zeros((len(bars), PITCHES), np.float32)
    instruments = np.zeros((len(bars), len(INSTRUMENTS)), np.float32)
    levels = np.zeros((len(bars), len(LEVELS)), np.float32)
    meters = []
    for number, bar in enumerate(bars):
        try:
            onsets[number] = _row(bar.get("onsets", {}), LANE_NAMES, SLOTS).T
            pitches[number] = _row(bar.get("pitches", {}), _PITCH_NAMES)[:, 0]
            instruments[number] = _row(bar.get("instruments", {}), INSTRUMENTS)[:, 0]
            named = {name: bar[name] for name in LEVELS if name in bar}
            levels[number] = _row(named, LEVELS)[:, 0]
            meter = _METER.fullmatch(str(bar.get("meter", "")))
            meters.append((int(meter[1]), int(meter[2])) if meter else None)
        except (PartimentoError, TypeError, ValueError) as error:
            raise PartimentoError(f"bar {number + 1}: {error}") from None
    known = [meter for meter in meters if meter is not None]
    return Sketch(
        onsets, pitches, instruments, levels, tuple(known) if len(known) == len(bars) else ()
    )


def _bar(sketch: Sketch, bar: int) -> dict[str, object]:
    """What is not zero of a bar."""
    values: dict[str, object] = {}
    if sketch.meters:
        values["meter"] = "{}/{}".format(*sketch.meters[bar])
    onsets = sketch.onsets[bar].T
    values["onsets"] = {
        name: _rounded(row) for name, row in zip(LANE_NAMES, onsets, strict=True) if _shows(row)
    }
    for key, names, row in (
        ("pitches", _PITCH_NAMES, sketch.pitches[bar]),
        ("instruments", INSTRUMENTS, sketch.instruments[bar]),
    ):
        shown = zip(names, _rounded(row), strict=True)
        values[key] = {name: value for name, value in shown if value}
    return values | dict(zip(LEVELS, _rounded(sketch.levels[bar]), strict=True))


def _rounded(row: Floats) -> list[float]:
    return [int(x) if x in (0, 1) else x for x in np.round(row.astype(np.float64), 3).tolist()]


def _shows(row: Floats) -> bool:
    return any(_rounded(row))


def _row(found: object, names: Sequence[str], width: int = 1) -> Floats:
    """(names, width) the values by name; PartimentoError for a name or a value that is none."""
    if not isinstance(found, Mapping):
        raise PartimentoError(f"must name values, got {found!r}")
    rows = np.zeros((len(names), width), np.float32)
    for name, value in cast("Mapping[str, object]", found).items():
        if name not in names:
            raise PartimentoError(f"{name!r} is none of {', '.join(names)}")
        row = np.asarray(value, np.float32).reshape(-1)
        if len(row) != width:
            raise PartimentoError(f"{name} must have {width} values, got {len(row)}")
        if not ((row >= 0) & (row <= 1)).all():
            raise PartimentoError(f"{name} must lie between 0 and 1, got {value!r}")
        rows[names.index(name)] = row
    return rows
