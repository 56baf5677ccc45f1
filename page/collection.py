"""The pieces of a folder: those of a batch's record, or its MIDI files with their settings."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from partimento.batch.records import BATCH_FILE, Record, read_records
from partimento.errors import PartimentoError
from partimento.music.facts import facts_of
from partimento.music.formats import LABELS, MIDI_ENDINGS, PLAYED_ENDINGS
from partimento.music.reading import is_music_name, music_files, read_score, stem_of
from partimento.music.score import Score
from partimento.page.card import Card, Link
from partimento.page.music import describe_music
from partimento.request.request import Request
from partimento.sampling.provenance import Provenance, read_provenance

MAX_NOTES = 40_000
"""A piece with more notes would make the page slow; it links to the files only."""
_DEFAULTS = Request().to_dict()


@dataclass(frozen=True)
class Collection:
    """What a page shows."""

    title: str
    pieces: tuple[Card, ...]
    warnings: tuple[str, ...] = ()


def collect(
    folder: Path,
    title: str | None = None,
    track: Callable[[Sequence[Record]], Iterable[Record]] = iter,
) -> Collection:
    """Read a folder: the pieces of its batch.jsonl when a batch wrote one, else its MIDI files.

    A piece that failed or cannot be read has an `error`. `track` may count the pieces as they
    are read. ValueError when there is nothing to show.
    """
    records, warnings = _records(folder)
    if not records:
        raise PartimentoError(
            f"{folder}: no MIDI files and no {BATCH_FILE}; give the folder of a batch"
        )
    name = title or folder.resolve().name or "Pieces"
    return Collection(name, tuple(_card(folder, record) for record in track(records)), warnings)


def _records(folder: Path) -> tuple[list[Record], tuple[str, ...]]:
    """The lines of the record, or lines made up for the MIDI files; and warnings."""
    warnings: tuple[str, ...] = ()
    if (folder / BATCH_FILE).is_file():
        try:
            found = read_records(folder / BATCH_FILE)
        except ValueError:
            warnings = (f"{folder / BATCH_FILE} is not of a batch; the MIDI files are shown",)
        else:
            return [found[index] for index in sorted(found)], ()
    paths = music_files(folder.iterdir())
    return [_made_up(index, path) for index, path in enumerate(paths, 1)], warnings


def _made_up(index: int, path: Path) -> Record:
    """The record of a MIDI file and of what lies beside it under the same name."""
    name = stem_of(path)
    beside = [path.with_name(name + ending) for ending in LABELS if ending not in MIDI_ENDINGS]
    files = [path, *(other for other in beside if other.is_file() and other != path)]
    return Record(index, name, "done", files={file.name: "" for file in files})


def _card(folder: Path, record: Record) -> Card:
    """One piece: what its record says, and what its MIDI file does."""
    style = record.settings.get("style")
    card = Card(
        id=f"{record.index} {record.name}",
        number=record.index,
        name=record.name,
        files=tuple(Link(name, _link(name), _label(name)) for name in record.files),
        style=None if style is None else str(style),
        bars=record.bars,
        seed=record.seed,
        prompt=record.prompt,
        reading=record.reading,
        settings=_settings({**record.settings, **(record.edit or {})}),
        audio=_audio(folder, record.files),
        error=record.error,
    )
    midi = next((name for name in record.files if is_music_name(name)), None)
    if midi is None:
        return card
    try:
        return _heard(folder / midi, card)
    except (PartimentoError, OSError) as error:
        return replace(card, error=" ".join(str(error).split()))


def _heard(path: Path, card: Card) -> Card:
    """A card with the facts of its MIDI file, and its music; PartimentoError when unreadable."""
    score = read_score(path)[0]
    if score.note_count > MAX_NOTES:
        raise PartimentoError(f"{path.name}: more than {MAX_NOTES:,} notes; open its files instead")
    facts = facts_of(score)
    card = replace(
        card,
        # Stars are kept by what a file holds, so that they outlive new names and folders.
        id=hashlib.sha256(path.read_bytes()).hexdigest()[:16],
        key=facts.key,
        meter=facts.meter,
        bpm=facts.bpm,
        bars=card.bars or facts.bars,  # the record counts bars of rest at the end too
        notes=facts.notes,
        seconds=facts.seconds,
        music=describe_music(score),
    )
    made = _provenance(score)
    if made is None:
        return card
    return replace(
        card,
        style=made.style or made.request.style,
        seed=made.request.seed,
        prompt=made.request.prompt,
        settings=_settings({**made.request.to_dict(), **(made.edit or {})}),
    )


def _provenance(score: Score) -> Provenance | None:
    try:
        return read_provenance(score)
    except PartimentoError:  # made by a newer version, or changed: the music is there all the same
        return None


def _settings(settings: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """Names and values as a person reads them, without defaults and what stands on the card."""
    return tuple(
        (name.replace("_", " "), _text(value))
        for name, value in settings.items()
        if name not in ("prompt", "seed") and (name == "bars" or value != _DEFAULTS.get(name))
    )


def _text(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _label(name: str) -> str:
    """What the link to a file is called."""
    ending = Path(name).suffix.lower()
    return LABELS.get(ending, ending.removeprefix("."))


def _audio(folder: Path, files: Iterable[str]) -> str | None:
    """Link to the sound file that the most browsers play."""
    names = [name for name in files if (folder / name).is_file()]
    for ending in PLAYED_ENDINGS:
        for name in names:
            if name.lower().endswith(ending):
                return _link(name)
    return None


def _link(name: str) -> str:
    """A path in the folder as a link; never one to another place, whatever the name holds."""
    return "./" + quote(name)
