"""Styles of music that a piece can be asked for."""

from partimento.errors import SettingError

STYLES = (
    *("keyboard", "pop", "song", "quartet", "game", "choral", "drums", "folk"),
    *("classical", "chorale", "guitar", "jazz"),
)

STYLE_ALIASES = {"hymn": "chorale", "orchestral": "classical", "ragtime": "jazz"}
"""Styles of the corpus that share a token with their nearest neighbour."""

ORCHESTRAL = "orchestral"
"""The alias that is more than its neighbour: who asks for it means an orchestra."""


def style_index(style: str) -> int:
    """Index of a style or of the style that an alias stands for; ValueError when unknown."""
    style = STYLE_ALIASES.get(style, style)
    if style not in STYLES:
        raise SettingError("style", f"must be one of {', '.join(STYLES)}, got {style!r}")
    return STYLES.index(style)
