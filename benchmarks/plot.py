"""Time per token against position, as an SVG file with logarithmic axes."""

import math
from collections.abc import Mapping, Sequence
from html import escape

Points = Sequence[tuple[float, float]]
"""Position and seconds."""

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 20, 50
COLOURS = ("#1f6f8b", "#c0392b", "#2e7d32", "#8e44ad", "#e08e0b", "#555555")


def draw(curves: Mapping[str, Points]) -> str:
    """The picture; every curve needs a point, all values are above 0."""
    xs = [x for points in curves.values() for x, _ in points]
    ys = [y for points in curves.values() for _, y in points]
    low, high = math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys)))
    first, last = math.log2(min(xs)), math.log2(max(xs))

    def place(x: float, y: float) -> tuple[float, float]:
        across = (math.log2(x) - first) / max(last - first, 1e-9)
        up = (math.log10(y) - low) / max(high - low, 1)
        return (
            LEFT + across * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM),
        )

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    for power in range(low, high + 1):
        x, y = place(min(xs), 10.0**power)
        parts.append(f'<path d="M{x:.1f} {y:.1f}H{WIDTH - RIGHT}" stroke="#dddddd"/>')
        parts.append(_text(x - 6, y + 4, _milliseconds(10.0**power), "end"))
    for power in range(math.ceil(first), math.floor(last) + 1):
        x, y = place(2.0**power, 10.0**low)
        parts.append(f'<path d="M{x:.1f} {y:.1f}v5" stroke="black"/>')
        parts.append(_text(x, y + 18, f"{2**power:,}", "middle"))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, "position (tokens)", "middle"))
    parts.append(
        f'<text transform="translate(16 {HEIGHT / 2}) rotate(-90)" text-anchor="middle">'
        "milliseconds per token</text>"
    )
    # From the top down, so that each label finds room below the one before.
    floor = 0.0
    for index, (name, points) in enumerate(
        sorted(curves.items(), key=lambda curve: max(curve[1])[1], reverse=True)
    ):
        colour = COLOURS[index % len(COLOURS)]
        path = "L".join("{:.1f} {:.1f}".format(*place(x, y)) for x, y in sorted(points))
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        x, y = place(*max(points))
        floor = max(y - 6, floor + 15)
        parts.append(_text(x - 6, floor, name, "end", colour))
    return "\n".join([*parts, "</svg>\n"])


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:g}"


def _text(x: float, y: float, text: str, anchor: str, colour: str = "black") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">'
        f"{escape(text)}</text>"
    )
