"""The reference engine: the torch model, one step a token, on any device.

B pieces in a batch, T time, F feature columns, S sounding entries, V vocabulary
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from partimento.errors import PartimentoError
from partimento.model.checkpoint import file_hash
from partimento.model.known_music import known_music
from partimento.model.loading import load_model
from partimento.model.state import State
from partimento.music.known_passages import KnownPassages
from partimento.music.sketch import SLOTS, Floats
from partimento.sampling.choice import choose_tokens, describe, read_tokens
from partimento.sampling.engine import OnBar, Precision
from partimento.sampling.engines.told import check_sketches, sketches_at
from partimento.sampling.nats import nats_of
from partimento.sampling.parts import Part, Parts, by_bar, collect
from partimento.sampling.pieces import new_pieces, place, progress
from partimento.sampling.plan import Plan
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.features import FEATURES, SOUNDING_WIDTH
from partimento.tokenizer.token_sketches import place_tokens
from partimento.tokenizer.vocabulary import TokenArray

Tokens = npt.NDArray[np.int64]
Inputs = tuple[Tokens, c.Int16Array, c.ByteArray]
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
            raise PartimentoError(
                f"device {device} cannot be used here ({reason}); use cpu"
            ) from None
        self._path = checkpoint
        self.checkpoint = file_hash(checkpoint)
        model, self.header = load_model(checkpoint)
        if model.sketch is not None:
            model.sketch.is_written = True
        self._model = model.to(self._device)

    @property
    def reads_sketches(self) -> bool:
        """Whether the weights were trained to follow a sketch."""
        return self.header.config.sketch_width is not None

    @cached_property
    def known(self) -> KnownPassages | None:
        """The passages of the music that the weights were trained on, as `Engine.known` says."""
        return known_music(self._path, self.header.data)

    def decode(
        self,
        plans: Sequence[Plan],
        seeds: Sequence[int],
        on_bar: OnBar | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> list[TokenArray]:
        """The tokens of each plan's piece, as `Engine.decode` says."""
        return collect(self._parts(plans, seeds), plans, on_bar, should_stop)

    def nats(self, plan: Plan, tokens: TokenArray) -> npt.NDArray[np.float64]:
        """(N,) what the tokens after the prompt cost, as `Engine.nats` says."""
        check_sketches(self.header.config, [plan])
        run = _Run([plan._replace(prompt=tokens[:-1])], [0])
        logits, _ = self._read(run, self._told(plan))
        return nats_of(logits[0].float().cpu().numpy(), tokens[1:])[len(plan.prompt) - 1 :]

    def stream(self, plan: Plan, seed: int) -> Iterator[TokenArray]:
        """The tokens of one piece as they come, as `Engine.stream` says."""
        return by_bar(self._parts([plan], [seed]), plan)

    def _parts(self, plans: Sequence[Plan], seeds: Sequence[int]) -> Parts:
        """Decode batch after batch; what one token more of each piece has brought."""
        check_sketches(self.header.config, plans)
        groups: dict[tuple[object, ...], list[int]] = {}
        for index, plan in enumerate(plans):
            groups.setdefault(plan.prompt_key(), []).append(index)
        for group in groups.values():
            for start in range(0, len(group), BATCH):
                part = group[start : start + BATCH]
                yield [Part(index) for index in part]
                run = _Run([plans[i] for i in part], [seeds[i] for i in part])
                for found in self._written(run):
                    yield [one._replace(piece=part[one.piece]) for one in found]

    def _written(self, run: _Run) -> Parts:
        """Decode one batch; its parts are those of its slots."""
        told = self._told(run.plan)
        logits, state = self._prefill(run, told)
        while len(run.slots):
            tokens = run.choose(logits)
            yield [
                Part(slot, np.array([token], np.uint16), int(run.ends_step(slot, token)))
                for slot, token in zip(run.slots.tolist(), tokens.tolist(), strict=True)
            ]
            (kept,) = np.nonzero(tokens != v.EOS)
            if len(kept) < len(tokens):
                state = state.select(torch.from_numpy(kept).to(self._device))
                run.slots = run.slots[kept]
            if len(kept):
                heard = None if told is None else told.expand(len(kept), -1)
                inputs = self._send(run.read(tokens[kept]))
                with torch.inference_mode():
                    sketch = self._sketch(run.sketches())
                    logits, state = self._model.step(
                        *inputs, state, conditioning=heard, sketch=sketch
                    )

    def _told(self, plan: Plan) -> Tensor | None:
        """What all pieces of a batch are told (1, C); None when the model has no such input."""
        if self._model.config.conditioning_width is None:
            return None
        return torch.from_numpy(plan.told[:1]).to(self._device)

    def _sketch(self, rows: Floats | None) -> Tensor | None:
        return None if rows is None else torch.from_numpy(rows).to(self._device)

    @torch.inference_mode()
    def _read(self, run: _Run, told: Tensor | None) -> tuple[Tensor, State]:
        """Logits (1, T, V) after each token of the prompt, and the state after it."""
        tokens, features, sounding = self._send(run.read_prompt())
        heard = None if told is None else told.expand(len(tokens), -1)[None]
        sketch = self._sketch(run.prompt_sketches())
        read: tuple[Tensor, State] = self._model(
            tokens[None],
            features[None],
            sounding[None],
            conditioning=heard,
            sketch=None if sketch is None else sketch[None],
        )
        return read

    def _prefill(self, run: _Run, told: Tensor | None) -> tuple[Tensor, State]:
        """Logits (B, V) after the prompt, and the state; the prompt is computed once."""
        logits, state = self._read(run, told)
        rows = torch.zeros(len(run.slots), dtype=torch.int64, device=self._device)
        return logits[:, -1].index_select(0, rows), state.select(rows)

    def _send(self, inputs: Inputs) -> tuple[Tensor, Tensor, Tensor]:
        tokens, features, sounding = (torch.from_numpy(a).to(self._device) for a in inputs)
        return tokens, features, sounding


