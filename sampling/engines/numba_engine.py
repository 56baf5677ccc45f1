"""The fast engine: compiled by numba, on the CPU, without torch.

Pieces are decoded side by side, one thread a core. A slot that a finished piece leaves is
taken by the next one that waits. A prompt is read once, however many pieces start with it.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from queue import SimpleQueue

import numpy as np
import numpy.typing as npt

from partimento.model.checkpoint import file_hash, read_arrays
from partimento.model.compiled.packing import Floats, Weights, pack, quantize
from partimento.model.known_music import known_music
from partimento.music.known_passages import KnownPassages
from partimento.processors import available_cores
from partimento.sampling.choice import describe
from partimento.sampling.engine import OnBar, Precision
from partimento.sampling.engines.decoding import FAILED, Batch, new_batch, run
from partimento.sampling.engines.told import (
    check_sketches,
    reader_weights,
    table_rows,
    write_told,
)
from partimento.sampling.nats import nats_of
from partimento.sampling.parts import Part, Parts, by_bar, collect
from partimento.sampling.pieces import new_pieces, place, progress
from partimento.sampling.plan import Plan
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.vocabulary import TokenArray

SLOTS = 32
"""Pieces side by side in one thread: matrices are read at full speed from a dozen rows on, and
the states of more pieces on two cores would leave a third-level cache of 32 MB."""
PREFILL_ROWS = 96
"""Tokens of a prompt in one pass: enough that matrices are read seldom, few enough to stay in
the second-level cache."""
CALL_TOKENS = 128
"""Tokens that one call of the compiled loop writes, in all its pieces together: some 10 ms,
after which finished bars are reported and a stop is seen."""

LEAST_STEPS = 8
"""Tokens for each piece in one call, however many pieces there are."""

NO_PROMPT = np.zeros(0, np.uint16)
NO_LOGITS = np.zeros((0, v.SIZE), np.float32)


class NumbaEngine:
    """Decode with compiled kernels on the weights of a checkpoint."""

    name = "numba"

    def __init__(self, checkpoint: Path, precision: Precision) -> None:
        self._path = checkpoint
        self.checkpoint = file_hash(checkpoint)
        self.precision = precision
        self.header, arrays = read_arrays(checkpoint)
        weights = pack(self.header.config, arrays)
        self._weights = quantize(weights) if precision == "int8" else weights
        self._reader = reader_weights(arrays)

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
        check_sketches(self.header.config, plans)
        threads = min(available_cores(), len(plans))
        runs = [
            _Run(
                self._weights,
                self._reader,
                plans,
                seeds,
                range(first, len(plans), threads),
            )
            for first in range(threads)
        ]
        parts = runs[0].parts() if threads == 1 else _in_threads(runs)
        return collect(parts, plans, on_bar, should_stop)

    def nats(self, plan: Plan, tokens: TokenArray) -> npt.NDArray[np.float64]:
        """(N,) what the tokens after the prompt cost, as `Engine.nats` says."""
        check_sketches(self.header.config, [plan])
        pieces = new_pieces([plan], 1)
        place(pieces, 0, plan, 0)
        rows = min(PREFILL_ROWS, len(tokens) - 1)
        batch = new_batch(self._weights, pieces, rows, 0, table_rows(plan))
        batch.told_rows[0] = write_told(self._weights, self._reader, plan, batch.told[0])
        logits = np.zeros((len(tokens) - 1, v.SIZE), np.float32)
        run(self._weights, batch, tokens[:-1], 0, logits, 0, 0)
        return nats_of(logits, tokens[1:])[len(plan.prompt) - 1 :]

    def stream(self, plan: Plan, seed: int) -> Iterator[TokenArray]:
        """The tokens of one piece as they come, as `Engine.stream` says."""
        check_sketches(self.header.config, [plan])
        return by_bar(_Run(self._weights, self._reader, [plan], [seed], range(1)).parts(), plan)


class _Run:
    """The pieces of one thread, in slots that they take and leave."""

    def __init__(
        self,
        weights: Weights,
        reader: Mapping[str, Floats],
        plans: Sequence[Plan],
        seeds: Sequence[int],
        indices: range,
    ) -> None:
        self._weights, self._reader = weights, reader
        self._plans, self._seeds = plans, seeds
        self._waiting = deque(indices)
        self._uses = Counter(plans[index].prompt_key() for index in indices)
        self._snapshots: dict[tuple[object, ...], _Snapshot] = {}
        self._slots = min(SLOTS, len(indices))

    def parts(self) -> Parts:
        """Decode all pieces; what a few tokens more of each have brought."""
        longest = max(len(self._plans[index].prompt) for index in self._waiting)
        rows = min(PREFILL_ROWS, longest)
        pieces = new_pieces([self._plans[index] for index in self._waiting], self._slots)
        told_rows = max(table_rows(self._plans[index]) for index in self._waiting)
        batch = new_batch(self._weights, pieces, rows, CALL_TOKENS, told_rows)
        piece_of: dict[int, int] = {}
        reported = dict.fromkeys(self._waiting, 0)
        count = 0
        while count or self._waiting:
            begun = min(self._slots - count, len(self._waiting))
            if begun:
                yield [Part(self._waiting[place]) for place in range(begun)]
                count = self._fill(batch, piece_of, count)
            steps = max(LEAST_STEPS, CALL_TOKENS // count)
            count = run(self._weights, batch, NO_PROMPT, 0, NO_LOGITS, count, steps)
            under_way = set(batch.slots[:count].tolist())
            found = []
            for slot, index in list(piece_of.items()):
                length = int(batch.lengths[slot])
                if length == FAILED:
                    state = describe(pieces, slot)
                    raise RuntimeError(f"piece {index}: no token is possible: {state}")
                finished = _finished(pieces.cursor.scalars[slot], self._plans[index])
                tokens = batch.tokens[slot, :length].copy()
                found.append(Part(index, tokens, finished - reported[index]))
                reported[index] = finished
                if slot not in under_way:
                    del piece_of[slot]
            yield found

    def _fill(self, batch: Batch, piece_of: dict[int, int], count: int) -> int:
        """Put waiting pieces into free slots; the rows that are under way then."""
        free = [slot for slot in range(self._slots) if slot not in piece_of]
        logits = batch.scratch.logits
        kept = logits[:count].copy()
        for slot in free:
            if not self._waiting:
                break
            index = self._waiting.popleft()
            piece_of[slot] = index
            start = self._start(batch, slot, index)
            kept = np.concatenate([kept, start[None]])
            batch.slots[count] = slot
            count += 1
        logits[:count] = kept
        return count

    def _start(self, batch: Batch, slot: int, index: int) -> Floats:
        """Bring a slot to the end of a piece's prompt; the logits (V,) there."""
        plan = self._plans[index]
        place(batch.pieces, slot, plan, self._seeds[index])
        table = batch.told[slot]
        batch.told_rows[slot] = write_told(self._weights, self._reader, plan, table)
        key = plan.prompt_key()
        self._uses[key] -= 1
        if key in self._snapshots:
            # The last piece with this prompt takes the snapshot with it.
            known = self._snapshots[key] if self._uses[key] else self._snapshots.pop(key)
            return known.restore(batch, slot)
        run(self._weights, batch, plan.prompt, slot, NO_LOGITS, 0, 0)
        logits: Floats = batch.scratch.logits[0].copy()
        if self._uses[key]:
            self._snapshots[key] = _Snapshot(batch, slot, logits)
        return logits


