"""The pieces of a folder: those of a batch's record, or its MIDI files with their settings."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from partimento.batch.records import BATCH_FILE, Record, read_records
from partimento.errors import PartimentoError
from partimento.music.key_finding import estimate_key
from partimento.music.keys import key_name
from partimento.music.midi.reader import read_midi
from partimento.music.score import Score
from partimento.music.timeline import heard_tempos
from partimento.page.music import describe_music
from partimento.rendering.output import ENDINGS
from partimento.request.request import Request
from partimento.sampling.provenance import Provenance, read_provenance

MIDI_ENDINGS = (".mid", ".midi")
PLAYED_ENDINGS = (".mp3", ".flac", ".wav", ".ogg")
"""Sound files that browsers play; first those that all of them do."""
MAX_NOTES = 40_000
"""A piece with more notes would make the page slow; it links to the files only."""
_DEFAULTS = Request().to_dict()


@dataclass(frozen=True)
class Collection:
    """What a page shows."""

    title: str
    pieces: tuple[Mapping[str, object], ...]
    """Each as JSON keeps it, and as the page's script reads it."""
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
    return Collection(name, tuple(_piece(folder, record) for record in track(records)), warnings)


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
    paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in MIDI_ENDINGS and p.is_file())
    return [_made_up(index, path) for index, path in enumerate(paths, 1)], warnings


def _made_up(index: int, path: Path) -> Record:
    """The record of a MIDI file and of what lies beside it under the same name."""
    beside = [path.with_suffix(ending) for ending in ENDINGS if ending != ".mid"]
    files = [path, *(other for other in beside if other.is_file())]
    return Record(index, path.stem, "done", files={file.name: "" for file in files})


def _piece(folder: Path, record: Record) -> dict[str, object]:
    """One piece as the page's script reads it."""
    piece: dict[str, object] = {
        "id": f"{record.index} {record.name}",
        "number": record.index,
        "name": record.name,
        "style": record.settings.get("style"),
        "key": record.key,
        "meter": record.settings.get("meter"),
        "bpm": record.bpm,
        "bars": record.bars,
        "notes": record.notes,
        "seconds": record.music_seconds,
        "seed": record.seed,
        "prompt": record.prompt,
        "reading": record.reading,
        "settings": _settings(record.settings),
        "files": [{"name": name, "href": _link(name)} for name in record.files],
        "audio": _audio(folder, record.files),
        "error": record.error,
        "music": None,
    }
    midi = next((n for n in record.files if n.lower().endswith(MIDI_ENDINGS)), None)
    if midi is not None:
        try:
            piece |= _heard(folder / midi, record)
        except (ValueError, OSError) as error:
            piece["error"] = " ".join(str(error).split())
    return piece


def _heard(path: Path, record: Record) -> dict[str, object]:
    """What the MIDI file itself says, and its music; MidiError or ValueError when unreadable."""
    score = read_midi(path)[0]
    if score.note_count > MAX_NOTES:
        raise PartimentoError(f"{path.name}: more than {MAX_NOTES:,} notes; open its files instead")
    music = describe_music(score)
    key = estimate_key(score)
    meter = score.meters[0] if score.meters else None
    heard: dict[str, object] = {
        # Stars are kept by what a file holds, so that they outlive new names and folders.
        "id": hashlib.sha256(path.read_bytes()).hexdigest()[:16],
        "key": record.key or (str(key_name(key)) if key else None),
        "meter": f"{meter.numerator}/{meter.denominator}" if meter else "4/4",
        "bpm": round(heard_tempos(score)[0].bpm, 2),
        "bars": record.bars or len(music.bars),
        "notes": score.note_count,
        "seconds": record.music_seconds or music.length / 1000,
        "music": music.to_dict(),
    }
    made = _provenance(score)
    if made is not None:
        heard |= {
            "style": made.style or made.request.style,
            "seed": made.request.seed,
            "prompt": made.request.prompt,
            "settings": _settings(made.request.to_dict()),
        }
    return heard


def _provenance(score: Score) -> Provenance | None:
    try:
        return read_provenance(score)
    except ValueError:  # made by a newer version, or changed: the music is there all the same
        return None


def _settings(settings: Mapping[str, object]) -> list[list[str]]:
    """Names and values as a person reads them, without defaults and what stands on the card."""
    return [
        [name.replace("_", " "), _text(value)]
        for name, value in settings.items()
        if name not in ("prompt", "seed") and (name == "bars" or value != _DEFAULTS.get(name))
    ]


def _text(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


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