class _Run:
    """A batch of pieces with one prompt."""

    def __init__(self, plans: Sequence[Plan], seeds: Sequence[int]) -> None:
        self._plans = plans
        self.plan = plans[0]
        """The first one; what it says of the prompt and of what is told holds for all."""
        self._pieces = new_pieces(plans, len(plans))
        for slot, (plan, seed) in enumerate(zip(plans, seeds, strict=True)):
            place(self._pieces, slot, plan, seed)
        self._mask = np.zeros(v.SIZE, np.uint8)
        self.slots = np.arange(len(plans))
        """Slots of the pieces that are not finished, in the order of the batch."""

    def read_prompt(self) -> Inputs:
        """Walk the first piece through the prompt, and put the others where it stands."""
        prompt = self.plan.prompt.astype(np.int64)
        inputs = self._read(np.zeros(len(prompt), np.int64), prompt)
        for array in progress(self._pieces):
            array[1:] = array[0]
        return inputs

    def prompt_sketches(self) -> Floats | None:
        """(T, C) what is told of the sketch at each token of the prompt; None: there is none."""
        if not len(self.plan.sketch):
            return None
        places = place_tokens(self.plan.prompt)
        return sketches_at([self.plan] * len(places.bar), places.bar, places.slot)

    def sketches(self) -> Floats | None:
        """(B, C) what is told of their sketches where the unfinished pieces stand."""
        plans = [self._plans[slot] for slot in self.slots.tolist()]
        if not any(len(plan.sketch) for plan in plans):
            return None
        scalars = self._pieces.cursor.scalars[self.slots]
        slots = scalars[:, c.TICK] * SLOTS // np.maximum(scalars[:, c.LENGTH], 1)
        return sketches_at(plans, scalars[:, c.BAR], np.minimum(slots, SLOTS))

    def choose(self, logits: Tensor) -> Tokens:
        """The next token (B,) of each unfinished piece, from logits (B, V)."""
        tokens = np.zeros(len(self.slots), np.int64)
        values = logits.float().cpu().numpy().copy()  # the choice changes it
        choose_tokens(self._pieces, self.slots, values, self._mask, tokens)
        for slot, token in zip(self.slots, tokens, strict=True):
            if token < 0:
                state = describe(self._pieces, int(slot))
                raise RuntimeError(f"no token is possible: {state}")
        return tokens

    def ends_step(self, slot: int, token: int) -> bool:
        """Whether the next token ends a step that is not of the prompt."""
        scalars = self._pieces.cursor.scalars[slot]
        opened = int(scalars[c.BARS] + scalars[c.FILLED]) - self._plans[slot].steps_before
        return opened > 0 and token in (v.BAR, v.FILL, v.EOS)

    def read(self, tokens: Tokens) -> Inputs:
        """Take in the tokens (B,) of the unfinished pieces; the model's inputs for them."""
        return self._read(self.slots, tokens)

    def _read(self, slots: Tokens, tokens: Tokens) -> Inputs:
        ids = np.zeros((len(tokens), len(FEATURES)), np.int16)
        sounding = np.zeros((len(tokens), SOUNDING_WIDTH), np.uint8)
        read_tokens(self._pieces, slots, tokens, ids, sounding)
        return tokens, ids, sounding