class _Snapshot:
    """Where a prompt leads: a copy of what it leaves in a slot."""

    def __init__(self, batch: Batch, slot: int, logits: Floats) -> None:
        self._kept = [array[slot].copy() for array in _state(batch)]
        self._logits = logits

    def restore(self, batch: Batch, slot: int) -> Floats:
        """Bring another slot to the same place; the logits (V,) there."""
        for array, kept in zip(_state(batch), self._kept, strict=True):
            array[slot] = kept
        return self._logits


def _state(batch: Batch) -> tuple[npt.NDArray[np.generic], ...]:
    return (*progress(batch.pieces), *batch.memory)


def _finished(scalars: c.Int32Array, plan: Plan) -> int:
    """How many steps of a plan are finished where a cursor stands."""
    opened = int(scalars[c.BARS] + scalars[c.FILLED]) - plan.steps_before
    return max(opened - int(scalars[c.PHASE] != c.DONE), 0)


def _in_threads(runs: Sequence[_Run]) -> Parts:
    """Decode runs side by side; their parts arrive in the thread that asks for them."""
    arrived: SimpleQueue[Sequence[Part] | BaseException | None] = SimpleQueue()
    stop = threading.Event()

    def work(run: _Run) -> None:
        try:
            for found in run.parts():
                arrived.put(found)
                if stop.is_set():
                    break
            arrived.put(None)
        except BaseException as error:
            arrived.put(error)

    threads = [threading.Thread(target=work, args=(run,), daemon=True) for run in runs]
    for thread in threads:
        thread.start()
    running = len(threads)
    try:
        while running:
            found = arrived.get()
            if isinstance(found, BaseException):
                raise found
            if found is None:
                running -= 1
            else:
                yield found
    finally:
        stop.set()
        for thread in threads:
            thread.join()
