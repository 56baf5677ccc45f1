"""What the player asks for: every wish of one piece, checked once."""

import dataclasses
import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from partimento.errors import PartimentoError, SettingError
from partimento.music.chords import parse_chords
from partimento.music.dynamics import DYNAMICS
from partimento.music.instruments import DRUMS, INSTRUMENTS, find_instrument
from partimento.music.keys import parse_key
from partimento.music.metre import parse_meter
from partimento.music.pitch import parse_pitch_range
from partimento.music.scales import find_scale, in_mode, sounds_minor
from partimento.music.styles import STYLES, style_index
from partimento.request.schedules import temperatures

LIMITS = {
    "bars": "[1, 512]",
    "bpm": "[10, 400]",
    "primer_bars": "[1, 512]",
    "temperature": "[0, 5]",
    "temperature_end": "[0, 5]",
    "top_k": "[1, 384]",
    "top_p": "(0, 1]",
    "min_p": "[0, 1)",
    "key_pull": "[0, 1]",
    "seed": "[0, 9007199254740991]",
}
"""Interval of each number; a seed stays below 2**53, which every JSON reader keeps exact."""

WHOLE_NUMBERS = frozenset({"bars", "primer_bars", "top_k", "seed"})

PRESETS: Mapping[str, Mapping[str, float]] = {
    "considered": {"temperature": 0.7},
    "expressive": {"temperature": 1.2},
}
"""Settings of each `--mode`; what is given explicitly goes first."""

MAX_INSTRUMENTS = 16
MODES = ("major", "minor")
TEXTS = (
    *("style", "key", "meter", "chords", "primer", "scale", "pitch_range", "dynamic", "schedule"),
    "prompt",
)


