"""The piece that an edit begins with, as its file has it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from partimento.errors import MidiError
from partimento.music.bars import bar_starts
from partimento.music.midi.reader import parse_midi
from partimento.music.midi.writer import midi_bytes
from partimento.music.reading import parse_score
from partimento.music.score import Score
from partimento.music.sources import Source, read_source, source_name
from partimento.sampling.provenance import (
    StoredPrimer,
    read_provenance,
    without_provenance,
)

_MIDI = b"MThd"


@dataclass(frozen=True, slots=True, eq=False)
class Original:
    """A piece to edit."""

    stored: StoredPrimer
    """All else follows from it."""
    score: Score
    """At the file's resolution, without stored settings; its style where this program made it."""
    warnings: tuple[str, ...] = ()
    """What was repaired in reading, one line each."""


def read_original(source: Source) -> Original:
    """The piece of a file of music; MidiError as in reading."""
    data, name = read_source(source), source_name(source)
    score, warnings = parse_score(data, name)
    return make_original(score, data if data[:4] == _MIDI else None, name, warnings)


def make_original(
    score: Score,
    data: bytes | None = None,
    name: str = "the piece",
    warnings: Sequence[str] = (),
) -> Original:
    """A score as the piece to edit; `data` is the MIDI file that it was read from, if any."""
    bars = len(bar_starts(score))
    if not bars:
        raise MidiError(f"{name}: no notes found; give a piece with at least one note")
    plain = without_provenance(score)
    if data is None or plain != score:
        # What it was made of is left out, or every edit of an edit would hold all before it.
        data = midi_bytes(plain)
    return original_of(StoredPrimer(data, bars), _style(score), warnings)


def original_of(
    stored: StoredPrimer, style: str | None = None, warnings: Sequence[str] = ()
) -> Original:
    """The piece that was stored: the same bytes, the same piece."""
    score = parse_midi(stored.midi, "the stored piece")[0]
    return Original(stored, replace(score, style=style), tuple(warnings))


def _style(score: Score) -> str | None:
    """The style of a score, or what is stored of it."""
    if score.style is not None:
        return score.style
    try:
        made = read_provenance(score)
    except ValueError:
        return None
    return None if made is None else made.style
