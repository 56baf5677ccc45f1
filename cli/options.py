"""Options of the command line, each written once: groups of them, and those of the settings.

A command names a group as one parameter; `expanded` gives typer the options that it stands for,
and the command what was typed of them. The options for settings, their help and their limits are
those of the dataclasses that hold the settings.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

import typer

from partimento.request.readers import Number, Whole, YesNo
from partimento.request.settings import OUTPUT, Setting

if TYPE_CHECKING:
    from partimento.sampling.engine import Engine

COMPUTING = "Computing"
MAX_PIECES = 9999
"""Pieces of one call; `partimento batch` resumes and is for more."""

Settings = Mapping[str, Setting[object, object]]
Asked = dict[str, object]
"""The settings that were typed, by name."""


class EngineName(StrEnum):
    """What computes."""

    numba = "numba"
    torch = "torch"


class PrecisionName(StrEnum):
    """How the numba engine holds the weights."""

    float32 = "float32"
    int8 = "int8"


@dataclass(frozen=True)
class Computing:
    """What computes, and with which weights."""

    checkpoint: Annotated[
        Path | None,
        typer.Option(
            help="File of the model's weights; those of the program by default.",
            rich_help_panel=COMPUTING,
        ),
    ] = None
    engine: Annotated[
        EngineName,
        typer.Option(help="numba, or torch for a GPU.", rich_help_panel=COMPUTING),
    ] = EngineName.numba
    precision: Annotated[
        PrecisionName | None,
        typer.Option(
            help="How numba holds the weights; int8, which is faster, by default.",
            rich_help_panel=COMPUTING,
        ),
    ] = None
    device: Annotated[
        str,
        typer.Option(help="What torch computes on: cpu, cuda or mps.", rich_help_panel=COMPUTING),
    ] = "cpu"

    def check(self) -> None:
        """Refuse what does not go together."""
        if self.engine is EngineName.numba and self.device != "cpu":
            raise typer.BadParameter(f"--device must be cpu with --engine numba, got {self.device}")
        if self.engine is EngineName.torch and self.precision is PrecisionName.int8:
            raise typer.BadParameter("--precision must be float32 with --engine torch, got int8")

    def load(self) -> "Engine":
        """The engine."""
        from partimento.sampling.engine import check_engine
        from partimento.sampling.engines import load_engine

        name, precision = check_engine(self.engine.value, self.precision and self.precision.value)
        return load_engine(self.checkpoint, name, precision, self.device)


@dataclass(frozen=True)
class SoundFiles:
    """Sound beside the MIDI file."""

    wav: Annotated[
        bool, typer.Option("--wav", help="Write sound too, as WAV.", rich_help_panel=OUTPUT)
    ] = False
    flac: Annotated[
        bool,
        typer.Option("--flac", help="Write sound too, as FLAC (no loss).", rich_help_panel=OUTPUT),
    ] = False
    ogg: Annotated[
        bool, typer.Option("--ogg", help="Write sound too, as Ogg Vorbis.", rich_help_panel=OUTPUT)
    ] = False
    mp3: Annotated[
        bool, typer.Option("--mp3", help="Write sound too, as MP3.", rich_help_panel=OUTPUT)
    ] = False
    soundfont: Annotated[
        Path | None,
        typer.Option(
            help="SoundFont 2 file to play with; a General MIDI one by default.",
            rich_help_panel=OUTPUT,
        ),
    ] = None

    loudness: Annotated[
        float | None,
        typer.Option(
            help="How loud a piece played mf is, in LUFS, -50 to -5; softer pieces stay softer. "
            "-18 by default.",
            rich_help_panel=OUTPUT,
        ),
    ] = None

    @property
    def formats(self) -> tuple[str, ...]:
        """Names of the formats that were asked for."""
        return tuple(name for name in ("wav", "flac", "ogg", "mp3") if getattr(self, name))


def expanded(command: Callable[..., None], settings: Settings | None = None) -> Callable[..., None]:
    """The command with an option for each field of a parameter that is a dataclass.

    A parameter of the type Asked becomes the options for the settings.
    """
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, type] = {}
    parameters: list[inspect.Parameter] = []
    for name, parameter in inspect.signature(command).parameters.items():
        hint = hints[name]
        if hint == Asked:
            parameters += [_parameter(*named) for named in (settings or {}).items()]
        elif is_dataclass(hint) and isinstance(hint, type):
            groups[name] = hint
            parameters += _fields(hint)
        else:
            parameters.append(parameter.replace(annotation=hint))
    asked = [name for name, hint in hints.items() if hint == Asked]

    @wraps(command)
    def run(**typed: Any) -> None:
        given = {name: typed.pop(name) for name in settings or {}}
        for name, group in groups.items():
            typed[name] = group(**{field.name: typed.pop(field.name) for field in fields(group)})
        for name in asked:
            typed[name] = _given(given, settings or {})
        command(**typed)

    by_keyword = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in parameters]
    run.__dict__["__signature__"] = inspect.Signature(by_keyword)
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    del run.__dict__["__wrapped__"]  # its signature is another
    return run


def _fields(group: type) -> list[inspect.Parameter]:
    """The parameters that the fields of a dataclass stand for."""
    hints = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=field.default,
            annotation=hints[field.name],
        )
        for field in fields(group)
    ]


def _parameter(name: str, setting: Setting[object, object]) -> inspect.Parameter:
    """The option for a setting; None, or False for a flag, when it is not typed."""
    is_flag = isinstance(setting.reader, YesNo)
    flags = [f"--{name.replace('_', '-')}"] if is_flag else []
    option = typer.Option(*flags, help=setting.help, rich_help_panel=setting.about.panel)
    kind: Any = bool if is_flag else _kind(setting) | None
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=False if is_flag else None,
        annotation=Annotated[kind, option],
    )


def _kind(setting: Setting[object, object]) -> Any:
    """The type that typer reads a setting as."""
    if setting.about.is_path:
        return Path
    if setting.about.is_repeated:
        return list[str]
    if isinstance(setting.reader, Whole):
        return int
    if isinstance(setting.reader, Number):
        return float
    return Literal[setting.words] if setting.about.is_listed else str


def _given(typed: Mapping[str, object], settings: Settings) -> Asked:
    """The settings that were typed, as their readers take them."""
    given: Asked = {}
    for name, value in typed.items():
        if isinstance(value, list):
            value = ", ".join(value) or None
        if value is not None and value is not False:
            is_text = isinstance(value, str | Path)
            given[name] = settings[name].reader.from_text(str(value)) if is_text else value
    return given