@dataclass(frozen=True, slots=True)
class Request:
    """Wishes for one piece; `None` means off, or left to the model.

    Names are stored in one spelling, so that equal requests compare equal. Raises ValueError
    for a value out of range and for wishes that contradict each other.
    """

    bars: int = 16
    """Bars to write."""
    style: str | None = None
    """Style, such as folk, chorale or jazz."""
    key: str | None = None
    """Key, such as 'F# minor', 'Bb' or 'Am'; 'major' or 'minor' alone leaves the tonic open."""
    meter: str | None = None
    """Meter, such as 3/4."""
    bpm: float | None = None
    """Tempo in quarter notes per minute."""
    instruments: tuple[str, ...] | None = None
    """Instruments, one a line, by their names here or in General MIDI."""
    without: tuple[str, ...] | None = None
    """Instruments to leave out."""
    chords: str | None = None
    """Chords, one a bar, such as 'Am F C G', or with beats, 'C:2 G:2'; repeated to the end, or
    free after them with dots behind, 'Dm Gm A7 ...'."""
    primer: str | None = None
    """MIDI file to continue."""
    primer_bars: int | None = None
    """Bars to take from the primer; all of them when off."""
    lock_key: bool = False
    """Use no note outside the key."""
    scale: str | None = None
    """Scale above the key's tonic, such as dorian or minor pentatonic: use no other note."""
    pitch_range: str | None = None
    """Lowest and highest pitch, such as C3-C6 or 48-84 (C4 is middle C, 60)."""
    dynamic: str | None = None
    """Loudness that the piece moves around, ppp to fff; mf when off."""
    temperature: float = 1.0
    """Below 1 safer, above 1 bolder; 0 always takes the likeliest token."""
    temperature_end: float | None = None
    """Temperature of the last bar, when it is to change over the piece."""
    schedule: str | None = None
    """How the temperature changes: constant, linear, cosine or exponential; linear when
    temperature_end is given."""
    top_k: int | None = None
    """Choose among the k likeliest tokens only."""
    top_p: float = 1.0
    """Choose among the fewest tokens that hold this probability; 1 is off."""
    min_p: float = 0.02
    """Leave out tokens less likely than this share of the likeliest; 0 is off. The default cuts
    the strays: a trombone for one bar of a chorale, a note far out of the key."""
    key_pull: float = 0.15
    """How much the degrees of the key are preferred to other notes; 0 is off. By the default more
    pieces stay in their key (figures in docs/experiments.md). It has no effect with a scale, or
    with chords but no key: these have a centre of their own."""
    seed: int | None = None
    """Same seed and same settings, same piece; random when off."""
    prompt: str | None = None
    """Words that settings were read from, for the record: by themselves they ask for nothing
    (`words.read_request` reads them)."""

    def __post_init__(self) -> None:
        for name, interval in LIMITS.items():
            value = getattr(self, name)
            if value is not None or not _may_be_off(name):
                self._set(name, _number(name, value, interval))
        for name in TEXTS:
            value = getattr(self, name)
            if value is not None and (not isinstance(value, str) or not value.strip()):
                raise SettingError(name, f"must be a text that is not empty, got {value!r}")
        if not isinstance(self.lock_key, bool):
            raise SettingError("lock_key", f"must be true or false, got {self.lock_key!r}")
        self._normalise()
        if self.chords is not None:
            self._check_chords(self.chords)
        if self.primer_bars is not None and self.primer is None:
            raise SettingError("primer_bars", f"needs a primer, got {self.primer_bars} without one")
        if self.temperature_end is not None and self.schedule == "constant":
            raise SettingError(
                "schedule",
                "must not be constant with a temperature_end, "
                f"got {self.temperature_end:g}; choose linear, cosine or exponential",
            )
        if self.temperature_end is None and self.schedule not in (None, "constant"):
            raise SettingError(
                "schedule", f"needs a temperature_end, got {self.schedule!r} without one"
            )
        self.temperatures()

    def temperatures(self) -> NDArray[np.float32]:
        """Temperature of each bar (bars,)."""
        if self.temperature_end is None:
            schedule, end = self.schedule or "constant", self.temperature
        else:
            schedule, end = self.schedule or "linear", self.temperature_end
        return temperatures(schedule, self.temperature, end, self.bars)

    def to_dict(self) -> dict[str, object]:
        """The settings that are not off, as JSON keeps them."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in values.items()
            if value is not None
        }

    @classmethod
    def from_dict(cls, settings: Mapping[str, object]) -> "Request":
        """The request that `to_dict` described; ValueError for a setting that does not exist."""
        known = [field.name for field in dataclasses.fields(cls)]
        for name in settings:
            if name not in known:
                near = difflib.get_close_matches(str(name), known, n=1)
                hint = f"; did you mean {near[0]}?" if near else f"; known: {', '.join(known)}"
                raise PartimentoError(f"setting {name!r} does not exist{hint}")
        values = dict(settings)
        for name in ("instruments", "without"):
            if isinstance(values.get(name), list):
                values[name] = tuple(cast(list[object], values[name]))
        return cls(**cast(dict[str, Any], values))

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)  # the dataclass is frozen for everyone else

    def _normalise(self) -> None:
        """Spell names in one way."""
        if self.style is not None:
            self._set("style", STYLES[style_index(self.style.strip().lower())])
        if self.key is not None:
            self._set("key", _key(self.key))
        if self.scale is not None:
            self._fit_scale(self.scale)
        if self.dynamic is not None:
            self._set("dynamic", _dynamic(self.dynamic))
        if self.meter is not None:
            self._set("meter", str(parse_meter(self.meter)))
        if self.pitch_range is not None:
            self._set("pitch_range", str(parse_pitch_range(self.pitch_range)))
        if self.instruments is not None:
            names = _instruments("instruments", self.instruments, MAX_INSTRUMENTS)
            self._set("instruments", tuple(find_instrument(name)[0] for name in names))
        if self.without is not None:
            self._leave_out(_instruments("without", self.without, len(INSTRUMENTS)))

    def _fit_scale(self, name: str) -> None:
        """Take the form of the scale that the key asks for, or else the key nearest to it."""
        scale = find_scale(name)
        if self.key is not None:
            is_minor = self.key.endswith("minor")
            form = in_mode(name, is_minor)
            if form is None and self.key in MODES:
                self._set("key", MODES[sounds_minor(scale)])
            elif form is None:
                self._set("key", str(parse_key(self.key).with_mode(sounds_minor(scale))))
            scale = form or scale
        self._set("scale", scale)

    def _leave_out(self, names: tuple[str, ...]) -> None:
        """Store the vocabulary's instruments that the names mean, unless they are asked for."""
        wanted = {find_instrument(name)[1] for name in self.instruments or ()}
        if self.style == "drums":
            wanted.add(DRUMS)
        unwanted = {find_instrument(name)[1] for name in names}
        clash = sorted(wanted & unwanted)
        if clash:
            name = INSTRUMENTS[clash[0]]
            raise SettingError("without", f"must not name what is asked for, got {name}")
        if unwanted | {DRUMS} == set(range(len(INSTRUMENTS))):
            raise SettingError(
                "without", "must leave an instrument that plays notes, got all of them"
            )
        self._set("without", tuple(INSTRUMENTS[index] for index in sorted(unwanted)))

    def _check_chords(self, text: str) -> None:
        chords = parse_chords(text)
        if chords.needs_key and self.key is None:
            raise SettingError("chords", f"in degrees need a key, got {text!r} without one")
        key = None if self.key in (None, *MODES) else parse_key(str(self.key))
        if self.meter is not None and not (chords.needs_key and key is None):
            chords.by_bar(parse_meter(self.meter), self.bars, key)
        elif chords.has_beats and self.meter is None:
            raise SettingError("chords", f"with beats need a meter, got {text!r} without one")


def _may_be_off(name: str) -> bool:
    return any(f.name == name and f.default is None for f in dataclasses.fields(Request))


def _number(name: str, value: object, interval: str) -> int | float:
    """The value as a number of the right kind, when it lies in an interval such as (0, 1]."""
    whole = name in WHOLE_NUMBERS
    low, high = (float(end) for end in interval[1:-1].split(","))
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        kind = "a whole number" if whole else "a number"
        raise SettingError(name, f"must be {kind} in {interval}, got {value!r}")
    number = cast(float, value)
    too_low = number <= low if interval[0] == "(" else not number >= low
    too_high = number >= high if interval[-1] == ")" else not number <= high
    if too_low or too_high or math.isnan(number):
        raise SettingError(name, f"must be in {interval}, got {number}")
    return int(number) if whole else float(number)


def _instruments(setting: str, names: object, most: int) -> tuple[str, ...]:
    """The value of a setting as a tuple of at most so many names."""
    if not isinstance(names, tuple) or not all(isinstance(name, str) for name in names):
        raise SettingError(setting, f"must be a tuple of names, got {names!r}")
    if not 1 <= len(names) <= most:
        raise SettingError(setting, f"must be 1 to {most} names, got {len(names)}")
    return names


def _key(text: str) -> str:
    """A key in its one spelling, or a mode alone."""
    if text.strip().lower() in MODES:
        return text.strip().lower()
    return str(parse_key(text))


def _dynamic(text: str) -> str:
    if text.strip().lower() not in DYNAMICS:
        raise SettingError("dynamic", f"must be one of {', '.join(DYNAMICS)}, got {text!r}")
    return text.strip().lower()
