"""Counts of what music becomes in tokens, and of what is lost on the way."""

from dataclasses import asdict, dataclass, fields, replace

from partimento.music.sources import Source, source_name
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.loading import load_score
from partimento.tokenizer.round_trip import check_round_trip, share_kept
from partimento.tokenizer.vocabulary import TokenArray


@dataclass(slots=True)
class Tally:
    """Counts over some files."""

    pieces: int = 0
    notes: int = 0
    bars: int = 0
    tokens: int = 0
    read_notes: int = 0
    """Before equal notes that fell together were joined."""
    moved_onsets: int = 0
    dropped_notes: int = 0
    """Notes beyond the lines that one instrument may have in a bar."""
    lost_notes: int = 0
    extra_notes: int = 0
    wrong_bars: int = 0

    def add(self, other: "Tally") -> None:
        """Add the counts of another one, in place."""
        for entry in fields(self):
            setattr(self, entry.name, getattr(self, entry.name) + getattr(other, entry.name))

    @property
    def kept_share(self) -> float:
        """Share of the notes that come back, 0..1."""
        return share_kept(self.notes, self.lost_notes, self.extra_notes)

    @property
    def tokens_per_note(self) -> float:
        """How many tokens a note takes, with its share of the bars and the header."""
        return self.tokens / max(1, self.notes)

    @property
    def moved_share(self) -> float:
        """Share of the notes whose onset the grid moved, 0..1."""
        return self.moved_onsets / max(1, self.read_notes)

    def to_dict(self, check: bool) -> dict[str, object]:
        """The counts and shares as JSON values; `check` says whether tokens were decoded again."""
        result: dict[str, object] = dict(asdict(self))
        if not check:
            for name in ("lost_notes", "extra_notes", "wrong_bars"):
                del result[name]
        result["tokens_per_note"] = round(self.tokens_per_note, 4)
        result["moved_onsets_share"] = round(self.moved_share, 6)
        if check:
            result["kept_share"] = round(self.kept_share, 6)
        return result


@dataclass(frozen=True, slots=True)
class Tokenized:
    """What became of one file."""

    tokens: TokenArray
    """(T,)"""
    tally: Tally
    warnings: tuple[str, ...]
    """One line each, which the file's name begins."""


def tokenize(source: Source, style: str | None = None, check: bool = False) -> Tokenized:
    """Read and encode a file of music; with `check` decode it again and compare note for note.

    Raises MidiError for a file that cannot be read, ValueError for one that has no tokens.
    """
    loaded = load_score(source)
    score = replace(loaded.score, style=style)
    encoding = encode(score)
    tally = Tally(
        pieces=1,
        notes=score.note_count,
        bars=int((encoding.tokens == v.BAR).sum()),
        tokens=len(encoding.tokens),
        read_notes=loaded.report.notes,
        moved_onsets=loaded.report.moved_onsets,
        dropped_notes=encoding.dropped_notes,
    )
    warnings = loaded.warnings
    if encoding.dropped_notes:
        warnings += (
            f"{source_name(source)}: {encoding.dropped_notes} notes left out, beyond the "
            "16 lines that one instrument may have in a bar",
        )
    if check:
        trip = check_round_trip(score, encoding.tokens)
        tally.lost_notes, tally.extra_notes = trip.lost, trip.extra
        tally.wrong_bars = trip.wrong_bars
    return Tokenized(encoding.tokens, tally, warnings)


def names_by_bar(tokens: TokenArray) -> list[list[str]]:
    """Names of the header's tokens, then of each bar's."""
    lines: list[list[str]] = [[]]
    for token in tokens.tolist():
        if token == v.BAR:
            lines.append([])
        lines[-1].append(v.name(token))
    return lines
