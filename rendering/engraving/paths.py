"""Outlines as SVG writes them, read into four absolute commands that any canvas can draw."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_COMMANDS = re.compile(r"([MmLlHhVvCcSsQqTtAaZz])([^MmLlHhVvCcSsQqTtAaZz]*)")
_NUMBERS = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_COUNTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7}
"""Numbers of one stroke of each command."""
_CIRCLE = 0.5522848
"""Where the control points of a quarter of a circle stand: off by 0.03 % of the radius at most."""

Point = tuple[float, float]


class Stroke(NamedTuple):
    """One command of a path."""

    name: str
    """M, L, C or Z."""
    points: tuple[Point, ...]
    """The end last; for C the two control points first, for Z none."""


Path = tuple[Stroke, ...]


def parse_path(text: str) -> Path:
    """The strokes of an SVG path; an arc becomes a straight line, since nothing here has one.

    >>> path_text(parse_path("m1 1h2v2z"))
    'M1,1L3,1L3,3Z'
    """
    return tuple(_strokes(text))


def _strokes(text: str) -> Iterator[Stroke]:
    here = start = control = (0.0, 0.0)
    previous = ""
    for name, rest in _COMMANDS.findall(text):
        kind = name.upper()
        if kind == "Z":
            yield Stroke("Z", ())
            here = start
            continue
        numbers = [float(n) for n in _NUMBERS.findall(rest)]
        size = _COUNTS[kind]
        for at in range(0, len(numbers) - size + 1, size):
            points = _points(kind, numbers[at : at + size], here, name.islower())
            # Smooth curves begin as the curve before them ends, any other with its end.
            mirrored = here
            if (kind, previous) in {(a, b) for pair in ("CS", "QT") for a in pair for b in pair}:
                mirrored = (2 * here[0] - control[0], 2 * here[1] - control[1])
            if kind in "ST":
                points = (mirrored, *points)
            previous = kind
            if kind in "CSQT":
                control = points[-2]
            if kind in "QT":
                points = _raised(here, *points)
            if kind == "M" and at == 0:
                start = points[-1]
            letter = "C" if len(points) == 3 else "M" if kind == "M" and at == 0 else "L"
            yield Stroke(letter, points)
            here = points[-1]


def _points(
    kind: str, numbers: Sequence[float], here: Point, is_relative: bool
) -> tuple[Point, ...]:
    """The absolute points of one stroke."""
    x, y = here if is_relative else (0.0, 0.0)
    if kind == "H":
        return ((x + numbers[0], here[1]),)
    if kind == "V":
        return ((here[0], y + numbers[0]),)
    if kind == "A":
        numbers = numbers[5:]
    return tuple((x + left, y + top) for left, top in zip(numbers[::2], numbers[1::2], strict=True))


def _raised(start: Point, control: Point, end: Point) -> tuple[Point, Point, Point]:
    """A quadratic curve as a cubic one."""

    def towards(point: Point) -> Point:
        x, y = (p + 2 * (c - p) / 3 for p, c in zip(point, control, strict=True))
        return x, y

    return towards(start), towards(end), end


def polygon(points: Sequence[Point], is_closed: bool = True) -> Path:
    """Straight lines from point to point."""
    lines = [Stroke("L" if index else "M", (point,)) for index, point in enumerate(points)]
    return (*lines, Stroke("Z", ())) if is_closed and lines else tuple(lines)


def ellipse(x: float, y: float, a: float, b: float) -> Path:
    """Four cubic curves around a centre."""
    c, d = _CIRCLE * a, _CIRCLE * b
    return (
        Stroke("M", ((x - a, y),)),
        Stroke("C", ((x - a, y - d), (x - c, y - b), (x, y - b))),
        Stroke("C", ((x + c, y - b), (x + a, y - d), (x + a, y))),
        Stroke("C", ((x + a, y + d), (x + c, y + b), (x, y + b))),
        Stroke("C", ((x - c, y + b), (x - a, y + d), (x - a, y))),
        Stroke("Z", ()),
    )


def moved(path: Path, origin: Point) -> Path:
    """A path with another origin."""
    left, top = origin
    return tuple(
        Stroke(stroke.name, tuple((x + left, y + top) for x, y in stroke.points)) for stroke in path
    )


def lowest(path: Path) -> float:
    """The greatest y of its points, 0 of none."""
    return max((y for stroke in path for _, y in stroke.points), default=0.0)


def path_text(path: Path) -> str:
    """A path as SVG writes it."""
    return "".join(
        stroke.name + " ".join(f"{x:g},{y:g}" for x, y in stroke.points) for stroke in path
    )
