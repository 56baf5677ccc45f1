"""Values of a request that are read from text, and what they may be."""

from collections.abc import Sequence
from enum import StrEnum

from partimento.music.instruments import find_family, names_without
from partimento.music.keys import KeyName, parse_key
from partimento.music.scales import find_scale
from partimento.music.styles import ORCHESTRAL, STYLES, style_index
from partimento.request.sketch_wishes import ATTRIBUTE_WISHES

MAX_BARS = 512
"""That a request may ask for."""
MAX_INSTRUMENTS = 16
MAX_SEED = 2**53 - 1
"""Below 2**53, so that every JSON reader keeps a seed exact."""
RUN_NOTES = (16, 64)
"""Notes of the shortest and the longest run that the training music is searched for."""

WORD_ORDER = (
    *("style", "meter", "bpm", "bars", "key", "scale", "lock_key", "instruments", "without"),
    *("swing", "chords", "pitch_range", "dynamic", "temperature", "seed"),
    *ATTRIBUTE_WISHES,
)
"""Settings that the words of a prompt decide, in an order in which each can be checked beside those
before it."""


class Mode(StrEnum):
    """A key whose tonic is left open."""

    major = "major"
    minor = "minor"

    @property
    def is_minor(self) -> bool:
        """Whether it is the minor one."""
        return self is Mode.minor

    @classmethod
    def of(cls, is_minor: bool) -> "Mode":
        """The mode that is minor or not."""
        return cls.minor if is_minor else cls.major


MODES = tuple(mode.value for mode in Mode)
SCHEDULES = ("constant", "linear", "cosine", "exponential")
"""How the temperature may move over the bars; `schedules.temperatures` says what they are."""


def parse_style(text: str) -> str:
    """The vocabulary's name of a style or of an alias; orchestral music has players of its own."""
    name = text.lower()
    return STYLES[style_index(name)] if name != ORCHESTRAL else name


def parse_key_or_mode(text: str) -> KeyName | Mode:
    """A key, or a mode alone."""
    plain = text.lower()
    return Mode(plain) if plain in MODES else parse_key(text)


def parse_scale(text: str) -> str:
    """The name of a scale, or of a family of scales, as it was given."""
    find_scale(text)  # which form of it is meant, the key says
    return text


def parse_unwanted(names: Sequence[str]) -> tuple[str, ...]:
    """The vocabulary's instruments that names and families mean."""
    return names_without([index for name in names for index in find_family(name)])
