"""What an item of a batch may ask for beside a request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from partimento.batch.formats import FORMATS, check_formats
from partimento.batch.names import DEFAULT_TEMPLATE, check_template
from partimento.request.presets import Manner
from partimento.request.readers import Interval, Names, Parsed, Whole, between_commas
from partimento.request.request import Request
from partimento.request.settings import OUTPUT, About, Setting, settings_of


def _template(text: str) -> str:
    check_template(text)
    return text


@dataclass(frozen=True)
class ItemSettings(Manner):
    """Everything beside the request."""

    count: Setting[int | None, int | None] = Setting(
        None,
        Whole(Interval(1, 10_000)),
        About("Pieces to make of each item, {interval}; 1 by default.", OUTPUT),
    )
    name: Setting[str | None, str | None] = Setting(
        None,
        Parsed(_template, (str,)),
        About(
            f"Template of the files' names; {DEFAULT_TEMPLATE} by default.".replace(
                "{", "{{"
            ).replace("}", "}}"),
            OUTPUT,
        ),
    )
    also: Setting[tuple[str, ...] | None, Sequence[str] | None] = Setting(
        None,
        Names(len(FORMATS), check_formats, between_commas),
        About(
            "What to write beside MIDI, divided by commas: wav, flac, ogg, mp3 (sound), png, svg "
            "(piano roll), musicxml, pdf, score-svg (sheet music).",
            OUTPUT,
        ),
    )


ITEM_SETTINGS: Mapping[str, Setting[object, object]] = settings_of(ItemSettings, Request)
"""All settings that an item, or the defaults, may have, in the order in which they are shown."""
