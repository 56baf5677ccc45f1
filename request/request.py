"""What the player asks for: every wish of one piece, each checked once, when it is set."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from partimento.music.chords import Chords, parse_chords
from partimento.music.dynamics import DEFAULT_EXPRESSION, DYNAMICS
from partimento.music.form import parse_form, stated_bars
from partimento.music.instruments import (
    INSTRUMENTS,
    find_players,
    split_names,
)
from partimento.music.keys import KeyName
from partimento.music.metre import TimeSignature, parse_meter
from partimento.music.pitch import PitchRange, parse_pitch_range
from partimento.music.scales import find_scale, in_mode, sounds_minor
from partimento.music.styles import STYLES
from partimento.request.contradictions import refuse_contradictions
from partimento.request.loop_wishes import LoopWishes
from partimento.request.readers import (
    Choice,
    Interval,
    Names,
    Number,
    Parsed,
    Text,
    Whole,
    YesNo,
)
from partimento.request.settings import CHOICE, About, Setting, check_names, plain, settings_of
from partimento.request.sketch_wishes import SketchWishes
from partimento.request.values import (
    MAX_BARS,
    MAX_INSTRUMENTS,
    MAX_SEED,
    RUN_NOTES,
    SCHEDULES,
    Mode,
    parse_key_or_mode,
    parse_scale,
    parse_style,
    parse_unwanted,
)


@dataclass(frozen=True)
class Request(LoopWishes, SketchWishes):
    """Wishes for one piece; `None` means off, or left to the model.

    Values are kept in one spelling, so that equal requests compare equal. Raises SettingError
    for a value out of range and for wishes that contradict each other.
    """

    bars: Setting[int, int] = Setting(
        16, Whole(Interval(1, MAX_BARS)), About("Bars to write, {interval}; {default} by default.")
    )
    style: Setting[str | None, str | None] = Setting(
        None, Parsed(parse_style, (str,)), About(f"Style of the music: {', '.join(STYLES)}.")
    )
    key: Setting[KeyName | Mode | None, KeyName | Mode | str | None] = Setting(
        None,
        Parsed(parse_key_or_mode, (KeyName, Mode)),
        About('Key, such as "F# minor" or Bb; major or minor alone leaves the tonic open.'),
    )
    meter: Setting[TimeSignature | None, TimeSignature | str | None] = Setting(
        None, Parsed(parse_meter, (TimeSignature,)), About("Meter, such as 3/4 or 6/8.")
    )
    bpm: Setting[float | None, float | None] = Setting(
        None, Number(Interval(10, 400)), About("Tempo in quarter notes a minute, {interval}.")
    )
    instruments: Setting[tuple[str, ...] | None, Sequence[str] | None] = Setting(
        None,
        Names(MAX_INSTRUMENTS, find_players, split_names),
        About('Instruments that play, such as "violin, cello" or "string quartet".'),
    )
    without: Setting[tuple[str, ...] | None, Sequence[str] | None] = Setting(
        None,
        Names(len(INSTRUMENTS), parse_unwanted, split_names),
        About('Instruments or families to leave out, such as "drums" or "guitars".'),
    )
    chords: Setting[Chords | None, Chords | str | None] = Setting(
        None,
        Parsed(parse_chords, (Chords,)),
        About(
            'Chords, one a bar and repeated: "Am F C G"; with beats: "C:2 G:2"; '
            'only to begin with: "Am F ..."; % is the bar before, and degrees ("I V") need a key.'
        ),
    )
    primer: Setting[str | None, str | None] = Setting(
        None, Text(), About("MIDI or MusicXML file to continue.", is_path=True)
    )
    primer_bars: Setting[int | None, int | None] = Setting(
        None,
        Whole(Interval(1, MAX_BARS)),
        About("How many bars of the primer to use, from its start; all by default."),
    )
    primer_pedal: Setting[bool, bool] = Setting(
        False,
        YesNo(),
        About("Hear the notes of the primer as long as its pedal holds them; the file stays."),
    )
    lock_key: Setting[bool, bool] = Setting(
        False, YesNo(), About("Use no note outside the key.", after="key")
    )
    scale: Setting[str | None, str | None] = Setting(
        None,
        Parsed(parse_scale, (str,)),
        About("Scale on the tonic of the key to keep to, such as dorian or blues.", after="key"),
    )
    pitch_range: Setting[PitchRange | None, PitchRange | str | None] = Setting(
        None,
        Parsed(parse_pitch_range, (PitchRange,)),
        About("Lowest and highest note, such as C3-C6."),
    )
    dynamic: Setting[str | None, str | None] = Setting(
        None, Choice(DYNAMICS), About("How loud the piece is on the whole, ppp to fff.")
    )
    temperature: Setting[float, float] = Setting(
        1.0,
        Number(Interval(0, 5)),
        About(
            "How bold the choices are, {interval}: below 1 is safer, above 1 bolder, 0 always "
            "takes the likeliest; {default} by default.",
            CHOICE,
        ),
    )
    temperature_end: Setting[float | None, float | None] = Setting(
        None,
        Number(Interval(0, 5)),
        About(
            "Temperature to arrive at in the last bar, {interval}; unchanged by default.", CHOICE
        ),
    )
    schedule: Setting[str | None, str | None] = Setting(
        None,
        Choice(SCHEDULES),
        About(
            "How the temperature changes on the way there; linear by default.",
            CHOICE,
            is_listed=True,
        ),
    )
    top_k: Setting[int | None, int | None] = Setting(
        None,
        Whole(Interval(1, 384)),
        About(
            "Choose among this many of the likeliest tokens, {interval}; off by default.", CHOICE
        ),
    )
    top_p: Setting[float, float] = Setting(
        1.0,
        Number(Interval(0, 1, low_is_open=True)),
        About(
            "Choose among the fewest tokens that together have this probability, {interval}; "
            "{default}, which is off, by default.",
            CHOICE,
        ),
    )
    # The default of min_p cuts the strays: a trombone for one bar of a chorale, a note far out of
    # the key.
    min_p: Setting[float, float] = Setting(
        0.02,
        Number(Interval(0, 1, high_is_open=True)),
        About(
            "Leave out tokens that are less likely than this share of the likeliest, {interval}; "
            "{default} by default, 0 is off.",
            CHOICE,
        ),
    )
    # Figures in docs/experiments.md. Without effect beside a scale, which has its own centre.
    key_pull: Setting[float, float] = Setting(
        0.2,
        Number(Interval(0, 1)),
        About(
            "How much notes of the key are preferred, {interval}; {default} by default, 0 is off.",
            CHOICE,
        ),
    )
    chord_pull: Setting[float, float] = Setting(
        0.5,
        Number(Interval(0, 1)),
        About(
            "How much the chords' notes are preferred, {interval}; {default} by default, 0 is off.",
            CHOICE,
        ),
    )
    allow_loops: Setting[bool, bool] = Setting(
        False,
        YesNo(),
        About(
            "Let bars repeat for ever. Otherwise a bar after three equal ones, or after a pair of "
            "bars that came three times, is written with a higher temperature; greedy choices are "
            "always left alone.",
            CHOICE,
        ),
    )
    best_of: Setting[int | None, int | None] = Setting(
        None,
        Whole(Interval(1, 64)),
        About(
            "Write this many pieces, {interval}, and keep the one nearest to the attributes asked "
            "for and to real music of its style; 4 by default with attributes, else 1.",
            CHOICE,
        ),
    )
    original: Setting[int | None, int | None] = Setting(
        None,
        Whole(Interval(*RUN_NOTES)),
        About(
            "Write passages anew that have a run of this many notes or more, {interval}, in common "
            "with the training music, in any key; off by default.",
            CHOICE,
        ),
    )
    expression: Setting[float, float] = Setting(
        DEFAULT_EXPRESSION,
        Number(Interval(0, 1)),
        About(
            "How much the loudness follows phrases, accents and the melody, and how much the end "
            "slows down, {interval}; {default} by default, 0 is off. What is printed stays as it "
            "is.",
            after="dynamic",
        ),
    )
    swing: Setting[float | None, float | None] = Setting(
        None,
        Number(Interval(0, 1)),
        About(
            "How late the second eighth of a beat is played, {interval}: 1 is the swing of "
            "triplets; straight by default. On paper eighths stay straight.",
            after="bpm",
        ),
    )
    seed: Setting[int | None, int | None] = Setting(
        None,
        Whole(Interval(0, MAX_SEED)),
        About("The same seed gives the same file, to the byte; random by default.", CHOICE),
    )
    # For the record: by themselves the words ask for nothing, `words.read_request` reads them.
    prompt: Setting[str | None, str | None] = Setting(
        None,
        Text(),
        About(
            'The wish in words: "a slow waltz in D minor for strings, 16 bars"; options win over '
            "it. `partimento words` lists the words."
        ),
    )

    def __post_init__(self) -> None:
        """Check what belongs together."""
        if self.scale is not None:
            self._fit_scale(self.scale)
        if self.form is not None:
            self._fit_form(self.form)
        refuse_contradictions(self)

    @property
    def is_greedy(self) -> bool:
        """Whether every choice takes the likeliest token, so that the seed decides nothing."""
        return self.top_k == 1 or (self.temperature == 0 and not self.temperature_end)

    def to_dict(self) -> dict[str, object]:
        """The settings that are not off, as JSON keeps them."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {name: plain(value) for name, value in values.items() if value is not None}

    @classmethod
    def from_dict(cls, settings: Mapping[str, object]) -> "Request":
        """The request that `to_dict` described; PartimentoError for a setting that is none."""
        check_names(settings, REQUEST_SETTINGS)
        return cls(**cast(dict[str, Any], dict(settings)))

    def _fit_scale(self, name: str) -> None:
        """Take the form of the scale that the key asks for, or else the key nearest to it."""
        scale = find_scale(name)
        if self.key is not None:
            form = in_mode(name, self.key.is_minor)
            if form is None and isinstance(self.key, Mode):
                self._set("key", Mode.of(sounds_minor(scale)))
            elif form is None and isinstance(self.key, KeyName):
                self._set("key", self.key.with_mode(sounds_minor(scale)))
            scale = form or scale
        self._set("scale", scale)

    def _fit_form(self, form: str) -> None:
        """Take the length that a form states, unless another one is asked for."""
        stated = stated_bars(form)
        if stated is not None and self.bars == type(self).bars:
            self._set("bars", stated)
        parse_form(form, self.bars)

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)  # the dataclass is frozen for everyone else


REQUEST_SETTINGS = settings_of(Request)
"""All wishes by name, in the order in which they are shown."""
