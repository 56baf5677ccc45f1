"""The reference engine: the torch model, one step a token, on any device.

B pieces in a batch, T time, F feature columns, S sounding entries, V vocabulary
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from partimento.model.checkpoint import file_hash, load_model
from partimento.model.state import State
from partimento.sampling.engines import Precision
from partimento.sampling.engines.choice import choose, describe, read
from partimento.sampling.engines.pieces import Piece, new_pieces, piece_at, place, progress
from partimento.sampling.plan import Plan
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.codec import TokenArray

Inputs = tuple[npt.NDArray[np.int64], c.Int16Array, c.ByteArray]
"""Tokens, features and sounding entries, each with one row a piece or a step of time."""

BATCH = 64
"""Pieces that are decoded side by side."""


class TorchEngine:
    """Decode with `Transformer.step`; pieces with the same prompt form a batch."""

    name = "torch"
    precision: Precision = "float32"

    def __init__(self, checkpoint: Path, device: str) -> None:
        try:
            self._device = torch.device(device)
            torch.zeros(1, device=self._device)
        except (RuntimeError, AssertionError) as error:
            reason = str(error).splitlines()[0]
            raise ValueError(f"device {device} cannot be used here ({reason}); use cpu") from None
        self.checkpoint = file_hash(checkpoint)
        model, self.header = load_model(checkpoint)
        self._model = model.to(self._device)

    @torch.inference_mode()
    def decode(
        self,
        plans: Sequence[Plan],
        seeds: Sequence[int],
        on_bar: Callable[[int, int], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> list[TokenArray]:
        """The tokens of each plan's piece, as `Engine.decode` says."""
        groups: dict[tuple[bytes, int], list[int]] = {}
        for index, plan in enumerate(plans):
            groups.setdefault((plan.prompt.tobytes(), int(plan.bars[1])), []).append(index)
        written: list[list[int]] = [plan.prompt.tolist() for plan in plans]
        for group in groups.values():
            for start in range(0, len(group), BATCH):
                part = group[start : start + BATCH]
                run = _Run([plans[i] for i in part], [seeds[i] for i in part])
                logits, state = self._prefill(run)
                while run.rows and not (should_stop is not None and should_stop()):
                    tokens = run.choose(logits)
                    for slot, token in tokens.items():
                        written[part[slot]].append(token)
                        if on_bar is not None and run.closes_bar(slot, token):
                            on_bar(part[slot], 1)
                    kept = [row for row, slot in enumerate(run.rows) if tokens[slot] != v.EOS]
                    if len(kept) < len(run.rows):
                        rows = torch.tensor(kept, dtype=torch.int64, device=self._device)
                        state = state.select(rows)
                        run.rows = [run.rows[row] for row in kept]
                    if run.rows:
                        inputs = run.read([tokens[slot] for slot in run.rows])
                        logits, state = self._model.step(*self._send(inputs), state)
        return [np.array(tokens, np.uint16) for tokens in written]

    def _prefill(self, run: _Run) -> tuple[Tensor, State]:
        """Logits (B, V) after the prompt, and the state; the prompt is computed once."""
        tokens, features, sounding = self._send(run.read_prompt())
        logits, state = self._model(tokens[None], features[None], sounding[None])
        rows = torch.zeros(len(run.rows), dtype=torch.int64, device=self._device)
        return logits[:, -1].index_select(0, rows), state.select(rows)

    def _send(self, inputs: Inputs) -> tuple[Tensor, Tensor, Tensor]:
        tokens, features, sounding = (torch.from_numpy(a).to(self._device) for a in inputs)
        return tokens, features, sounding


class _Run:
    """A batch of pieces with one prompt."""

    def __init__(self, plans: Sequence[Plan], seeds: Sequence[int]) -> None:
        self._prompt = plans[0].prompt
        self._stack = new_pieces(plans, len(plans))
        for slot, (plan, seed) in enumerate(zip(plans, seeds, strict=True)):
            place(self._stack, slot, plan, seed)
        self._pieces: list[Piece] = [piece_at.py_func(self._stack, i) for i in range(len(plans))]
        self._mask = np.zeros(v.SIZE, np.uint8)
        self.rows = list(range(len(plans)))
        """Slots of the pieces that are not finished, in the order of the batch."""

    def read_prompt(self) -> Inputs:
        """Walk the first piece through the prompt, and put the others where it stands."""
        steps = [self._read(self._pieces[0], int(token)) for token in self._prompt]
        for array in progress(self._stack):
            array[1:] = array[0]
        return (
            self._prompt.astype(np.int64),
            np.stack([ids for ids, _ in steps]),
            np.stack([sounding for _, sounding in steps]),
        )

    def choose(self, logits: Tensor) -> dict[int, int]:
        """The next token of each unfinished slot, from logits (B, V)."""
        values = logits.float().cpu().numpy()
        tokens = {}
        for row, slot in enumerate(self.rows):
            token = int(choose(self._pieces[slot], values[row], self._mask))
            if token < 0:
                raise RuntimeError(f"no token is possible: {describe(self._pieces[slot])}")
            tokens[slot] = token
        return tokens

    def closes_bar(self, slot: int, token: int) -> bool:
        """Whether a token ends a bar that is not of the prompt."""
        piece = self._pieces[slot]
        is_end = token in (v.BAR, v.EOS)
        return is_end and int(piece.cursor.scalars[c.BARS]) > int(piece.plan.bars[0])

    def read(self, tokens: Sequence[int]) -> Inputs:
        """Inputs of the model for the tokens of the rows: (B,), (B, F), (B, S)."""
        steps = [
            self._read(self._pieces[slot], token)
            for slot, token in zip(self.rows, tokens, strict=True)
        ]
        return (
            np.array(tokens, np.int64),
            np.stack([ids for ids, _ in steps]),
            np.stack([sounding for _, sounding in steps]),
        )

    def _read(self, piece: Piece, token: int) -> tuple[c.Int16Array, c.ByteArray]:
        read(piece, token)
        ids = np.zeros(len(c.FEATURES), np.int16)
        sounding = np.zeros(c.SOUNDING_WIDTH, np.uint8)
        c.features(piece.cursor, ids, sounding)
        return ids, sounding
