"""Primers from files: their bars are kept as they are, and only the model sees tokens."""

import io
from collections.abc import Sequence

import numpy as np

from partimento.errors import MidiError
from partimento.music.bars import Bar, bar_starts
from partimento.music.continuation import until_tick
from partimento.music.facts import counted
from partimento.music.midi.reader import read_midi
from partimento.music.midi.writer import midi_bytes
from partimento.music.pedal import pedalled
from partimento.music.reading import read_score
from partimento.music.score import Meter, Score
from partimento.music.sources import Source, source_name
from partimento.sampling.bar_groups import TimeSignature, group_bars
from partimento.sampling.primer_bars import Primer
from partimento.sampling.provenance import StoredPrimer, without_provenance
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.loading import fit_score
from partimento.tokenizer.vocabulary import TokenArray
from partimento.tokenizer.voices import split_voices


def read_primer(source: Source, bars: int | None = None, has_pedal: bool = False) -> Primer:
    """The first bars of a file of music, all of them without a number; MidiError as in reading.

    With `has_pedal` the model hears notes as long as the pedal holds them.
    """
    score, warnings = read_score(source)
    return make_primer(score, source_name(source), bars, warnings, has_pedal)


def make_primer(
    score: Score,
    name: str = "primer",
    bars: int | None = None,
    warnings: Sequence[str] = (),
    has_pedal: bool = False,
) -> Primer:
    """The first bars of a score as a primer; `name` stands in front of its warnings.

    MidiError when these bars have no notes.
    """
    found = bar_starts(score)[:bars]
    end = found[-1].start + found[-1].length if found else 0
    kept = until_tick(score, end)
    if not kept.tracks:
        raise MidiError(
            f"{name}: no notes in the first {counted(len(found), 'bar')}; take more bars of it"
        )
    stored = StoredPrimer(midi_bytes(without_provenance(kept)), len(found), has_pedal)
    return primer_of(stored, name, warnings)


def primer_of(stored: StoredPrimer, name: str = "primer", warnings: Sequence[str] = ()) -> Primer:
    """The primer that was stored: the same bytes, the same primer. MidiError as in reading."""
    score = read_midi(io.BytesIO(stored.midi))[0]
    fitted = fit_score(pedalled(score) if stored.has_pedal else score, name)
    heard = (
        f"{warning}, as the model hears it; the file's bars stay" for warning in fitted.warnings
    )
    found = bar_starts(score)
    silent = [found[-1].meter] * (stored.bars - len(found))
    return Primer(
        stored=stored,
        score=score,
        tokens=_with_silence(encode(fitted.score).tokens[:-1], silent),
        bars=(*found, *_after(found[-1], len(silent), score.ticks_per_quarter)),
        lines=lines_of_tracks(fitted.score),
        warnings=(*warnings, *heard),
    )


def _after(bar: Bar, count: int, ticks_per_quarter: int) -> list[Bar]:
    """So many whole bars of a bar's meter behind it."""
    length = Meter(0, *bar.meter).bar_ticks(ticks_per_quarter)
    first = bar.start + bar.length
    return [Bar(first + index * length, length, bar.meter) for index in range(count)]


def _with_silence(tokens: TokenArray, bars: Sequence[TimeSignature]) -> TokenArray:
    """The tokens and so many bars without a note."""
    meters = tokens[(tokens >= v.METER) & (tokens < v.TEMPO)]
    meter = int(meters[-1]) - v.METER
    added: list[int] = []
    for written in group_bars(bars).written:
        added.append(v.BAR)
        if v.METERS.index(written) != meter:
            meter = v.METERS.index(written)
            added.append(v.METER + meter)
    return np.concatenate([tokens, np.array(added, np.uint16)])


def lines_of_tracks(score: Score) -> dict[tuple[int, int], int]:
    """Index of the track of each line, by instrument and number, as `encode` numbers them."""
    by_rank: dict[int, list[int]] = {}
    for index, track in enumerate(score.tracks):
        for rank in range(len(split_voices(track))):
            by_rank.setdefault(rank, []).append(index)
    lines: dict[tuple[int, int], int] = {}
    counts: dict[int, int] = {}
    for rank in sorted(by_rank):
        for index in by_rank[rank]:
            track = score.tracks[index]
            instrument = v.DRUMS if track.is_drum else v.INSTRUMENT_OF_PROGRAM[track.program]
            lines[instrument, counts.get(instrument, 0)] = index
            counts[instrument] = counts.get(instrument, 0) + 1
    return lines
