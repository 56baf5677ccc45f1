"""What is said of a piece that was written: a line, or JSON."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from partimento.cli.destinations import Destination
from partimento.cli.display import warn

if TYPE_CHECKING:
    from partimento.music.known_passages import Common
    from partimento.request.words import Reading
    from partimento.sampling.generate import Piece

NOTED_RUN = 24
"""Notes of a run in common with the training music that the line of a piece tells of: hardly a
piece in fifty has one."""


def describe(
    piece: "Piece", place: Destination, checkpoint: str, reading: "Reading | None"
) -> dict[str, object]:
    """The facts about a piece, as JSON keeps them."""
    from partimento.music.facts import facts_of

    facts = facts_of(piece.score)
    return {
        "path": str(place.midi),
        "bars": piece.bars,
        "notes": facts.notes,
        "tokens": piece.new_tokens,
        "music_seconds": round(piece.music_seconds, 3),
        "decode_seconds": round(piece.decode_seconds, 3),
        "tokens_per_second": round(piece.new_tokens / max(piece.decode_seconds, 1e-9), 1),
        "seed": piece.request.seed,
        "key": facts.key,
        "checkpoint": checkpoint,
        **common_facts(piece.common),
        "redraws": piece.redraws,
        "best_of": None if piece.choice is None else asdict(piece.choice),
        "files": [str(path) for path in place.paths],
        "prompt": piece.request.prompt,
        "understood": [] if reading is None else list(reading.understood),
        "taken": [] if reading is None else list(reading.taken),
        "overruled": [] if reading is None else list(reading.conflicts),
        "ignored": [] if reading is None else list(reading.ignored),
        "is_sketched": piece.sketch is not None,
    }


def common_facts(common: "Common | None") -> dict[str, object]:
    """What a piece has in common with the training music, as JSON keeps it; null: not known."""
    return {
        "common_run": None if common is None else common.longest,
        "common_share": None if common is None else round(common.share, 4),
    }


def _run_in_common(notes: int) -> str:
    """A run in common with the training music, where it is long enough to be noted."""
    return f", {notes} notes in a row as in the training music" if notes >= NOTED_RUN else ""


def sentence(piece: "Piece", place: Destination) -> str:
    """The facts about a piece in a line, then its other files, a line each."""
    from partimento.music.facts import counted

    run = "" if piece.common is None else _run_in_common(piece.common.longest)
    found = "no key" if piece.key is None else piece.key
    rate = piece.new_tokens / max(piece.decode_seconds, 1e-9)
    facts = (
        f"{place.midi}  {counted(piece.bars, 'bar')}, "
        f"{counted(piece.score.note_count, 'note')}, {found}, "
        f"{piece.music_seconds:.0f} s of music, {rate:,.0f} tokens/s, seed {piece.request.seed}"
    )
    chosen = "" if piece.choice is None else f", {piece.choice.summary()}"
    return "\n".join([facts + chosen + run, *map(str, place.beside)])


def warn_of_runs(pieces: "list[tuple[Destination, Piece]]") -> None:
    """Say which pieces have a run in common with the training music after all redraws."""
    from partimento.music.facts import counted

    for place, piece in pieces:
        if not piece.is_original and piece.common is not None:
            warn(
                f"{place.midi}: has a run of {piece.common.longest} notes in common with the "
                f"training music still, after {counted(piece.redraws, 'redraw')}; "
                "try another --seed"
            )
