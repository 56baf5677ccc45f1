"""A corpus as MidiTok's REMI: whole pieces, excerpts, and the bars that both models are held to."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import symusic
from miditok import REMI, TokenizerConfig

from partimento.music.midi.writer import midi_bytes
from partimento.music.score import Score
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.decoding import decode
from partimento.tokenizer.vocabulary import TokenArray
from partimento.training.batches import piece_weights
from partimento.training.corpus import Piece
from partimento.training.excerpts import Augmentation, drop_chords

TOKENS = 2048
"""Of a row: twice as many as the other model's, since a note takes twice the tokens."""
BALANCE = 0.4
"""As the other model's batches draw styles."""
KINDS = ("pitch", "length", "time", "instrument", "loudness", "other")
"""What a token says. Time is bars, rests and positions; other is meters, tempos and the like."""
_REMI_KINDS = {
    **{"Pitch": 0, "PitchDrum": 0, "Duration": 1, "Bar": 2, "Position": 2, "Rest": 2},
    **{"Program": 3, "Velocity": 4},
}
_OUR_KINDS = {"pitch": 0, "duration": 1, "rest": 2, "instrument": 3, "dynamic": 4}
Ids = npt.NDArray[np.int64]


def tokenizer() -> REMI:
    """REMI on the grid of this program: 24 ticks a quarter, its meters, tempos and dynamics."""
    return REMI(
        TokenizerConfig(
            pitch_range=(0, 127),
            beat_res={(0, 12): 24},
            num_velocities=len(v.VELOCITIES),
            special_tokens=["PAD", "BOS", "EOS"],
            use_programs=True,
            one_token_stream_for_programs=True,
            use_time_signatures=True,
            use_tempos=True,
            num_tempos=len(v.TEMPOS),
            tempo_range=(40, 240),
            time_signature_range={8: [3, 6, 9, 12], 4: [2, 3, 4, 5, 6], 2: [2, 3, 4]},
        )
    )


class Pieces:
    """Pieces as REMI, made when they are first asked for."""

    def __init__(self, remi: REMI, pieces: Sequence[Piece]) -> None:
        self.remi = remi
        self.pieces = pieces
        self.weights = np.cumsum(piece_weights(list(pieces), BALANCE))
        """How often each piece is drawn, all before it added."""
        self._ids: dict[int, Ids] = {}
        self.bar = remi["Bar_None"]
        self._pitches = [i for name, i in remi.vocab.items() if name.startswith("Pitch_")]

    def ids(self, number: int) -> Ids:
        """(T,) tokens of a whole piece, with its end."""
        if number not in self._ids:
            found = encode(self.remi, decode(drop_chords(self.pieces[number].tokens)))
            self._ids[number] = np.append(found, self.remi["EOS_None"])
        return self._ids[number]

    def excerpt(self, number: int, rng: np.random.Generator) -> Ids:
        """A piece from its start or from any bar on, transposed as the other model's are.

        BOS marks the start of a piece alone, as MidiTok's own data sets have it.
        """
        augmentation = Augmentation()
        ids = np.append(self.remi["BOS_None"], self.ids(number))
        bars = np.flatnonzero(ids == self.bar)
        if rng.random() >= augmentation.from_start and len(bars) > 1:
            ids = ids[int(rng.choice(bars)) :]
        low, high = augmentation.transpose
        lowest, highest = min(self._pitches), max(self._pitches)
        pitched = (ids >= lowest) & (ids <= highest)
        shift = int(rng.integers(low, high + 1))
        moved = ids[pitched] + shift
        if len(moved) and lowest <= moved.min() and moved.max() <= highest:
            ids[pitched] = moved
        return ids


def encode(remi: REMI, score: Score) -> Ids:
    """(T,) REMI of a score."""
    found = remi(symusic.Score.from_midi(midi_bytes(score)))
    return np.array(found.ids, np.int64)


def kinds(remi: REMI, ids: Ids) -> Ids:
    """(T,) index into KINDS of each token (T,)."""
    names = {token: name.split("_")[0] for name, token in remi.vocab.items()}
    return np.array([_REMI_KINDS.get(names[int(i)], len(KINDS) - 1) for i in ids], np.int64)


def our_kinds(tokens: TokenArray) -> Ids:
    """(T - 1,) index into KINDS of each token (T,) but the first."""
    table = np.full(v.SIZE, len(KINDS) - 1)
    for block in v.BLOCKS:
        table[block.first : block.end] = _OUR_KINDS.get(block.name, len(KINDS) - 1)
    table[v.BAR] = KINDS.index("time")
    return np.asarray(table[tokens[1:]], np.int64)


def held_out(remi: REMI, pieces: Iterable[Piece], each: int) -> Iterator[tuple[TokenArray, Ids]]:
    """The first bars of so many pieces of each style, as both models read them.

    Of these as many as fit the rows that the Llama was trained on; their end is not written.
    """
    counts: dict[str | None, int] = {}
    for piece in pieces:
        counts[piece.entry.style] = counts.get(piece.entry.style, 0) + 1
        if counts[piece.entry.style] > each:
            continue
        tokens = drop_chords(piece.tokens)
        ends = np.append(np.flatnonzero(tokens == v.BAR)[1:], len(tokens) - 1)
        for room in (1000, 800, 600, 400, 200):
            fitting = ends[ends <= room]
            if not len(fitting):
                break
            part = tokens[: fitting[-1]]
            ids = encode(remi, decode(np.append(part, v.EOS).astype(np.uint16)))
            if len(ids) < TOKENS:
                yield part, ids
                break
